"""`ETag`, `If-Match` and `If-None-Match` (api.md 1.5)."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.adapters.http.world import asset, made, publish, refused, table, team, unique, user


def _tag(api: httpx.Client, path: str) -> str:
    answer = api.get(path)
    assert answer.headers["cache-control"] == "private, no-cache"
    tag: str = answer.headers["etag"]
    assert re.fullmatch(r'"v\d+-[0-9a-f]{20}"', tag)
    return tag


@pytest.fixture(scope="module")
def entities(api: httpx.Client) -> dict[str, str]:
    """The path of one entity of each kind that has a GET of its own."""
    owner = team(api)
    id = asset(api, owner)
    contract = publish(api, id, owner, table(a="string"))["contract"]["id"]
    body = {"contract_id": contract, "consumer_team_id": team(api)}
    registration = made(api.post("/registrations", json=body))["id"]
    proposal = publish(api, id, owner, table(b="string"))["proposal"]["id"]
    key = made(api.post("/api-keys", json={"name": "k", "team_id": owner}))["id"]
    event = made(api.get("/audit/events?limit=1"))["results"][0]["id"]
    return {
        "team": f"/teams/{owner}",
        "user": f"/users/{user(api)}",
        "asset": f"/assets/{id}",
        "contract": f"/contracts/{contract}",
        "registration": f"/registrations/{registration}",
        "proposal": f"/proposals/{proposal}",
        "status": f"/proposals/{proposal}/status",
        "key": f"/api-keys/{key}",
        "event": f"/audit/events/{event}",
    }


KINDS = ["team", "user", "asset", "contract", "registration", "proposal", "status", "key", "event"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_entity_that_the_client_has_is_not_sent_again(
    api: httpx.Client, entities: dict[str, str], kind: str
) -> None:
    path = entities[kind]
    tag = _tag(api, path)
    assert _tag(api, path) == tag
    for header in (tag, f"W/{tag}", f'"v0-x", {tag}', "*"):
        answer = api.get(path, headers={"If-None-Match": header})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        assert "muniment-position" in answer.headers
    for header in ('"v0-x"', tag.split("-")[0] + '-0"', tag.strip('"'), ""):
        assert api.get(path, headers={"If-None-Match": header}).status_code == 200


def test_the_tag_changes_exactly_when_the_body_does(api: httpx.Client) -> None:
    owner, consumer = team(api), team(api)
    id, upstream = asset(api, owner), asset(api, owner)
    path = f"/assets/{id}"
    seen: dict[str, bytes] = {}

    def step(change: Callable[[], Any] | None, *, changes: bool) -> None:
        before = api.get(path)
        if change is not None:
            answer = change()
            assert not isinstance(answer, httpx.Response) or answer.is_success, answer.text
        after = api.get(path)
        assert (after.headers["etag"] != before.headers["etag"]) == (after.content != before.content) == changes
        assert seen.setdefault(after.headers["etag"], after.content) == after.content

    step(None, changes=False)
    step(lambda: api.patch(path, json={"description": "new"}), changes=True)
    step(lambda: api.patch(path, json={"description": "new"}), changes=False)
    step(lambda: api.patch(path, json={}), changes=False)
    step(lambda: publish(api, id, owner, table(a="string")), changes=True)
    step(lambda: api.post("/registrations", json={"asset_id": id, "consumer_team_id": consumer}), changes=False)
    step(lambda: api.post(f"{path}/dependencies", json={"depends_on_asset_id": upstream}), changes=False)
    step(lambda: publish(api, id, owner, table(b="string")), changes=False)
    step(lambda: publish(api, id, owner, table(a="string", b="string")), changes=True)
    step(lambda: [api.delete(path), api.post(f"{path}/restore")], changes=True)
    position = api.get(path).headers["muniment-position"]
    tag = api.get(path).headers["etag"]
    step(lambda: api.patch(path, json={"tags": ["x"]}), changes=True)
    assert api.get(path, params={"as_of": position}).headers["etag"] == tag
    assert api.get(path, params={"as_of": position}, headers={"If-None-Match": tag}).status_code == 304


def _matching(header: str) -> dict[str, str]:
    return {"If-Match": header}


def _actions(api: httpx.Client) -> dict[str, tuple[str, Callable[[str], httpx.Response]]]:
    """For each request that honours `If-Match`: the path of the entity, and the request with that header."""
    owner = team(api)
    ids = [asset(api, owner) for _ in range(6)]
    key = made(api.post("/api-keys", json={"name": "k", "team_id": owner}))["id"]
    schema = {"schema": table(a="string")}
    edge = {"depends_on_asset_id": ids[5]}
    paths = [f"/assets/{id}" for id in ids]
    send = api.request
    return {
        "patch": (paths[0], lambda tag: send("PATCH", paths[0], json={"tags": ["x"]}, headers=_matching(tag))),
        "restore": (paths[1], lambda tag: send("POST", f"{paths[1]}/restore", headers=_matching(tag))),
        "publish": (
            paths[2],
            lambda tag: send("POST", f"{paths[2]}/publish?published_by={owner}", json=schema, headers=_matching(tag)),
        ),
        "edge": (paths[3], lambda tag: send("POST", f"{paths[3]}/dependencies", json=edge, headers=_matching(tag))),
        "delete": (paths[4], lambda tag: send("DELETE", paths[4], headers=_matching(tag))),
        "key": (f"/api-keys/{key}", lambda tag: send("DELETE", f"/api-keys/{key}", headers=_matching(tag))),
    }


def test_changes_on_another_version_are_refused_with_the_tag_of_now(each_store: httpx.Client) -> None:
    for name, (path, act) in _actions(each_store).items():
        head, tag = each_store.get("/teams").headers["muniment-position"], _tag(each_store, path)
        for other in ('"v9999-00"', '"v0"', "x", "", tag.strip('"').replace("v", "w")):
            body = refused(act(other), 412, "PRECONDITION_FAILED")
            assert body["details"] == {"current_etag": tag}, name
        assert each_store.get("/teams").headers["muniment-position"] == head
        # The version counts, not the digest: a change that only readers see (a renamed owner) is no obstacle.
        assert act(f'"v9999-0", {tag.split("-")[0]}-0"').is_success, name


def test_a_star_matches_whatever_there_is(api: httpx.Client) -> None:
    id = asset(api, team(api))
    assert api.patch(f"/assets/{id}", json={"tags": ["x"]}, headers=_matching("*")).status_code == 200
    api.delete(f"/assets/{id}")
    refused(api.delete(f"/assets/{id}", headers=_matching("*")), 404, "ASSET_NOT_FOUND")


def test_answers_with_one_changed_entity_carry_its_version(api: httpx.Client) -> None:
    answer = api.post("/teams", json={"name": unique("t")})
    owner = made(answer)["id"]
    made_asset = api.post("/assets", json={"fqn": unique("db.t"), "owner_team_id": owner})
    id = made(made_asset)["id"]
    changed = api.patch(f"/assets/{id}", json={"tags": ["x"]})
    for given, path in ((answer, f"/teams/{owner}"), (changed, f"/assets/{id}")):
        assert given.headers["etag"].split("-")[0] == _tag(api, path).split("-")[0]
    assert made_asset.headers["etag"].split("-")[0] != changed.headers["etag"].split("-")[0]
    edge = api.post(f"/assets/{id}/dependencies", json={"depends_on_asset_id": asset(api, owner)})
    key = api.post("/api-keys", json={"name": "k", "team_id": owner})
    registered = api.post("/registrations", json={"asset_id": id, "consumer_team_id": owner})
    assert all("etag" in given.headers for given in (edge, key, registered))
    path = f"/assets/{id}/dependencies/{made(edge)['id']}"
    assert refused(api.delete(path, headers=_matching('"v7-0"')), 412, "PRECONDITION_FAILED")["details"] == {
        "current_etag": edge.headers["etag"]
    }
    assert api.delete(path, headers=_matching(edge.headers["etag"])).status_code == 204


def test_of_two_changes_on_one_version_one_wins(each_store: httpx.Client) -> None:
    id = asset(each_store, team(each_store))
    tag = _tag(each_store, f"/assets/{id}")

    def change(n: int) -> int:
        return each_store.patch(f"/assets/{id}", json={"tags": [str(n)]}, headers=_matching(tag)).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(change, range(8)))
    assert statuses == [200] + [412] * 7
