"""Keeping the views: making their tables, and making them again from the log."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import MetaData

from adapters.log.protocol import Log, Session
from domain.events import Recorded
from projections import deliveries, key_uses, people
from projections.catalog_views import ALL
from projections.engine import Copy, Engine
from projections.sql import definition_if_missing

BATCH = 5_000


class ViewReport(msgspec.Struct, frozen=True, kw_only=True):
    """One view after a rebuild: its rows, and each row that was not as the log has it."""

    name: str
    rows: int
    differences: list[str]


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """A rebuild: the log position that the views show, and a report of each."""

    position: int
    views: list[ViewReport]


def prepare(log: Log) -> None:
    """Make the tables of an empty store; make the views anew where their declarations have changed."""
    engine = Engine(ALL, log.dialect)
    if _shape(log) == engine.shape:
        return
    with log.write() as session:
        if _stored_shape(session) == engine.shape:
            return
        for view in engine.views:
            session.run(f"DROP TABLE IF EXISTS {view.name}")
        engine.create(session)
        head = _fold_all(log, engine, session)
        session.run("DELETE FROM muniment_views")
        session.insert("muniment_views", ["shape", "position"], [(engine.shape, head)])


def _shape(log: Log) -> str | None:
    with log.write() as session:
        session.run("CREATE TABLE IF NOT EXISTS muniment_views (shape TEXT NOT NULL, position BIGINT NOT NULL)")
        session.run(
            "CREATE TABLE IF NOT EXISTS muniment_idempotency (caller TEXT NOT NULL, method TEXT NOT NULL, "
            "path TEXT NOT NULL, name TEXT NOT NULL, body_digest TEXT NOT NULL, status BIGINT NOT NULL, "
            "body TEXT NOT NULL, revision BIGINT, position BIGINT NOT NULL, at TEXT NOT NULL, "
            "PRIMARY KEY (caller, method, path, name))"
        )
        session.run("CREATE INDEX IF NOT EXISTS muniment_idempotency_age ON muniment_idempotency (at)")
        for table in (people.TABLE, key_uses.TABLE, *deliveries.TABLES):
            for sql in definition_if_missing(table, log.dialect):
                session.run(sql)
        return _stored_shape(session)


def _stored_shape(session: Session) -> str | None:
    rows = session.rows("SELECT shape FROM muniment_views")
    return str(rows[0][0]) if rows else None


def _fold_all(log: Log, engine: Engine, session: Session) -> int:
    head = 0
    for batch in _whole_appends(log.all()):
        engine.apply(session, batch)
        head = batch[-1].end
    return head


def _whole_appends(events: Iterator[Recorded]) -> Iterator[list[Recorded]]:
    """Batches that end where an append ends."""
    batch: list[Recorded] = []
    for recorded in events:
        batch.append(recorded)
        if len(batch) >= BATCH and recorded.position == recorded.end:
            yield batch
            batch = []
    if batch:
        yield batch


def rebuild(log: Log) -> Rebuilt:
    """Make all views again from the log, compare them with those that serve, and put them in their place.

    Writers wait meanwhile, readers do not: they see the old rows until the new ones are in place. Each row that
    differs is reported.
    """
    copied = Engine([Copy(view, MetaData(), "rebuilt_") for view in ALL], log.dialect)
    serving = Engine(ALL, log.dialect)
    with log.write() as session:
        for view in copied.views:
            session.run(f"DROP TABLE IF EXISTS {view.name}")
        copied.create(session)
        head = _fold_all(log, copied, session)
        reports = []
        for old, new in zip(serving.views, copied.views, strict=True):
            old.create_if_missing(session)
            reports.append(_compared(session, old.name, new.name, new.columns))
            names = ", ".join(new.columns)
            session.run(f"DELETE FROM {old.name}")  # noqa: S608
            session.run(f"INSERT INTO {old.name} ({names}) SELECT {names} FROM {new.name}")  # noqa: S608
            session.run(f"DROP TABLE {new.name}")
        session.run("DELETE FROM muniment_views")
        session.insert("muniment_views", ["shape", "position"], [(serving.shape, head)])
    return Rebuilt(position=head, views=reports)


def _compared(session: Session, old: str, new: str, columns: list[str]) -> ViewReport:
    """Every row that the tables do not share, named by id and position. All names are declared in code."""
    lost, extra = _beyond(session, new, old, columns), _beyond(session, old, new, columns)
    differences = []
    for id, began in sorted(lost | extra):
        if (id, began) in lost and (id, began) in extra:
            differences.append(f"{id} from {began}: the view had other values than the log gives")
        elif (id, began) in lost:
            differences.append(f"{id} from {began}: the log has it, the view had not")
        else:
            differences.append(f"{id} from {began}: the view had it, the log has not")
    (count,) = session.rows(f"SELECT count(*) FROM {new}")[0]  # noqa: S608
    return ViewReport(name=str(old), rows=int(str(count)), differences=differences)


def _beyond(session: Session, one: str, other: str, columns: list[str]) -> set[tuple[str, int]]:
    """Id and beginning of the rows of one table that the other has not in the same form."""
    names = ", ".join(columns)
    sql = f"SELECT id, began FROM (SELECT {names} FROM {one} EXCEPT SELECT {names} FROM {other}) AS beyond"  # noqa: S608
    return {(str(id), int(str(began))) for id, began in session.rows(sql)}
