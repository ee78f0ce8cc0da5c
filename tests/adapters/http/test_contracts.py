"""Contracts (api.md 3.5): list, get, of an asset, history, and the registrations of one."""

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, made, publish, table, team

MEMBERS = {
    "id", "asset_id", "asset_fqn", "version", "schema", "schema_def", "schema_format", "compatibility_mode",
    "direction", "guarantees", "field_descriptions", "field_tags", "status", "published_at", "published_by",
    "published_by_user_id", "published_by_team_name", "published_by_user_name", "publisher_name", "updated_at",
}  # fmt: skip


class Shelf:
    """An asset with three versions, the second of them by another team."""

    def __init__(self, api: httpx.Client) -> None:
        self.owner, self.other = team(api), team(api)
        self.asset = asset(api, self.owner)
        schemas = [table(a="string"), table(a="string", b="string"), table(b="string")]
        forced = {"force": "true", "force_reason": "agreed by phone"}
        made_by = [self.owner, self.other, self.owner]
        self.contracts = [
            publish(api, self.asset, by, schema, version=version, query=forced)["contract"]
            for by, schema, version in zip(made_by, schemas, ["1.0.0-RC.1", "1.1.0", "2.0.0"], strict=True)
        ]


@pytest.fixture(scope="module")
def shelf(each_store: httpx.Client) -> Shelf:
    return Shelf(each_store)


def test_one_contract_with_all_members(each_store: httpx.Client, shelf: Shelf) -> None:
    for n, published in enumerate(shelf.contracts):
        got = made(each_store.get(f"/contracts/{published['id']}"))
        assert set(got) == set(published) == MEMBERS
        assert got["status"] == ("active" if n == 2 else "deprecated")
        changed = {"status", "updated_at"} if n < 2 else set()
        assert {k: v for k, v in got.items() if k not in changed} == {
            k: v for k, v in published.items() if k not in changed
        }
        assert got["schema"] == got["schema_def"] and got["schema_format"] == "json_schema"
        assert got["published_by_team_name"] == got["publisher_name"] is not None
        assert (got["guarantees"], got["field_descriptions"], got["field_tags"]) == (None, {}, {})
        assert (got["published_by_user_id"], got["published_by_user_name"], got["direction"]) == (None, None, None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [2, 1, 0]),
        ("status=active", [2]),
        ("status=deprecated", [1, 0]),
        ("status=retired", []),
        ("status=draft", []),
        ("version=1.", [1, 0]),
        ("version=rc", [0]),
        ("version=RC", [0]),
        ("version=9", []),
    ],
)
def test_lists_newest_first(each_store: httpx.Client, shelf: Shelf, query: str, expected: list[int]) -> None:
    ids = [shelf.contracts[n]["id"] for n in expected]
    for asset_id in (shelf.asset, shelf.asset.upper()):
        found = made(each_store.get(f"/contracts?asset_id={asset_id}&{query}"))
        assert ([c["id"] for c in found["results"]], found["total"]) == (ids, len(ids))
    assert all(set(c) == MEMBERS for c in found["results"])
    if not query:
        assert [c["id"] for c in made(each_store.get(f"/assets/{shelf.asset}/contracts"))["results"]] == ids
        everything = [c["id"] for c in made(each_store.get("/contracts?limit=100"))["results"]]
        assert [id for id in everything if id in ids] == ids


def test_bad_filters_and_unknown_assets(each_store: httpx.Client) -> None:
    assert fields(each_store.get("/contracts?status=old")) == ["query.status"]
    assert fields(each_store.get("/contracts?asset_id=x")) == ["query.asset_id"]
    assert made(each_store.get(f"/contracts?asset_id={GONE}"))["total"] == 0


def test_history_tells_each_step(each_store: httpx.Client, shelf: Shelf) -> None:
    got = made(each_store.get(f"/assets/{shelf.asset}/contracts/history"))
    assert set(got) == {"asset_id", "asset_fqn", "contracts"} and got["asset_id"] == shelf.asset
    names = ("id", "version", "published_at", "published_by", "compatibility_mode")
    steps = [("active", "major", 1), ("deprecated", "minor", 0), ("deprecated", "initial", 0)]
    assert got["contracts"] == [
        {
            **{name: contract[name] for name in names},
            "status": status,
            "change_type": change_type,
            "breaking_changes_count": count,
        }
        for contract, (status, change_type, count) in zip(reversed(shelf.contracts), steps, strict=True)
    ]
    empty = asset(each_store, shelf.owner)
    assert made(each_store.get(f"/assets/{empty}/contracts/history"))["contracts"] == []
    assert made(each_store.get(f"/assets/{empty}/contracts"))["total"] == 0


def test_registrations_belong_to_the_asset_and_every_version_shows_them(each_store: httpx.Client) -> None:
    shelf, consumer = Shelf(each_store), team(each_store)
    body = {"contract_id": shelf.contracts[0]["id"], "consumer_team_id": consumer}
    registration = made(each_store.post("/registrations", json=body))
    name = made(each_store.get(f"/teams/{consumer}"))["name"]
    for contract in shelf.contracts:
        found = made(each_store.get(f"/contracts/{contract['id']}/registrations"))
        assert found["results"] == [{**registration, "consumer_team_name": name}]
