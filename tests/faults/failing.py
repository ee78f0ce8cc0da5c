"""Drivers whose Nth statement fails: the real ones, with a count before each statement, COPY and COMMIT."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.transaction import BaseTransaction


class Countdown:
    """Counts statements, and fails one of them, or all from one on: before it is carried out, or after it was.

    Rollbacks are never failed: the stores do them by themselves when a connection is gone.
    """

    def __init__(self, error: Callable[[], Exception]) -> None:
        self.count = 0
        self._error = error
        self._first = 0
        self._last = 0
        self._after = False

    @contextmanager
    def failing(self, number: int, *, after: bool = False, lasting: bool = False) -> Iterator[None]:
        """Fail the statement of this number, counted from now; 0 fails none. `lasting`: and all that follow."""
        self.count, self._first, self._last, self._after = 0, number, 10**9 if lasting else number, after
        try:
            yield
        finally:
            self._first = self._last = 0

    def before(self) -> None:
        self.count += 1
        if not self._after:
            self._fail()

    def done(self) -> None:
        if self._after:
            self._fail()

    def _fail(self) -> None:
        if 0 < self._first <= self.count <= self._last:
            raise self._error()


def disk_error() -> sqlite3.OperationalError:
    """What SQLite says of a disk that fails."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    return error


def sqlite_counts(patch: pytest.MonkeyPatch, countdown: Countdown) -> None:
    """Count in every SQLite connection that is opened from now on."""

    class Cursor(sqlite3.Cursor):
        def execute(self, *args: Any) -> "Cursor":
            countdown.before()
            super().execute(*args)
            return self._done()

        def executemany(self, *args: Any) -> "Cursor":
            countdown.before()
            super().executemany(*args)
            return self._done()

        def _done(self) -> "Cursor":
            try:
                countdown.done()
            except sqlite3.OperationalError:
                self.close()  # As the driver does with a statement that failed.
                raise
            return self

    class Connection(sqlite3.Connection):
        def cursor(self, *args: Any) -> Any:
            return super().cursor(Cursor)

        def commit(self) -> None:
            countdown.before()
            super().commit()
            countdown.done()

    connect = sqlite3.connect
    patch.setattr(
        "eventsourcing.sqlite.sqlite3.connect", lambda *args, **given: connect(*args, factory=Connection, **given)
    )


def connection_lost() -> psycopg.OperationalError:
    """What psycopg says when the server is gone."""
    return psycopg.OperationalError("server closed the connection unexpectedly")


def postgres_counts(patch: pytest.MonkeyPatch, countdown: Countdown) -> None:
    """Count in every psycopg connection. A failure takes its connection with it, as a server that died would."""
    execute, copy, commit = psycopg.Cursor.execute, psycopg.Cursor.copy, BaseTransaction._commit_gen

    def counted_execute(self: psycopg.Cursor[Any], *args: Any, **given: Any) -> Any:
        if not isinstance(args[0], bytes):
            return execute(self, *args, **given)  # The pool's own: it sets a connection up, or asks whether it lives.
        with _taking(self.connection):
            countdown.before()
            result = execute(self, *args, **given)
            countdown.done()
        return result

    @contextmanager
    def counted_copy(self: psycopg.Cursor[Any], *args: Any, **given: Any) -> Iterator[Any]:
        with _taking(self.connection):
            countdown.before()
            with copy(self, *args, **given) as copying:
                yield copying
            countdown.done()

    def counted_commit(self: Any) -> Any:
        with _taking(self._conn):
            countdown.before()
            yield from commit(self)
            countdown.done()

    patch.setattr(psycopg.Cursor, "execute", counted_execute)
    patch.setattr(psycopg.Cursor, "copy", counted_copy)
    patch.setattr(BaseTransaction, "_commit_gen", counted_commit)


@contextmanager
def _taking(connection: Any) -> Iterator[None]:
    try:
        yield
    except psycopg.OperationalError:
        connection.close()
        raise
