"""Avro schemas as JSON Schemas: each kind of type, names and namespaces, and what is no Avro schema."""

from typing import Any

import jsonschema_rs
import pytest

from adapters.contract_engine import ENGINE
from adapters.sources.avro import to_json_schema
from domain.schema.change import Mode
from domain.schema.compare import differences
from domain.schema.judge import Terms, judge
from domain.schema.validity import problems
from domain.values import Object


def converted(schema: Any) -> Object:
    found, errors = to_json_schema(schema)
    assert errors == [] and problems(found) == []
    jsonschema_rs.meta.validate(found)
    return found


def field(name: str, type: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, **more}


def record(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": "R", "fields": [*fields], **more}


INT = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("null", {"type": "null"}),
        ("boolean", {"type": "boolean"}),
        ("int", INT),
        ("long", {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}),
        ("float", {"type": "number"}),
        ("double", {"type": "number"}),
        ("bytes", {"type": "string"}),
        ("string", {"type": "string"}),
        ({"type": "string"}, {"type": "string"}),
        ({"type": "string", "logicalType": "uuid"}, {"type": "string", "format": "uuid"}),
        ({"type": "int", "logicalType": "date"}, INT),
        ({"type": "array", "items": "int"}, {"type": "array", "items": INT}),
        ({"type": "map", "values": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}),
        (["null", "string"], {"type": ["string", "null"]}),
        (["int", "null"], {**INT, "type": ["integer", "null"]}),
        (["int", "string"], {"anyOf": [INT, {"type": "string"}]}),
    ],
)
def test_types_in_a_field(type: Any, expected: Object) -> None:
    found = converted(record({"name": "a", "type": type, "doc": "About a."}))
    assert found == {
        "type": "object",
        "properties": {"a": {**expected, "description": "About a."}},
        "required": ["a"],
    }


def test_the_root_stands_in_its_place_and_may_be_of_any_kind() -> None:
    assert converted({"type": "array", "items": "string"}) == {"type": "array", "items": {"type": "string"}}
    assert converted({"type": "enum", "name": "E", "symbols": ["A", "B"]}) == {"type": "string", "enum": ["A", "B"]}
    assert converted({"type": "fixed", "name": "F", "size": 4}) == {"type": "string", "minLength": 4, "maxLength": 4}
    assert converted(record(doc="A record.")) == {
        "type": "object", "properties": {}, "required": [], "description": "A record.",
    }  # fmt: skip


def test_a_field_with_a_default_may_be_left_out() -> None:
    optional = field("a", ["null", "string"], default=None)
    assert converted(record(optional)) == {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"], "default": None}},
        "required": [],
    }


def test_named_types_are_referred_to_by_their_full_names() -> None:
    kind = {"type": "enum", "name": "Kind", "symbols": ["A"]}
    inner = {"type": "record", "name": "other.Inner", "fields": [{"name": "k", "type": "x.Kind"}]}
    types = [kind, "Kind", "x.Kind", inner, "other.Inner"]
    found = converted(record(*(field(f"f{n}", each) for n, each in enumerate(types)), namespace="x"))
    properties = found["properties"]
    assert isinstance(properties, dict)
    assert [each["$ref"] for each in properties.values() if isinstance(each, dict)] == [
        "#/$defs/x.Kind", "#/$defs/x.Kind", "#/$defs/x.Kind", "#/$defs/other.Inner", "#/$defs/other.Inner",
    ]  # fmt: skip
    assert isinstance(found["$defs"], dict) and set(found["$defs"]) == {"x.Kind", "other.Inner"}


def test_a_type_may_refer_to_itself() -> None:
    found = converted(record({"name": "next", "type": ["null", "R"], "default": None}))
    assert isinstance(found["$defs"], dict) and set(found["$defs"]) == {"R"}
    assert jsonschema_rs.is_valid(found, {"next": {"next": None}})
    assert not jsonschema_rs.is_valid(found, {"next": {"next": 1}})


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({}, "#/type"),
        ({"type": None}, "#/type"),
        ({"type": "text"}, "#/type"),
        ({"type": 5}, "#/type"),
        ({"type": []}, "#/type"),
        ({"type": ["null", ["int"]]}, "#/type"),
        ({"type": ["int", "int"]}, "#/type"),
        ({"type": ["null", "nothing"]}, "#/type/1"),
        ({"type": "array"}, "#/items"),
        ({"type": "map", "values": "text"}, "#/values"),
        ({"type": "record", "fields": []}, "#/name"),
        ({"type": "record", "name": "a b", "fields": []}, "#/name"),
        ({"type": "record", "name": 5, "fields": []}, "#/name"),
        ({"type": "record", "name": "string", "fields": []}, "#/name"),
        ({"type": "record", "name": "R", "namespace": 5, "fields": []}, "#/name"),
        ({"type": "record", "name": "R"}, "#/fields"),
        ({"type": "record", "name": "R", "fields": {}}, "#/fields"),
        ({"type": "record", "name": "R", "fields": [5]}, "#/fields/0"),
        ({"type": "record", "name": "R", "fields": [{"type": "int"}]}, "#/fields/0"),
        ({"type": "record", "name": "R", "fields": [{"name": "a"}]}, "#/fields/0/type"),
        ({"type": "record", "name": "R", "fields": [{"name": "1a", "type": "int"}]}, "#/fields/0"),
        ({"type": "record", "name": "R", "fields": [field("a", "int")] * 2}, "#/fields/1"),
        (
            record(
                field("a", {"type": "enum", "name": "E", "symbols": ["A"]}),
                field("b", {"type": "fixed", "name": "E", "size": 1}),
            ),
            "#/fields/1/type/name",
        ),
        ({"type": "enum", "name": "E", "symbols": []}, "#/symbols"),
        ({"type": "enum", "name": "E", "symbols": ["A", "A"]}, "#/symbols"),
        ({"type": "enum", "name": "E", "symbols": ["A", 5]}, "#/symbols"),
        ({"type": "enum", "name": "E", "symbols": "A"}, "#/symbols"),
        ({"type": "fixed", "name": "F", "size": "4"}, "#/size"),
        ({"type": "fixed", "name": "F", "size": True}, "#/size"),
        ({"type": "fixed", "name": "F", "size": -1}, "#/size"),
    ],
)
def test_what_is_no_avro_schema_is_told_with_its_place(schema: Any, place: str) -> None:
    found, errors = to_json_schema(schema)
    assert found == {} and errors and errors[0].startswith(place), errors


@pytest.mark.parametrize(
    ("old", "new", "compatible"),
    [
        (record(field("a", "int")), record(field("a", "long")), True),
        (record(field("a", "long")), record(field("a", "int")), False),
        (record(field("a", "string")), record(field("a", ["null", "string"])), True),
        (
            record(field("a", "int")),
            record(field("a", "int"), field("b", "int")),
            False,
        ),
        (
            record(field("a", "int")),
            record(field("a", "int"), field("b", "int", default=0)),
            True,
        ),
        (record(field("a", "int")), record(), False),
        (
            {"type": "enum", "name": "E", "symbols": ["A"]},
            {"type": "enum", "name": "E", "symbols": ["A", "B"]},
            True,
        ),
    ],
)
def test_steps_of_avro_schemas_are_judged_as_those_of_their_data(old: Any, new: Any, compatible: bool) -> None:
    judgement = judge(differences(converted(old), converted(new), ENGINE), Terms(mode=Mode.backward))
    assert judgement.compatible is compatible
