"""What tests of the HTTP surface start from: teams, keys, assets, contracts, made through the API itself."""

from itertools import count
from typing import Any

import httpx

from tests.conftest import client_of

_numbers = count(1)
GONE = "00000000-0000-4000-8000-000000000000"


def unique(word: str) -> str:
    """A name that no other test uses."""
    return f"{word}{next(_numbers)}"


def made(answer: httpx.Response) -> dict[str, Any]:
    """The body of an answer to something that worked."""
    assert answer.is_success, answer.text
    body: dict[str, Any] = answer.json()
    return body


def team(api: httpx.Client, name: str | None = None) -> str:
    id: str = made(api.post("/teams", json={"name": name or unique("team")}))["id"]
    return id


def user(api: httpx.Client, **more: Any) -> str:
    body = {"username": unique("user"), "name": unique("User "), **more}
    id: str = made(api.post("/users", json=body))["id"]
    return id


def key(api: httpx.Client, team_id: str, *scopes: str, **more: Any) -> str:
    body = {"name": unique("key"), "team_id": team_id, "scopes": scopes or ("read", "write"), **more}
    text: str = made(api.post("/api-keys", json=body))["key"]
    return text


def asset(api: httpx.Client, owner: str, fqn: str | None = None, **more: Any) -> str:
    body = {"fqn": fqn or unique("db.t"), "owner_team_id": owner, **more}
    id: str = made(api.post("/assets", json=body))["id"]
    return id


def table(**columns: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in columns.items()}}


def publish(api: httpx.Client, asset_id: str, by: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    query = {"published_by": by, **more.pop("query", {})}
    return made(api.post(f"/assets/{asset_id}/publish", params=query, json={"schema": schema, **more}))


def with_key(api: httpx.Client, text: str) -> httpx.Client:
    """A client with another key on the same server."""
    return client_of(api.base_url, text)


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a refusal, checked for its shape (api.md 1.3)."""
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["type"] == "urn:muniment:problem:" + code.lower().replace("_", "-")
    assert body["status"] == status and isinstance(body["title"], str) and isinstance(body["detail"], str)
    assert body["instance"] == httpx.URL(str(answer.request.url)).path
    assert body["request_id"] == answer.headers["x-request-id"]
    assert isinstance(body["details"], dict)
    error = body["error"]
    assert error.pop("timestamp").endswith("Z")
    assert error == {
        "code": code,
        "message": body["detail"],
        "details": body["details"],
        "request_id": body["request_id"],
    }
    expected = {"type", "title", "status", "detail", "instance", "code", "request_id", "details", "error"}
    assert set(body) == expected
    return body


def fields(answer: httpx.Response) -> list[str]:
    """The places that a `VALIDATION_ERROR` names."""
    errors = refused(answer, 422, "VALIDATION_ERROR")["details"]["errors"]
    assert all(set(error) == {"field", "message", "type"} for error in errors)
    return [error["field"] for error in errors]
