"""OpenAPI schemas as JSON Schema: what is translated, dropped, hidden, refused (api.md 2.7)."""

from typing import Any

import msgspec
import pytest

from adapters.sources.openapi import Naming, read
from domain.sync.spec import AssetSpec, Document
from tests.openapi.worlds import answer, operation, parameter, spec

SCHEMA = "#/paths/~1x/get/responses/200/content/application~1json/schema"


def _read(document: Any) -> Document:
    return read(msgspec.json.encode(document), Naming("api", "api"))


def _only(document: Any) -> AssetSpec:
    found = _read(document)
    assert [error.message for error in found.errors] == []
    (item,) = found.specs
    return item


def _response(schema: Any, version: str = "3.0.3", **schemas: Any) -> Any:
    document = spec({"/x": {"get": {"responses": {"200": answer(schema)}}}}, openapi=version)
    item = _only({**document, "components": {"schemas": schemas}})
    assert item.schema is not None
    properties = item.schema["properties"]
    assert isinstance(properties, dict)
    return properties["response"]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"nullable": True}, {}),
        (
            {"allOf": [{"type": "string"}], "nullable": True},
            {"anyOf": [{"allOf": [{"type": "string"}]}, {"type": "null"}]},
        ),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"exclusiveMinimum": True}, {}),
        (
            {"type": "string", "example": 1, "xml": {}, "externalDocs": {}, "discriminator": {}, "x-y": 1},
            {"type": "string"},
        ),
        ({"properties": {"example": {"example": 1}, "x-a": {}}}, {"properties": {"example": {}, "x-a": {}}}),
        (
            {"default": {"nullable": True}, "enum": [{"example": 1}]},
            {"default": {"nullable": True}, "enum": [{"example": 1}]},
        ),
    ],
)
def test_translations(schema: Any, expected: Any) -> None:
    assert _response(schema) == expected


def test_what_stands_beside_a_reference_counts_from_3_1_on() -> None:
    schema = {"$ref": "#/components/schemas/A", "maxLength": 3}
    assert _response(schema, A={"type": "string"}) == {"$ref": "#/$defs/A"}
    assert _response(schema, "3.1.0", A={"type": "string"}) == {"$ref": "#/$defs/A", "maxLength": 3}


@pytest.mark.parametrize("schema", [True, False])
def test_boolean_schemas(schema: bool) -> None:
    assert _response(schema, "3.1.0") == ({} if schema else {"not": {}})


def test_properties_that_are_only_read_or_only_written() -> None:
    body = {"$ref": "#/components/schemas/All"}
    document = spec(
        {"/x": {"post": {"requestBody": {"content": answer(body)["content"]}, "responses": {"200": answer(body)}}}}
    )
    document["components"]["schemas"] = {
        "Id": {"type": "integer", "readOnly": True},
        "All": {
            "allOf": [
                {
                    "type": "object",
                    "properties": {"id": {"$ref": "#/components/schemas/Id"}, "name": {"type": "string"}},
                },
                {"properties": {"word": {"type": "string", "writeOnly": True}}, "required": ["id", "name", "word"]},
            ]
        },
    }
    definitions: Any = (_only(document).schema or {})["$defs"]
    sent, got = definitions["request:All"]["allOf"], definitions["All"]["allOf"]
    assert ([*sent[0]["properties"]], [*sent[1]["properties"]], sent[1]["required"]) == (
        ["name"],
        ["word"],
        ["name", "word"],
    )
    assert ([*got[0]["properties"]], got[1]["properties"], got[1]["required"]) == (["id", "name"], {}, ["id", "name"])


def test_a_contract_has_the_definitions_that_it_reaches() -> None:
    document = spec({"/x": {"get": operation()}})
    document["components"]["schemas"]["Other"] = {"type": "string"}
    schema = _only(document).schema or {}
    assert schema["$defs"].keys() == {"User"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("schema", "place", "why"),
    [
        ({"$ref": "#/components/schemas/None"}, SCHEMA + "/$ref", "leads nowhere"),
        ({"$ref": "other.yaml#/A"}, SCHEMA + "/$ref", "never followed"),
        ({"$ref": "#/components/schemas/Loop"}, "#/components/schemas/Loop", "itself"),
        ({"$ref": "#/components/schemas/Far"}, "#/components/schemas/Far/properties/a/$ref", "never followed"),
        ({"$ref": 3}, SCHEMA + "/$ref", "must be a text"),
        ({"properties": {"a": 3}}, SCHEMA + "/properties/a", "must be an object"),
        ({"$dynamicRef": "#a"}, SCHEMA + "/$dynamicRef", "not read"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(schema: Any, place: str, why: str) -> None:
    document = spec({"/x": {"get": {"responses": {"200": answer(schema)}}}, "/y": {"get": operation()}})
    loop, far = {"$ref": "#/components/schemas/Loop"}, {"properties": {"a": {"$ref": "https://x/y"}}}
    document["components"]["schemas"] |= {"Loop": loop, "Far": far}
    found = _read(document)
    assert [item.fqn for item in found.specs] == ["api.y.get"]
    assert f"{place}: " in found.errors[0].message and why in found.errors[0].message, found.errors


@pytest.mark.parametrize(
    "odd",
    [
        {"get": 3},
        {"get": {"parameters": {}}},
        {"parameters": 3, "get": {}},
        {"get": {"parameters": [{"name": "x"}]}},
        {"get": {"responses": []}},
        {"get": {"requestBody": 1}},
        {"get": {"responses": {"200": {"content": {"a": 1}}}}},
    ],
)
def test_odd_operations_are_told_and_the_others_read(odd: Any) -> None:
    found = _read(spec({"/odd": odd, "/x": {"get": operation()}}))
    assert ([item.fqn for item in found.specs], len(found.errors)) == (["api.x.get"], 1)
    assert found.errors[0].message.startswith("GET /odd: #/paths/~1odd")


def test_parts_of_a_contract() -> None:
    xml = answer({"type": "string"}, "text/xml")["content"]
    bodies = {"text/xml": {"type": "string"}, "application/a+json": {"type": "object"}}
    get = operation(
        parameter("limit", style="spaceDelimited"),
        parameter("limit", "header"),
        requestBody={
            "required": True,
            "content": {**xml, **answer({"type": "object"}, "application/a+json")["content"]},
        },
        responses={
            "204": {"description": "x", "headers": {"X-A": {"schema": {"type": "integer"}, "required": True}}},
            "default": answer({"type": "array"}),
        },
        security=[{"key": ["read"]}, {}],
        deprecated=True,
    )
    item = _only(spec({"/x/{id}": {"parameters": [parameter("limit"), parameter("id", "path")], "get": get}}))
    assert item.schema == {
        "type": "object",
        "properties": {
            "request": {"type": "object"},
            "requests": {"type": "object", "properties": bodies},
            "response": {"type": "array"},
            "responses": {"type": "object", "properties": {"204": {}, "default application/json": {"type": "array"}}},
            "headers": {"type": "object", "properties": {"204 X-A": {"type": "integer"}}, "required": ["204 X-A"]},
            "parameters": {
                "type": "object",
                "properties": {
                    "query.limit": {"type": "string", "x-serialization": {"style": "spaceDelimited"}},
                    "path.id": {"type": "string", "x-place": 0},
                    "header.limit": {"type": "string"},
                },
                "required": ["path.id"],
            },
        },
        "required": ["request", "response", "parameters"],
        "x-security": [{"key": ["read"]}, {}],
        "x-deprecated": True,
    }


def test_webhooks_and_callbacks_are_counted_in_one_warning() -> None:
    document = spec({"/x": {"get": operation(callbacks={"a": {}, "b": {}})}}, webhooks={"c": {}})
    (warning,) = _read(document).warnings
    assert warning.startswith("3 webhooks and callbacks")


def test_descriptions_and_tags_of_fields() -> None:
    noted = {"description": "A", "x-muniment": {"tags": ["pii", 3]}}
    user = {"properties": {"a": noted, "b": {"x-tessera": {"tags": "x"}}}}
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/User"}}
    document = spec({"/x": {"get": operation(parameter("q"), responses={"200": answer(listed)})}})
    document["components"]["schemas"]["User"] = user
    item = _only(document)
    path = "$.properties.response.items.properties.a"
    assert (item.field_descriptions, item.field_tags) == ({path: "A"}, {path: ["pii"]})


def test_a_recursive_reference_in_the_words_of_an_older_draft() -> None:
    node = {"$recursiveAnchor": True, "properties": {"next": {"$recursiveRef": "#"}}}
    got = answer({"$ref": "#/components/schemas/Node"})
    document = spec({"/x": {"get": {"responses": {"200": got}}}}, openapi="3.1.0")
    document["components"]["schemas"]["Node"] = node
    assert (_only(document).schema or {})["$defs"] == {"Node": {"properties": {"next": {"$ref": "#/$defs/Node"}}}}


@pytest.mark.parametrize("names", [("Category", "Alias", "Holder"), ("Holder", "Alias", "Category")])
def test_a_definition_that_names_itself_is_read_and_hidden_alike_wherever_it_is_named(names: tuple[str, ...]) -> None:
    category = {"readOnly": True, "properties": {"parent": {"$ref": "#/components/schemas/Category"}}}
    holder = {"properties": {"category": {"$ref": "#/components/schemas/Category"}}}
    schemas = {"Category": category, "Alias": {"$ref": "#/components/schemas/Category"}, "Holder": holder}
    paths = {f"/{name}": {"post": {"requestBody": answer({"$ref": f"#/components/schemas/{name}"})}} for name in names}
    found = _read({**spec(paths), "components": {"schemas": schemas}})
    assert found.errors == ()
    wholes: list[Any] = [item.schema for item in found.specs]
    definitions = {name: each for whole in wholes for name, each in whole["$defs"].items()}
    assert definitions == {"request:Category": {"properties": {}}, "request:Holder": {"properties": {}}}


def test_whether_a_property_is_hidden_is_found_in_definitions_composed_of_themselves_many_times() -> None:
    one, other = ({"$ref": f"#/components/schemas/{name}"} for name in ("One", "Other"))
    hidden = {"allOf": [*[one] * 30, *[other] * 30, {"type": "object", "writeOnly": True}]}
    shown = {"allOf": [*[one] * 30, {"type": "object"}]}
    properties = {"hidden": other, "shown": one}
    got = _response({"type": "object", "properties": properties}, One=shown, Other=hidden)
    assert [*got["properties"]] == ["shown"]


def test_a_header_that_is_told_as_a_parameter_is_translated_its_own_way() -> None:
    hidden = {"properties": {"a": {"readOnly": True}, "b": {"writeOnly": True}}}
    header = {"name": "x", "in": "header", "schema": hidden}
    response = {"description": "", "headers": {"x": {"$ref": "#/components/parameters/x"}}}
    get = {"parameters": [{"$ref": "#/components/parameters/x"}], "responses": {"200": response}}
    item = _only({**spec({"/x": {"get": get}}), "components": {"parameters": {"x": header}}})
    parts: Any = item.schema
    parts = parts["properties"]
    assert parts["parameters"]["properties"] == {"header.x": {"properties": {"b": {}}}}
    assert parts["headers"]["properties"] == {"200 x": {"properties": {"a": {}}}}
