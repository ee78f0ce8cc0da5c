"""`Idempotency-Key` (api.md 1.5): one effect for each key, and the first answer again."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.adapters.http.conftest import target_of
from tests.adapters.http.world import asset, fields, key, made, publish, refused, table, team, unique, with_key
from tests.conftest import Server


def _named(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


def _head(api: httpx.Client) -> str:
    position: str = api.get("/teams").headers["muniment-position"]
    return position


def test_a_repeated_request_gets_the_first_answer_even_when_things_moved_on(each_store: httpx.Client) -> None:
    owner, name = team(each_store), unique("k")
    body = {"fqn": unique("db.t"), "owner_team_id": owner}
    first = each_store.post("/assets", json=body, headers=_named(name))
    path = f"/assets/{made(first)['id']}"

    def change() -> httpx.Response:
        return each_store.patch(path, json={"description": "later"}, headers=_named(name))

    assert "idempotency-replayed" not in change().headers
    assert each_store.delete(path, headers=_named(name)).status_code == 204
    head = _head(each_store)
    for again, status in [
        (each_store.post("/assets", json=body, headers=_named(name)), 201),
        (change(), 200),
        (each_store.delete(path, headers=_named(name)), 204),
    ]:
        assert (again.status_code, again.headers["idempotency-replayed"]) == (status, "true")
    again = each_store.post("/assets", json=body, headers=_named(name))
    assert again.content == first.content
    for header in ("etag", "muniment-position"):
        assert again.headers[header] == first.headers[header]
    assert _head(each_store) == head


def test_another_body_or_query_is_refused_and_other_callers_paths_and_methods_are_apart(api: httpx.Client) -> None:
    owner, name = team(api), unique("k")
    id = asset(api, owner)
    made(api.patch(f"/assets/{id}", json={"tags": ["x"]}, headers=_named(name)))
    refused(api.patch(f"/assets/{id}", json={"tags": ["y"]}, headers=_named(name)), 422, "IDEMPOTENCY_KEY_REUSED")
    with_query = api.patch(f"/assets/{id}?x=1", json={"tags": ["x"]}, headers=_named(name))
    refused(with_query, 422, "IDEMPOTENCY_KEY_REUSED")
    other = with_key(api, key(api, owner))
    for answer in (
        other.patch(f"/assets/{id}", json={"tags": ["y"]}, headers=_named(name)),
        api.patch(f"/assets/{asset(api, owner)}", json={"tags": ["y"]}, headers=_named(name)),
        api.post(f"/assets/{id}/restore", headers=_named(name)),
    ):
        assert answer.is_success and "idempotency-replayed" not in answer.headers


@pytest.mark.parametrize("name", ["", "x" * 256, "a\tb"])
def test_names_that_are_none(api: httpx.Client, name: str) -> None:
    answer = api.post("/teams", json={"name": unique("t")}, headers=_named(name))
    assert fields(answer) == ["header.Idempotency-Key"]
    assert api.get("/teams", headers=_named(name)).status_code == 200


def test_long_names_and_unusual_ones(each_store: httpx.Client) -> None:
    for name in ("x" * 255, "'; --", '"quoted"', "inner space"):
        body = {"name": unique("t")}
        first = each_store.post("/teams", json=body, headers=_named(name))
        assert made(each_store.post("/teams", json=body, headers=_named(name))) == made(first)


def test_a_secret_is_not_told_again(each_store: httpx.Client) -> None:
    body, name = {"name": "k", "team_id": team(each_store)}, unique("k")
    first = made(each_store.post("/api-keys", json=body, headers=_named(name)))
    again = made(each_store.post("/api-keys", json=body, headers=_named(name)))
    assert first["key"] and again == {**first, "key": None}


def test_a_refusal_is_not_kept(api: httpx.Client) -> None:
    owner, name = team(api), unique("k")
    id = asset(api, owner)
    fqn = made(api.get(f"/assets/{id}"))["fqn"]
    body = {"fqn": fqn, "owner_team_id": owner}
    refused(api.post("/assets", json=body, headers=_named(name)), 409, "DUPLICATE_ASSET")
    api.delete(f"/assets/{id}")
    assert made(api.post("/assets", json=body, headers=_named(name)))["id"] == id


def test_what_changed_nothing_is_kept_too(api: httpx.Client) -> None:
    owner, name = team(api), unique("k")
    id = asset(api, owner, semver_mode="suggest")
    path = f"/assets/{id}/publish?published_by={owner}"
    first = api.post(path, json={"schema": table(a="string")}, headers=_named(name))
    assert made(first)["action"] == "version.required"
    publish(api, id, owner, table(a="integer"), version="1.0.0")
    again = api.post(path, json={"schema": table(a="string")}, headers=_named(name))
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def two_workers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("two")
    running = Server(target_of(request, folder), folder, workers=2)
    yield running
    running.stop()


def test_many_at_once_have_one_effect_on_all_workers(two_workers: Server) -> None:
    """Each of the same requests is done, replayed, or told that the first one is still running."""
    with two_workers.client() as api:
        for _ in range(4):
            name = unique("k")
            body = {"name": unique("t")}
            clients = [two_workers.client() for _ in range(10)]

            def send(client: httpx.Client) -> httpx.Response:
                return client.post("/teams", json=body, headers=_named(name))  # noqa: B023

            with ThreadPoolExecutor(10) as pool:
                answers = list(pool.map(send, clients))
            done = [answer for answer in answers if answer.status_code == 201]
            for answer in answers:
                if answer.status_code != 201:
                    refused(answer, 409, "IDEMPOTENCY_IN_PROGRESS")
            assert sum("idempotency-replayed" not in answer.headers for answer in done) == 1
            assert len({answer.content for answer in done}) == 1
            assert made(api.get("/teams", params={"name": body["name"]}))["total"] == 1
            for client in clients:
                client.close()


def test_records_outlive_the_process_and_end_after_a_day(tmp_path: Path) -> None:
    running = Server(tmp_path / "muniment.db", tmp_path)
    try:
        with running.client() as api:
            first = api.post("/teams", json={"name": "shop"}, headers=_named("k"))
            running.kill()
            running.start()
            again = api.post("/teams", json={"name": "shop"}, headers=_named("k"))
            assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
            with sqlite3.connect(tmp_path / "muniment.db") as database:
                (at,) = database.execute("SELECT at FROM muniment_idempotency").fetchone()
                database.execute("UPDATE muniment_idempotency SET at = '2000' || substr(at, 5)")
            assert at > "2026"
            refused(api.post("/teams", json={"name": "shop"}, headers=_named("k")), 409, "DUPLICATE_TEAM")
            made(api.post("/teams", json={"name": "another"}, headers=_named("other")))
            with sqlite3.connect(tmp_path / "muniment.db") as database:
                assert database.execute("SELECT name FROM muniment_idempotency").fetchall() == [("other",)]
    finally:
        running.stop()
