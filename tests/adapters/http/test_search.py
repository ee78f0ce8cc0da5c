"""Search over everything at once (api.md 3.12)."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import asset, fields, made, publish, table, team, unique, user

KINDS = ["teams", "users", "assets", "contracts"]


class Shelf:
    """A few of everything whose names share a mark."""

    def __init__(self, api: httpx.Client) -> None:
        self.api, self.mark = api, unique("find")
        self.name = f"Team {self.mark.upper()}"
        self.owner, self.other = team(api, self.name), team(api)
        self.named = user(api, name=f"Zoe {self.mark}", team_id=self.owner)
        self.username = user(api, username=f"{self.mark}.u", name="Adam")
        self.email = user(api, email=f"{self.mark}@x.org", name="Eve", team_id=self.other)
        more: dict[str, Any] = {"resource_type": "model", "tags": ["red", "blue"]}
        self.orders = asset(api, self.owner, f"db.{self.mark}_orders", **more)
        self.lines = asset(api, self.other, f"db.{self.mark}_lines", tags=["red"])
        self.contract = publish(api, self.orders, self.owner, table(a="string"))["contract"]["id"]
        self._gone(api)

    def _gone(self, api: httpx.Client) -> None:
        """What is deleted or deactivated is never found."""
        api.delete(f"/teams/{team(api, unique(self.mark))}")
        api.delete(f"/users/{user(api, name=self.mark)}")
        gone = asset(api, self.owner, f"db.{self.mark}_gone")
        publish(api, gone, self.owner, table())
        api.delete(f"/assets/{gone}")

    def found(self, **query: Any) -> dict[str, list[str]]:
        body = made(self.api.get("/search", params={"q": self.mark, **query}))
        assert set(body) == {"query", "results", "counts"} and set(body["results"]) == set(KINDS)
        counts = {kind: len(body["results"][kind]) for kind in KINDS}
        assert body["counts"] == {**counts, "total": sum(counts.values())}
        return {kind: [entry["id"] for entry in body["results"][kind]] for kind in KINDS}


@pytest.fixture(scope="module")
def shelf(own_store: httpx.Client) -> Shelf:
    return Shelf(own_store)


def test_all_kinds_are_found_by_part_in_any_case(shelf: Shelf) -> None:
    everything = {"teams": [shelf.owner], "users": [shelf.username, shelf.email, shelf.named]}
    everything |= {"assets": [shelf.lines, shelf.orders], "contracts": [shelf.contract]}
    assert shelf.found() == everything
    assert shelf.found(q=shelf.mark.upper()) == everything
    assert shelf.found(types=["teams", "contracts"]) == {**everything, "users": [], "assets": []}
    for kind in KINDS:
        assert shelf.found(types=kind) == {other: everything[other] if other == kind else [] for other in KINDS}


def test_entries_have_the_members_of_their_kind(shelf: Shelf) -> None:
    body = made(shelf.api.get("/search", params={"q": shelf.mark}))
    assert body["query"] == shelf.mark
    results = body["results"]
    assert results["teams"] == [{"id": shelf.owner, "name": shelf.name, "type": "team"}]
    eve = {"id": shelf.email, "name": "Eve", "team_id": shelf.other, "type": "user"}
    adam = {"id": shelf.username, "name": "Adam", "team_id": None, "type": "user"}
    assert results["users"][:2] == [adam, eve]
    orders = {"id": shelf.orders, "fqn": f"db.{shelf.mark}_orders", "resource_type": "model", "type": "asset"}
    assert results["assets"][1] == orders
    told = {"id": shelf.contract, "version": "1.0.0", "asset_id": shelf.orders, "status": "active", "type": "contract"}
    assert results["contracts"] == [told]


def test_contracts_are_found_by_version_too(shelf: Shelf) -> None:
    version = "7.3.1-" + shelf.mark
    made(shelf.api.patch(f"/assets/{shelf.lines}", json={"semver_mode": "auto"}))
    contract = publish(shelf.api, shelf.lines, shelf.other, table(), version=version)["contract"]["id"]
    found = shelf.found(q=version.upper(), types="contracts")
    assert found["contracts"] == [contract]
    shelf.api.post(f"/contracts/{contract}/retire")


def test_assets_are_narrowed_by_tags_and_type_and_all_by_team(shelf: Shelf) -> None:
    assert shelf.found(tags="red")["assets"] == [shelf.lines, shelf.orders]
    assert shelf.found(tags="blue, red")["assets"] == [shelf.orders]
    assert shelf.found(tags="none")["assets"] == []
    assert shelf.found(resource_type="model")["assets"] == [shelf.orders]
    for meant in (shelf.owner, shelf.owner.upper(), shelf.name):
        found = shelf.found(team=meant)
        assert (found["teams"], found["users"], found["assets"]) == ([shelf.owner], [shelf.named], [shelf.orders])
        assert found["contracts"] == [shelf.contract]
    assert shelf.found(team="nobody") == {kind: [] for kind in KINDS}


def test_the_limit_is_for_each_kind_and_counts_are_of_all(shelf: Shelf) -> None:
    body = made(shelf.api.get("/search", params={"q": shelf.mark, "limit": 1}))
    assert [len(body["results"][kind]) for kind in KINDS] == [1, 1, 1, 1]
    assert (body["counts"]["users"], body["counts"]["assets"]) == (3, 2)
    assert body["counts"]["total"] == sum(body["counts"][kind] for kind in KINDS)


def test_a_search_answers_as_of_a_moment(shelf: Shelf) -> None:
    empty = made(shelf.api.get("/search", params={"q": shelf.mark, "as_of": 0}))
    assert empty["counts"] == {**dict.fromkeys(KINDS, 0), "total": 0}
    assert shelf.found(q="x" * 100) == {kind: [] for kind in KINDS}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "query.q"),
        ("q=", "query.q"),
        ("q=" + "x" * 101, "query.q"),
        ("q=x&limit=0", "query.limit"),
        ("q=x&limit=51", "query.limit"),
        ("q=x&limit=a", "query.limit"),
        ("q=x&types=things", "query.types.0"),
        ("q=x&types=teams&types=", "query.types.1"),
        ("q=x&resource_type=view", "query.resource_type"),
        ("q=x&tags=" + ",".join(str(n) for n in range(21)), "query.tags"),
        ("q=%00", "query.q"),
    ],
)
def test_searches_of_the_wrong_shape(api: httpx.Client, query: str, field: str) -> None:
    assert fields(api.get(f"/search?{query}")) == [field]
