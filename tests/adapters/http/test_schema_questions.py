"""Schemas on their own (api.md 3.14): `POST /schemas/validate`, `POST /schemas/diff`."""

import json
from typing import Any

import httpx
import pytest

from tests.adapters.http.world import fields, key, made, refused, table, team, with_key

ONE, WIDER, BROKEN = table(a="string"), table(a="string", b="string"), table(b="string")


@pytest.mark.parametrize(
    ("schema", "valid"),
    [
        ({}, True),
        (ONE, True),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True}, True),
        ({"x-anything": [1, None]}, True),
        ({"type": "text"}, False),
        ({"type": ["string", 5]}, False),
        ({"properties": []}, False),
        ({"properties": {"a": 5}}, False),
        ({"items": [True, {"minLength": -1}]}, False),
        ({"required": "a"}, False),
        ({"anyOf": []}, False),
        ({"multipleOf": 0}, False),
        ({"description": "x" * 1_000_001}, False),
        ({"properties": {f"c{n}": {} for n in range(5001)}}, False),
    ],
)
def test_whether_a_schema_is_one_that_can_be_published(api: httpx.Client, schema: Any, valid: bool) -> None:
    answer = api.post("/schemas/validate", json=schema)
    got = made(answer)
    assert answer.status_code == 200 and set(got) == {"valid", "errors"}
    assert got["valid"] is valid and all(isinstance(error, str) for error in got["errors"])
    assert (got["errors"] == []) is valid


def test_every_error_is_told_with_its_place(api: httpx.Client) -> None:
    wrong = {"properties": {"a": {"type": "text"}, "b": {"items": {"pattern": 1}}}}
    errors = made(api.post("/schemas/validate", json=wrong))["errors"]
    assert [error.split(":")[0] for error in errors] == ["#/properties/a/type", "#/properties/b/items/pattern"]


def test_what_is_no_object_is_no_schema_here(api: httpx.Client) -> None:
    bodies: list[Any] = [[], True, None, "x", 1]
    for body in bodies:
        assert fields(api.post("/schemas/validate", content=json.dumps(body))) == ["body"]
    refused(api.post("/schemas/validate", content=b"{"), 400, "MALFORMED_JSON")


def _diff(api: httpx.Client, old: Any, new: Any, **more: Any) -> dict[str, Any]:
    answer = api.post("/schemas/diff", json={"old": old, "new": new, **more})
    got = made(answer)
    assert answer.status_code == 200
    assert set(got) == {"change_type", "is_compatible", "breaking_changes", "all_changes"}
    return got


@pytest.mark.parametrize(
    ("old", "new", "mode", "expected"),
    [
        (ONE, ONE, None, ("patch", True, 0, 0)),
        (ONE, WIDER, None, ("minor", True, 0, 1)),
        (WIDER, ONE, None, ("major", False, 1, 1)),
        (WIDER, ONE, "none", ("major", True, 0, 1)),
        (WIDER, ONE, "forward", ("major", True, 0, 1)),
        (WIDER, ONE, "full", ("major", False, 1, 1)),
        (ONE, {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}, "full", ("minor", False, 1, 1)),
    ],
)
def test_how_two_schemas_differ(api: httpx.Client, old: Any, new: Any, mode: str | None, expected: Any) -> None:
    got = _diff(api, old, new, **({"compatibility_mode": mode} if mode else {}))
    counts = len(got["breaking_changes"]), len(got["all_changes"])
    assert (got["change_type"], got["is_compatible"], *counts) == expected
    assert all(change["message"] and change["fingerprint"] for change in got["all_changes"])


def test_the_policies_for_contracts_of_assets_do_not_count_here(api: httpx.Client) -> None:
    stamped = _diff(api, {"const": "1.0.0"}, {"const": "1.1.0"})
    assert [change["type"] for change in stamped["breaking_changes"]] == ["const_changed"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"new": ONE}, "body.old"),
        ({"old": ONE}, "body.new"),
        ({"old": None, "new": ONE}, "body.old"),
        ({"old": ONE, "new": []}, "body.new"),
        ({"old": ONE, "new": ONE, "compatibility_mode": "up"}, "body.compatibility_mode"),
        ({"old": ONE, "new": ONE, "compatibility_mode": None}, "body.compatibility_mode"),
        ({"old": {"description": "x" * 1_000_001}, "new": ONE}, "body.old"),
    ],
)
def test_diffs_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post("/schemas/diff", json=body)) == [field]


def test_invalid_schemas_are_not_compared(api: httpx.Client) -> None:
    for body in ({"old": {"type": "text"}, "new": ONE}, {"old": ONE, "new": {"type": "text"}}):
        assert refused(api.post("/schemas/diff", json=body), 400, "INVALID_SCHEMA")["details"]["errors"]


def test_a_key_that_may_read_is_enough(api: httpx.Client) -> None:
    reader = with_key(api, key(api, team(api), "read"))
    assert made(reader.post("/schemas/validate", json=ONE))["valid"] is True
    assert _diff(reader, ONE, WIDER)["is_compatible"] is True
