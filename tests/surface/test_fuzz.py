"""schemathesis with all its checks for a minute; scripts/fuzz goes on for as long as wanted."""

import re
from pathlib import Path

import pytest

from tests.conftest import Server
from tests.surface.fuzz import fuzz

SECONDS, SEED = 60, 5


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """One store: what is fuzzed is the surface."""
    return tmp_path / "data" / "muniment.db"


def test_schemathesis_finds_nothing(server: Server) -> None:
    done = fuzz(server, SECONDS, SEED)
    assert done.returncode == 0, done.stdout
    found = re.search(r"(\d+) generated, \1 passed", done.stdout)
    assert found and int(found[1]) > 100, done.stdout
    assert "Traceback" not in server.said.read_text()
