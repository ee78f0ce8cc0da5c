"""Reads for handlers: short statements on connections that never write."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

import psycopg
import psycopg_pool
from psycopg import conninfo

from adapters.log.postgres import CONNECT_SECONDS, RECONNECT_SECONDS
from adapters.log.protocol import Unavailable
from projections.sql import DialectName

Rows = list[tuple[object, ...]]
# How long a read waits for a connection: a database that is away is to be told of at once.
READ_SECONDS = 1.0
# What a reader of a SQLite file may keep of it in memory.

_CACHED_KB = 65_536


def unchunked(chunks: Any) -> Rows:
    """The rows of a page, in its order, from what PostgreSQL sent (`projections.reading.sent_well`)."""
    placed = [row for columns in chunks for row in zip(*columns, strict=True)]
    return [row[1:] for row in sorted(placed, key=itemgetter(0))]


class Reader(Protocol):
    """Answers questions about the views. Raises `Unavailable` where the store cannot be reached."""

    dialect: DialectName

    async def rows(self, sql: str, params: Mapping[str, object]) -> Rows: ...

    async def page(self, sql: str, params: Mapping[str, object]) -> Rows:
        """The rows of a page, from the text of a `Listing`."""
        ...

    async def close(self) -> None: ...


class SqliteReader:
    """One read-only connection, used inline: a statement takes less than handing it to a thread."""

    dialect: DialectName = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    async def rows(self, sql: str, params: Mapping[str, object]) -> Rows:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(
                    f"{self._path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, cached_statements=512
                )
                self._connection.execute(f"PRAGMA cache_size=-{_CACHED_KB}")
            with closing(self._connection.execute(sql, params)) as cursor:
                return cursor.fetchall()
        except sqlite3.DatabaseError as error:
            # Of its kinds, these two are the store's: it is away, locked, or no database any more.
            if type(error) not in (sqlite3.OperationalError, sqlite3.DatabaseError):
                raise
            raise Unavailable(str(error)) from error

    page = rows

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class PostgresReader:
    """A small pool of connections; those that died are replaced, and the statement is tried once more."""

    dialect: DialectName = "postgresql"

    def __init__(self, url: str) -> None:
        self._pool = psycopg_pool.AsyncConnectionPool(
            conninfo.make_conninfo("", **{"connect_timeout": int(CONNECT_SECONDS), **conninfo.conninfo_to_dict(url)}),
            min_size=1,
            max_size=8,
            open=False,
            timeout=READ_SECONDS,
            reconnect_timeout=RECONNECT_SECONDS,
            kwargs={"autocommit": True},
        )
        self._opened = False

    async def rows(self, sql: str, params: Mapping[str, object]) -> Rows:
        try:
            try:
                return await self._fetch(sql, params)
            except psycopg_pool.PoolTimeout:
                raise
            except psycopg.OperationalError:
                await self._pool.check()
                return await self._fetch(sql, params)
        except psycopg.OperationalError as error:
            raise Unavailable(str(error)) from error

    async def page(self, sql: str, params: Mapping[str, object]) -> Rows:
        return unchunked(await self.rows(sql, params))

    async def _fetch(self, sql: str, params: Mapping[str, object]) -> Rows:
        if not self._opened:
            self._opened = True
            await self._pool.open()
        async with self._pool.connection() as connection:
            # In the binary form ready JSON comes as it is, and not as hexadecimal digits.
            cursor = await connection.execute(sql.encode(), params, binary=True)
            return await cursor.fetchall()

    async def close(self) -> None:
        await self._pool.close()


def open_reader(target: Path | str) -> Reader:
    """A reader on a SQLite file or a postgresql:// URL."""
    return SqliteReader(target) if isinstance(target, Path) else PostgresReader(target)
