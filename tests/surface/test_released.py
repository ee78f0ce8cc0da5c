"""Muniment keeps its own contract: its description is synced into itself, and may not break the released one."""

from copy import deepcopy
from typing import Any

import httpx
import msgspec
import pytest

from tests.conftest import Server
from tests.surface.released import FILE, today

RELEASED: dict[str, Any] = msgspec.json.decode(FILE.read_bytes())
OURS = {"prefix": "muniment", "service": "muniment"}


@pytest.fixture(scope="module")
def api(shared_server: Server) -> httpx.Client:
    """A server that knows the released description, each operation a contract."""
    client = shared_server.client()
    team = client.post("/teams", json={"name": "muniment"}).json()["id"]
    body = {"spec": RELEASED, "owner_team_id": team, "auto_publish_contracts": True, **OURS}
    answer = client.post("/sync/openapi", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["parse_errors"] == []
    assert answer.json()["contracts"]["published"] == answer.json()["endpoints_processed"]
    return client


def broken(api: httpx.Client, spec: dict[str, Any]) -> dict[str, list[str]]:
    """What a description breaks of the released one, by operation."""
    answer = api.post("/sync/openapi/diff", json={"spec": spec, **OURS})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["parse_errors"] == []
    assert found["blocking"] == any(each["breaking_changes"] for each in found["endpoints"])
    return {
        f"{each['method']} {each['path']}": [change["message"] for change in each["breaking_changes"]]
        for each in found["endpoints"]
        if each["breaking_changes"]
    }


def test_todays_api_does_not_break_the_released_one(api: httpx.Client) -> None:
    found = broken(api, today())
    told = "\n".join(f"{operation}: {'; '.join(changes)}" for operation, changes in found.items())
    assert not found, (
        f"These operations break what docs/openapi.json promises:\n{told}\n"
        "If that is meant, say so in CHANGELOG.md and release it: python -m tests.surface.released"
    )


def test_todays_api_is_synced_into_itself_once(api: httpx.Client, shared_server: Server) -> None:
    team = api.get("/teams").json()["results"][0]["id"]
    spec = httpx.get(shared_server.url + "/openapi.json").json()
    auto = {"conflict_mode": "overwrite", "auto_publish_contracts": True, "auto_delete": True}
    body = {"spec": spec, "owner_team_id": team, "environment": "today", **auto, **OURS}
    first = api.post("/sync/openapi", json=body)
    assert (first.status_code, first.json()["status"]) == (200, "success"), first.text
    again = api.post("/sync/openapi", json=body).json()
    assert again["position"] is None and again["assets"]["unchanged"] == first.json()["assets"]["created"]


def without_an_operation(spec: dict[str, Any]) -> None:
    del spec["paths"]["/api/v1/teams/{team_id}"]["get"]


def without_a_member_of_an_answer(spec: dict[str, Any]) -> None:
    team = spec["components"]["schemas"]["TeamWithCount"]
    del team["properties"]["asset_count"]
    team["required"].remove("asset_count")


def with_a_member_that_may_be_null(spec: dict[str, Any]) -> None:
    spec["components"]["schemas"]["TeamWithCount"]["properties"]["name"] = {"type": ["string", "null"]}


def with_one_more_required_parameter(spec: dict[str, Any]) -> None:
    get = spec["paths"]["/api/v1/teams/{team_id}"]["get"]
    get["parameters"].append({"name": "why", "in": "query", "required": True, "schema": {"type": "string"}})


@pytest.mark.parametrize(
    "change",
    [
        without_an_operation,
        without_a_member_of_an_answer,
        with_a_member_that_may_be_null,
        with_one_more_required_parameter,
    ],
)
def test_a_breaking_change_of_our_own_is_named(api: httpx.Client, change: Any) -> None:
    spec = deepcopy(RELEASED)
    assert broken(api, spec) == {}
    change(spec)
    assert "GET /api/v1/teams/{team_id}" in broken(api, spec)
