"""What two schemas differ in: a table of traps, each with a document that proves it, and of what is no change."""

from typing import Any

import pytest
from jsonschema_rs import Draft4Validator, Draft202012Validator

from adapters.contract_engine import ENGINE
from domain.schema.change import Change, ChangeKind, Direction, Mode, Verdict
from domain.schema.compare import differences
from domain.schema.judge import Judgement, Terms, judge

DRAFT4 = "http://json-schema.org/draft-04/schema#"


def table(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def judged(old: Any, new: Any, mode: Mode = Mode.backward, direction: Direction | None = None) -> Judgement:
    return judge(differences(old, new, ENGINE), Terms(mode=mode, direction=direction))


def types(judgement: Judgement) -> list[str]:
    return [change.type for change in judgement.changes]


BREAKS: dict[str, tuple[Any, Any, Any]] = {
    "a property called title": (table(title={"type": "string"}), table(title={"type": "integer"}), {"title": "x"}),
    "a property called description": (table(description=True), table(description={"type": "null"}), {"description": 1}),
    "a property called x-foo": (table(**{"x-foo": {}}), table(**{"x-foo": {"enum": [1]}}), {"x-foo": 2}),
    "a property called $id": (table(**{"$id": {}}), table(**{"$id": {"type": "null"}}), {"$id": "a"}),
    "a property called $ref": (table(**{"$ref": {}}), table(**{"$ref": {"type": "null"}}), {"$ref": "a"}),
    "nested objects": (table(a=table(b={"type": "string"})), table(a=table(b={"type": "null"})), {"a": {"b": "x"}}),
    "items": ({"items": {"type": "number"}}, {"items": {"type": "integer"}}, [1.5]),
    "items of items": ({"items": {"items": {}}}, {"items": {"items": {"maximum": 1}}}, [[2]]),
    "items forbidden": ({"type": "array"}, {"type": "array", "items": False}, [1]),
    "boolean schemas": (True, False, 1),
    "a boolean for a property": (table(a=True), table(a=False), {"a": 1}),
    "type stated": ({}, {"type": "string"}, 1),
    "integer for number": ({"type": "number"}, {"type": "integer"}, 1.5),
    "null gone": ({"type": ["string", "null"]}, {"type": "string"}, None),
    "an object closed": (table(a={}), {**table(a={}), "additionalProperties": False}, {"b": 1}),
    "a closed object losing a property": (
        {**table(a={}, b={}), "additionalProperties": False},
        {**table(a={}), "additionalProperties": False},
        {"b": 1},
    ),
    "additional properties typed": (table(), {**table(), "additionalProperties": {"type": "null"}}, {"b": 1}),
    "a new required name without property": (table(a={}), {**table(a={}), "required": ["b"]}, {}),
    "a property where only the name was required": (
        {"required": ["a"]},
        {"required": ["a"], "properties": {"a": {"type": "integer"}}},
        {"a": "text"},
    ),
    "a property that the pattern spoke of": (
        {"patternProperties": {"^a": {}}},
        {"patternProperties": {"^a": {}}, "properties": {"a1": {"type": "null"}}},
        {"a1": 1},
    ),
    "a property gone that nothing else evaluates": (
        {**table(a={}), "unevaluatedProperties": False},
        {**table(), "unevaluatedProperties": False},
        {"a": 1},
    ),
    "items gone that nothing else evaluates": (
        {"items": {}, "unevaluatedItems": False},
        {"unevaluatedItems": False},
        [1],
    ),
    "a new property that nothing satisfies": (table(), table(a={"not": {}}), {"a": 1}),
    "a new property with no value left": (table(), table(a={"type": "integer", "enum": ["x"]}), {"a": 1}),
    "a new property with crossed bounds": (
        table(),
        table(a={"type": "string", "minLength": 2, "maxLength": 1}),
        {"a": ""},
    ),
    "a new object that requires the impossible": (
        table(),
        table(a={**table(b=False), "required": ["b"]}),
        {"a": {}},
    ),
    "true for 1 in an enum": ({"enum": [1]}, {"enum": [True]}, 1),
    "true for 1 in a constant": ({"const": 1}, {"const": True}, 1),
    "0 for false deep in a constant": ({"const": {"a": [False]}}, {"const": {"a": [0]}}, {"a": [False]}),
    "huge integers": ({"const": 2**70}, {"const": 2**70 + 1}, 2**70),
    "a huge bound": ({"maximum": 2**60 + 1}, {"maximum": 2**60}, 2**60 + 1),
    "null out of an enum": ({"enum": ["a", None]}, {"enum": ["a"]}, None),
    "a constant for an enum": ({"enum": ["a", "b"]}, {"const": "a"}, "b"),
    "a format stated": ({"type": "string"}, {"type": "string", "format": "date"}, "x"),
    "another format": ({"format": "date"}, {"format": "time"}, "2020-01-01"),
    "a pattern stated": ({}, {"pattern": "^a"}, "b"),
    "another composition": ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"anyOf": [{"type": "string"}]}, None),
    "a keyword of conditions": ({}, {"if": {"type": "string"}, "then": {"minLength": 1}}, ""),
    "a definition behind a reference": (
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "null"}}},
        "x",
    ),
}


@pytest.mark.parametrize("case", BREAKS.values(), ids=BREAKS)
def test_what_refuses_a_document_is_breaking(case: tuple[Any, Any, Any]) -> None:
    old, new, document = case
    assert Draft202012Validator(old, validate_formats=True).is_valid(document)
    assert not Draft202012Validator(new, validate_formats=True).is_valid(document)
    assert not judged(old, new).compatible
    assert not judged(new, old, Mode.forward).compatible
    assert not judged(old, new, direction=Direction.accepted).compatible
    # What consumers read breaks when the new document is one that the old schema refuses.
    assert not judged(new, old, direction=Direction.produced).compatible or "enum_values_added" in types(
        judged(new, old, direction=Direction.produced)
    )
    assert judged(old, new, Mode.none).compatible


def test_bounds_of_draft_4_are_not_taken_for_numbers() -> None:
    old = {"$schema": DRAFT4, "minimum": 1, "exclusiveMinimum": False}
    new = {"$schema": DRAFT4, "minimum": 1, "exclusiveMinimum": True}
    assert Draft4Validator(old).is_valid(1) and not Draft4Validator(new).is_valid(1)
    assert not judged(old, new).compatible


def test_another_dialect_gives_another_meaning() -> None:
    # Draft 4 knows no `const`.
    old, new = {"$schema": DRAFT4, "const": 1}, {"const": 1}
    assert Draft4Validator(old).is_valid(2) and not Draft202012Validator(new).is_valid(2)
    assert not judged(old, new).compatible


def test_recursion_deeper_than_the_walk_goes_is_not_taken_for_equal() -> None:
    def nested(leaf: Any) -> Any:
        for _ in range(200):
            leaf = {"items": leaf}
        return leaf

    changes = judged(nested({}), nested({"type": "string"})).changes
    assert [change.verdict for change in changes] in ([Verdict.breaking], [Verdict.unknown])
    assert differences(nested({}), nested({}), ENGINE) == ()


EQUAL: dict[str, tuple[Any, Any]] = {
    "order of members": ({"type": "string", "format": "date"}, {"format": "date", "type": "string"}),
    "order of required": ({"required": ["a", "b"]}, {"required": ["b", "a"]}),
    "order of an enum": ({"enum": [1, "a", None]}, {"enum": [None, 1, "a"]}),
    "one type in a list": ({"type": "string"}, {"type": ["string"]}),
    "order of types": ({"type": ["null", "string"]}, {"type": ["string", "null"]}),
    "words": (table(a={"type": "string"}), {**table(a={"type": "string", "description": "d"}), "title": "t"}),
    "examples": ({}, {"examples": [1], "$comment": "c", "deprecated": True, "x-owner": "us"}),
    "the name of the schema": ({"$id": "urn:a:1"}, {"$id": "urn:a:2"}),
    "the dialect that holds anyway": ({}, {"$schema": "https://json-schema.org/draft/2020-12/schema"}),
    "true and an empty schema": (table(a=True), table(a={})),
    "open in words": (table(), {**table(), "additionalProperties": True}),
    "open by an empty schema": (table(), {**table(), "additionalProperties": {}}),
    "1 and 1.0": ({"const": 1, "enum": [1.0, 2], "maximum": 3.0}, {"const": 1.0, "enum": [1, 2], "maximum": 3}),
}


@pytest.mark.parametrize("case", EQUAL.values(), ids=EQUAL)
def test_what_means_the_same_is_no_change(case: tuple[Any, Any]) -> None:
    old, new = case
    assert differences(old, new, ENGINE) == differences(new, old, ENGINE) == ()


V = tuple[Verdict, Verdict, Verdict, Verdict]
_SAFE, _BREAKING, _RISKY, _UNKNOWN = Verdict.safe, Verdict.breaking, Verdict.risky, Verdict.unknown
# old, new, type of the change, then the verdicts: backward, forward, backward produced, backward accepted; its step.
RULED: tuple[tuple[Any, Any, str, V, str], ...] = (
    (table(), table(a={}), "property_added", (_SAFE, _SAFE, _SAFE, _SAFE), "minor"),
    (
        {**table(), "additionalProperties": False},
        {**table(a={}), "additionalProperties": False},
        "property_added",
        (_SAFE, _BREAKING, _BREAKING, _SAFE),
        "minor",
    ),
    (table(a={}), table(), "property_removed", (_BREAKING, _SAFE, _BREAKING, _RISKY), "major"),
    (table(a={}), {**table(a={}), "required": ["a"]}, "required_added", (_BREAKING, _SAFE, _SAFE, _BREAKING), "major"),
    (
        {**table(a={}), "required": ["a"]},
        table(a={}),
        "required_removed",
        (_RISKY, _BREAKING, _BREAKING, _SAFE),
        "minor",
    ),
    ({"type": "string"}, {"type": "integer"}, "type_changed", (_BREAKING,) * 4, "major"),
    ({"type": "integer"}, {"type": "number"}, "type_widened", (_RISKY, _BREAKING, _BREAKING, _SAFE), "minor"),
    ({"type": "number"}, {"type": "integer"}, "type_narrowed", (_BREAKING, _SAFE, _SAFE, _BREAKING), "major"),
    ({"type": "null"}, {"type": ["null", "string"]}, "type_widened", (_RISKY, _BREAKING, _BREAKING, _SAFE), "minor"),
    (
        {"type": "string"},
        {"type": ["null", "string"]},
        "nullable_added",
        (_RISKY, _BREAKING, _BREAKING, _SAFE),
        "minor",
    ),
    (
        {"type": ["null", "string"]},
        {"type": "string"},
        "nullable_removed",
        (_BREAKING, _SAFE, _SAFE, _BREAKING),
        "major",
    ),
    ({"enum": [1]}, {"enum": [1, 2]}, "enum_values_added", (_RISKY, _BREAKING, _RISKY, _SAFE), "minor"),
    ({"enum": [1, 2]}, {"enum": [1]}, "enum_values_removed", (_BREAKING, _SAFE, _SAFE, _BREAKING), "major"),
    ({"const": 1}, {"const": 2}, "const_changed", (_BREAKING,) * 4, "major"),
    ({"const": "1.0.0"}, {"const": "1.1.0"}, "version_stamp_changed", (_SAFE,) * 4, "minor"),
    ({"maxLength": 1}, {"maxLength": 2}, "constraint_relaxed", (_RISKY, _BREAKING, _BREAKING, _SAFE), "minor"),
    ({"minLength": 1}, {"minLength": 2}, "constraint_tightened", (_BREAKING, _SAFE, _SAFE, _BREAKING), "major"),
    ({"format": "date"}, {}, "constraint_relaxed", (_RISKY, _BREAKING, _BREAKING, _SAFE), "minor"),
    ({"const": 1}, {}, "constraint_relaxed", (_RISKY, _BREAKING, _BREAKING, _SAFE), "minor"),
    ({}, {"default": 1}, "default_added", (_SAFE,) * 4, "patch"),
    ({"default": 1}, {"default": 2}, "default_changed", (_SAFE,) * 4, "patch"),
    ({"default": 1}, {}, "default_removed", (_SAFE,) * 4, "patch"),
    ({}, {"pattern": "a"}, "constraint_tightened", (_BREAKING, _SAFE, _SAFE, _BREAKING), "major"),
    ({"pattern": "a"}, {"pattern": "b"}, "constraint_tightened", (_BREAKING,) * 4, "major"),
    ({"uniqueItems": True}, {}, "constraint_relaxed", (_RISKY, _BREAKING, _BREAKING, _SAFE), "minor"),
    ({"multipleOf": 2}, {"multipleOf": 4}, "constraint_tightened", (_BREAKING, _SAFE, _SAFE, _BREAKING), "major"),
    (
        {"anyOf": [{"type": "string"}]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "composition_changed",
        (_RISKY, _BREAKING, _RISKY, _SAFE),
        "minor",
    ),
    (
        {"anyOf": [{"type": "string"}]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "composition_changed",
        (_RISKY, _BREAKING, _BREAKING, _SAFE),
        "minor",
    ),
    (
        {"oneOf": [{"type": "integer"}, {"type": "string", "minLength": 3}]},
        {"oneOf": [{"type": "integer"}, {"type": "string", "minLength": 2}]},
        "constraint_relaxed",
        (_RISKY, _BREAKING, _BREAKING, _SAFE),
        "minor",
    ),
    ({"not": {"const": 1}}, {"not": {"const": 2}}, "composition_changed", (_BREAKING,) * 4, "major"),
    ({"pattern": "(?=a)"}, {"pattern": "(?=b)"}, "undecidable", (_UNKNOWN,) * 4, "major"),
)


@pytest.mark.parametrize("case", RULED, ids=lambda case: f"{case[2]}-{case[0]}")
def test_each_rule_has_its_verdicts(case: tuple[Any, Any, str, V, str]) -> None:
    old, new, type, verdicts, step = case
    terms = [
        Terms(mode=Mode.backward),
        Terms(mode=Mode.forward),
        Terms(mode=Mode.backward, direction=Direction.produced),
        Terms(mode=Mode.backward, direction=Direction.accepted),
    ]
    found = [judge(differences(old, new, ENGINE), each) for each in terms]
    assert [types(judgement) for judgement in found] == [[type]] * 4
    assert tuple(judgement.changes[0].verdict for judgement in found) == verdicts
    assert (found[0].change_type is ChangeKind.major) == (verdicts[0] in (_BREAKING, _UNKNOWN))
    assert found[0].change_type.value == ("minor" if step == "major" and not found[0].breaking else step)
    full = judge(differences(old, new, ENGINE), Terms(mode=Mode.full))
    safe = verdicts[:2] == (_SAFE, _SAFE)
    assert full.compatible == safe
    nothing = judge(differences(old, new, ENGINE), Terms(mode=Mode.none))
    assert nothing.compatible and types(nothing) == [type]
    assert nothing.change_type == found[0].change_type


def test_a_change_says_where_what_and_why() -> None:
    (change,) = judged(
        table(a=table(**{"b/c": {"type": "string"}})), table(a=table(**{"b/c": {"type": "null"}}))
    ).changes
    assert change.path == "properties.a.properties.b/c"
    assert change.pointer == "/properties/a/properties/b~1c"
    assert (change.old_value, change.new_value, change.rule) == ("string", "null", "type_changed")
    assert change.message == "The type of property a.b/c changed from string to null."
    assert change.fingerprint.startswith("sha256:")


def _fingerprints(judgement: Judgement) -> set[str]:
    return {change.fingerprint for change in judgement.changes}


def test_no_two_places_share_a_fingerprint() -> None:
    dotted = judged({}, {"properties": {"a.properties.b": {"type": "null"}}})
    nested = judged(table(a={}), table(a={"properties": {"b": {"type": "null"}}}))
    assert [c.path for c in dotted.changes] == [c.path for c in nested.changes] == ["properties.a.properties.b"]
    assert not _fingerprints(dotted) & _fingerprints(nested)


def test_changes_are_sorted_by_path_and_type() -> None:
    old = table(b={"type": "string"}, a={"type": "string"}, c={})
    new = {**table(b={"type": "null"}, a={"type": "null", "format": "date"}), "required": ["z", "y"]}
    changes = judged(old, new).changes
    keys = [(change.path, change.type) for change in changes]
    assert keys == sorted(keys)
    assert [c.new_value for c in changes if c.type == "required_added"] == ["y", "z"]


@pytest.mark.parametrize(
    "more", [{"type": "string"}, {"minLength": 1}, {"properties": {"a": {"type": "null"}}, "type": "object"}]
)
def test_a_version_stamp_is_one_only_where_nothing_else_changed(more: dict[str, Any]) -> None:
    old, new = {"const": "1.0.0", **more}, {"const": "1.1.0"}
    assert "const_changed" in types(judged(old, new))
    assert "const_changed" in types(
        judge(differences(old, {**more, "const": "1.1.0"}, ENGINE), Terms(mode=Mode.full, policies=False))
    )
    assert types(judged(old, {**more, "const": "1.1.0"})) == ["version_stamp_changed"]


def _dbt(old: Any, new: Any, mode: Mode = Mode.backward, *, strict: bool = False) -> tuple[Change, ...]:
    terms = Terms(mode=mode, direction=Direction.produced, dbt=True, strict=strict)
    return judge(differences(old, new, ENGINE), terms).changes


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "mapped",
    [
        {"type": "integer"},
        {"type": "string", "format": "date-time"},
        {"type": "array", "items": {"type": "string", "format": "date"}},
        {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
    ],
)
def test_a_column_that_gets_its_type_breaks_nobody(mapped: dict[str, Any], mode: Mode) -> None:
    (change,) = _dbt(table(a={}), table(a=mapped), mode)
    assert (change.type, change.verdict) == ("type_declared", _SAFE)


def test_a_column_type_that_was_promised_in_part_stays_a_promise() -> None:
    changes = _dbt(table(a={"items": {"type": "string"}}), table(a={"type": "array", "items": {"type": "integer"}}))
    assert [(c.type, c.verdict) for c in changes] == [("type_declared", _SAFE), ("type_changed", _BREAKING)]


def test_a_test_that_went_is_risky_and_breaking_where_strict() -> None:
    old = {**table(a={}), "required": ["a"]}
    assert [(c.type, c.verdict) for c in _dbt(old, table(a={}))] == [("not_null_removed", _RISKY)]
    assert [c.verdict for c in _dbt(old, table(a={}), strict=True)] == [_BREAKING]
    assert [c.verdict for c in _dbt(old, table(a={}), Mode.full)] == [_BREAKING]


def test_a_type_that_is_no_longer_declared_is_risky() -> None:
    assert [(c.type, c.verdict) for c in _dbt(table(a={"type": "string"}), table(a={}))] == [
        ("type_undeclared", _RISKY)
    ]
