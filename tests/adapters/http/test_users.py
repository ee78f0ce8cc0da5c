"""Users (api.md 3.2): people and bots, with names that can be erased."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from adapters.log import open_log
from adapters.views import rebuild
from tests.adapters.http.world import (
    GONE,
    asset,
    fields,
    key,
    made,
    refused,
    team,
    unique,
    user,
    with_key,
)  # fmt: skip
from tests.conftest import Server

MEMBERS = {
    "id", "username", "name", "email", "user_type", "role", "team_id", "team_name", "notification_preferences",
    "metadata", "created_at", "updated_at", "deactivated_at",
}  # fmt: skip


def test_defaults_and_members(each_store: httpx.Client) -> None:
    username = unique("ada")
    answer = each_store.post("/users", json={"username": f" {username.upper()} ", "name": " Ada Lovelace\n"})
    body = made(answer)
    assert answer.status_code == 201 and set(body) == MEMBERS and answer.headers["etag"].startswith('"v0-')
    given: dict[str, Any] = {"username": username, "name": "Ada Lovelace", "email": None, "user_type": "human"}
    given |= {"role": "user", "team_id": None, "team_name": None, "notification_preferences": {}, "metadata": {}}
    assert {name: body[name] for name in (*given, "deactivated_at")} == {**given, "deactivated_at": None}
    assert body["created_at"] == body["updated_at"]
    got = each_store.get(f"/users/{body['id'].upper()}")
    assert made(got) == body and got.headers["etag"] == answer.headers["etag"]


def test_every_member_is_kept_and_the_password_is_not(target: Path | str, tmp_path: Path) -> None:
    server = Server(target, tmp_path)
    try:
        with server.client() as api:
            owner = team(api, "owners")
            body: dict[str, Any] = {"username": "grace.h", "name": "Grace", "email": " Grace@Example.ORG "}
            body |= {"user_type": "human", "role": "team_admin", "team_id": owner.upper(), "metadata": {"a": [1, None]}}
            got = made(api.post("/users", json={**body, "password": "correct horse battery"}))
            expected = {**body, "email": "grace@example.org", "team_id": owner, "team_name": "owners"}
            assert {name: got[name] for name in expected} == expected
            made(api.patch(f"/users/{got['id']}", json={"password": "staple correct horse"}))
    finally:
        server.stop()
    for secret in (b"correct horse", b"battery"):
        assert not _is_stored(target, secret)


def _is_stored(target: Path | str, text: bytes) -> bool:
    """Whether the text is in any row of any table."""
    if isinstance(target, Path):
        with sqlite3.connect(target) as connection:
            return any(text in line.encode() for line in connection.iterdump())
    with psycopg.connect(target) as found:
        names = [row[0] for row in found.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        rows = [row for name in names for row in found.execute(f'SELECT * FROM "{name}"'.encode())]
    return any(text in (value if isinstance(value, bytes) else str(value).encode()) for row in rows for value in row)


SHAPES: list[tuple[str, Any, str]] = [
    ("username", None, "body.username"),
    ("username", 1, "body.username"),
    ("username", "", "body.username"),
    ("username", "1a", "body.username"),
    ("username", ".a", "body.username"),
    ("username", "a.", "body.username"),
    ("username", "a-", "body.username"),
    ("username", "a b", "body.username"),
    ("username", "a@b", "body.username"),
    ("username", "é", "body.username"),
    ("username", "a\n\nb", "body.username"),
    ("username", "a" * 256, "body.username"),
    ("name", None, "body.name"),
    ("name", 1, "body.name"),
    ("name", " ", "body.name"),
    ("name", "n" * 256, "body.name"),
    ("name", "a\x00b", "body"),
    ("name", "a\tb", "body.name"),
    ("email", 1, "body.email"),
    ("email", "", "body.email"),
    ("email", "nobody", "body.email"),
    ("email", "a b@c", "body.email"),
    ("email", "a@b@c", "body.email"),
    ("email", "a@" + "b" * 253, "body.email"),
    ("user_type", "robot", "body.user_type"),
    ("user_type", 1, "body.user_type"),
    ("role", "root", "body.role"),
    ("role", [], "body.role"),
    ("team_id", "x", "body.team_id"),
    ("team_id", 1, "body.team_id"),
    ("password", "1234567", "body.password"),
    ("password", "p" * 129, "body.password"),
    ("password", 12345678, "body.password"),
    ("metadata", [], "body.metadata"),
    ("metadata", "x", "body.metadata"),
]


@pytest.mark.parametrize(("member", "value", "field"), SHAPES)
def test_users_of_the_wrong_shape(api: httpx.Client, member: str, value: Any, field: str) -> None:
    body = {"username": unique("u"), "name": "U", member: value}
    assert fields(api.post("/users", json=body)) == [field]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize(
    ("member", "value", "field"),
    [each for each in SHAPES if each[1] is not None]
    + [("notification_preferences", [], "body.notification_preferences")],
)
def test_changes_of_users_of_the_wrong_shape(
    api: httpx.Client, method: str, member: str, value: Any, field: str
) -> None:
    assert fields(api.request(method, f"/users/{user(api)}", json={member: value})) == [field]


def test_required_members_and_nulls_of_a_new_user(api: httpx.Client) -> None:
    assert fields(api.post("/users", json={"name": "U"})) == ["body.username"]
    assert fields(api.post("/users", json={"username": "u"})) == ["body.name"]
    for member in ("user_type", "role", "metadata"):
        assert fields(api.post("/users", json={"username": "u", "name": "U", member: None})) == [f"body.{member}"]
    nulls = {"email": None, "team_id": None, "password": None, "unknown": 1}
    made(api.post("/users", json={"username": unique("u"), "name": "U", **nulls}))


@pytest.mark.parametrize("username", ["a", "a1", "a.b_c-d9", "z" * 255])
def test_usernames_at_their_bounds_on_both_stores(each_store: httpx.Client, username: str) -> None:
    id = user(each_store, username=username, name="n" * 255, email=f"{username[:5]}@{'d' * 248}")
    assert made(each_store.get(f"/users/{id}"))["username"] == username
    each_store.delete(f"/users/{id}?erase=true")


def test_usernames_and_emails_are_unique_among_active_users(each_store: httpx.Client) -> None:
    name, mail = unique("dup"), f"{unique('dup')}@x.org"
    id = user(each_store, username=name, email=mail)
    other = user(each_store)
    taken = {"username": name.upper()}, {"username": unique("u"), "email": mail.upper()}
    for body, words in zip(taken, (name, mail), strict=True):
        for answer in (
            each_store.post("/users", json={"name": "U", **body}),
            each_store.patch(f"/users/{other}", json=body),
        ):
            problem = refused(answer, 409, "DUPLICATE_USER")
            assert "already exists" in problem["detail"] and words in problem["detail"]
    assert made(each_store.patch(f"/users/{id}", json={"username": name, "email": mail}))["username"] == name
    each_store.delete(f"/users/{id}")
    user(each_store, username=name, email=mail)
    refused(each_store.post(f"/users/{id}/reactivate"), 409, "DUPLICATE_USER")


def test_of_many_at_once_one_gets_the_username(each_store: httpx.Client) -> None:
    for _ in range(4):
        name = unique("race")

        def make(n: int, name: str = name) -> int:
            return each_store.post("/users", json={"username": name, "name": f"U{n}"}).status_code

        with ThreadPoolExecutor(6) as pool:
            assert sorted(pool.map(make, range(6))) == [201, 409, 409, 409, 409, 409]
        assert made(each_store.get(f"/users?username={name}"))["total"] == 1


def test_teams_of_users_exist(api: httpx.Client) -> None:
    gone = team(api)
    api.delete(f"/teams/{gone}")
    id = user(api)
    for team_id in (GONE, gone):
        body = {"username": unique("u"), "name": "U", "team_id": team_id}
        refused(api.post("/users", json=body), 404, "TEAM_NOT_FOUND")
        refused(api.patch(f"/users/{id}", json={"team_id": team_id}), 404, "TEAM_NOT_FOUND")


def test_bots_have_no_password(api: httpx.Client) -> None:
    bot = {"username": unique("bot"), "name": "Bot", "user_type": "bot"}
    assert fields(api.post("/users", json={**bot, "password": "12345678"})) == ["body.password"]
    id = made(api.post("/users", json=bot))["id"]
    problem = api.patch(f"/users/{id}", json={"password": "12345678"})
    body = refused(problem, 400, "VALIDATION_ERROR")
    assert [error["field"] for error in body["details"]["errors"]] == ["body.password"]
    human = user(api)
    assert fields(api.patch(f"/users/{human}", json={"user_type": "bot", "password": "12345678"})) == ["body.password"]
    assert made(api.patch(f"/users/{human}", json={"user_type": "bot"}))["user_type"] == "bot"
    back = made(api.patch(f"/users/{human}", json={"user_type": "human", "password": "12345678"}))
    assert back["user_type"] == "human"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_every_member_is_changed_and_absent_ones_stay(each_store: httpx.Client, method: str) -> None:
    owner = team(each_store)
    id = user(each_store, email=f"{unique('m')}@x.org")
    before = made(each_store.get(f"/users/{id}"))
    changes: dict[str, Any] = {"username": unique("new"), "name": "New", "email": f"{unique('new')}@x.org"}
    changes |= {"user_type": "bot", "role": "admin", "team_id": owner, "metadata": {"m": 1}}
    changes |= {"notification_preferences": {"mail": {"on": True}}}
    for member, value in changes.items():
        after = made(each_store.request(method, f"/users/{id}", json={member: value}))
        follows = {"team_name"} if member == "team_id" else set()
        assert after[member] == value
        assert {n for n in MEMBERS if before[n] != after[n]} == {member, "updated_at"} | follows
        assert made(each_store.get(f"/users/{id}")) == after
        before = after
    unchanged = made(each_store.request(method, f"/users/{id}", json=changes))
    assert unchanged == before, "nothing changed, so that no event is written"
    nulls = dict.fromkeys(("username", "name", "user_type", "role", "metadata", "notification_preferences", "password"))
    assert made(each_store.request(method, f"/users/{id}", json=nulls)) == before
    cleared = made(each_store.request(method, f"/users/{id}", json={"email": None, "team_id": None}))
    assert (cleared["email"], cleared["team_id"], cleared["team_name"]) == (None, None, None)
    actions = [e["action"] for e in made(each_store.get(f"/audit/entities/user/{id}/history"))["results"]]
    assert actions == ["user.updated"] * 9 + ["user.created"]


def test_lists_by_name_then_username_with_filters_that_combine(each_store: httpx.Client) -> None:
    api, mark, owner = each_store, unique("list"), team(each_store)
    wanted = [("Zoe", "a"), ("Adam", "c"), ("Zoe", "b"), ("straße", "d")]
    ids = {
        letter: user(api, username=f"{mark}.{letter}", name=name, email=f"{letter}.{mark}@x.org", team_id=owner)
        for name, letter in wanted
    }
    robot = user(api, username=f"{mark}.r", name="Robot", user_type="bot")
    gone = user(api, username=f"{mark}.g", name="Gone")
    api.delete(f"/users/{gone}")

    def found(**query: Any) -> list[str]:
        page = made(api.get("/users", params={"username": mark.upper(), **query}))
        assert set(page) == {"results", "total", "limit", "offset", "next"}
        assert page["total"] == len(page["results"]) and all(set(entry) == MEMBERS for entry in page["results"])
        return [entry["id"] for entry in page["results"]]

    everybody = [ids["c"], robot, ids["a"], ids["b"], ids["d"]]
    assert found() == everybody
    assert found(include_deactivated=True) == [ids["c"], gone, robot, ids["a"], ids["b"], ids["d"]]
    assert found(team_id=owner.upper()) == [ids["c"], ids["a"], ids["b"], ids["d"]]
    assert found(user_type="bot") == [robot]
    assert found(name="ZO") == [ids["a"], ids["b"]]
    assert found(name="STRASSE") == [ids["d"]]
    assert found(email=f"B.{mark}") == [ids["b"]]
    assert found(email="%") == found(name="_") == found(team_id=GONE) == []
    assert found(name="zo", user_type="bot") == []
    first = made(api.get("/users", params={"username": mark, "limit": 2}))
    second = made(api.get("/users", params={"username": mark, "limit": 2, "cursor": first["next"]}))
    assert [entry["id"] for entry in first["results"] + second["results"]] == everybody[:4]
    for query in ("team_id=x", "user_type=x", "include_deactivated=2", "limit=101", "offset=-1", "cursor=x"):
        assert fields(api.get(f"/users?{query}")) == [f"query.{query.partition('=')[0]}"]


def test_totals_follow_names_even_for_moments_past(each_store: httpx.Client) -> None:
    mark = unique("shift")
    id = user(each_store, name=mark)
    then = each_store.get("/teams").headers["muniment-position"]
    query = {"name": mark, "as_of": then}
    assert made(each_store.get("/users", params=query))["total"] == 1
    made(each_store.patch(f"/users/{id}", json={"name": "another"}))
    page = made(each_store.get("/users", params=query))
    assert (page["total"], page["results"]) == (0, [])


CHANGING: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("PATCH", "", {"name": "x"}),
    ("PUT", "", {"name": "x"}),
    ("DELETE", "", None),
    ("POST", "/reactivate", None),
]


@pytest.mark.parametrize(("method", "rest", "body"), CHANGING)
def test_ids_of_users_that_are_none_or_unknown(api: httpx.Client, method: str, rest: str, body: Any) -> None:
    assert fields(api.request(method, f"/users/x{rest}", json=body)) == ["path.user_id"]
    assert (
        "not found" in refused(api.request(method, f"/users/{GONE}{rest}", json=body), 404, "USER_NOT_FOUND")["detail"]
    )
    refused(api.request(method, f"/users/{team(api)}{rest}", json=body), 404, "USER_NOT_FOUND")


@pytest.mark.parametrize(("method", "rest", "body"), [*CHANGING[1:], ("POST", "", {"username": "u", "name": "U"})])
def test_users_are_an_admins_to_change(api: httpx.Client, method: str, rest: str, body: Any) -> None:
    path = "/users" if method == "POST" and not rest else f"/users/{user(api)}{rest}"
    with with_key(api, key(api, team(api), "write")) as writer:
        answer = refused(writer.request(method, path, json=body), 403, "INSUFFICIENT_SCOPE")
    assert answer["details"] == {"required_scope": "admin"}


def test_a_change_of_a_user_needs_the_version_that_it_was_made_on(each_store: httpx.Client) -> None:
    id = user(each_store)
    old = each_store.get(f"/users/{id}").headers["etag"]
    made(each_store.patch(f"/users/{id}", json={"name": "New"}, headers={"If-Match": old}))
    now = each_store.get(f"/users/{id}").headers["etag"]
    for method, rest, body in CHANGING[1:]:
        answer = each_store.request(method, f"/users/{id}{rest}", json=body, headers={"If-Match": old})
        assert refused(answer, 412, "PRECONDITION_FAILED")["details"] == {"current_etag": now}
    assert each_store.get(f"/users/{id}", headers={"If-None-Match": now}).status_code == 304


def test_a_deactivated_user_is_404_until_reactivated(each_store: httpx.Client) -> None:
    owner = team(each_store)
    id = user(each_store, team_id=owner)
    before = made(each_store.get(f"/users/{id}"))
    assert made(each_store.post(f"/users/{id}/reactivate")) == before
    answer = each_store.delete(f"/users/{id}")
    assert (answer.status_code, answer.content) == (204, b"")
    for method, rest, body in CHANGING[:-1]:
        refused(each_store.request(method, f"/users/{id}{rest}", json=body), 404, "USER_NOT_FOUND")
    body = {"fqn": unique("db.t"), "owner_team_id": owner, "owner_user_id": id}
    refused(each_store.post("/assets", json=body), 404, "USER_NOT_FOUND")
    refused(each_store.post("/api-keys", json={"name": "k", "team_id": owner, "user_id": id}), 404, "USER_NOT_FOUND")
    answer = each_store.post(f"/users/{id}/reactivate", content=b"")
    back = made(answer)
    assert answer.status_code == 200 and back["deactivated_at"] is None
    assert {n for n in MEMBERS if before[n] != back[n]} == {"updated_at"}
    actions = [e["action"] for e in made(each_store.get(f"/audit/entities/user/{id}/history"))["results"]]
    assert actions == ["user.reactivated", "user.deleted", "user.created"]


def test_as_of_shows_the_user_of_then_under_the_names_of_now(each_store: httpx.Client) -> None:
    id = user(each_store, name="Old", role="user")
    then = each_store.get("/teams").headers["muniment-position"]
    made(each_store.patch(f"/users/{id}", json={"name": "New", "role": "admin"}))
    seen = made(each_store.get(f"/users/{id}?as_of={then}"))
    assert (seen["name"], seen["role"]) == ("New", "user")
    refused(each_store.get(f"/users/{id}?as_of=0"), 404, "USER_NOT_FOUND")
    assert made(each_store.get("/users?as_of=0"))["results"] == []


def test_names_are_in_no_event_and_are_gone_once_erased(target: Path | str, tmp_path: Path) -> None:
    server = Server(target, tmp_path)
    secrets = (b"ada.secret", b"Ada Secret", b"ada@secret.org", b"Countess", b"ada secret")
    try:
        with server.client() as api:
            owner = team(api)
            body = {"username": "ada.secret", "name": "Ada Secret", "email": "ada@secret.org", "team_id": owner}
            id = made(api.post("/users", json=body, headers={"Idempotency-Key": "one"}))["id"]
            body = made(api.patch(f"/users/{id}", json={"name": "Countess"}))
            owned = asset(api, owner, owner_user_id=id)
            then = api.get("/teams").headers["muniment-position"]
            seen = [f"/assets?as_of={then}", f"/users?as_of={then}", f"/assets/{owned}?as_of={then}"]
            assert all("Countess" in api.get(path).text for path in seen)
            assert not any(secret in api.get("/audit/events").content for secret in secrets)
            assert fields(api.delete(f"/users/{id}?erase=maybe")) == ["query.erase"]
            assert api.delete(f"/users/{id}?erase=true").status_code == 204
            assert not any(secret in api.get(path).content for path in seen for secret in secrets)
            (shown,) = made(api.get("/users?include_deactivated=true"))["results"]
            assert [shown[name] for name in ("username", "name", "email")] == [None, None, None]
            refused(api.post(f"/users/{id}/reactivate"), 404, "USER_NOT_FOUND")
            refused(api.delete(f"/users/{id}?erase=true"), 404, "USER_NOT_FOUND")
            assert made(api.get(f"/assets/{owned}"))["owner_user_id"] == id
            gone = user(api, username="ada.secret", name="Ada Secret", email="ada@secret.org")
            assert api.delete(f"/users/{gone}").status_code == 204
            assert api.delete(f"/users/{gone}?erase=true").status_code == 204, "whoever left can still be erased"
    finally:
        server.stop()
    for secret in secrets:
        assert not _is_stored(target, secret), secret


def test_names_survive_a_rebuild_of_the_views(target: Path | str, tmp_path: Path) -> None:
    server = Server(target, tmp_path)
    try:
        with server.client() as api:
            id = user(api, username="ada", name="Ada", email="ada@x.org", team_id=team(api))
            before = made(api.get(f"/users/{id}"))
        server.kill()
        log = open_log(target)
        assert all(not view.differences for view in rebuild(log).views)
        log.close()
        server.start()
        with server.client() as api:
            assert made(api.get(f"/users/{id}")) == before
            refused(api.post("/users", json={"username": "ada", "name": "A"}), 409, "DUPLICATE_USER")
    finally:
        server.stop()
