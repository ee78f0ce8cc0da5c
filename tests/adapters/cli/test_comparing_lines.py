"""`muniment compare --lines`: schemas and whole documents, one answer a line, without a server."""

import json
from pathlib import Path
from typing import Any

from tests.adapters.cli.conftest import typed

SDL = "type Query { a: Int b: Int }"


def _spec(*fields: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in fields}}
    answer = {"description": "x", "content": {"application/json": {"schema": schema}}}
    return {"openapi": "3.1.0", "paths": {"/users": {"get": {"responses": {"200": answer}}}}}


def _answers(folder: Path, *asked: Any) -> list[Any]:
    lines = [each if isinstance(each, str) else json.dumps({"id": n, **each}) for n, each in enumerate(asked)]
    done = typed(folder, {}, ("compare", "--lines"), "\n".join(lines).encode())
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_line_has_its_answer(tmp_path: Path) -> None:
    found = _answers(
        tmp_path,
        {"old": {"type": "integer"}, "new": {"type": "number"}},
        {"kind": "graphql", "old": SDL, "new": SDL.replace("b: Int", "")},
        {"kind": "graphql", "old": SDL, "new": SDL.replace("b: Int", "b: Int c: Int")},
        {"kind": "openapi", "old": _spec("a", "b"), "new": _spec("a")},
        {"kind": "openapi", "old": _spec("a"), "new": {**_spec(), "paths": {}}},
        {"kind": "openapi", "old": _spec("a"), "new": _spec("a")},
    )
    assert [each["id"] for each in found] == [*range(6)]
    backward = [each["backward"] for each in found]
    assert backward == ["compatible", "breaking", "compatible", "breaking", "breaking", "compatible"]
    assert found[1]["reason"] == "Property b was removed."


def test_what_cannot_be_read_is_unknown_and_the_rest_goes_on(tmp_path: Path) -> None:
    broken = {"openapi": "3.1.0", "paths": {"/users": {"get": {"responses": {"200": {"$ref": "#/nowhere"}}}}}}
    found = _answers(
        tmp_path,
        {"kind": "graphql", "old": SDL, "new": "type {"},
        {"kind": "graphql", "old": SDL, "new": {}},
        {"kind": "openapi", "old": {"swagger": "2.0"}, "new": _spec("a")},
        {"kind": "openapi", "old": _spec("a"), "new": broken},
        "no JSON",
        {"old": True},
        {"kind": "graphql", "old": SDL, "new": SDL},
    )
    assert [each["backward"] for each in found] == ["unknown"] * 6 + ["compatible"]
    assert "Syntax Error" in found[0]["reason"]
