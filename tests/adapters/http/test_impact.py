"""The impact of a proposed schema on an asset (api.md 3.4)."""

import json
from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, made, publish, refused, table, team

MEMBERS = {
    "change_type", "breaking_changes", "changes", "impacted_consumers", "impacted_assets", "safe_to_publish",
    "traversal_depth", "current_version", "suggested_version",
}  # fmt: skip
ONE, WIDER, BROKEN = table(a="string"), table(a="string", b="string"), table(b="string")


class Chain:
    """A row of assets, each made from the one before; the last leads back to the first."""

    def __init__(self, api: httpx.Client, length: int) -> None:
        self.api, self.owner = api, team(api)
        self.assets = [asset(api, self.owner) for _ in range(length)]
        self.fqns = [made(api.get(f"/assets/{id}"))["fqn"] for id in self.assets]
        for up, down in zip(self.assets, [*self.assets[1:], self.assets[0]], strict=True):
            body = {"depends_on_asset_id": up, "dependency_type": "transforms"}
            made(api.post(f"/assets/{down}/dependencies", json=body))

    def register(self, n: int, team_id: str, **more: Any) -> str:
        body = {"asset_id": self.assets[n], "consumer_team_id": team_id, **more}
        id: str = made(self.api.post("/registrations", json=body))["id"]
        return id

    def impact(self, schema: dict[str, Any], query: str = "") -> dict[str, Any]:
        got = made(self.api.post(f"/assets/{self.assets[0]}/impact{query}", json=schema))
        assert set(got) == MEMBERS
        return got


@pytest.fixture(scope="module")
def chain(each_store: httpx.Client) -> Chain:
    found = Chain(each_store, 8)
    publish(each_store, found.assets[0], found.owner, ONE)
    return found


def test_without_an_active_contract_everything_is_safe(api: httpx.Client) -> None:
    got = Chain(api, 2).impact(BROKEN)
    assert (got["change_type"], got["safe_to_publish"]) == ("minor", True)
    assert got["breaking_changes"] == [] and got["changes"] == []
    assert (got["current_version"], got["suggested_version"]) == (None, "1.0.0")
    assert len(got["impacted_assets"]) == 1


def test_what_changes_and_what_breaks(chain: Chain) -> None:
    head = chain.api.get("/teams").headers["muniment-position"]
    broken = chain.impact(BROKEN)
    assert (broken["change_type"], broken["safe_to_publish"], broken["traversal_depth"]) == ("major", False, 5)
    assert [change["path"] for change in broken["breaking_changes"]] == ["properties.a"]
    assert [change["path"] for change in broken["changes"]] == ["properties.a", "properties.b"]
    assert (broken["current_version"], broken["suggested_version"]) == ("1.0.0", "2.0.0")
    wider = chain.impact(WIDER)
    assert (wider["change_type"], wider["safe_to_publish"], wider["suggested_version"]) == ("minor", True, "1.1.0")
    same = chain.impact(ONE)
    assert (same["change_type"], same["safe_to_publish"], same["changes"]) == ("patch", True, [])
    assert chain.api.get("/teams").headers["muniment-position"] == head


def test_assets_downstream_are_followed_to_the_depth_and_cycles_are_fine(chain: Chain) -> None:
    for query, reached in (("?depth=1", 1), ("", 5), ("?depth=5", 5), ("?depth=10", 7)):
        got = chain.impact(ONE, query)
        assert (
            got["impacted_assets"]
            == [
                {"asset_id": id, "fqn": fqn, "dependency_type": "transforms", "depth": depth + 1}
                for depth, (id, fqn) in enumerate(zip(chain.assets[1:], chain.fqns[1:], strict=True))
            ][:reached]
        )
    assert chain.impact(ONE, "?depth=10")["traversal_depth"] == 10
    for depth in ("0", "11", "x", "-1", "1.5", ""):
        answer = chain.api.post(f"/assets/{chain.assets[0]}/impact?depth={depth}", json=ONE)
        assert fields(answer) == ["query.depth"]


def test_each_consumer_once_with_the_least_depth(each_store: httpx.Client) -> None:
    chain, near, far = Chain(each_store, 4), team(each_store), team(each_store)
    publish(each_store, chain.assets[0], chain.owner, ONE)
    chain.register(2, near)
    chain.register(0, near, pinned_version="1.0.0")
    late = chain.register(3, far)
    each_store.patch(f"/registrations/{late}", json={"status": "migrating"})
    names = {id: made(each_store.get(f"/teams/{id}"))["name"] for id in (near, far)}
    expected = [
        {"team_id": near, "team_name": names[near], "status": "active", "pinned_version": "1.0.0", "depth": 0},
        {"team_id": far, "team_name": names[far], "status": "migrating", "pinned_version": None, "depth": 3},
    ]
    for schema in (ONE, BROKEN):
        assert chain.impact(schema)["impacted_consumers"] == expected
    assert chain.impact(ONE, "?depth=2")["impacted_consumers"] == expected[:1]


def test_nothing_is_cut_short(api: httpx.Client) -> None:
    chain = Chain(api, 2)
    for _ in range(120):
        made(api.post(f"/assets/{asset(api, chain.owner)}/dependencies", json={"depends_on_asset_id": chain.assets[0]}))
    assert len(chain.impact(ONE)["impacted_assets"]) == 121


def test_refusals(api: httpx.Client) -> None:
    id = asset(api, team(api))
    refused(api.post(f"/assets/{GONE}/impact", json=ONE), 404, "ASSET_NOT_FOUND")
    errors = refused(api.post(f"/assets/{id}/impact", json={"type": "text"}), 400, "INVALID_SCHEMA")["details"][
        "errors"
    ]
    assert errors and all(isinstance(error, str) for error in errors)
    bodies: list[Any] = [[], None, True, "x", {"properties": {f"c{n}": {} for n in range(5001)}}]
    for body in bodies:
        assert fields(api.post(f"/assets/{id}/impact", content=json.dumps(body))) == ["body"]
    assert fields(api.post("/assets/x/impact", json=ONE)) == ["path.asset_id"]
    refused(api.post(f"/assets/{id}/impact", content=b""), 400, "MALFORMED_JSON")
    api.delete(f"/assets/{id}")
    refused(api.post(f"/assets/{id}/impact", json=ONE), 404, "ASSET_NOT_FOUND")
