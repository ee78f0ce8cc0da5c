"""Bad and odd OpenAPI descriptions: each is answered soon, what is bad with its place, and nothing of it is stored."""

import json
import time
from typing import Any

import pytest

from tests.conftest import Server
from tests.openapi.worlds import Apis, answer, operation, spec
from tests.syncs import AUTO

# 2 on a quiet machine; what this guards against takes minutes.
SECONDS = 8
_SCHEMA = "#/paths/~1u/get/responses/200/content/application~1json/schema"
_LONG = 3_000


@pytest.fixture
def apis(shared_server: Server) -> Apis:
    return Apis(shared_server, shared_server.target)


def _with(schema: Any, **schemas: Any) -> dict[str, Any]:
    return spec({"/u": {"get": {"responses": {"200": answer(schema)}}}}, components={"schemas": schemas})


def _to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _quickly(apis: Apis, action: str, document: Any, status: int) -> Any:
    head, started = apis.head(), time.monotonic()
    found = apis.send(action, document, status, **({"owner_team_id": apis.owner, **AUTO} if not action else {}))
    assert time.monotonic() - started < SECONDS
    assert apis.head() == head or not (found.get("parse_errors") or found.get("code"))
    return found


@pytest.mark.parametrize(
    ("document", "told"),
    [
        *(
            (_with({"$ref": each}), f"{_SCHEMA}/$ref: a reference to another document, '{each}', is never followed")
            for each in ("http://127.0.0.1:9/a#/X", "file:///etc/passwd", "/etc/passwd#/x", "../../x.yaml#/A", "x.yaml")
        ),
        (_with(_to("None")), f"{_SCHEMA}/$ref: '#/components/schemas/None' leads nowhere"),
        (_with({"$ref": 7}), f"{_SCHEMA}/$ref: a reference must be a text"),
        (_with(_to("A"), A=_to("A")), "#/components/schemas/A: a reference to itself"),
        (_with(_to("A"), A=_to("B"), B=_to("A")), "#/components/schemas/B: a reference to itself"),
        (spec({"/u": {"$ref": "#/paths/~1u"}}), "#/paths/~1u: a reference to itself"),
        (spec({"u": {"get": operation()}}), "#/paths/u/get: a path must begin with a slash"),
        (
            _with(_to("A0"), **{f"A{n}": _to(f"A{n + 1}") for n in range(_LONG)}),
            f"#/components/schemas/A{_LONG - 1}/$ref: '#/components/schemas/A{_LONG}' leads nowhere",
        ),
    ],
)
def test_an_operation_that_cannot_be_read_is_told_with_its_place(apis: Apis, document: Any, told: str) -> None:
    for action, status in (("", 207), ("/diff", 200), ("/impact", 200)):
        found = _quickly(apis, action, document, status)
        assert len(found["parse_errors"]) == 1 and told in found["parse_errors"][0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'{"openapi": "3.0.3",\n "paths": {"/a": {}, "/a": {}}}', "line 2 column 22: the key '/a' stands twice"),
        (b'{"openapi": "3.0.3", "paths": {"/a": NaN}}', "invalid character"),
        (b'{"openapi": "3.0.3", "paths": {', "line 1"),
        (b'{"openapi": ' + b"[" * 100_000, "nested deeper than 100 levels"),
        (b'{"openapi": "3.0.3"}, "spec": {}', "the key 'spec' stands twice"),
        (
            b'{"openapi": "3.0.3"}, "default_guarantees": {"a": 1, "a": 2}',
            "body.default_guarantees cannot be understood",
        ),
    ],
    ids=["key", "nan", "cut", "deep", "member", "option"],
)
@pytest.mark.parametrize("action", ["", "/diff", "/impact"])
def test_what_is_no_json_or_has_two_meanings(apis: Apis, text: bytes, told: str, action: str) -> None:
    head, started = apis.head(), time.monotonic()
    rest = json.dumps({"owner_team_id": apis.owner, "environment": apis.environment}).encode()
    refused = apis.api.post("/sync/openapi" + action, content=b'{"spec": ' + text + b", " + rest[1:])
    assert (refused.status_code, refused.json()["code"]) == (400, "MALFORMED_JSON"), refused.text[:500]
    assert told in refused.json()["detail"]
    assert (apis.head(), time.monotonic() - started < SECONDS) == (head, True)


def _tree(end: str) -> dict[str, Any]:
    both = {f"A{n}": {"properties": {"a": _to(f"A{n + 1}"), "b": _to(f"A{n + 1}")}} for n in range(_LONG)}
    return {**both, f"A{_LONG}": {"type": end}}


@pytest.mark.parametrize(
    ("old", "new", "breaking"),
    [
        (_with(_to("A"), A={"properties": {"a": _to("A")}}), _with(_to("A"), A={"properties": {"b": _to("A")}}), True),
        (_with(True), _with(True), False),
        (_with(True), _with(False), False),
        (_with({**_to("A"), "type": "string"}, A={}), _with(_to("A"), A={"title": "beside"}), False),
        (_with(_to("A0"), **_tree("string")), _with(_to("A0"), **_tree("integer")), True),
        (_with({}), _with(_to("A0"), **_tree("string")), False),
        (spec({each: {"get": operation(operationId="x")} for each in ("/a", "/b")}), spec({"/a": {}}), True),
    ],
    ids=["cycle", "true", "false", "siblings", "tree", "new tree", "operationId"],
)
def test_odd_descriptions_are_taken_and_compared(apis: Apis, old: Any, new: Any, breaking: bool) -> None:
    assert _quickly(apis, "", old, 200)["status"] == "success"
    assert bool(_quickly(apis, "/diff", new, 200)["summary"]["breaking"]) == breaking
