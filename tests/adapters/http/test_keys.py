"""API keys (api.md 3.10)."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, fields, key, made, refused, team, user, with_key
from tests.conftest import Server

MEMBERS = {
    "id", "key_prefix", "name", "team_id", "user_id", "scopes", "sources", "created_at", "expires_at", "last_used_at",
    "revoked_at",
}  # fmt: skip


def test_a_key_is_shown_once(each_store: httpx.Client) -> None:
    owner = team(each_store)
    answer = each_store.post("/api-keys", json={"name": " ci ", "team_id": owner.upper()})
    body = made(answer)
    assert answer.status_code == 201 and set(body) == MEMBERS | {"key"}
    assert re.fullmatch(r"mnm_[A-Za-z0-9_-]{43}", body["key"]) and body["key"].startswith(body["key_prefix"])
    text = body.pop("key")
    assert (body["name"], body["scopes"], body["sources"]) == ("ci", ["read", "write"], None)
    assert made(each_store.get(f"/api-keys/{body['id']}")) == body
    assert made(each_store.get(f"/api-keys?team_id={owner}"))["keys"] == [body]
    assert with_key(each_store, text).get("/teams").status_code == 200
    full: dict[str, Any] = {"name": "x" * 255, "team_id": owner, "scopes": ["admin", "read", "admin"], "user_id": None}
    full |= {"sources": [{"kind": "dbt", "key": "shop"}], "expires_at": "2999-01-01T00:00:00+02:00"}
    body = made(each_store.post("/api-keys", json=full))
    assert (body["scopes"], body["sources"]) == (["admin", "read"], [{"kind": "dbt", "key": "shop"}])
    assert body["expires_at"] == "2998-12-31T22:00:00.000000Z"


def test_keys_are_never_alike(api: httpx.Client) -> None:
    owner = team(api)
    assert len({key(api, owner) for _ in range(50)}) == 50


@pytest.mark.parametrize(
    ("member", "value", "field"),
    [
        ("name", "", "body.name"),
        ("name", "x" * 256, "body.name"),
        ("name", "a\nb", "body.name"),
        ("name", None, "body.name"),
        ("team_id", None, "body.team_id"),
        ("team_id", "x", "body.team_id"),
        ("scopes", [], "body.scopes"),
        ("scopes", ["root"], "body.scopes.0"),
        ("scopes", "read", "body.scopes"),
        ("scopes", None, "body.scopes"),
        ("sources", [{"kind": "dbt"}], "body.sources.0.key"),
        ("sources", "dbt", "body.sources"),
        ("user_id", "x", "body.user_id"),
        ("expires_at", "tomorrow", "body.expires_at"),
        ("expires_at", 5, "body.expires_at"),
        ("expires_at", "0001-01-01T00:00:00+14:00", "body.expires_at"),
    ],
)
def test_keys_of_the_wrong_shape(api: httpx.Client, member: str, value: Any, field: str) -> None:
    assert fields(api.post("/api-keys", json={"name": "k", "team_id": GONE, member: value})) == [field]


def test_a_keys_team_and_user_exist_and_belong_together(api: httpx.Client) -> None:
    owner, other = team(api), team(api)
    refused(api.post("/api-keys", json={"name": "k", "team_id": GONE}), 404, "TEAM_NOT_FOUND")
    refused(api.post("/api-keys", json={"name": "k", "team_id": owner, "user_id": GONE}), 404, "USER_NOT_FOUND")
    for stranger in (user(api, team_id=other), user(api)):
        body = {"name": "k", "team_id": owner, "user_id": stranger}
        problem = refused(api.post("/api-keys", json=body), 400, "USER_TEAM_MISMATCH")
        assert "owner" in problem["detail"] and "team" in problem["detail"]
    mine = user(api, team_id=owner)
    body = made(api.post("/api-keys", json={"name": "k", "team_id": owner, "user_id": mine.upper()}))
    assert body["user_id"] == mine and made(api.get(f"/api-keys/{body['id']}"))["user_id"] == mine


def test_a_deleted_team_gets_no_key(api: httpx.Client) -> None:
    gone = team(api)
    api.delete(f"/teams/{gone}")
    refused(api.post("/api-keys", json={"name": "k", "team_id": gone}), 404, "TEAM_NOT_FOUND")


def test_a_revoked_key_is_listed_on_demand_and_answers_401_at_once(each_store: httpx.Client) -> None:
    owner = team(each_store)
    body = made(each_store.post("/api-keys", json={"name": "k", "team_id": owner}))
    client = with_key(each_store, body["key"])
    assert client.get("/teams").status_code == 200
    answer = each_store.delete(f"/api-keys/{body['id']}")
    revoked = made(answer)
    assert (answer.status_code, set(revoked)) == (200, MEMBERS) and revoked["revoked_at"] is not None
    refused(client.get("/teams"), 401, "INVALID_API_KEY")
    assert made(each_store.delete(f"/api-keys/{body['id']}")) == revoked
    assert made(each_store.get(f"/api-keys?team_id={owner}"))["total"] == 0
    assert made(each_store.get(f"/api-keys?team_id={owner}&include_revoked=1"))["keys"] == [revoked]
    assert made(each_store.get(f"/api-keys/{body['id']}")) == revoked


def test_the_last_use_of_a_key_is_told_soon_and_outlives_the_server(target: Path | str, tmp_path: Path) -> None:
    running = Server(target, tmp_path, workers=2)
    try:
        with running.client() as api:
            owner = team(api)
            used, unused = (made(api.post("/api-keys", json={"name": n, "team_id": owner})) for n in "ab")
            path = f"/api-keys/{used['id']}"
            head = api.get("/teams").headers["muniment-position"]
            with with_key(api, used["key"]) as client:
                for _ in range(20):
                    client.get("/teams")
            deadline = time.monotonic() + 30
            while made(api.get(path))["last_used_at"] is None and time.monotonic() < deadline:
                time.sleep(0.2)
            first = made(api.get(path))["last_used_at"]
            assert used["created_at"] <= first <= datetime.now(UTC).isoformat().replace("+00:00", "Z")
            assert {k["id"]: k["last_used_at"] for k in made(api.get("/api-keys"))["keys"]}[used["id"]] >= first
            assert made(api.get(f"/api-keys/{unused['id']}"))["last_used_at"] is None
            assert api.get("/teams").headers["muniment-position"] == head, "a use is no event"
            with with_key(api, used["key"]) as client:
                client.get("/teams")
        running.stop()
        running.start()
        with running.client() as api:
            assert made(api.get(path))["last_used_at"] > first
    finally:
        running.stop()


def test_scopes_include_the_lesser_ones(api: httpx.Client) -> None:
    owner = team(api)
    for scope, statuses in (("read", [200, 403, 403]), ("write", [200, 422, 403]), ("admin", [200, 422, 422])):
        client = with_key(api, key(api, owner, scope))
        answers = [client.get("/teams"), client.post("/teams", json={}), client.post("/api-keys", json={})]
        assert [answer.status_code for answer in answers] == statuses


def test_lists_newest_first(api: httpx.Client) -> None:
    owner = team(api)
    names = ["a", "b", "c"]
    for name in names:
        made(api.post("/api-keys", json={"name": name, "team_id": owner}))
    assert [k["name"] for k in made(api.get(f"/api-keys?team_id={owner}"))["keys"]] == ["c", "b", "a"]
    assert fields(api.get("/api-keys?team_id=x")) == ["query.team_id"]


def test_without_authentication_every_request_is_an_admins(tmp_path: Path) -> None:
    running = Server(tmp_path / "muniment.db", tmp_path, MUNIMENT_AUTH_DISABLED="true")
    try:
        with httpx.Client(base_url=running.url + "/api/v1") as nobody:
            made(nobody.post("/api-keys", json={"name": "k", "team_id": team(nobody)}))
            refused(nobody.get("/nothing"), 404, "NOT_FOUND")
    finally:
        running.stop()
