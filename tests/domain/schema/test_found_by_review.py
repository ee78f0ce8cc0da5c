"""Changes that once counted as safe and are not, each with the document that proves it."""

from typing import Any

import pytest
from jsonschema_rs import validator_for

from adapters.contract_engine import ENGINE
from adapters.proofs import asserted
from domain.schema.change import Direction, Mode
from domain.schema.compare import differences
from domain.schema.judge import Terms, judge

SEVENTH = "http://json-schema.org/draft-07/schema#"
_TEXT_OR_NULL = {"type": "string", "nullable": True}
_OPEN_BRANCH = {"properties": {"a": {"type": "string"}}, "additionalProperties": True}
_BAR = {"properties": {"bar": {"type": "integer"}}}
_FOO = {"properties": {"foo": {"type": "string"}}, "required": ["foo"]}


def _shared(type_: Any, values: list[str]) -> Any:
    """A definition that stands in a union, which takes all its values anyhow, and once more by itself."""
    named = {"$ref": "#/$defs/A"}
    properties = {"a": {"anyOf": [named, {"type": "integer"}]}, "e": {"enum": values}, "z": named}
    return {"properties": properties, "$defs": {"A": {"type": type_}}}


# Old, new, a document of the old schema that the new one refuses.
WRITERS: dict[str, tuple[Any, Any, Any]] = {
    "null that only one branch of allOf took": (
        {"allOf": [_TEXT_OR_NULL, dict(_TEXT_OR_NULL)]},
        {"allOf": [_TEXT_OR_NULL, {"type": "string"}]},
        None,
    ),
    "a new property that a branch knows": (
        {"allOf": [_OPEN_BRANCH]},
        {"allOf": [_OPEN_BRANCH], "properties": {"a": {"type": "integer"}}},
        {"a": "x"},
    ),
    "a new property that a branch means with the rest": (
        {"allOf": [{"additionalProperties": {"type": "string"}}]},
        {"allOf": [{"additionalProperties": {"type": "string"}}], "properties": {"a": {"type": "integer"}}},
        {"a": "x"},
    ),
    "a new property that a choice knows": (
        {"anyOf": [{"properties": {"a": {"type": "string"}}}, {"type": "null"}]},
        {"anyOf": [{"properties": {"a": {"type": "string"}}}, {"type": "null"}], "properties": {"a": {"type": "null"}}},
        {"a": "x"},
    ),
    "a new property that another depends on": (
        {"dependentRequired": {"b": ["a"]}},
        {"dependentRequired": {"b": ["a"]}, "properties": {"a": {"type": "integer"}}},
        {"a": "x", "b": 1},
    ),
    "a new property that a constant has": (
        {"enum": [{"a": "x"}, {}]},
        {"enum": [{"a": "x"}, {}], "properties": {"a": {"type": "integer"}}},
        {"a": "x"},
    ),
    "required where only one side is flat": (
        {"allOf": [_BAR, {**_FOO, "prefixItems": [{"const": 2}]}]},
        {"allOf": [{**_BAR, "required": ["bar"]}, _FOO]},
        {"foo": "a"},
    ),
    "a format of numbers": (
        {"type": "integer", "format": "int64"},
        {"type": "integer", "format": "int32", "maximum": 2**31},
        2**40,
    ),
    "a keyword of a later draft": (
        {"$schema": SEVENTH, "prefixItems": [{"type": "string"}]},
        {"$schema": SEVENTH, "items": [{"type": "string"}]},
        [1],
    ),
    "a constant in draft 4": (
        {"$schema": "http://json-schema.org/draft-04/schema#", "const": 1},
        {"$schema": "http://json-schema.org/draft-04/schema#", "enum": [1]},
        2,
    ),
    "an item that must be there twice over": (
        {"type": "array", "contains": {"const": 1}, "maxItems": 1},
        {"type": "array", "contains": {"const": 1}, "maxItems": 1, "items": {"not": {"const": 1}}},
        [1],
    ),
}
# Old, new, a document of the new schema that the old one refuses.
READERS: dict[str, tuple[Any, Any, Any]] = {
    "a definition spared in a union": (_shared("string", ["x"]), _shared(["string", "integer"], ["x", "y"]), {"z": 1}),
    "a property that moved into a looser branch": (
        {"properties": {"a": {"type": "string"}}},
        {"anyOf": [{"properties": {"a": True}}]},
        {"a": 1},
    ),
    "required that went with a property into a branch": (
        {"properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"anyOf": [{"properties": {"a": {"type": "string"}}}]},
        {},
    ),
    "a bound gone beside an enum that grows": (
        {"allOf": [{"title": "X", "enum": [1, 7]}, {"maximum": 5, "prefixItems": [True]}]},
        {"allOf": [{"title": "X", "enum": [1, 2, 7]}]},
        7,
    ),
    "a union that went": ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, {}, []),
    "a union drawn together": (
        {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]},
        {"anyOf": [{"type": ["string", "integer"]}]},
        "abcd",
    ),
}


def _compatible(old: Any, new: Any, mode: Mode, direction: Direction | None) -> bool:
    return judge(differences(old, new, ENGINE), Terms(mode=mode, direction=direction, policies=False)).compatible


def _proves(takes: Any, refuses: Any, document: Any) -> bool:
    read: list[Any] = [asserted(each) for each in (takes, refuses)]
    one, other = (validator_for(each, validate_formats=False) for each in read)
    return one.is_valid(document) and not other.is_valid(document)


@pytest.mark.parametrize("case", WRITERS.values(), ids=WRITERS)
def test_documents_that_are_refused_break(case: tuple[Any, Any, Any]) -> None:
    old, new, document = case
    assert _proves(old, new, document)
    for mode, direction in ((Mode.backward, None), (Mode.backward, Direction.accepted), (Mode.full, None)):
        assert not _compatible(old, new, mode, direction)
    assert not _compatible(new, old, Mode.backward, Direction.produced)


@pytest.mark.parametrize("case", READERS.values(), ids=READERS)
def test_documents_that_nobody_expected_break(case: tuple[Any, Any, Any]) -> None:
    old, new, document = case
    assert _proves(new, old, document)
    assert not _compatible(old, new, Mode.backward, Direction.produced)
    assert not _compatible(old, new, Mode.forward, None)


def test_a_pattern_that_is_not_understood_is_not_taken_to_fit() -> None:
    old = {"patternProperties": {"^(?!a)": {"type": "string"}}, "additionalProperties": {"type": "integer"}}
    new = {**old, "properties": {"a": {"type": "string"}}}
    assert _proves(old, new, {"a": 1})
    assert not _compatible(old, new, Mode.backward, None)


@pytest.mark.parametrize("kept", ["x-security", "x-graphql-kind"])
def test_promises_of_which_documents_show_nothing_are_kept(kept: str) -> None:
    for direction in (None, Direction.produced, Direction.accepted):
        assert not _compatible({kept: "a"}, {kept: "b"}, Mode.backward, direction)


def test_bounds_of_draft_4_are_compared() -> None:
    fourth: dict[str, Any] = {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 5}
    assert differences(fourth, {**fourth, "exclusiveMinimum": False}, ENGINE) == ()
    assert not _compatible(fourth, {**fourth, "exclusiveMinimum": True}, Mode.backward, None)
    assert _compatible({**fourth, "exclusiveMinimum": True}, fourth, Mode.backward, None)


def _doubled(levels: int, last: Any, keyword: str) -> Any:
    steps = {f"d{n}": {keyword: [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(levels)}
    return {"$ref": "#/$defs/d0", "$defs": {**steps, f"d{levels}": last}}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf"])
def test_definitions_that_double_at_each_step_do_not_explode(keyword: str) -> None:
    old, new = _doubled(40, {"type": "string"}, keyword), _doubled(40, {"type": "integer"}, keyword)
    assert not _compatible(old, new, Mode.backward, None)


def test_a_reference_to_itself_and_500_levels_are_named() -> None:
    deep: Any = {"type": "string"}
    for _ in range(500):
        deep = {"properties": {"a": deep}}
    pairs: list[Any] = [({"$ref": "#"}, {"$ref": "#", "type": "null"}, "itself"), (deep, {"not": deep}, "deep")]
    for old, new, word in pairs:
        found = differences(old, new, ENGINE)
        assert [word in each.why for each in found if each.type == "undecidable"] == [True]
        assert not _compatible(old, new, Mode.backward, None)


@pytest.mark.parametrize("reference", ["#/nowhere", "http://127.0.0.1:9/outside"])
def test_branches_that_lead_nowhere_end(reference: str) -> None:
    branch: Any = {"$ref": reference, "properties": {"b": {}}}
    old: Any = {"anyOf": [branch, {"type": "null"}, {"$ref": reference, "title": "x"}]}
    assert not _compatible(old, {"anyOf": [{"type": "null"}]}, Mode.backward, None)
    added = differences(old, {**old, "properties": {"a": {"type": "integer"}}}, ENGINE)
    assert [each.type for each in added if each.refuses_old] == ["property_added"]


def test_a_branch_that_takes_its_own_definition_in_ends() -> None:
    def holding(each: Any) -> Any:
        return {"type": "object", "properties": {"p": {"$ref": "#/$defs/E"}}, "$defs": {"E": each}}

    endless = {"oneOf": [{"type": "object", "allOf": [{"$ref": "#/$defs/E"}]}, {"type": "null"}]}
    old, new = holding({"type": "object", "properties": {"q": {"type": "string"}}}), holding(endless)
    for one, other in ((old, new), (new, old)):
        found = differences(one, other, ENGINE)
        assert any(each.refuses_old for each in found)
