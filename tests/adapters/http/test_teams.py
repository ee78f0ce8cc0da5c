"""Teams (api.md 3.1)."""

from concurrent.futures import ThreadPoolExecutor
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


def test_a_team_is_made_and_read(api: httpx.Client) -> None:
    name = unique("team")
    answer = api.post("/teams", json={"name": f"  {name}\n", "metadata": {"slack": "#x", "n": [1, None, {"a": 1.5}]}})
    body = made(answer)
    assert answer.status_code == 201
    assert set(body) == {"id", "name", "metadata", "created_at", "updated_at"}
    assert (body["name"], body["metadata"]) == (name, {"slack": "#x", "n": [1, None, {"a": 1.5}]})
    assert body["created_at"] == body["updated_at"] and body["created_at"].endswith("Z")
    assert made(api.get(f"/teams/{body['id']}")) == {**body, "asset_count": 0}
    assert made(api.get("/teams", params={"name": name.upper()}))["results"] == [{**body, "asset_count": 0}]
    assert made(api.post("/teams", json={"name": unique("t")}))["metadata"] == {}


def test_assets_that_are_deleted_do_not_count(api: httpx.Client) -> None:
    id = team(api)
    ids = [asset(api, id) for _ in range(3)]
    api.delete(f"/assets/{ids[0]}")
    assert made(api.get(f"/teams/{id}"))["asset_count"] == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.name"),
        ({"name": None}, "body.name"),
        ({"name": 1}, "body.name"),
        ({"name": ""}, "body.name"),
        ({"name": " \t "}, "body.name"),
        ({"name": "x" * 256}, "body.name"),
        ({"name": "x" * 1_000_000}, "body.name"),
        ({"name": "a\nb"}, "body.name"),
        ({"name": "a\x7fb"}, "body.name"),
        ({"name": "a\x85b"}, "body.name"),
        ({"name": "x", "metadata": "x"}, "body.metadata"),
        ({"name": "x", "metadata": None}, "body.metadata"),
    ],
)
def test_teams_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post("/teams", json=body)) == [field]


def test_names_at_their_bounds_on_both_stores(each_store: httpx.Client) -> None:
    for name in ("x" * 255, "\U0001f600" * 255, "a", "  " + "y" * 255 + "  "):
        assert made(each_store.post("/teams", json={"name": name}))["name"] == name.strip()
        refused(each_store.post("/teams", json={"name": name}), 409, "DUPLICATE_TEAM")


def test_names_are_exact(api: httpx.Client) -> None:
    name = unique("Case")
    team(api, name)
    team(api, name.lower())
    team(api, name + " x")


TEAM = {"id", "name", "metadata", "created_at", "updated_at"}


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_team_is_renamed_and_its_metadata_replaced_as_a_whole(each_store: httpx.Client, method: str) -> None:
    id, new = team(each_store), unique("renamed")
    path = f"/teams/{id}"
    before = made(each_store.request(method, path, json={"metadata": {"a": 1, "b": 2}}))
    answer = each_store.request(method, path, json={"name": f" {new} ", "metadata": {"c": 3}})
    after = made(answer)
    assert (answer.status_code, set(after)) == (200, TEAM)
    assert (after["id"], after["name"], after["metadata"]) == (id, new, {"c": 3})
    assert after["updated_at"] > before["updated_at"] and after["created_at"] == before["created_at"]
    assert made(each_store.request(method, path, json={"name": None, "metadata": None})) == after
    assert made(each_store.request(method, path, json={})) == after
    assert made(each_store.get(path)) == {**after, "asset_count": 0}
    actions = [e["action"] for e in made(each_store.get(f"/audit/entities/team/{id}/history"))["results"]]
    assert actions == ["team.updated", "team.updated", "team.created"]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_team_takes_no_name_that_another_has(each_store: httpx.Client, method: str) -> None:
    id, name = team(each_store), unique("taken")
    other = team(each_store, name)
    body = refused(each_store.request(method, f"/teams/{id}", json={"name": name}), 409, "DUPLICATE_TEAM")
    assert "already exists" in body["detail"]
    assert made(each_store.request(method, f"/teams/{other}", json={"name": name}))["name"] == name


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": 1}, "body.name"),
        ({"name": " "}, "body.name"),
        ({"name": "x" * 256}, "body.name"),
        ({"name": "a\tb"}, "body.name"),
        ({"metadata": []}, "body.metadata"),
        ([], "body"),
    ],
)
def test_changes_of_teams_of_the_wrong_shape(api: httpx.Client, method: str, body: Any, field: str) -> None:
    assert fields(api.request(method, f"/teams/{team(api)}", json=body)) == [field]


CHANGING = [
    ("PATCH", "", {"name": "x"}),
    ("PUT", "", {"name": "x"}),
    ("DELETE", "", None),
    ("POST", "/restore", None),
    ("GET", "", None),
    ("GET", "/members", None),
    ("POST", "/reassign-assets", {"target_team_id": GONE}),
]


@pytest.mark.parametrize(("method", "rest", "body"), CHANGING)
def test_ids_of_teams_that_are_none_or_unknown(api: httpx.Client, method: str, rest: str, body: Any) -> None:
    assert fields(api.request(method, f"/teams/x{rest}", json=body)) == ["path.team_id"]
    answer = refused(api.request(method, f"/teams/{GONE}{rest}", json=body), 404, "TEAM_NOT_FOUND")
    assert "not found" in answer["detail"]


@pytest.mark.parametrize(("method", "rest", "body"), [each for each in CHANGING if each[1] != "/restore"])
def test_a_deleted_team_is_404_for_all_but_its_return(api: httpx.Client, method: str, rest: str, body: Any) -> None:
    id = team(api)
    assert api.delete(f"/teams/{id}").status_code == 204
    refused(api.request(method, f"/teams/{id}{rest}", json=body), 404, "TEAM_NOT_FOUND")


@pytest.mark.parametrize(("method", "rest", "body"), [each for each in CHANGING if each[0] != "GET"])
def test_teams_are_an_admins_to_change(api: httpx.Client, method: str, rest: str, body: Any) -> None:
    id = team(api)
    with with_key(api, key(api, id, "write")) as writer:
        answer = refused(writer.request(method, f"/teams/{id}{rest}", json=body), 403, "INSUFFICIENT_SCOPE")
    assert answer["details"] == {"required_scope": "admin"}


def test_a_change_of_a_team_needs_the_version_that_it_was_made_on(each_store: httpx.Client) -> None:
    id = team(each_store)
    old = each_store.get(f"/teams/{id}").headers["etag"]
    made(each_store.patch(f"/teams/{id}", json={"metadata": {"a": 1}}, headers={"If-Match": old}))
    now = each_store.get(f"/teams/{id}").headers["etag"]
    for method, rest, body in CHANGING:
        if method != "GET":
            body = {"target_team_id": team(each_store)} if rest == "/reassign-assets" else body
            answer = each_store.request(method, f"/teams/{id}{rest}", json=body, headers={"If-Match": old})
            assert refused(answer, 412, "PRECONDITION_FAILED")["details"] == {"current_etag": now}
    assert each_store.delete(f"/teams/{id}", headers={"If-Match": now}).status_code == 204


def test_a_team_that_owns_assets_is_deleted_by_force_only(each_store: httpx.Client) -> None:
    name = unique("owner")
    id = team(each_store, name)
    kept = [asset(each_store, id) for _ in range(2)]
    each_store.delete(f"/assets/{asset(each_store, id)}")
    for query in ("", "?force=false", "?force=0"):
        body = refused(each_store.delete(f"/teams/{id}{query}"), 409, "TEAM_HAS_ASSETS")
        assert body["details"] == {"asset_count": 2} and "asset" in body["detail"]
    assert fields(each_store.delete(f"/teams/{id}?force=yes")) == ["query.force"]
    answer = each_store.delete(f"/teams/{id}?force=true")
    assert (answer.status_code, answer.content) == (204, b"")
    for asset_id in kept:
        body = made(each_store.get(f"/assets/{asset_id}"))
        assert (body["owner_team_id"], body["owner_team_name"]) == (id, name)
    refused(each_store.get(f"/teams/{id}"), 404, "TEAM_NOT_FOUND")
    assert made(each_store.get(f"/teams?name={name}"))["total"] == 0
    assert each_store.delete(f"/teams/{team(each_store)}").status_code == 204


def test_a_deleted_team_comes_back_unless_its_name_was_taken(each_store: httpx.Client) -> None:
    name = unique("back")
    id = team(each_store, name)
    made(each_store.patch(f"/teams/{id}", json={"metadata": {"a": 1}}))
    each_store.delete(f"/teams/{id}")
    other = team(each_store, name)
    body = refused(each_store.post(f"/teams/{id}/restore"), 409, "DUPLICATE_TEAM")
    assert "already exists" in body["detail"]
    made(each_store.patch(f"/teams/{other}", json={"name": unique("gave")}))
    answer = each_store.post(f"/teams/{id}/restore", content=b"")
    back = made(answer)
    assert (answer.status_code, set(back), back["name"], back["metadata"]) == (200, TEAM, name, {"a": 1})
    assert made(each_store.get(f"/teams/{id}")) == {**back, "asset_count": 0}
    assert made(each_store.post(f"/teams/{id}/restore")) == back
    actions = [e["action"] for e in made(each_store.get(f"/audit/entities/team/{id}/history"))["results"]]
    assert actions == ["team.restored", "team.deleted", "team.updated", "team.created"]


def test_with_a_team_go_its_keys_and_registrations_and_proposals_are_judged_again(each_store: httpx.Client) -> None:
    api, owner, leaving, staying = each_store, team(each_store), team(each_store), team(each_store)
    id, gone = asset(api, owner), asset(api, owner)
    for asset_id in (id, gone):
        publish(api, asset_id, owner, table(a="string"))
        for consumer in (leaving, staying):
            made(api.post("/registrations", json={"asset_id": asset_id, "consumer_team_id": consumer}))
    api.delete(f"/assets/{gone}")
    proposal = publish(api, id, owner, table(b="string"))["proposal"]["id"]
    agreement = {"consumer_team_id": staying, "response": "approved"}
    made(api.post(f"/proposals/{proposal}/acknowledge", json=agreement))
    assert made(api.get(f"/proposals/{proposal}"))["status"] == "pending"
    own = made(api.post("/api-keys", json={"name": "own", "team_id": leaving}))
    head = int(api.get("/teams").headers["muniment-position"])

    answer = api.delete(f"/teams/{leaving}")
    assert answer.status_code == 204
    with with_key(api, own["key"]) as former:
        refused(former.get("/teams"), 401, "INVALID_API_KEY")
    assert made(api.get(f"/api-keys/{own['id']}"))["revoked_at"] is not None
    assert made(api.get(f"/registrations?consumer_team_id={leaving}"))["total"] == 0
    assert made(api.get(f"/registrations?consumer_team_id={staying}"))["total"] == 2
    assert made(api.get(f"/proposals/{proposal}"))["status"] == "approved"
    events = [e for e in made(api.get("/audit/events?limit=20"))["results"] if e["position"] > head]
    assert sorted(e["action"] for e in events) == [
        "api_key.revoked", "proposal.approved", "registration.deleted", "registration.deleted", "team.deleted",
    ]  # fmt: skip
    assert {e["request_id"] for e in events} == {answer.headers["x-request-id"]}
    within = made(api.get(f"/registrations?consumer_team_id={leaving}&as_of={events[0]['position'] - 1}"))
    assert within["total"] == 2, "an as_of inside the append is the moment before it"
    made(api.post(f"/teams/{leaving}/restore"))
    assert made(api.get(f"/registrations?consumer_team_id={leaving}"))["total"] == 0


def test_a_team_is_not_deleted_past_what_it_is_given_meanwhile(each_store: httpx.Client) -> None:
    owner = team(each_store)
    ids = [asset(each_store, owner) for _ in range(6)]
    for _ in range(5):
        consumer = team(each_store)

        def register(asset_id: str, consumer: str = consumer) -> httpx.Response:
            return each_store.post("/registrations", json={"asset_id": asset_id, "consumer_team_id": consumer})

        with ThreadPoolExecutor(7) as pool:
            registered = pool.map(register, ids)
            deleted = pool.submit(each_store.delete, f"/teams/{consumer}")
            assert deleted.result().status_code in (204, 409)
            assert {answer.status_code for answer in registered} <= {201, 404, 409}
        if deleted.result().status_code == 204:
            assert made(each_store.get(f"/registrations?consumer_team_id={consumer}"))["total"] == 0


def test_members_are_the_active_users_of_the_team_by_name(each_store: httpx.Client) -> None:
    id, other = team(each_store), team(each_store)
    names = ["b", "a", "C"]
    made_of = {name: user(each_store, team_id=id, name=name) for name in names}
    user(each_store, team_id=other)
    gone = user(each_store, team_id=id)
    each_store.delete(f"/users/{gone}")
    page = made(each_store.get(f"/teams/{id}/members"))
    assert set(page) == {"results", "total", "limit", "offset", "next"} and page["total"] == 3
    assert [entry["name"] for entry in page["results"]] == ["C", "a", "b"]
    assert page["results"][1] == made(each_store.get(f"/users/{made_of['a']}"))
    one = made(each_store.get(f"/teams/{id}/members?limit=1&offset=1"))
    assert [entry["name"] for entry in one["results"]] == ["a"]
    assert fields(each_store.get(f"/teams/{id}/members?limit=0")) == ["query.limit"]


def test_all_assets_of_a_team_are_reassigned_in_one_append(each_store: httpx.Client) -> None:
    api, source, target = each_store, team(each_store), team(each_store)
    responsible = user(api, team_id=source)
    ids = [asset(api, source, owner_user_id=responsible), asset(api, source)]
    deleted = asset(api, source)
    api.delete(f"/assets/{deleted}")
    answer = api.post(f"/teams/{source}/reassign-assets", json={"target_team_id": target})
    body = made(answer)
    assert answer.status_code == 200 and set(body) == {"reassigned", "source_team", "target_team", "asset_ids"}
    assert (body["reassigned"], sorted(body["asset_ids"])) == (2, sorted(ids))
    for which, id in (("source_team", source), ("target_team", target)):
        assert body[which] == {"id": id, "name": made(api.get(f"/teams/{id}"))["name"]}
    for id in ids:
        got = made(api.get(f"/assets/{id}"))
        # The responsible user is not of the new team.
        assert (got["owner_team_id"], got["owner_user_id"]) == (target, None)
    assert made(api.get(f"/teams/{source}"))["asset_count"] == 0
    event, *_ = made(api.get("/audit/events?action=bulk.assets_reassigned"))["results"]
    assert (event["entity_type"], event["payload"]["from_team_id"]) == ("bulk", source)
    assert sorted(event["payload"]["asset_ids"]) == sorted(ids)
    again = made(api.post(f"/teams/{source}/reassign-assets", json={"target_team_id": target, "asset_ids": None}))
    assert (again["reassigned"], again["asset_ids"]) == (0, [])
    newest = made(api.get("/audit/events?action=bulk.assets_reassigned"))["results"][0]
    assert newest == event, "nothing to do leaves no event"


def test_named_assets_are_reassigned_and_those_of_others_passed_over(api: httpx.Client) -> None:
    source, target = team(api), team(api)
    mine, kept, foreign = asset(api, source), asset(api, source), asset(api, target)
    body = {"target_team_id": target.upper(), "asset_ids": [mine.upper(), foreign, GONE, mine]}
    assert made(api.post(f"/teams/{source}/reassign-assets", json=body))["asset_ids"] == [mine]
    assert made(api.get(f"/assets/{kept}"))["owner_team_id"] == source
    empty = made(api.post(f"/teams/{source}/reassign-assets", json={"target_team_id": target, "asset_ids": []}))
    assert (empty["reassigned"], empty["asset_ids"]) == (0, [])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.target_team_id"),
        ({"target_team_id": None}, "body.target_team_id"),
        ({"target_team_id": "x"}, "body.target_team_id"),
        ({"target_team_id": GONE, "asset_ids": "x"}, "body.asset_ids"),
        ({"target_team_id": GONE, "asset_ids": ["x"]}, "body.asset_ids.0"),
        ({"target_team_id": GONE, "asset_ids": [GONE, None]}, "body.asset_ids.1"),
    ],
)
def test_reassignments_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post(f"/teams/{team(api)}/reassign-assets", json=body)) == [field]


def test_reassignments_to_the_same_or_an_unknown_team(api: httpx.Client) -> None:
    source, gone = team(api), team(api)
    api.delete(f"/teams/{gone}")
    same = refused(api.post(f"/teams/{source}/reassign-assets", json={"target_team_id": source}), 400, "SAME_TEAM")
    assert "same" in same["detail"]
    for target in (gone, GONE):
        path = f"/teams/{source}/reassign-assets"
        refused(api.post(path, json={"target_team_id": target}), 404, "TEAM_NOT_FOUND")
