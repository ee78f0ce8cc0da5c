"""Read transactions inside one another: those of one thread share the outermost, and with it one state of the store."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Generic, TypeVar

S = TypeVar("S")


class Shared(Generic[S]):
    """Sessions of `begin`, at most one for each thread at a time."""

    def __init__(self, begin: Callable[[], AbstractContextManager[S]]) -> None:
        self._begin = begin
        self._open = threading.local()

    @contextmanager
    def session(self) -> Iterator[S]:
        """The session that this thread is in, or a new one."""
        outer: S | None = getattr(self._open, "session", None)
        if outer is not None:
            yield outer
            return
        with self._begin() as session:
            self._open.session = session
            try:
                yield session
            finally:
                self._open.session = None
