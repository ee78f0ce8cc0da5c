"""The log in PostgreSQL: for many workers and hosts. One writer at a time, by an advisory lock that all take."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Literal

import psycopg
from eventsourcing.persistence import PersistenceError
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import IsolationLevel
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from adapters.log.batches import check, concerned, positioned
from adapters.log.codec import topic
from adapters.log.nesting import Shared
from adapters.log.packing import packed, unpacked
from adapters.log.protocol import Batch, OutcomeUnknown, Session, StorageFull, Unavailable, Violated, Within
from adapters.log.sharing import Stored, as_bytes, recorded_events, stored, whole
from domain.events import Recorded
from projections.engine import bound_list

EVENTS = "muniment_events"
LOCK = 0x6D756E69
LOCK_TIMEOUT = "60s"
# How long to wait for a connection, and how long a broken one is replaced in the background before the next request
# begins anew. The pool doubles its pauses: without the second bound it would sleep long after the database is back.
CONNECT_SECONDS = 3.0
RECONNECT_SECONDS = 2.0
# How long an append is tried again while the database is away.
HEAL_SECONDS = 8.0
PAGE = 5_000
HEAD = f"SELECT coalesce(max(notification_id), 0) FROM {EVENTS}"  # noqa: S608
# What says that the database cannot be used now. Any other failure of a statement is a mistake of ours.
_AWAY = (
    psycopg.OperationalError,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.IdleInTransactionSessionTimeout,
)
_TABLES = [EVENTS, "muniment_schemas"]
_NAME = re.compile(r"[a-z_]+")
# A view that grew by so many rows at once is vacuumed. The database would see to it a minute later, and until then plan
# as if the view were small, and look into its rows where an index has all that is asked for.
_MANY_ROWS = 10_000
# The types of all columns that there are: binary COPY has to be told them.
_COLUMN_TYPES = {str: "text", int: "int8", bytes: "bytea"}

_GUARDS = [
    "CREATE OR REPLACE FUNCTION muniment_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$",
    *(
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION muniment_append_only()"
        for table in _TABLES
    ),
]


class _Recorder(PostgresApplicationRecorder):
    """The library's recorder with tables of ours, schemas and guards; its inserts are not used (they hang)."""

    def construct_create_table_statements(self) -> list[str]:
        return [
            f"CREATE TABLE IF NOT EXISTS {EVENTS} (notification_id bigint PRIMARY KEY, "
            'originator_id text COLLATE "C" NOT NULL, originator_version bigint NOT NULL, '
            "topic text NOT NULL, state bytea NOT NULL, UNIQUE (originator_id, originator_version))",
            'CREATE TABLE IF NOT EXISTS muniment_schemas (digest text COLLATE "C" PRIMARY KEY, body bytea NOT NULL)',
            *_GUARDS,
        ]


class _Session:
    """A transaction on one connection. `grown` names the tables that got many rows."""

    def __init__(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> None:
        self._cursor = cursor
        self.grown: set[str] = set()

    def rows(self, sql: str, params: Mapping[str, object] | Sequence[object] = ()) -> list[tuple[object, ...]]:
        return self._cursor.execute(sql.encode(), params or None).fetchall()

    def run(self, sql: str, params: Mapping[str, object] | Sequence[object] = ()) -> None:
        self._cursor.execute(sql.encode(), params or None)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        if not rows:
            return
        assert all(_NAME.fullmatch(name) for name in (table, *columns))
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
        with self._cursor.copy(statement.encode()) as copy:
            copy.set_types([_column_type(row[n] for row in rows) for n in range(len(columns))])
            for row in rows:
                copy.write_row(row)
        if len(rows) >= _MANY_ROWS and table != EVENTS:
            self.grown.add(table)


class PostgresLog:
    """The log on PostgreSQL. Keeps the promises of `protocol.Log`; safe for many threads, processes and hosts."""

    dialect: Literal["postgresql"] = "postgresql"

    def __init__(self, url: str) -> None:
        self._datastore = _datastore(url)
        self._reads = Shared(self._reading)
        try:
            recorder = _Recorder(self._datastore, events_table_name=EVENTS)
        except PersistenceError as error:
            raise Unavailable(str(error)) from error
        if not self._is_made():
            # Two processes that start at once wait for each other.
            with self.write() as session:
                for statement in recorder.construct_create_table_statements():
                    session.run(statement)

    def _is_made(self) -> bool:
        """Whether tables and guards stand: then opening the log need not wait for whoever writes."""
        sql = "SELECT count(*) FROM pg_trigger WHERE tgname = ANY(%s) AND tgrelid = ANY(%s::regclass[])"
        with self.read() as session:
            tables = [name for name in _TABLES if session.rows("SELECT to_regclass(%s)", (name,))[0][0] is not None]
            guards = [f"{table}_append_only" for table in tables]
            return tables == _TABLES and session.rows(sql, (guards, tables)) == [(len(_TABLES),)]

    @contextmanager
    def _session(self, isolation: IsolationLevel | None, *, read_only: bool) -> Iterator[_Session]:
        with self._datastore.pool.connection() as connection:
            # The driver says these in its BEGIN.
            connection.isolation_level, connection.read_only = isolation, read_only
            with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
                yield _Session(cursor)

    @contextmanager
    def _writing(self) -> Iterator[_Session]:
        with self._session(None, read_only=False) as session:
            session.run(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; SELECT pg_advisory_xact_lock({LOCK})")
            yield session

    def _reading(self) -> AbstractContextManager[_Session]:
        return self._session(IsolationLevel.REPEATABLE_READ, read_only=True)

    @contextmanager
    def write(self) -> Iterator[_Session]:
        with _errors(), self._writing() as session:
            yield session
        if session.grown:
            self._vacuum(session.grown)

    def _vacuum(self, tables: set[str]) -> None:
        """Settle tables: what was written stands whether or not this succeeds."""
        with suppress(psycopg.Error), self._datastore.pool.connection() as connection:
            connection.autocommit = True
            try:
                connection.execute(f"VACUUM (ANALYZE, TRUNCATE off) {', '.join(sorted(tables))}".encode())
            finally:
                connection.autocommit = False

    @contextmanager
    def read(self) -> Iterator[_Session]:
        with _errors(), self._reads.session() as session:
            yield session

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        attempt = _Append(batch, within)
        deadline = time.monotonic() + HEAL_SECONDS
        while True:
            try:
                with self.write() as session:
                    return attempt.written(session)
            except Unavailable as error:
                waited = isinstance(error.__cause__, psycopg.errors.LockNotAvailable)
                if waited or time.monotonic() > deadline:
                    if attempt.finished:
                        raise OutcomeUnknown(str(error)) from error
                    raise
                time.sleep(0.1)

    def streams(self, ids: Sequence[str]) -> dict[str, list[Recorded]]:
        if not ids:
            return {}
        found: dict[str, list[Recorded]] = {}
        sql = (
            f"SELECT notification_id, originator_id, originator_version, topic, state FROM {EVENTS} "  # noqa: S608
            "WHERE originator_id = ANY(%s::text[]) ORDER BY originator_id, originator_version"
        )
        with self.read():
            for each in recorded_events(self._rows(sql, (bound_list(ids, self.dialect),)), self._at):
                found.setdefault(each.stream, []).append(each)
        return found

    def versions(self, ids: Sequence[str]) -> dict[str, int]:
        with self.read() as session:
            return _versions(session, ids)

    def all(self, after: int = 0) -> Iterator[Recorded]:
        sql = (
            f"SELECT notification_id, originator_id, originator_version, topic, state FROM {EVENTS} "  # noqa: S608
            "WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
        )
        while True:
            with self.read():
                rows = self._rows(sql, (after, PAGE))
                events = recorded_events(rows, self._at)
            yield from events
            if len(rows) < PAGE:
                return
            after = int(str(rows[-1][0]))

    def of_topics(self, topics: Sequence[str], after: int, to: int, limit: int) -> list[Recorded]:
        sql = (
            f"SELECT notification_id, originator_id, originator_version, topic, state FROM {EVENTS} "  # noqa: S608
            "WHERE notification_id > %s AND notification_id <= %s AND topic = ANY(%s) "
            "ORDER BY notification_id LIMIT %s"
        )
        with self.read():
            return recorded_events(self._rows(sql, (after, to, list(topics), limit)), self._at)

    def states(self, positions: Sequence[int]) -> dict[int, bytes]:
        with self.read():
            return whole(self._at(positions), self._at)

    def _at(self, positions: Sequence[int]) -> list[Stored]:
        sql = f"SELECT notification_id, topic, state FROM {EVENTS} WHERE notification_id = ANY(%s)"  # noqa: S608
        return stored(self._rows(sql, (list(positions),)))

    def schemas(self, digests: Sequence[str]) -> dict[str, bytes]:
        sql = "SELECT digest, body FROM muniment_schemas WHERE digest = ANY(%s::text[])"
        rows = self._rows(sql, (bound_list(digests, self.dialect),))
        return {str(digest): unpacked(as_bytes(body)) for digest, body in rows}

    def head(self) -> int:
        return int(str(self._rows(HEAD, ())[0][0]))

    def _rows(self, sql: str, params: Sequence[object]) -> list[tuple[object, ...]]:
        with self.read() as session:
            return session.rows(sql, params)

    def close(self) -> None:
        self._datastore.close()


class _Append:
    """One append, which may have to be tried again. `finished` tells that only the commit was left to do."""

    def __init__(self, batch: Batch, within: Within) -> None:
        self._batch = batch
        self._schemas = packed(batch.schemas)
        self._within = within
        self.recorded: tuple[Recorded, ...] = ()
        self.finished = False

    def written(self, session: _Session) -> tuple[Recorded, ...]:
        if self.finished and self._got_through(session):
            return self.recorded
        self.finished = False
        batch = self._batch
        check(batch, _versions(session, concerned(batch)))
        last = session.rows(
            f"SELECT notification_id, originator_id, originator_version, topic, state FROM {EVENTS} "  # noqa: S608
            "ORDER BY notification_id DESC LIMIT 1"
        )
        # It ends an append, and is whole.
        before = recorded_events(last, lambda _: [])[0] if last else None
        self.recorded = positioned(batch, before.position if before else 0, before.at if before else None)
        session.insert(
            EVENTS,
            ["notification_id", "originator_id", "originator_version", "topic", "state"],
            [(r.position, r.stream, r.version, topic(r.event), r.stored) for r in self.recorded],
        )
        if self._schemas:
            session.run(
                "INSERT INTO muniment_schemas SELECT * FROM unnest(%b::text[], %b::bytea[]) ON CONFLICT DO NOTHING",
                (list(self._schemas), list(self._schemas.values())),
            )
        self._within(session, self.recorded)
        self.finished = True
        return self.recorded

    def _got_through(self, session: _Session) -> bool:
        """Whether a commit whose answer was lost was done after all. The lock is held, so it is not under way."""
        if not self.recorded:
            return False
        last = self.recorded[-1]
        sql = f"SELECT originator_id, originator_version, state FROM {EVENTS} WHERE notification_id = %s"  # noqa: S608
        return session.rows(sql, (last.position,)) == [(last.stream, last.version, last.stored)]


def _datastore(url: str) -> PostgresDatastore:
    given: dict[str, Any] = {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
    store = PostgresDatastore(
        dbname=str(given.pop("dbname", "postgres")),
        host=str(given.pop("host", "")),
        port=str(given.pop("port", "5432")),
        user=str(given.pop("user", "")),
        password=str(given.pop("password", "")),
        connect_timeout=CONNECT_SECONDS,
        pool_size=2,
        max_overflow=8,
        # A connection that died with the database is replaced before somebody's transaction meets it.
        pre_ping=True,
        originator_id_type="text",
    )
    connecting = store.pool.kwargs
    assert isinstance(connecting, dict)
    connecting.update({"connect_timeout": int(CONNECT_SECONDS), **given})
    for name in ("host", "user", "password"):
        if not connecting[name]:
            connecting.pop(name)
    store.pool.reconnect_timeout = RECONNECT_SECONDS
    store.pool.open()
    return store


def _versions(session: Session, ids: Sequence[str]) -> dict[str, int]:
    sql = (
        f"SELECT originator_id, max(originator_version) FROM {EVENTS} "  # noqa: S608
        "WHERE originator_id = ANY(%(ids)s::text[]) GROUP BY originator_id"
    )
    return {str(id): int(str(version)) for id, version in session.rows(sql, {"ids": bound_list(ids, "postgresql")})}


def _column_type(values: Iterable[object]) -> str:
    """The type of a column, from the first of its values that is not null."""
    return next((_COLUMN_TYPES[type(value)] for value in values if value is not None), "text")


@contextmanager
def _errors() -> Iterator[None]:
    """The driver's failures in the log's own terms; mistakes of ours pass as they are."""
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        raise Violated(str(error)) from error
    except psycopg.errors.DiskFull as error:
        raise StorageFull(str(error)) from error
    except _AWAY as error:
        raise Unavailable(str(error)) from error
