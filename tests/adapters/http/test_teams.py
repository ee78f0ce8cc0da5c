"""Teams (api.md 3.1)."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import asset, fields, made, refused, team, unique


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
