"""The log: events in order, appended and never changed, on SQLite or PostgreSQL."""

from pathlib import Path

from adapters.log.postgres import PostgresLog
from adapters.log.protocol import Log
from adapters.log.sqlite import SqliteLog


def open_log(target: Path | str) -> Log:
    """The log in a SQLite file, or under a postgresql:// URL. Made if it is not there yet."""
    return SqliteLog(target) if isinstance(target, Path) else PostgresLog(target)
