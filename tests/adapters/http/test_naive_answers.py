"""What the lists and lineages answer, now and as of past moments, is what a naive fold of the log gives."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx

from adapters.catalog import Catalog
from adapters.log import open_log
from adapters.views import prepare
from tests.conftest import Server
from tests.histories import History, UnsteadyClock
from tests.naive import Model, Row, after_each_append, stored

APPENDS, MOMENTS = 120, 5
# Ids of events are UUIDs of version 8 that end in the position.
_FIRST_EVENT_ID = 0x6D756E69_6D65_8E74 << 64 | 2 << 62


def test_answers_are_those_of_a_naive_fold(target: Path | str, tmp_path: Path) -> None:
    moments = _history(target)
    server = Server(target, tmp_path)
    try:
        api = server.client()
        for position, model in moments.items():
            for path, expected in EXPECTED.items():
                found = list(_all(api, path, as_of=position))
                assert found == expected(model), (path, position)
        _lineages(api, *max(moments.items()))
    finally:
        server.stop()


def _history(target: Path | str) -> dict[int, Model]:
    """A random history in the log, and the model at some moments, the last among them."""
    if isinstance(target, Path):
        target.parent.mkdir(parents=True, exist_ok=True)
    log, random = open_log(target), Random(7)
    prepare(log)
    history = History(Catalog(log, UnsteadyClock(random)), random)
    for _ in range(APPENDS):
        history.append()
    kept: dict[int, Model] = {}
    for number, (position, model) in enumerate(after_each_append(stored(log)), start=1):
        if number % (APPENDS // MOMENTS) == 0:
            kept[position] = deepcopy(model)
    log.close()
    assert len(kept) == MOMENTS
    return kept


def _all(api: httpx.Client, path: str, **query: Any) -> Iterator[Row]:
    cursor: dict[str, str] = {}
    while True:
        page = api.get(path, params={"limit": 100, **query, **cursor}).json()
        yield from page["results"]
        if page["next"] is None:
            return
        cursor = {"cursor": page["next"]}


def _living(model: Model) -> dict[str, Row]:
    return {id: row for id, row in model["assets"].items() if not row["deleted"]}


def _team_name(model: Model, id: str | None) -> str | None:
    return model["teams"][id]["name"] if id in model["teams"] else None


def _teams(model: Model) -> list[Row]:
    owned = [row["owner_team_id"] for row in _living(model).values()]
    rows = [(id, row) for id, row in model["teams"].items() if not row["deleted"]]
    return [
        {**row["body"], "asset_count": owned.count(id)} for id, row in sorted(rows, key=lambda r: (r[1]["name"], r[0]))
    ]


def _users(model: Model) -> list[Row]:
    """Nobody is known by name here, since no event tells names."""
    rows = [(id, row["body"]) for id, row in sorted(model["users"].items()) if not row["deactivated"]]
    nameless = {"username": None, "name": None, "email": None}
    return [{**body, **nameless, "team_name": _team_name(model, body["team_id"])} for _, body in rows]


def _assets(model: Model) -> list[Row]:
    rows = sorted(_living(model).items(), key=lambda each: (each[1]["fqn"], each[1]["environment"], each[0]))
    return [
        {
            **row["body"],
            "owner_team_name": _team_name(model, row["owner_team_id"]),
            "owner_user_name": None,
            "owner_user_email": None,
        }
        for _, row in rows
    ]


def _contracts(model: Model) -> list[Row]:
    rows = sorted(model["contracts"].values(), key=lambda row: -row["published"])
    return [
        {
            **{
                name: value
                for name, value in row["body"].items()
                if name not in ("change_type", "breaking_changes_count")
            },
            "asset_fqn": model["assets"][row["asset_id"]]["fqn"],
            "schema": {},
            "schema_def": {},
            "published_by_team_name": _team_name(model, row["published_by"]),
            "publisher_name": _team_name(model, row["published_by"]),
            "published_by_user_name": None,
        }
        for row in rows
    ]


def _registrations(model: Model) -> list[Row]:
    return [
        row["body"]
        for row in sorted(model["registrations"].values(), key=lambda row: (-row["made"], row["body"]["id"]))
    ]


def _proposals(model: Model) -> list[Row]:
    return [_proposal(model, row) for row in sorted(model["proposals"].values(), key=lambda row: -row["made"])]


def _proposal(model: Model, row: Row) -> Row:
    body, asset = row["body"], model["assets"][row["asset_id"]]
    live = [r for r in model["registrations"].values() if r["status"] != "inactive"]
    consumers = {r["consumer_team_id"] for r in live if r["asset_id"] == row["asset_id"]}
    required = consumers - {asset["owner_team_id"]}
    answered = [answer["consumer_team_id"] for answer in body["acknowledgments"]]
    return {
        **{
            name: body[name]
            for name in ("id", "asset_id", "status", "change_type", "proposed_by", "proposed_at", "expires_at")
        },
        "asset_fqn": asset["fqn"],
        "breaking_changes_count": len(body["breaking_changes"]),
        "acknowledgment_count": len(answered),
        "total_consumers": len(required | set(answered)),
    }


def _audit(model: Model) -> list[Row]:
    """Without payloads, which lie in the log itself."""
    rows = sorted(model["audit"].items(), key=lambda each: -each[1]["position"])
    return [{"id": str(UUID(int=_FIRST_EVENT_ID + row["position"])), **row} for _, row in rows]


EXPECTED = {
    "/teams": _teams,
    "/users": _users,
    "/assets": _assets,
    "/contracts": _contracts,
    "/registrations": _registrations,
    "/proposals": _proposals,
}


def _lineages(api: httpx.Client, position: int, model: Model) -> None:
    living = _living(model)
    edges = [row for row in model["edges"].values() if {row["dependent_id"], row["dependency_id"]} <= living.keys()]

    def ends(mine: str, other: str, id: str) -> list[Row]:
        rows = [(living[edge[other]], edge[other], edge["type"]) for edge in edges if edge[mine] == id]
        return [
            {
                "asset_id": other_id,
                "asset_fqn": row["fqn"],
                "dependency_type": type,
                "owner_team": _team_name(model, row["owner_team_id"]),
            }
            for row, other_id, type in sorted(rows, key=lambda each: (each[0]["fqn"], each[2], each[1]))
        ]

    for id in living:
        found = api.get(f"/assets/{id}/lineage", params={"as_of": position}).json()
        assert found["upstream"] == ends("dependent_id", "dependency_id", id)
        assert found["downstream_assets"] == ends("dependency_id", "dependent_id", id)
        teams = sorted(
            (_team_name(model, row["consumer_team_id"]), row["body"]["pinned_version"])
            for row in model["registrations"].values()
            if row["asset_id"] == id
        )
        shown = [
            (team["team_name"], each["pinned_version"])
            for team in found["downstream"]
            for each in team["registrations"]
        ]
        assert sorted(shown) == teams
    assert edges
    events = [{k: v for k, v in event.items() if k != "payload"} for event in _all(api, "/audit/events")]
    assert events == _audit(model)
