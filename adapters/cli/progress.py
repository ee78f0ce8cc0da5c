"""A progress line on a terminal, for what takes more than a second."""

import sys
from threading import Timer
from types import TracebackType

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn, TotalFileSizeColumn

PATIENCE_SECONDS = 1.0


class Waiting:
    """Shows how a request comes along. Nothing is shown before a second has passed, or where nobody looks."""

    def __init__(self, size: int) -> None:
        columns = (TextColumn("{task.description}"), TotalFileSizeColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("sending", total=size)
        self._left = size
        self._timer = Timer(PATIENCE_SECONDS, self._progress.start)
        self._timer.daemon = True

    def __enter__(self) -> "Waiting":
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def sent(self, size: int) -> None:
        self._left -= size
        done = "sending" if self._left else "sent; waiting for the answer to"
        self._progress.update(self._task, advance=size, description=done)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()
        if self._timer.is_alive():
            self._timer.join()
        if self._progress.live.is_started:
            self._progress.stop()
