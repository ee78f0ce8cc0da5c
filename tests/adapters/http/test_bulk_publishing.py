"""Many publications in one request (api.md 3.6): `POST /contracts/bulk`, its preview, and each kind of item."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, key, made, publish, refused, table, team, with_key

ONE, WIDER, BROKEN = table(a="string"), table(a="string", b="string"), table(b="string")
ANSWER = {"preview", "total", "published", "skipped", "proposals_created", "failed", "results"}
RESULT = {
    "asset_id", "asset_fqn", "status", "contract_id", "proposal_id", "suggested_version", "current_version", "reason",
    "breaking_changes", "error",
}  # fmt: skip


class Desk:
    """Assets in every situation that an item may meet, and the request that meets them all."""

    def __init__(self, api: httpx.Client) -> None:
        self.api, self.owner = api, team(api)
        self.first, self.wider, self.same, self.broken, self.waiting, self.bad = (
            asset(api, self.owner, semver_mode="suggest") for _ in range(6)
        )
        for id in (self.wider, self.same, self.broken, self.waiting):
            publish(api, id, self.owner, ONE, version="1.0.0")
        publish(api, self.waiting, self.owner, BROKEN, version="2.0.0")
        self.items: list[dict[str, Any]] = [
            {"asset_id": self.first, "schema": ONE},
            {"asset_id": self.wider.upper(), "schema": WIDER},
            {"asset_id": self.same, "schema": {**ONE, "description": "in other words"}},
            {"asset_id": self.broken, "schema": BROKEN},
            {"asset_id": self.waiting, "schema": BROKEN},
            {"asset_id": self.bad, "schema": {"type": "text"}},
            {"asset_id": GONE, "schema": ONE},
        ]

    def send(self, query: str = "", items: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        body = {"published_by": self.owner, "contracts": self.items if items is None else items}
        answer = self.api.post(f"/contracts/bulk{query}", json=body)
        assert answer.status_code == 200
        got = made(answer)
        assert set(got) == ANSWER and all(set(result) == RESULT for result in got["results"])
        assert got["total"] == len(body["contracts"]) == len(got["results"])
        return got


def _counts(got: dict[str, Any]) -> tuple[int, ...]:
    return tuple(got[name] for name in ("published", "skipped", "proposals_created", "failed"))


@pytest.fixture
def desk(each_store: httpx.Client) -> Desk:
    return Desk(each_store)


def test_a_preview_is_the_default_and_writes_nothing(desk: Desk) -> None:
    head = desk.api.get("/teams").headers["muniment-position"]
    got = desk.send()
    assert got["preview"] is True and _counts(got) == (2, 1, 0, 4)
    assert [r["status"] for r in got["results"]] == [
        "will_publish", "will_publish", "will_skip", "breaking", "failed", "failed", "failed",
    ]  # fmt: skip
    assert all(r["contract_id"] is None and r["proposal_id"] is None for r in got["results"])
    assert [r["suggested_version"] for r in got["results"][:4]] == ["1.0.0", "1.1.0", "1.0.1", "2.0.0"]
    assert [r["current_version"] for r in got["results"][:4]] == [None, "1.0.0", "1.0.0", "1.0.0"]
    assert all(r["reason"] for r in got["results"][:4])
    assert [c["path"] for c in got["results"][3]["breaking_changes"]] == ["properties.a"]
    assert desk.send("?create_proposals_for_breaking=true") == {**got, "proposals_created": 1, "failed": 3}
    assert desk.api.get("/teams").headers["muniment-position"] == head


def test_each_item_stands_alone_and_results_are_in_the_order_of_the_request(desk: Desk) -> None:
    preview = desk.send()
    got = desk.send("?dry_run=false")
    assert got["preview"] is False and _counts(got) == (2, 1, 0, 4)
    statuses = [r["status"] for r in got["results"]]
    assert statuses == ["published", "published", "skipped", "failed", "failed", "failed", "failed"]
    asked = [item["asset_id"].lower() for item in desk.items]
    assert [r["asset_id"] for r in got["results"]] == asked
    fqns = [made(desk.api.get(f"/assets/{id}"))["fqn"] for id in asked[:-1]]
    assert [r["asset_fqn"] for r in got["results"]] == [*fqns, None]
    for told, done in zip(preview["results"], got["results"], strict=True):
        assert told["suggested_version"] == done["suggested_version"]
    for result in got["results"][:2]:
        contract = made(desk.api.get(f"/contracts/{result['contract_id']}"))
        assert (contract["asset_id"], contract["version"]) == (result["asset_id"], result["suggested_version"])
        assert (contract["status"], contract["published_by"], result["error"]) == ("active", desk.owner, None)
    errors = [r["error"] for r in got["results"][3:]]
    assert "create_proposals_for_breaking" in errors[0]
    assert "pending proposal" in errors[1]
    assert errors[2].startswith("Invalid schema") and "not found" in errors[3]
    assert made(desk.api.get(f"/proposals?asset_id={desk.broken}"))["total"] == 0
    requests = {
        event["request_id"]
        for event in made(desk.api.get("/audit/events?action=contract.published&limit=2"))["results"]
    }
    assert len(requests) == 1


def test_breaking_items_become_proposals_where_that_is_asked(desk: Desk) -> None:
    got = desk.send("?dry_run=false&create_proposals_for_breaking=true")
    assert _counts(got) == (2, 1, 1, 3)
    opened = got["results"][3]
    assert (opened["status"], opened["contract_id"], opened["error"]) == ("proposal.created", None, None)
    proposal = made(desk.api.get(f"/proposals/{opened['proposal_id']}?include_status=false"))
    assert (proposal["asset_id"], proposal["status"], proposal["proposed_version"]) == (desk.broken, "pending", "2.0.0")
    again = desk.send("?dry_run=false&create_proposals_for_breaking=true")
    assert [r["status"] for r in again["results"][:4]] == ["skipped", "skipped", "skipped", "failed"]


def test_what_is_left_out_is_carried_over_and_what_is_given_counts(desk: Desk) -> None:
    path = "$.properties.a"
    first = {
        "asset_id": desk.first,
        "schema": ONE,
        "compatibility_mode": "none",
        "guarantees": {"nullability": {"a": "never"}},
        "field_descriptions": {path: "A."},
        "field_tags": {path: ["pii"]},
    }
    desk.send("?dry_run=0", [first])
    again = desk.send("?dry_run=0", [{"asset_id": desk.first, "schema": ONE}, {**first, "field_tags": {path: []}}])
    assert [r["status"] for r in again["results"]] == ["skipped", "published"]
    contract = made(desk.api.get(f"/contracts/{again['results'][1]['contract_id']}"))
    assert (contract["compatibility_mode"], contract["field_descriptions"]) == ("none", {path: "A."})
    assert contract["guarantees"]["nullability"] == {"a": "never"} and contract["field_tags"] == {path: []}


def test_an_item_sees_what_those_before_it_did(desk: Desk) -> None:
    items = [{"asset_id": desk.first, "schema": schema} for schema in (ONE, ONE, WIDER, BROKEN, table(c="string"))]
    preview = desk.send("?create_proposals_for_breaking=true", items)
    assert [r["status"] for r in preview["results"]] == [
        "will_publish",
        "will_skip",
        "will_publish",
        "breaking",
        "failed",
    ]
    got = desk.send("?dry_run=false&create_proposals_for_breaking=true", items)
    assert [r["status"] for r in got["results"]] == ["published", "skipped", "published", "proposal.created", "failed"]
    contracts = made(desk.api.get(f"/assets/{desk.first}/contracts"))["results"]
    assert [(c["version"], c["status"]) for c in contracts] == [("1.1.0", "active"), ("1.0.0", "deprecated")]


def test_who_may(api: httpx.Client) -> None:
    desk, other = Desk(api), team(api)
    theirs = asset(api, other)
    body = {"published_by": desk.owner, "contracts": [*desk.items[:1], {"asset_id": theirs, "schema": ONE}]}
    reader = with_key(api, key(api, desk.owner, "read"))
    assert made(reader.post("/contracts/bulk", json=body))["results"][0]["status"] == "will_publish"
    details = refused(reader.post("/contracts/bulk?dry_run=false", json=body), 403, "INSUFFICIENT_SCOPE")["details"]
    assert details == {"required_scope": "write"}
    assert fields(reader.post("/contracts/bulk?dry_run=false", json={**body, "contracts": []})) == ["body.contracts"]
    writer = with_key(api, key(api, desk.owner))
    got = made(writer.post("/contracts/bulk?dry_run=false", json=body))
    assert [r["status"] for r in got["results"]] == ["published", "failed"]
    assert "own team" in got["results"][1]["error"]
    refused(writer.post("/contracts/bulk", json={**body, "published_by": other}), 403, "UNAUTHORIZED_TEAM")
    refused(writer.post("/contracts/bulk", json={**body, "published_by": GONE}), 404, "TEAM_NOT_FOUND")


_ITEM: dict[str, Any] = {"asset_id": GONE, "schema": ONE}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"contracts": [_ITEM]}, "body.published_by"),
        ({"published_by": None, "contracts": [_ITEM]}, "body.published_by"),
        ({"published_by": "x", "contracts": [_ITEM]}, "body.published_by"),
        ({"published_by": GONE}, "body.contracts"),
        ({"published_by": GONE, "contracts": []}, "body.contracts"),
        ({"published_by": GONE, "contracts": [_ITEM] * 101}, "body.contracts"),
        ({"published_by": GONE, "contracts": {}}, "body.contracts"),
        ({"published_by": GONE, "contracts": [_ITEM, 1]}, "body.contracts.1"),
        ({"published_by": GONE, "contracts": [{"schema": ONE}]}, "body.contracts.0.asset_id"),
        ({"published_by": GONE, "contracts": [{**_ITEM, "asset_id": "x"}]}, "body.contracts.0.asset_id"),
        ({"published_by": GONE, "contracts": [{"asset_id": GONE}]}, "body.contracts.0.schema"),
        ({"published_by": GONE, "contracts": [{**_ITEM, "schema": None}]}, "body.contracts.0.schema"),
        (
            {"published_by": GONE, "contracts": [{**_ITEM, "compatibility_mode": 1}]},
            "body.contracts.0.compatibility_mode",
        ),
        ({"published_by": GONE, "contracts": [{**_ITEM, "guarantees": []}]}, "body.contracts.0.guarantees"),
        (
            {"published_by": GONE, "contracts": [_ITEM, {**_ITEM, "guarantees": {"volume": 1}}]},
            "body.contracts.1.guarantees.volume",
        ),
        ({"published_by": GONE, "contracts": [{**_ITEM, "field_tags": {"a": "x"}}]}, "body.contracts.0.field_tags.*"),
        (
            {"published_by": GONE, "contracts": [_ITEM, {**_ITEM, "schema": {"description": "x" * 1_000_001}}]},
            "body.contracts.1.schema",
        ),
        ({"published_by": GONE, "published_by_user_id": 1, "contracts": [_ITEM]}, "body.published_by_user_id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_requests_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post("/contracts/bulk?dry_run=false", json=body)) == [field]


def test_bad_options(api: httpx.Client) -> None:
    body = {"published_by": GONE, "contracts": [_ITEM]}
    for name in ("dry_run", "create_proposals_for_breaking"):
        assert fields(api.post(f"/contracts/bulk?{name}=perhaps", json=body)) == [f"query.{name}"]
