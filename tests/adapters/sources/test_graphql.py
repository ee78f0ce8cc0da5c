"""What becomes of the parts of a GraphQL schema (api.md 2.8)."""

import json
from typing import Any

import pytest
from graphql import build_schema, introspection_from_schema

from adapters.sources.errors import InvalidDocument
from adapters.sources.graphql import read
from domain.sync.spec import AssetSpec


def items(text: str) -> dict[str, AssetSpec]:
    return {spec.item: spec for spec in read(text, key="shop", prefix="graphql").specs}


def schema(text: str, name: str) -> Any:
    return items(text)[name].schema


def errors(text: str) -> list[str]:
    with pytest.raises(InvalidDocument) as refused:
        items(text)
    assert refused.value.code == "INVALID_GRAPHQL_SCHEMA"
    return refused.value.errors


BORDERS = "type Order { a: Int } enum Role { A } scalar Date union Any = Order interface Node { a: Int }"


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("String!", {"type": "string"}),
        ("ID", {"type": ["string", "null"]}),
        ("Int!", {"type": "integer"}),
        ("Float", {"type": ["number", "null"]}),
        ("Boolean!", {"type": "boolean"}),
        ("Order!", {"type": "object", "x-graphql-type": "Order"}),
        ("Node!", {"type": "object", "x-graphql-type": "Node"}),
        ("Order", {"anyOf": [{"type": "object", "x-graphql-type": "Order"}, {"type": "null"}]}),
        ("Any!", {"x-graphql-type": "Any"}),
        ("Role!", {"type": "string", "x-graphql-type": "Role"}),
        ("Date!", {"x-graphql-type": "Date"}),
        ("Date", {"anyOf": [{"x-graphql-type": "Date"}, {"type": "null"}]}),
        ("[Int!]!", {"type": "array", "items": {"type": "integer"}}),
        ("[[Int]!]", {"type": ["array", "null"], "items": {"type": "array", "items": {"type": ["integer", "null"]}}}),
    ],
)
def test_the_type_of_a_field(type: str, expected: Any) -> None:
    assert schema(f"{BORDERS} type T {{ f: {type} }}", "T")["properties"] == {"f": expected}


def test_input_types_are_closed_and_keep_their_defaults() -> None:
    fields = "a: Int! b: Int! = 1 c: R = X d: [Float!] = [1.5, 2] e: J = {x: null, y: [true]}"
    text = f"input I {{ {fields} }} enum R {{ X }} input J {{ x: Int }}"
    found = schema(text, "I")
    defaults = {name: each["default"] for name, each in found["properties"].items() if "default" in each}
    assert defaults == {"b": 1, "c": "X", "d": [1.5, 2], "e": {"x": None, "y": [True]}}
    assert (found["required"], found["additionalProperties"], found["x-graphql-kind"]) == (["a"], False, "input")


def test_numbers_beyond_json_stay_text() -> None:
    text = f"scalar Big type T {{ f(a: Big = {10**30}, b: Float = 1e999): Int }}"
    found = schema(text, "T")["x-graphql-arguments"]["f"]["properties"]
    assert (found["a"]["default"], found["b"]["default"]) == (str(10**30), "1e999")


def test_enums_unions_and_one_of() -> None:
    text = "enum E { B A } union U = X | Y type X { a: E } type Y { a: E } input I @oneOf { a: Int b: Int }"
    found = items(text)
    assert found["E"].schema == {"type": "string", "enum": ["B", "A"], "x-graphql-kind": "enum"}
    assert found["U"].schema == {
        "anyOf": [{"x-graphql-type": "X"}, {"x-graphql-type": "Y"}],
        "x-graphql-kind": "union",
    }
    assert found["I"].schema is not None
    assert (found["I"].schema["minProperties"], found["I"].schema["maxProperties"]) == (1, 1)


def test_extensions_add_to_their_type_wherever_it_is() -> None:
    text = """
    extend type User @key(fields: "id") { id: ID! @external reviews: [Review!] }
    type Review implements Node { body: String }
    extend type Review implements Rated { id: ID! }
    interface Node { id: ID } interface Rated { id: ID }
    enum E { A } extend enum E { B } union U = Review extend union U = User
    input I { a: Int } extend input I { b: Int! }
    """
    found = items(text)
    shape: dict[str, Any] = {name: spec.schema for name, spec in found.items()}
    assert shape["User"]["properties"].keys() == {"id", "reviews"}
    assert shape["Review"]["x-graphql-interfaces"] == ["Node", "Rated"]
    assert shape["E"]["enum"] == ["A", "B"] and len(shape["U"]["anyOf"]) == 2 and shape["I"]["required"] == ["b"]
    assert found["User"].metadata["directives"] == ['@key(fields: "id")']
    assert [edge.item for edge in found["User"].upstream] == ["Review"]


def test_federation_and_unknown_directives_and_own_roots_are_fine() -> None:
    text = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"]) @mine(x: 1)
    directive @key(fields: _FieldSet!) repeatable on OBJECT
    schema @about { query: Root }
    type Root @shareable { _entities(representations: [_Any!]!): [_Entity]! old: Int @deprecated(reason: "x") }
    """
    found = items(text)
    assert list(found) == ["Root"]
    assert schema(text, "Root")["properties"]["old"] == {"type": ["integer", "null"], "deprecated": True}


def test_an_introspection_result_says_the_same_as_its_sdl() -> None:
    text = """
    "told" type Query { "field" a(x: Int! = 3, y: [R]): [R!] }
    enum R { A } union U = Query input I { a: Float = 1 }
    """
    result = introspection_from_schema(build_schema(text))
    for content in ({"data": result}, result):
        found = items(json.dumps(content))
        assert {name: (spec.schema, spec.metadata) for name, spec in found.items()} == {
            name: (spec.schema, spec.metadata) for name, spec in items(text).items()
        }
        assert found["Query"].field_descriptions == {"$.properties.a": "field"}


@pytest.mark.parametrize("text", ["", " \n", "# only words\n", "#a\r\n,\ufeff\n#b"])
def test_nothing_but_comments_is_fine(text: str) -> None:
    assert items(text) == {}


def test_every_error_is_told_with_its_place() -> None:
    text = 'type A { a: B }\n"""\nwords\n"""\ntype A { b: C }\nschema { query: D }\n'
    text += "union U = E\ntype F implements G { a: Int }"
    assert errors(text) == [
        "Type A is declared twice (line 1, column 6: type A { a: B }; line 5, column 6: type A { b: C })",
        "Unknown type B (line 1, column 13: type A { a: B })",
        "Unknown type C (line 5, column 13: type A { b: C })",
        "Unknown type D (line 6, column 17: schema { query: D })",
        "Unknown type E (line 7, column 11: union U = E)",
        "Unknown type G (line 8, column 19: type F implements G { a: Int })",
    ]


def test_places_in_joined_files_name_the_file() -> None:
    text = "# file: a.graphql\ntype A { a: B }\n# file: b/c.graphql\n\ntype C { a: D }"
    assert [error.split("(")[1][:20] for error in errors(text)] == ["a.graphql line 1, co", "b/c.graphql line 2, "]


def test_what_is_declared_twice_in_one_type() -> None:
    alike = read('type A { a: Int "x" a: Int @deprecated }', key="k", prefix="p")
    assert (len(alike.specs), alike.warnings) == (1, ("A.a is declared twice, in the same way",))
    assert "A.a is declared twice, in different ways" in errors("type A { a: Int a: Int! }")[0]
    assert "is an object here and an input there" in errors("type A { a: Int } extend input A { b: Int }")[0]


@pytest.mark.parametrize(
    "bomb", ["type A { a: " + "[" * 100_000, "type A { a(b: I = " + "{c:" * 100_000, "{" * 100_000]
)
def test_bombs_are_refused(bomb: str) -> None:
    assert errors(bomb)


def test_a_hundred_levels_are_read_and_brackets_in_words_do_not_count() -> None:
    assert schema("type A { a: " + "[" * 90 + "Int" + "]" * 90 + " }", "A")
    assert items('"' + "[" * 200 + '" type A { "' + "{" * 200 + '" a: Int } #' + "[" * 200)
    assert items('"""' + "[" * 200 + '\\"""' + "[" * 200 + '""" type A { a: Int }')


def test_a_long_line_is_shown_in_part() -> None:
    (error,) = errors("type A { " + "a: Int " * 3000 + "b: Nowhere }")
    assert "Nowhere" in error and len(error) < 300
