"""The first command that a newcomer types: `scripts/run` shows the whole story, and says what is in its way."""

import os
import socket
import subprocess
from pathlib import Path

from tests.conftest import ROOT, free_port


def run(port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / "run", *arguments],
        env={**os.environ, "MUNIMENT_PORT": str(port)},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_story() -> None:
    done = run(free_port(), "--exit")
    assert done.returncode == 0, done.stderr
    told = done.stdout
    for line in (
        "  assets     136 created",
        "  assets     136 unchanged",
        "dbt shopify_integration_tests (production): nothing new, nothing was written",
        "BREAKS postgres.zz_shopify_shopify.shopify__transactions 1.0.0",
        "  properties.authorization: Property authorization was removed.",
        "  hits team finance",
        "(exit code 1, so that a CI job stops here)",
        "  1 breaking change, waits for finance",
        "  contract 2.0.0 proposed: 1 breaking change",
        "  assets     296 created",
        "BREAKS box.ai.ask.post 1.0.0",
        "  assets     10 created",
        "BREAKS graphql.Istari 1.0.0",
    ):
        assert line in told.splitlines(), told
    # The place of a change in an operation is as long as it is.
    wide = [line for line in told.splitlines() if len(line) > 80]
    assert [line for line in wide if not line.startswith("  properties.")] == []


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(taken.getsockname()[1], "--exit")
    assert done.returncode == 1
    assert "is taken" in done.stderr


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "dirname", "env", "grep", "cksum"):
        found = subprocess.check_output(["bash", "-c", f"command -v {name}"], text=True).strip()
        (tools / name).symlink_to(found)
    (tools / "python3").write_text('#!/bin/bash\n[ "$1" = --version ] && echo "Python 3.10.1" || exit 1\n')
    (tools / "python3").chmod(0o755)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "setup").symlink_to(ROOT / "scripts" / "setup")
    setup = [str(tools / "bash"), str(tmp_path / "scripts" / "setup")]
    done = subprocess.run(setup, env={"PATH": str(tools)}, capture_output=True, text=True)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert "python3 is Python 3.10.1" in done.stderr
