"""What is a schema at all, and small enough to be served (api.md 3.6)."""

from typing import Any

import pytest

from domain.schema.validity import limit_problems, problems

VALID: tuple[Any, ...] = (
    True,
    {},
    {"type": ["string", "null"], "enum": [None, 1], "const": None},
    {"properties": {"type": {"type": "string"}, "required": {}, "$ref": {}, "enum": {}}},
    {"items": [{"type": "string"}, True], "additionalItems": False},
    {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True},
    {"minLength": 2.0, "maximum": 1.5, "multipleOf": 0.1},
    {"allOf": [{}], "not": False, "$defs": {"a": {"$ref": "#/$defs/a"}}},
    {"x-anything": {"type": "nonsense"}, "default": {"type": "nonsense"}, "examples": [{"type": 1}]},
)
INVALID: tuple[tuple[Any, str], ...] = (
    (1, "#"),
    ([], "#"),
    (None, "#"),
    ({"type": "text"}, "#/type"),
    ({"type": ["string", 1]}, "#/type"),
    ({"type": None}, "#/type"),
    ({"required": "a"}, "#/required"),
    ({"required": [1]}, "#/required"),
    ({"enum": "a"}, "#/enum"),
    ({"minLength": -1}, "#/minLength"),
    ({"maxItems": 1.5}, "#/maxItems"),
    ({"maxItems": True}, "#/maxItems"),
    ({"minimum": "1"}, "#/minimum"),
    ({"exclusiveMinimum": "1"}, "#/exclusiveMinimum"),
    ({"multipleOf": 0}, "#/multipleOf"),
    ({"minContains": -1}, "#/minContains"),
    ({"uniqueItems": 1}, "#/uniqueItems"),
    ({"unevaluatedItems": 1}, "#/unevaluatedItems"),
    ({"$schema": 4}, "#/$schema"),
    ({"pattern": 1}, "#/pattern"),
    ({"$ref": 1}, "#/$ref"),
    ({"properties": []}, "#/properties"),
    ({"properties": {"a": {"type": "text"}}}, "#/properties/a/type"),
    ({"items": {"properties": {"a": 1}}}, "#/items/properties/a"),
    ({"items": [{"type": "text"}]}, "#/items/type"),
    ({"anyOf": []}, "#/anyOf"),
    ({"oneOf": [{}, {"type": 1}]}, "#/oneOf/1/type"),
    ({"$defs": {"a": None}}, "#/$defs/a"),
    ({"additionalProperties": "no"}, "#/additionalProperties"),
)


@pytest.mark.parametrize("schema", VALID, ids=str)
def test_schemas(schema: Any) -> None:
    assert problems(schema) == []


@pytest.mark.parametrize(("schema", "place"), INVALID, ids=str)
def test_no_schemas_and_the_place_that_says_so(schema: Any, place: str) -> None:
    assert [text.partition(":")[0] for text in problems(schema)] == [place]


def test_every_problem_is_named() -> None:
    assert len(problems({"type": "text", "properties": {"a": {"type": "x"}, "b": {"minLength": -1}}})) == 3


def _nested(levels: int) -> Any:
    schema: Any = {}
    for _ in range(levels - 1):
        schema = {"items": schema}
    return schema


def test_limits_hold_at_their_edges() -> None:
    assert limit_problems({"properties": {f"c{n}": {} for n in range(5000)}}) == []
    assert "5000 properties" in limit_problems({"properties": {f"c{n}": {} for n in range(5001)}})[0]
    nested: Any = {"properties": {"a": {"properties": {f"c{n}": {} for n in range(5000)}}}}
    assert "5000 properties" in limit_problems(nested)[0]
    assert limit_problems(_nested(32)) == []
    assert "32 levels" in limit_problems(_nested(33))[0]
    assert limit_problems({"title": "x" * (1_000_000 - 12)}) == []
    assert "1000000 bytes" in limit_problems({"title": "x" * (1_000_000 - 11)})[0]
