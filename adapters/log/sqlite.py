"""The log in one SQLite file: many readers, one writer at a time over all processes."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Literal

from eventsourcing.persistence import InterfaceError, OperationalError
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteDatastore,
)

from adapters.log.batches import check, concerned, positioned
from adapters.log.codec import topic
from adapters.log.nesting import Shared
from adapters.log.packing import packed, unpacked
from adapters.log.protocol import Batch, OutcomeUnknown, Session, StorageFull, Unavailable, Violated, Within
from adapters.log.sharing import Stored, as_bytes, recorded_events, stored, whole
from domain.events import Recorded

EVENTS = "muniment_events"
LOCK_SECONDS = 60
PAGE = 5_000
HEAD = f"SELECT coalesce(max(position), 0) FROM {EVENTS}"  # noqa: S608
# What says that the file cannot be used now. Any other failure of a statement is a mistake of ours.
_AWAY = {
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}

_GUARDS = {
    f"{table}_no_{change}": f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change} BEFORE {change} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    for table in (EVENTS, "muniment_schemas")
    for change in ("update", "delete")
}
_MADE = {EVENTS, f"{EVENTS}_stream", "muniment_schemas", *_GUARDS}


class _Pool(SQLiteConnectionPool):
    """Connections that sync each commit to the disk, and are ready for appends of tens of megabytes.

    Pages of an append stay in memory until its commit (64 MB), and are copied from the write-ahead log into the
    database once that has 64 MB of them, not within every larger append.
    """

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        cursor = connection.cursor()
        cursor.execute("PRAGMA page_size")
        pages = 64 * 1024 * 1024 // int(cursor.fetchone()[0])
        for setting in ("synchronous=FULL", "cache_size=-65536", f"wal_autocheckpoint={pages}"):
            cursor.execute(f"PRAGMA {setting}")
        return connection


def _make(path: Path) -> None:
    """Make an empty file of large pages. Most rows are some KB: few need pages of their own, and commits write fewer.

    The library would choose the write-ahead log first, and with it SQLite's 4 KB for ever.
    """
    if not path.exists():
        with _errors(), closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as connection:
            connection.execute("PRAGMA page_size=16384")
            connection.execute("PRAGMA journal_mode=WAL")


class _Datastore(SQLiteDatastore):
    def __init__(self, path: Path) -> None:
        super().__init__(str(path), lock_timeout=LOCK_SECONDS, pool_timeout=LOCK_SECONDS, originator_id_type="text")
        self.pool = _Pool(
            db_name=str(path),
            lock_timeout=LOCK_SECONDS,
            pool_size=5,
            max_overflow=10,
            pool_timeout=LOCK_SECONDS,
            max_age=None,
            pre_ping=False,
        )


class _Recorder(SQLiteApplicationRecorder):
    """The library's recorder with a position that is never given twice, schemas, and guards against rewriting."""

    def construct_create_table_statements(self) -> list[str]:
        return [
            f"CREATE TABLE IF NOT EXISTS {EVENTS} (position INTEGER PRIMARY KEY AUTOINCREMENT, "
            "originator_id TEXT NOT NULL, originator_version INTEGER NOT NULL, topic TEXT NOT NULL, "
            "state BLOB NOT NULL)",
            f"CREATE UNIQUE INDEX IF NOT EXISTS {EVENTS}_stream ON {EVENTS} (originator_id, originator_version)",
            "CREATE TABLE IF NOT EXISTS muniment_schemas (digest TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
            *_GUARDS.values(),
        ]


class _Session:
    """A transaction on one connection."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def rows(self, sql: str, params: Mapping[str, object] | Sequence[object] = ()) -> list[tuple[object, ...]]:
        return self._cursor.execute(sql, params).fetchall()

    def run(self, sql: str, params: Mapping[str, object] | Sequence[object] = ()) -> None:
        self._cursor.execute(sql, params)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        if rows:
            places = ", ".join("?" * len(columns))
            self._cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)  # noqa: S608

    def keep(self, schemas: Mapping[str, bytes]) -> None:
        """Store packed schemas that are not stored yet."""
        self._cursor.executemany("INSERT OR IGNORE INTO muniment_schemas VALUES (?, ?)", schemas.items())


class SqliteLog:
    """The log on SQLite. Keeps the promises of `protocol.Log`; safe for many threads and processes."""

    dialect: Literal["sqlite"] = "sqlite"

    def __init__(self, path: Path) -> None:
        _make(path)
        self._datastore = _Datastore(path)
        self._writer = threading.Lock()
        self._reads = Shared(lambda: self._transaction("BEGIN", SQLiteConnection.rollback))
        recorder = _Recorder(self._datastore, events_table_name=EVENTS)
        if not self._is_made():
            with self.write() as session:
                for statement in recorder.create_table_statements:
                    session.run(statement)

    def _is_made(self) -> bool:
        """Whether tables and guards stand: then opening the log need not wait for whoever writes."""
        with self.read() as session:
            return _MADE <= {str(row[0]) for row in session.rows("SELECT name FROM sqlite_master")}

    @contextmanager
    def _transaction(self, begin: str, end: Callable[[SQLiteConnection], None]) -> Iterator[_Session]:
        with _errors(), self._datastore.get_connection(commit=False) as connection:
            try:
                # The cursor is closed in any case: a statement that was not read to its end keeps a connection in the
                # past, where it reads old rows and cannot write.
                with connection.cursor() as cursor:
                    # Plain tuples: the library's rows are equal to none.
                    cursor.row_factory = None
                    cursor.execute(begin)
                    yield _Session(cursor)
                end(connection)
            except BaseException:
                _give_up(connection)
                raise

    @contextmanager
    def write(self) -> Iterator[_Session]:
        # Threads queue here and not in the library's pool: there a waiting writer holds up readers too, and a failure
        # to open a connection keeps its writer lock for ever.
        if not self._writer.acquire(timeout=LOCK_SECONDS):
            raise Unavailable("waited too long for the writers before")
        try:
            with self._transaction("BEGIN IMMEDIATE", _commit) as session:
                yield session
        finally:
            self._writer.release()

    def read(self) -> AbstractContextManager[_Session]:
        return self._reads.session()

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        schemas = packed(batch.schemas)
        with self.write() as session:
            check(batch, _versions(session, concerned(batch)))
            last = session.rows(
                f"SELECT position, originator_id, originator_version, topic, state FROM {EVENTS} "  # noqa: S608
                "ORDER BY position DESC LIMIT 1"
            )
            # It ends an append, and is whole.
            before = recorded_events(last, lambda _: [])[0] if last else None
            recorded = positioned(batch, before.position if before else 0, before.at if before else None)
            session.insert(
                EVENTS,
                ["position", "originator_id", "originator_version", "topic", "state"],
                [(r.position, r.stream, r.version, topic(r.event), r.stored) for r in recorded],
            )
            session.keep(schemas)
            within(session, recorded)
        return recorded

    def streams(self, ids: Sequence[str]) -> dict[str, list[Recorded]]:
        if not ids:
            return {}
        found: dict[str, list[Recorded]] = {}
        with self.read() as session:
            rows = session.rows(
                f"SELECT position, originator_id, originator_version, topic, state FROM {EVENTS} "  # noqa: S608
                "WHERE originator_id IN (SELECT value FROM json_each(?)) ORDER BY originator_id, originator_version",
                (json.dumps(list(ids)),),
            )
            for each in recorded_events(rows, self._at):
                found.setdefault(each.stream, []).append(each)
        return found

    def versions(self, ids: Sequence[str]) -> dict[str, int]:
        with self.read() as session:
            return _versions(session, ids)

    def all(self, after: int = 0) -> Iterator[Recorded]:
        while True:
            with self.read() as session:
                rows = session.rows(
                    f"SELECT position, originator_id, originator_version, topic, state FROM {EVENTS} "  # noqa: S608
                    "WHERE position > ? ORDER BY position LIMIT ?",
                    (after, PAGE),
                )
                events = recorded_events(rows, self._at)
            yield from events
            if len(rows) < PAGE:
                return
            after = int(str(rows[-1][0]))

    def of_topics(self, topics: Sequence[str], after: int, to: int, limit: int) -> list[Recorded]:
        with self.read() as session:
            rows = session.rows(
                f"SELECT position, originator_id, originator_version, topic, state FROM {EVENTS} "  # noqa: S608
                "WHERE position > ? AND position <= ? AND topic IN (SELECT value FROM json_each(?)) "
                "ORDER BY position LIMIT ?",
                (after, to, json.dumps(list(topics)), limit),
            )
            return recorded_events(rows, self._at)

    def states(self, positions: Sequence[int]) -> dict[int, bytes]:
        with self.read():
            return whole(self._at(positions), self._at)

    def _at(self, positions: Sequence[int]) -> list[Stored]:
        sql = f"SELECT position, topic, state FROM {EVENTS} WHERE position IN (SELECT value FROM json_each(?))"  # noqa: S608
        with self.read() as session:
            return stored(session.rows(sql, (json.dumps(list(positions)),)))

    def schemas(self, digests: Sequence[str]) -> dict[str, bytes]:
        with self.read() as session:
            rows = session.rows(
                "SELECT digest, body FROM muniment_schemas WHERE digest IN (SELECT value FROM json_each(?))",
                (json.dumps(list(digests)),),
            )
        return {str(digest): unpacked(as_bytes(body)) for digest, body in rows}

    def head(self) -> int:
        with self.read() as session:
            return int(str(session.rows(HEAD)[0][0]))

    def close(self) -> None:
        self._datastore.close()


def _versions(session: Session, ids: Sequence[str]) -> dict[str, int]:
    sql = (
        f"SELECT originator_id, max(originator_version) FROM {EVENTS} "  # noqa: S608
        "WHERE originator_id IN (SELECT value FROM json_each(:ids)) GROUP BY originator_id"
    )
    return {str(id): int(str(version)) for id, version in session.rows(sql, {"ids": json.dumps(list(ids))})}


def _give_up(connection: SQLiteConnection) -> None:
    """End a transaction that failed. A connection that cannot even do that is not used again."""
    try:
        connection.rollback()
    except sqlite3.Error:
        connection.close()


def _commit(connection: SQLiteConnection) -> None:
    try:
        connection.commit()
    except sqlite3.OperationalError as error:
        # Where the disk failed, the next process to open the file may find the commit in it.
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_IOERR:
            raise OutcomeUnknown(str(error)) from error
        raise


@contextmanager
def _errors() -> Iterator[None]:
    """The driver's and the library's failures in the log's own terms; mistakes of ours pass as they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE)
        if code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
            raise Violated(str(error)) from error
        if code & 0xFF == sqlite3.SQLITE_FULL:
            raise StorageFull(str(error)) from error
        if code & 0xFF in _AWAY:
            raise Unavailable(str(error)) from error
        raise
    except (InterfaceError, OperationalError) as error:
        # The library's pool: a connection that cannot be opened, or none that came free in time.
        raise Unavailable(str(error)) from error
