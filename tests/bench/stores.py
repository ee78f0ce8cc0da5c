"""Fresh stores for measurements, and the floor of an append on them."""

import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from adapters.log import open_log
from adapters.log.sqlite import EVENTS

POSITION = {"sqlite": "position", "postgresql": "notification_id"}
Target = Path | str
Fresh = Callable[[], Target]


def sqlite(folder: Path) -> Fresh:
    """Makes paths of SQLite files that are not there yet."""
    return lambda: folder / str(time.time_ns()) / "muniment.db"


def postgresql(url: str) -> Fresh:
    """Makes empty databases."""

    def make() -> str:
        name = f"b{time.time_ns()}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return psycopg.conninfo.make_conninfo(url, dbname=name)

    return make


def append_seconds(written: Target, fresh: Target, after: int) -> float:
    """How long one transaction takes that appends the events of a log after a position, byte for byte, elsewhere."""
    source = open_log(written)
    columns = [POSITION[source.dialect], "originator_id", "originator_version", "topic", "state"]
    with source.read() as session:
        sql = f"SELECT {', '.join(columns)} FROM {EVENTS} WHERE {columns[0]} > {after:d} ORDER BY {columns[0]}"
        rows = session.rows(sql)
    source.close()
    if isinstance(fresh, Path):
        fresh.parent.mkdir(parents=True)
    log = open_log(fresh)
    started = time.perf_counter()
    with log.write() as session:
        session.insert(EVENTS, columns, rows)
    taken = time.perf_counter() - started
    log.close()
    return taken
