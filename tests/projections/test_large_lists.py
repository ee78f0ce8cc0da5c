"""Pages of assets are the same whichever way their rows are found, and totals follow from what changed since."""

from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any

from adapters.log.protocol import Log, Session
from adapters.reader import unchunked
from domain.events import AssetEvent
from projections import asset_questions as q
from projections.assets import tag_list
from tests.naive import Model, Row, after_each_append, stored
from tests.projections.test_views import grown

SINGLE: list[dict[str, Any]] = [
    {},
    {"alive": True},
    {"environment": "staging"},
    {"resource_type": "model"},
    {"unowned": True},
    {"user_owned": True},
    {"with_contract": True},
    {"without_contract": True},
    {"source_kind": "dbt"},
    {"source_key": "shop"},
    {"source_kind": "graphql"},
    {"fqn": "item1"},
    {"fqn": "nowhere"},
    {"tag0": tag_list(["x"])},
    {"tag0": tag_list(["x"]), "tag1": tag_list(["y"])},
    {"tag0": tag_list(["none"])},
]


def _filters(model: Model) -> list[dict[str, Any]]:
    """Every filter, alone and with others, with values that some assets have."""
    rows = list(model["assets"].values())
    some = rows[len(rows) // 2]
    named = [{"fqn_exact": some["fqn"]}, {"owner": some["owner_team_id"]}]
    users = [{"owner_user": row["owner_user_id"]} for row in rows if row["owner_user_id"]][:1]
    alone = [*SINGLE, *named, *users]
    return [*alone, *({"alive": True, **filters} for filters in alone), {**SINGLE[2], **SINGLE[6], **named[1]}]


def _keeps(row: Row, filters: dict[str, Any]) -> bool:
    tests: dict[str, Callable[[Any], bool]] = {
        "alive": lambda value: not row["deleted"],
        "unowned": lambda value: not row["owner_user_id"],
        "user_owned": lambda value: bool(row["owner_user_id"]),
        "with_contract": lambda value: row["contract_id"] is not None,
        "without_contract": lambda value: row["contract_id"] is None,
        "fqn": lambda value: value in row["fqn_folded"],
        "fqn_exact": lambda value: row["fqn"] == value,
        "owner": lambda value: row["owner_team_id"] == value,
        "owner_user": lambda value: row["owner_user_id"] == value,
        **{f"tag{n}": lambda value: value in row["tag_list"] for n in range(2)},
    }
    return all(tests[name](value) if name in tests else row[name] == value for name, value in filters.items())


_COLUMNS = {"fqn": "fqn", "owner": "owner_team_id", "owner_user": "owner_user_id", "created_at": "created"}


def _expected(model: Model, filters: dict[str, Any], by: str, way: str) -> list[str]:
    rows = sorted((id, row) for id, row in model["assets"].items() if _keeps(row, filters))
    return [id for id, _ in sorted(rows, key=lambda each: each[1][_COLUMNS[by]], reverse=way == "desc")]


def _found(session: Session, log: Log, filters: dict[str, Any], order: str, position: int, few: bool) -> list[str]:
    sql = q.LIST.large_page(frozenset(filters), order, few, log.dialect)
    rows = session.rows(sql, {**filters, "as_of": position, "limit": 1000, "offset": 0})
    return [_id(row[0]) for row in (rows if log.dialect == "sqlite" else unchunked(rows))]


def _id(body: object) -> str:
    assert isinstance(body, bytes)
    return body[7:43].decode()


def test_every_filter_and_order_finds_the_same_rows_looked_up_and_in_order(log: Log) -> None:
    grown(log, 5, 200)
    ends = _moments(log)
    compared = 0
    with log.read() as session:
        for position, expected in ends:
            for (filters, by, way), ids in expected.items():
                kept = dict(filters)
                for few in {q.LIST.is_few(frozenset(kept), 1), False}:
                    assert _found(session, log, kept, f"{by} {way}", position, few) == ids, (kept, by, way, few)
                    compared += len(ids)
    assert compared > 1000


def _moments(log: Log) -> list[tuple[int, dict[tuple[Any, str, str], list[str]]]]:
    """What the naive model expects at two moments."""
    found = []
    for number, (position, model) in enumerate(after_each_append(stored(log)), start=1):
        if number in (100, 200):
            asked = product(_filters(model), _COLUMNS, ("asc", "desc"))
            found.append(
                (position, {(tuple(f.items()), by, way): _expected(model, f, by, way) for f, by, way in asked})
            )
    return found


def test_a_total_follows_from_an_earlier_one_and_what_changed_since(log: Log) -> None:
    grown(log, 6, 120)
    ends = sorted({recorded.end for recorded in log.all() if isinstance(recorded.event, AssetEvent)})
    random = Random(1)
    with log.read() as session:
        for filters in SINGLE:
            names = frozenset(filters)
            for since, until in [sorted(random.sample(ends, 2)) for _ in range(5)]:
                counts = [
                    session.rows(q.LIST.count(names, log.dialect), {**filters, "as_of": position})[0][0]
                    for position in (since, until)
                ]
                params = {**filters, "since": since, "as_of": until}
                ((change,),) = session.rows(q.LIST.change(names, log.dialect), params)
                assert int(str(counts[0])) + int(str(change)) == int(str(counts[1])), filters
