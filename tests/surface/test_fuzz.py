"""schemathesis with all its checks for about a minute; scripts/fuzz goes on for as long as wanted.

The phase that follows links takes another way each time, since ids are new each time: it is left to scripts/fuzz.
"""

import re
from pathlib import Path

import pytest

from tests.conftest import Server
from tests.surface.fuzz import fuzz

# So many cases of an operation at most, besides those that schemathesis lists for each without chance.
SEED, CASES = 5, 12


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """One store: what is fuzzed is the surface."""
    return tmp_path / "data" / "muniment.db"


def test_schemathesis_finds_nothing(server: Server) -> None:
    done = fuzz(server, SEED, "--max-examples", str(CASES), "--phases", "examples,coverage,fuzzing")
    assert done.returncode == 0, done.stdout
    found = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert found and int(found[2]) > 5_000, done.stdout
    assert "Traceback" not in server.said.read_text()
