"""The command line as its users have it: a process of its own, with output that nobody's terminal shapes."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

import pytest

from adapters.cli.arguments import main
from tests.conftest import KEY, ROOT, Server


class Muniment(Protocol):
    def __call__(
        self, *arguments: str, stdin: bytes | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]: ...


def typed(
    folder: Path, environment: dict[str, str], arguments: tuple[str, ...], stdin: bytes | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `muniment ARGUMENTS` in a folder. Nothing of this process's MUNIMENT_* variables gets through."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
    done = subprocess.run(
        [sys.executable, "-m", "adapters.launch", *arguments],
        cwd=folder,
        env={**mine, "PYTHONPATH": str(ROOT), **environment},
        input=stdin or b"",
        capture_output=True,
        timeout=60,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def within(folder: Path, environment: dict[str, str], arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """The same without a process of its own, for tests that type much: Python takes longer to start than they run."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    mine = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
    with patch.dict(os.environ, {**mine, **environment}, clear=True), chdir(folder):
        with redirect_stdout(out), redirect_stderr(err):
            code = main(arguments)
    said, complained = (each.buffer.getvalue().decode() for each in (out, err))
    return subprocess.CompletedProcess(["muniment", *arguments], code, said, complained)


@pytest.fixture
def muniment(running: Server, tmp_path: Path) -> Muniment:
    """The command line against the module's server, with the admin key."""

    def run(
        *arguments: str, stdin: bytes | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        known = {"MUNIMENT_URL": running.url, "MUNIMENT_KEY": KEY} if env is None else env
        return typed(tmp_path, known, arguments, stdin)

    return run


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on SQLite for one test."""
    folder = tmp_path_factory.mktemp("server")
    server = Server(folder / "muniment.db", folder)
    yield server
    server.stop()


def written(folder: Path, name: str, document: dict[str, Any]) -> str:
    """A document in a file, by its path."""
    (folder / name).write_text(json.dumps(document))
    return str(folder / name)
