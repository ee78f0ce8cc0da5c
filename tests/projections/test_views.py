"""Every view, at the end of every append, equals a naive fold of the log (tests/naive.py), and so does a rebuild."""

import json
from random import Random
from typing import Any, get_args

from sqlalchemy import MetaData

from adapters.catalog import Catalog
from adapters.log.protocol import Log, Session
from adapters.views import prepare, rebuild
from domain import events as e
from domain.events import Recorded
from projections.catalog_views import ALL
from projections.engine import Copy, Engine
from tests.histories import History, UnsteadyClock
from tests.naive import Row, after_each_append, stored

APPENDS = 150


def grown(log: Log, seed: int, appends: int = APPENDS) -> Catalog:
    """A catalog with a random history."""
    random = Random(seed)
    prepare(log)
    catalog = Catalog(log, UnsteadyClock(random))
    history = History(catalog, random)
    for _ in range(appends):
        history.append()
    return catalog


def rows_at(session: Session, table: str, columns: list[str], position: int) -> dict[str, Row]:
    """The rows of a view that held at a position, by id, with their bodies decoded."""
    names = ", ".join(columns)
    found = session.rows(f"SELECT {names} FROM {table} WHERE began <= {position} AND ended > {position}")
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    assert len({row["id"] for row in rows}) == len(rows)
    return {str(row.pop("id")): {name: _plain(value) for name, value in row.items()} for row in rows}


def _plain(value: Any) -> Any:
    return json.loads(bytes(value)) if isinstance(value, bytes | memoryview) else value


def test_every_view_at_every_append_equals_a_naive_fold_of_the_log(log: Log) -> None:
    grown(log, 3, 2 * APPENDS)
    events = list(stored(log))
    assert {one.tag for one in events} == {str(kind.__struct_config__.tag) for kind in get_args(e.AnyEvent)}
    assert [one.at for one in events] == sorted(one.at for one in events)
    compared = 0
    with log.read() as session:
        for position, model in after_each_append(events):
            for view in ALL:
                columns = [c.name for c in view.table.columns if c.name not in ("began", "ended")]
                assert rows_at(session, view.table.name, columns, position) == model[view.table.name], position
                compared += len(model[view.table.name])
    assert compared > 1000


def _table(session: Session, name: str, columns: list[str]) -> list[tuple[object, ...]]:
    return sorted(tuple(row) for row in session.rows(f"SELECT {', '.join(columns)} FROM {name}"))


def _split(events: list[Recorded], random: Random) -> list[list[Recorded]]:
    """The events in batches of one or more whole appends."""
    batches: list[list[Recorded]] = [[]]
    for recorded in events:
        batches[-1].append(recorded)
        if recorded.position == recorded.end and random.random() < 0.4:
            batches.append([])
    return [batch for batch in batches if batch]


def test_views_are_the_same_for_any_batch_size(log: Log) -> None:
    grown(log, 3)
    events = list(log.all())
    for seed in range(6):
        batches = _split(events, Random(seed)) if seed else [events]
        engine = Engine([Copy(view, MetaData(), "copy" + "x" * seed + "_") for view in ALL], log.dialect)
        with log.write() as session:
            engine.create(session)
            for batch in batches:
                engine.apply(session, batch)
            for view, copied in zip(ALL, engine.views, strict=True):
                assert _table(session, copied.name, copied.columns) == _table(session, view.table.name, copied.columns)


def test_a_rebuild_finds_every_row_as_it_was(log: Log) -> None:
    grown(log, 4)
    with log.read() as session:
        before = {v.table.name: _table(session, v.table.name, [c.name for c in v.table.columns]) for v in ALL}
    report = rebuild(log)
    assert report.position == log.head()
    assert [view.differences for view in report.views] == [[] for _ in ALL]
    assert {view.name: view.rows for view in report.views} == {name: len(rows) for name, rows in before.items()}
    with log.read() as session:
        after = {v.table.name: _table(session, v.table.name, [c.name for c in v.table.columns]) for v in ALL}
    assert after == before
