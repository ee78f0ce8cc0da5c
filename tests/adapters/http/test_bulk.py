"""Many assets, registrations or acknowledgments in one request (api.md 3.13)."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import (
    GONE,
    asset,
    fields,
    key,
    made,
    publish,
    refused,
    table,
    team,
    unique,
    user,
    with_key,
)  # fmt: skip

RESULT = {"success", "index", "id", "error", "details"}


def results(answer: httpx.Response, status: int) -> list[dict[str, Any]]:
    """The results of a bulk request, checked for its envelope."""
    body = answer.json()
    assert answer.status_code == status, answer.text
    assert set(body) == {"total", "succeeded", "failed", "results"}
    found: list[dict[str, Any]] = body["results"]
    assert body["total"] == len(found) == body["succeeded"] + body["failed"]
    assert body["succeeded"] == sum(result["success"] for result in found)
    assert [result["index"] for result in found] == list(range(len(found)))
    for result in found:
        assert set(result) == RESULT and (result["error"] is None) == result["success"]
    return found


def alone(api: httpx.Client, path: str, body: dict[str, Any]) -> str:
    """What the same item is told outside bulk."""
    detail: str = api.post(path, json=body).json()["detail"]
    return detail


def test_assets_each_alone_in_one_append(each_store: httpx.Client) -> None:
    api, owner = each_store, team(each_store)
    taken = {"fqn": unique("db.t"), "owner_team_id": owner}
    there = made(api.post("/assets", json=taken))["id"]
    new: dict[str, Any] = {"fqn": unique("db.t"), "owner_team_id": owner, "tags": ["x"], "description": "d"}
    items = [new, taken, {"fqn": "none", "owner_team_id": owner}, {"fqn": unique("db.t"), "owner_team_id": GONE}, new]
    items.append({"fqn": unique("db.t"), "owner_team_id": owner, "owner_user_id": user(api)})
    head = int(api.get("/teams").headers["muniment-position"])
    found = results(api.post("/bulk/assets", json={"assets": items}), 207)
    assert [result["success"] for result in found] == [True, False, False, False, False, False]
    got = made(api.get(f"/assets/{found[0]['id']}"))
    assert {name: got[name] for name in new} == new
    assert found[0]["details"] == {} and int(api.get("/teams").headers["muniment-position"]) == head + 1
    assert "already exists" in found[1]["error"] and "already exists" in found[4]["error"]
    assert "not found" in found[3]["error"]
    for n in (1, 2, 3, 5):
        assert found[n]["error"] == alone(api, "/assets", items[n]) and found[n]["id"] is None
    skipping = results(api.post("/bulk/assets", json={"assets": [new, taken], "skip_duplicates": True}), 200)
    assert [result["id"] for result in skipping] == [found[0]["id"], there]
    assert [result["details"] for result in skipping] == [{"skipped": True, "reason": "duplicate"}] * 2
    mixed = [{**new, "fqn": unique("db.t")}, {**new, "fqn": "x"}]
    mixed.append(mixed[0])
    twice = results(api.post("/bulk/assets", json={"assets": mixed, "skip_duplicates": True}), 207)
    assert [result["success"] for result in twice] == [True, False, True]
    assert twice[0]["id"] == twice[2]["id"] and twice[2]["details"]["skipped"] is True
    assert results(api.post("/bulk/assets", json={"assets": [taken]}), 207)[0]["success"] is False


def test_a_deleted_asset_comes_back_in_bulk_too(api: httpx.Client) -> None:
    owner, fqn = team(api), unique("db.t")
    id = asset(api, owner, fqn)
    api.delete(f"/assets/{id}")
    (back,) = results(api.post("/bulk/assets", json={"assets": [{"fqn": fqn, "owner_team_id": owner}]}), 200)
    assert back["id"] == id and made(api.get(f"/assets/{id}"))["deleted_at"] is None


def test_a_hundred_assets_at_once_and_no_more(each_store: httpx.Client) -> None:
    owner, mark = team(each_store), unique("hundred")
    items = [{"fqn": f"{mark}.t{n}", "owner_team_id": owner} for n in range(100)]
    found = results(each_store.post("/bulk/assets", json={"assets": items}), 200)
    assert len({result["id"] for result in found}) == 100
    assert made(each_store.get(f"/assets?fqn={mark}"))["total"] == 100
    assert fields(each_store.post("/bulk/assets", json={"assets": [*items, items[0]]})) == ["body.assets"]


def test_registrations_each_alone(each_store: httpx.Client) -> None:
    api, owner, one, two = each_store, team(each_store), team(each_store), team(each_store)
    contracts = [publish(api, asset(api, owner), owner, table(a="string"))["contract"] for _ in range(2)]
    ids = [contract["id"] for contract in contracts]
    items: list[dict[str, Any]] = [
        {"contract_id": ids[0].upper(), "consumer_team_id": one, "pinned_version": "1.0.0"},
        {"contract_id": ids[0], "consumer_team_id": two},
        {"contract_id": ids[0], "consumer_team_id": one},
        {"contract_id": GONE, "consumer_team_id": one},
        {"contract_id": ids[1], "consumer_team_id": GONE},
    ]
    found = results(api.post("/bulk/registrations", json={"registrations": items}), 207)
    assert [result["success"] for result in found] == [True, True, False, False, False]
    first = made(api.get(f"/registrations/{found[0]['id']}"))
    assert (first["consumer_team_id"], first["pinned_version"], first["contract_id"]) == (one, "1.0.0", ids[0])
    assert "already exists" in found[2]["error"]
    assert "not found" in found[3]["error"] and "not found" in found[4]["error"]
    for n in (2, 3, 4):
        assert found[n]["error"] == alone(api, "/registrations", items[n])
    body = {"registrations": [items[2], {**items[2], "contract_id": ids[1]}], "skip_duplicates": True}
    skipping = results(api.post("/bulk/registrations", json=body), 200)
    assert skipping[0] == {**found[0], "details": {"skipped": True, "reason": "duplicate"}}
    assert skipping[1]["details"] == {} and skipping[1]["id"] != found[0]["id"]
    unknown = {"registrations": [items[3]], "skip_duplicates": True}
    assert "not found" in results(api.post("/bulk/registrations", json=unknown), 207)[0]["error"]


def proposed(api: httpx.Client, consumers: int) -> tuple[str, list[str]]:
    """A proposal, and the teams that it waits for."""
    owner = team(api)
    id = asset(api, owner)
    publish(api, id, owner, table(a="string"))
    teams = [team(api) for _ in range(consumers)]
    for consumer in teams:
        made(api.post("/registrations", json={"asset_id": id, "consumer_team_id": consumer}))
    return publish(api, id, owner, table(b="string"))["proposal"]["id"], teams


def test_acknowledgments_tell_what_the_proposal_is_after_each(each_store: httpx.Client) -> None:
    api = each_store
    (first, (one, two)), (second, (three,)) = proposed(api, 2), proposed(api, 1)
    items: list[dict[str, Any]] = [
        {"proposal_id": first, "consumer_team_id": one, "response": "approved", "notes": "n"},
        {"proposal_id": first, "consumer_team_id": one, "response": "approved"},
        {"proposal_id": first.upper(), "consumer_team_id": two, "response": "migrating"},
        {"proposal_id": second, "consumer_team_id": three, "response": "blocked"},
        {"proposal_id": GONE, "consumer_team_id": one, "response": "approved"},
        {"proposal_id": second, "consumer_team_id": three, "response": "approved"},
    ]
    items[2]["migration_deadline"] = "2020-01-01T00:00:00Z"
    found = results(api.post("/bulk/acknowledgments", json={"acknowledgments": items}), 207)
    assert [result["success"] for result in found] == [True, False, True, True, False, False]
    statuses = [found[n]["details"] for n in (0, 2, 3)]
    assert statuses == [{"proposal_status": status} for status in ("pending", "approved", "rejected")]
    assert "already acknowledged" in found[1]["error"] and "not found" in found[4]["error"]
    assert "not pending" in found[5]["error"]
    status = made(api.get(f"/proposals/{first}"))
    assert status["status"] == "approved"
    answers = [(a["consumer_team_id"], a["response"], a["notes"]) for a in status["acknowledgments"]]
    assert answers == [(one, "approved", "n"), (two, "migrating", None)]
    assert made(api.get(f"/proposals/{second}"))["status"] == "rejected"


def test_acknowledgments_stop_at_an_error_when_told_to(each_store: httpx.Client) -> None:
    proposal, (one, two) = proposed(each_store, 2)
    items = [
        {"proposal_id": proposal, "consumer_team_id": one, "response": "approved"},
        {"proposal_id": GONE, "consumer_team_id": one, "response": "approved"},
        {"proposal_id": proposal, "consumer_team_id": two, "response": "approved"},
        {"proposal_id": proposal, "consumer_team_id": two, "response": "approved"},
    ]
    body = {"acknowledgments": items, "continue_on_error": False}
    found = results(each_store.post("/bulk/acknowledgments", json=body), 207)
    assert [result["success"] for result in found] == [True, False, False, False]
    assert all("skipped after an error" in result["error"] for result in found[2:])
    assert made(each_store.get(f"/proposals/{proposal}"))["status"] == "pending"


PATHS = {"assets": "/bulk/assets", "registrations": "/bulk/registrations", "acknowledgments": "/bulk/acknowledgments"}
ITEMS: dict[str, dict[str, Any]] = {
    "assets": {"fqn": "db.x", "owner_team_id": GONE},
    "registrations": {"contract_id": GONE, "consumer_team_id": GONE},
    "acknowledgments": {"proposal_id": GONE, "consumer_team_id": GONE, "response": "approved"},
}


@pytest.mark.parametrize("kind", PATHS)
def test_bulk_requests_of_the_wrong_shape_write_nothing(api: httpx.Client, kind: str) -> None:
    item, most = ITEMS[kind], 50 if kind == "acknowledgments" else 100
    wrong: list[Any] = [None, [], {}, "x", [item] * (most + 1)]
    for value in wrong:
        assert fields(api.post(PATHS[kind], json={kind: value})) == [f"body.{kind}"]
    assert fields(api.post(PATHS[kind], json={})) == [f"body.{kind}"]
    flag = "continue_on_error" if kind == "acknowledgments" else "skip_duplicates"
    assert fields(api.post(PATHS[kind], json={kind: [item], flag: "yes"})) == [f"body.{flag}"]
    for member in item:
        without = {name: value for name, value in item.items() if name != member}
        for broken in (without, {**item, member: None}, {**item, member: 1}, {**item, member: ["x"]}):
            assert fields(api.post(PATHS[kind], json={kind: [item, broken]})) == [f"body.{kind}.1.{member}"]
    found = results(api.post(PATHS[kind], json={kind: [item, {**item, "unknown": 1}]}), 207)
    assert all("not found" in result["error"] for result in found)


@pytest.mark.parametrize("kind", PATHS)
def test_bulk_needs_the_scope_write(api: httpx.Client, kind: str) -> None:
    with with_key(api, key(api, team(api), "read")) as reader:
        problem = refused(reader.post(PATHS[kind], json={kind: [ITEMS[kind]]}), 403, "INSUFFICIENT_SCOPE")
    assert problem["details"] == {"required_scope": "write"}


def test_a_key_does_in_bulk_what_it_may_do_alone(api: httpx.Client) -> None:
    mine, theirs = team(api), team(api)
    contract = publish(api, asset(api, theirs), theirs, table(a="string"))["contract"]["id"]
    proposal, (consumer,) = proposed(api, 1)
    with with_key(api, key(api, mine)) as writer:
        items = [{"fqn": unique("db.t"), "owner_team_id": owner} for owner in (mine, theirs)]
        found = results(writer.post("/bulk/assets", json={"assets": items}), 207)
        assert [result["success"] for result in found] == [True, False]
        assert found[1]["details"] == {"team_id": theirs} and found[1]["error"] == alone(writer, "/assets", items[1])
        registering = [{"contract_id": contract, "consumer_team_id": consumer} for consumer in (mine, theirs)]
        found = results(writer.post("/bulk/registrations", json={"registrations": registering}), 207)
        assert [result["success"] for result in found] == [True, False]
        answer = {"proposal_id": proposal, "consumer_team_id": consumer, "response": "approved"}
        (result,) = results(writer.post("/bulk/acknowledgments", json={"acknowledgments": [answer]}), 207)
        assert result["success"] is False
    assert made(api.get(f"/proposals/{proposal}"))["status"] == "pending"


def test_a_repeated_bulk_request_gets_the_first_answer(each_store: httpx.Client) -> None:
    owner = team(each_store)
    body = {"assets": [{"fqn": unique("db.t"), "owner_team_id": owner}, {"fqn": "x", "owner_team_id": owner}]}
    name = {"Idempotency-Key": unique("bulk")}
    first = each_store.post("/bulk/assets", json=body, headers=name)
    again = each_store.post("/bulk/assets", json=body, headers=name)
    assert (first.status_code, first.content) == (207, again.content)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (207, "true")
