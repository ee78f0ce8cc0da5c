"""The lines that each row of the fault table printed, once more at the end of the run."""

import pytest

from tests.faults.rounds import LINES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LINES:
        terminalreporter.section("fault rounds")
        for line in LINES:
            terminalreporter.write_line(line)
