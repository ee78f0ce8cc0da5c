"""Inclusion of schemas: what holds, what does not and by which value, and what ends in time whatever it is."""

from typing import Any

import pytest

from adapters.patterns import Patterns
from adapters.proofs import Validators
from domain.schema.inclusion.question import Holds, Inclusion, Terminology, inclusion

LANGUAGES, SEVENTH = Patterns(), "http://json-schema.org/draft-07/schema#"
TREE = {"type": "object", "properties": {"k": {"type": "array", "items": {"$ref": "#/$defs/n"}}, "v": {}}}


def asked(inner: Any, outer: Any, dialect: str = "") -> Inclusion:
    found = inclusion(inner, outer, LANGUAGES, Terminology(dialect=dialect))
    if found.holds is Holds.no:
        assert Validators(dialect).proves(inner, outer, found.witness), found.witness
    return found


def _tree(value: Any) -> Any:
    node = {**TREE, "properties": {**TREE["properties"], "v": value}, "required": ["v"]}  # type: ignore[dict-item]
    return {"$ref": "#/$defs/n", "$defs": {"n": node}}


# inner, outer: the first holds in the second, and not the other way round.
STRICTLY: dict[str, tuple[Any, Any]] = {
    "integers": ({"type": "integer"}, {"type": "number"}),
    "whole numbers": ({"type": "number", "multipleOf": 1}, {"type": "number"}),
    "multiples": ({"type": "number", "multipleOf": 6}, {"type": "number", "multipleOf": 1.5}),
    "bounds": ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": -0.5}),
    "true is not 1": ({"enum": [1]}, {"enum": [True, 0, 1]}),
    "a wedge without multiples": ({"enum": [5]}, {"type": "integer", "not": {"multipleOf": 2}}),
    "strings by length": ({"type": "string", "minLength": 2}, {"type": "string", "minLength": 1}),
    "strings by pattern": ({"pattern": "^ab+$", "type": "string"}, {"pattern": "^a", "type": "string"}),
    "patterns anywhere": ({"type": "string", "pattern": "abc"}, {"type": "string", "pattern": "b"}),
    "alternatives in a pattern": ({"type": "string", "pattern": "^(foo|bar)$"}, {"type": "string", "maxLength": 3}),
    "an enum inside a pattern": ({"enum": ["aa", "ab"]}, {"type": "string", "pattern": "^a"}),
    "enum split over branches": ({"enum": [1, "a", None]}, {"anyOf": [{"type": "integer"}, {"enum": ["a", None]}]}),
    "structured constants": ({"const": {"a": [1]}}, {"properties": {"a": {"items": {"type": "integer"}}}}),
    "exactly one": ({"oneOf": [{"minimum": 5}, {"maximum": 3}], "type": "integer"}, {"type": "integer"}),
    "one of overlapping branches": (
        {"oneOf": [{"type": "integer"}, {"minimum": 2}]},
        {"anyOf": [{"type": "integer"}, {"minimum": 2}]},
    ),
    "conditions": (
        {"required": ["a", "b"], "type": "object"},
        {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}},
    ),
    "dependents": (
        {"type": "object", "maxProperties": 0},
        {"type": "object", "dependentRequired": {"a": ["b"]}},
    ),
    "tuples": ({"prefixItems": [{"type": "integer"}], "items": False}, {"items": {"type": "integer"}}),
    "items that must be there": ({"contains": {"const": 1}, "type": "array"}, {"minItems": 1, "type": "array"}),
    "how many must be there": (
        {"type": "array", "contains": {"const": 1}, "minContains": 2},
        {"type": "array", "contains": {"type": "integer"}, "minContains": 2, "minItems": 2},
    ),
    "unique booleans": (
        {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True},
        {"type": "array", "maxItems": 2},
    ),
    "closed by names": (
        {"type": "object", "propertyNames": {"enum": ["a"]}},
        {"type": "object", "maxProperties": 1},
    ),
    "patterns of names": (
        {"type": "object", "patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": False},
        {"type": "object", "additionalProperties": {"type": "integer"}},
    ),
    "what nothing evaluated": (
        {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False, "type": "object"},
        {"type": "object", "maxProperties": 1},
    ),
    "recursion": (_tree({"type": "integer"}), _tree({"type": "number"})),
    "recursion that never ends": (
        {
            "$ref": "#/$defs/n",
            "$defs": {"n": {"type": "object", "properties": {"k": {"$ref": "#/$defs/n"}}, "required": ["k"]}},
        },
        {"type": "string"},
    ),
    "nothing at all": ({"allOf": [{"type": "string"}, {"type": "null"}]}, {"const": 1}),
}


@pytest.mark.parametrize("case", STRICTLY.values(), ids=STRICTLY)
def test_what_holds_one_way_holds_not_the_other(case: tuple[Any, Any]) -> None:
    inner, outer = case
    assert asked(inner, outer).holds is Holds.yes
    assert asked(outer, inner).holds is Holds.no


def test_true_is_not_1() -> None:
    assert asked({"enum": [1]}, {"enum": [True, 0]}).witness == 1
    assert asked({"enum": [True]}, {"enum": [1, False]}).witness is True


SAME: dict[str, tuple[Any, Any]] = {
    "a reference and what it leads to": ({"$ref": "#/$defs/a", "$defs": {"a": {"minimum": 1}}}, {"minimum": 1}),
    "definitions by another name": (
        _tree({"type": "null"}),
        {**TREE, "$defs": {"n": _tree({"type": "null"})["$defs"]["n"]}} | {"$ref": "#/$defs/n"},
    ),
    "twice not": ({"not": {"not": {"type": "string"}}}, {"type": "string"}),
    "integers by two names": ({"type": "integer"}, {"type": "number", "multipleOf": 1}),
    "a bound by two names": ({"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}),
    "length by pattern": ({"type": "string", "minLength": 2}, {"type": "string", "pattern": r"^[\s\S]{2,}$"}),
    "patterns written differently": ({"pattern": "^(ab|ac)$"}, {"pattern": "^a[bc]$"}),
    "1 and 1.0": ({"const": 1}, {"enum": [1.0]}),
    "a number that is none": ({"multipleOf": 2, "not": {"multipleOf": 2}, "type": "number"}, False),
    "order of branches": ({"oneOf": [{"type": "null"}, {"minimum": 1}]}, {"oneOf": [{"minimum": 1}, {"type": "null"}]}),
    "the same with an anchor": ({"$ref": "#x", "$defs": {"a": {"$anchor": "x", "type": "null"}}}, {"type": "null"}),
}


@pytest.mark.parametrize("case", SAME.values(), ids=SAME)
def test_what_says_the_same_holds_both_ways(case: tuple[Any, Any]) -> None:
    assert asked(*case).holds is Holds.yes
    assert asked(*reversed(case)).holds is Holds.yes


def test_up_to_draft_7_nothing_counts_beside_a_reference() -> None:
    schema = {"definitions": {"a": {"type": "string"}}, "$ref": "#/definitions/a", "maxLength": 1}
    assert asked({"type": "string"}, schema, SEVENTH).holds is Holds.yes
    assert asked({"type": "string"}, schema).holds is Holds.no


UNDECIDED: dict[str, tuple[Any, Any]] = {
    "an external reference": ({"$ref": "http://localhost/x"}, {"type": "string"}),
    "a reference to nowhere": ({"$ref": "#/nope"}, {"type": "string"}),
    "a reference to itself": ({"$ref": "#"}, {"type": "string"}),
    "references in a circle": (
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"type": "string"},
    ),
    "a definition that denies itself": ({"not": {"$ref": "#"}}, {"type": "string"}),
    "what is no schema": ({"properties": []}, {"properties": {"a": {"type": "null"}}}),
    "a bound that is none in draft 4": (
        {"$schema": "http://json-schema.org/draft-04/schema#", "type": "number", "exclusiveMinimum": 3},
        {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 4},
    ),
    "looking ahead": ({"type": "string"}, {"pattern": "^(?!a)"}),
    "a pattern that explodes": ({"type": "string", "pattern": "^(a|b)*a(a|b){40}$"}, {"pattern": "^(a|b)*b(a|b){40}$"}),
    "a pattern too large": ({"type": "string", "pattern": "^((a{1,90}){1,90}){1,90}$"}, {"pattern": "^a$"}),
}


@pytest.mark.parametrize("case", UNDECIDED.values(), ids=UNDECIDED)
def test_what_cannot_be_decided_says_why(case: tuple[Any, Any]) -> None:
    found = asked(*case)
    assert found.holds is Holds.unknown
    assert found.why


def _branches(count: int, odd: Any, keyword: str) -> Any:
    def one(n: int) -> Any:
        value = odd if n == count // 2 else {"type": "string"}
        return {"type": "object", "properties": {"t": {"const": n}, "v": value}, "required": ["t", "v"]}

    return {keyword: [one(n) for n in range(count)]}


@pytest.mark.parametrize(("keyword", "count"), [("anyOf", 10_000), ("oneOf", 300)])
def test_unions_of_many_branches(keyword: str, count: int) -> None:
    old, new = _branches(count, {"type": "string"}, keyword), _branches(count, {"type": "integer"}, keyword)
    assert asked(old, new).witness == {"t": count // 2, "v": ""}


def _nested(depth: int, leaf: Any) -> Any:
    for _ in range(depth):
        leaf = {"type": "object", "properties": {"a": leaf}, "required": ["a"]}
    return leaf


@pytest.mark.parametrize("depth", [150, 500])
def test_schemas_nested_too_deeply_are_not_called_compatible(depth: int) -> None:
    assert asked(_nested(depth, {"type": "string"}), _nested(depth, {"type": "null"})).holds is Holds.unknown


def test_the_same_pair_gets_the_same_answer_again() -> None:
    pigeons = {
        "type": "object",
        "required": [f"p{n}" for n in range(9)],
        "properties": {f"p{n}": {"enum": list(range(8))} for n in range(9)},
        "allOf": [
            {"not": {"properties": {f"p{a}": {"const": c}, f"p{b}": {"const": c}}}}
            for a in range(9)
            for b in range(a)
            for c in range(8)
        ],
    }
    first = asked(pigeons, False)
    assert first == asked(pigeons, False)
    assert first.holds is not Holds.no


LARGE = 9.727837981879871e26  # a multiple of three as a float that is written out, and none as its text says


def test_large_numbers_are_what_their_texts_say() -> None:
    assert asked({"const": 1e23}, {"const": 10**23}).holds is Holds.yes
    assert asked({"const": int(1e23)}, {"const": 1e23}).holds is Holds.no
    assert asked({"const": 1e308}, {"const": True}).witness == 1e308
    assert isinstance(asked({"const": 1e308}, {"const": True}).witness, float)
    assert asked({"const": 10**20}, {"type": "string"}).witness == 10**20
    halves = {"type": "number", "multipleOf": 0.5, "minimum": 1e23}
    assert asked(halves, {"type": "integer"}).holds is Holds.unknown
    for number in (LARGE, 1.0000000000000002e20):
        assert asked({"const": number}, {"multipleOf": 1.5}).holds is Holds.unknown
