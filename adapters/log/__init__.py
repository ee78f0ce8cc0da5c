"""The log: events in order, appended and never changed, on SQLite or PostgreSQL."""

from pathlib import Path

from adapters.log import postgres, sqlite
from adapters.log.postgres import PostgresLog
from adapters.log.protocol import Log
from adapters.log.sqlite import SqliteLog

# The position of the last event, for those who read without a log at hand.
HEAD = {"sqlite": sqlite.HEAD, "postgresql": postgres.HEAD}


def open_log(target: Path | str) -> Log:
    """The log in a SQLite file, or under a postgresql:// URL. Made if it is not there yet."""
    return SqliteLog(target) if isinstance(target, Path) else PostgresLog(target)
