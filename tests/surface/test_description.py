"""The API's own description: complete, sound, open to everybody, and true of every answer."""

import re
from collections import Counter
from typing import Any

import httpx
import jsonschema_rs
import pytest

from adapters.http.description import PREFIX, document, examples, key_of, told
from adapters.http.description.operations import TOLD
from adapters.http.description.page import page
from adapters.http.health import HEALTH
from adapters.http.routes import ROUTES
from tests.conftest import Server
from tests.surface.conformity import check
from tests.surface.examples import recorded

DOCUMENT: dict[str, Any] = document()
OPERATIONS = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]
WITH_ANSWERS = [key_of(route) for route in ROUTES if told(route).answer is not None]


def test_every_route_is_described_and_nothing_else() -> None:
    routes = {key_of(route) for route in ROUTES if route.document is None or route.document.kind is None}
    assert set(TOLD) == routes, "adapters/http/description/operations.py: one entry a route"
    described = {f"{method.upper()} {path}" for method, path in OPERATIONS}
    assert described == {f"{route.method} {route.path}" for route in ROUTES} | {f"GET {path}" for path in HEALTH}


def test_operation_ids_are_unique() -> None:
    ids = Counter(DOCUMENT["paths"][path][method]["operationId"] for method, path in OPERATIONS)
    assert [id for id, times in ids.items() if times > 1] == []


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    text = str(DOCUMENT)
    named = set(re.findall(r"#/components/(\w+/[\w.-]+)", text))
    there = {f"{kind}/{name}" for kind, parts in DOCUMENT["components"].items() for name in parts}
    assert named == {name for name in there if not name.startswith("securitySchemes/")}


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_schemas_are_sound(name: str) -> None:
    jsonschema_rs.meta.validate(DOCUMENT["components"]["schemas"][name])
    jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}, validate_formats=True
    )


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_description_and_page_are_open_to_everybody(shared_server: Server, path: str) -> None:
    answer = httpx.get(shared_server.url + path)
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert httpx.head(shared_server.url + path).status_code == 200
    assert httpx.post(shared_server.url + path).json()["code"] == "METHOD_NOT_ALLOWED"


def test_description_is_served_as_it_is_made(shared_server: Server) -> None:
    answer = httpx.get(shared_server.url + "/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENT


def test_page_holds_all_and_loads_nothing(shared_server: Server) -> None:
    answer = httpx.get(shared_server.url + "/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy
    text = answer.text
    assert not re.findall(r"<(?:script|link|img|iframe|object|form)\b|\bon\w+=|\bstyle=|url\(|@import", text)
    assert not re.findall(r'(?:href|src)="(?!#|/openapi\.json")', text)
    for method, path in OPERATIONS:
        assert f'<details id="{DOCUMENT["paths"][path][method]["operationId"]}">' in text
    targets = set(re.findall(r'href="#([^"]+)"', text))
    assert targets <= set(re.findall(r'id="([^"]+)"', text))


def test_page_escapes_what_it_shows() -> None:
    hostile: dict[str, Any] = {"openapi": "3.1.0", "info": {"version": "<b>", "description": "<script>"}, "paths": {}}
    shown = page({**hostile, "components": {"schemas": {"<i>": {"type": "<u>"}}}})
    assert not re.findall(r"<(?:b|script|i|u)>", shown)


@pytest.mark.parametrize("key", WITH_ANSWERS)
def test_every_operation_with_an_answer_has_an_example(key: str) -> None:
    assert "answer" in examples().get(key, {}), "tell it in tests/surface/story.py, then run tests.surface.examples"


def test_examples_are_what_the_server_answers_today(shared_server: Server) -> None:
    found = recorded(shared_server)
    assert {key: _shape(example) for key, example in found.items()} == {
        key: _shape(example) for key, example in examples().items()
    }, "run python -m tests.surface.examples"


def _shape(value: object) -> object:
    """The members that a value has, and the kinds of its values."""
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items() if name != "error"}
    return [_shape(each) for each in value] if isinstance(value, list) else type(value).__name__


class Planted(httpx.BaseTransport):
    """Answers as the server would, but for one thing."""

    def __init__(self, status: int, body: Any, headers: dict[str, str]) -> None:
        self._made = (status, body, headers)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        status, body, headers = self._made
        return httpx.Response(status, json=body, headers=headers)


TEAM = examples()["GET /teams/{team_id}"]["answer"]
GOOD = {"x-request-id": "r", "muniment-position": "1", "etag": '"v0-a"'}


def planted(status: int, body: Any, **more: str) -> None:
    headers = {**GOOD, **{name.replace("_", "-"): value for name, value in more.items()}}
    kept = {name: value for name, value in headers.items() if value}
    with httpx.Client(
        transport=Planted(status, body, kept), base_url=f"http://muniment{PREFIX}", event_hooks={"response": [check]}
    ) as client:
        client.get("/teams/00000000-0000-4000-8000-000000000000")


def test_check_takes_a_right_answer() -> None:
    planted(200, TEAM)


@pytest.mark.parametrize(
    ("status", "change", "headers"),
    [
        (200, {"name": None}, {}),
        (200, {"created_at": "yesterday"}, {}),
        (200, {"id": "1"}, {}),
        (200, {"secret": 1}, {}),
        (200, {"asset_count": "3"}, {}),
        (200, {}, {"etag": ""}),
        (200, {}, {"muniment_position": ""}),
        (200, {}, {"content_type": "text/html"}),
        (201, {}, {}),
        (404, {}, {}),
    ],
)
def test_check_finds_what_is_wrong(status: int, change: dict[str, Any], headers: dict[str, str]) -> None:
    assert isinstance(TEAM, dict)
    with pytest.raises(AssertionError):
        planted(status, {**TEAM, **change}, **headers)


def test_check_finds_a_missing_member() -> None:
    assert isinstance(TEAM, dict)
    with pytest.raises(AssertionError):
        planted(200, {name: value for name, value in TEAM.items() if name != "metadata"})


def test_check_finds_a_code_that_the_operation_does_not_tell(shared_server: Server) -> None:
    with shared_server.client() as api:
        problem = api.get("/teams/00000000-0000-4000-8000-000000000000").json()
    planted(404, problem, etag="", content_type="application/problem+json")
    with pytest.raises(AssertionError, match="ASSET_NOT_FOUND"):
        planted(404, {**problem, "code": "ASSET_NOT_FOUND"}, etag="", content_type="application/problem+json")
