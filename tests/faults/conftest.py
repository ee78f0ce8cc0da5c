"""Servers that end with their test whatever happens, and the lines of the fault table once more at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Server
from tests.faults.rounds import LINES, Serve


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers: `serve(target, workers=1)`."""
    running: list[Server] = []

    def start(target: Path | str, workers: int = 1) -> Server:
        running.append(Server(target, tmp_path, workers))
        return running[-1]

    yield start
    for server in running:
        server.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LINES:
        terminalreporter.section("fault rounds")
        for line in LINES:
            terminalreporter.write_line(line)
