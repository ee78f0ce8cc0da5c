"""One known change of a schema comes out under its rule; and what changes nothing is no change."""

import json
from random import Random
from typing import Any

import pytest

from adapters.contract_engine import ENGINE
from domain.schema.change import Mode
from domain.schema.compare import differences
from domain.schema.judge import Terms, judge
from tests.hunting import pools
from tests.hunting.mutations import mutated

POOL = pools.schemas()
_LOOKING_AT_THE_WHOLE = frozenset(
    "allOf anyOf oneOf not if enum const minProperties maxProperties propertyNames patternProperties".split()
)


def _root(schema: Any) -> Any:
    """A schema without the reference that it begins with."""
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    definition = schema.get("$defs", {}).get(name)
    return {**definition, "$defs": schema["$defs"]} if isinstance(definition, dict) else schema


def _is_open_object(schema: Any) -> bool:
    """Whether a property that is new to a schema is on its own there."""
    return (
        schema.get("type") == "object"
        and isinstance(schema.get("properties"), dict)
        and not _LOOKING_AT_THE_WHOLE & schema.keys()
        and "unevaluated" not in json.dumps(schema)
        and schema.get("additionalProperties", True) is True
    )


OBJECTS = [root for root in map(_root, POOL) if _is_open_object(root)]
# What is added to a fresh property of a real schema: before, after, the rule, and whether writers break.
KNOWN: dict[str, tuple[Any, Any, str, bool]] = {
    "type": ({"type": "string"}, {"type": "integer"}, "type_changed", True),
    "type widened": ({"type": "integer"}, {"type": "number"}, "type_widened", False),
    "type narrowed": ({"type": ["string", "integer"]}, {"type": "string"}, "type_narrowed", True),
    "null in": ({"type": "string"}, {"type": "string", "nullable": True}, "nullable_added", False),
    "null out": ({"type": ["string", "null"]}, {"type": "string"}, "nullable_removed", True),
    "enum grows": ({"enum": [1]}, {"enum": [1, [2]]}, "enum_values_added", False),
    "enum shrinks": ({"enum": [{"a": 1}, 2]}, {"enum": [2]}, "enum_values_removed", True),
    "const": ({"const": [1]}, {"const": [True]}, "const_changed", True),
    "default": ({"default": 1}, {"default": 2}, "default_changed", False),
    "union loses": (
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"anyOf": [{"type": "null"}]},
        "composition_changed",
        True,
    ),
    "not": ({"not": {"type": "null"}}, {"not": {"type": ["null", "string"]}}, "composition_changed", True),
    "dependent": ({}, {"dependentRequired": {"a": ["b"]}}, "constraint_tightened", True),
    "items": ({"items": {"type": "string"}}, {"items": {"type": "null"}}, "type_changed", True),
    **{
        keyword: ({}, {keyword: value}, "constraint_tightened", True)
        for keyword, value in (
            *(("minimum", 1), ("maximum", 1), ("exclusiveMinimum", 1), ("exclusiveMaximum", 1), ("multipleOf", 2)),
            *(("minLength", 1), ("maxLength", 1), ("pattern", "^a"), ("format", "date"), ("uniqueItems", True)),
            *(("minItems", 1), ("maxItems", 1), ("contains", {"const": 1}), ("additionalProperties", False)),
            *(("propertyNames", {"maxLength": 1}), ("minProperties", 1), ("maxProperties", 1)),
            *(("patternProperties", {"^a": False}), ("unevaluatedProperties", False), ("unevaluatedItems", False)),
        )
    },
}


def _rules(old: Any, new: Any) -> list[tuple[str, bool]]:
    changes = judge(differences(old, new, ENGINE), Terms(mode=Mode.backward, policies=False)).changes
    return [(change.rule, change.incompatible) for change in changes]


@pytest.mark.parametrize("case", KNOWN.values(), ids=KNOWN)
def test_a_known_change_of_a_real_schema_has_its_rule(case: tuple[Any, Any, str, bool]) -> None:
    before, after, rule, breaks = case
    random = Random(rule)
    for old in random.sample(OBJECTS, min(5, len(OBJECTS))):
        one, other = ({**old, "properties": {**old["properties"], "zz-new": each}} for each in (before, after))
        assert _rules(one, other) == [(rule, breaks)], old


def test_properties_and_required_that_come_and_go() -> None:
    for old in Random(5).sample(OBJECTS, min(20, len(OBJECTS))):
        new = {**old, "properties": {**old["properties"], "zz-new": {"type": "string"}}}
        required = {**new, "required": [*old.get("required", []), "zz-new"]}
        assert _rules(old, new) == [("property_added", False)]
        assert _rules(new, old) == [("property_removed", True)]
        assert _rules(new, required) == [("required_added", True)]
        assert _rules(required, new) == [("required_removed", False)]


def _shuffled(random: Random, value: Any, keyword: str = "") -> Any:
    """The same schema with members, `required`, `enum` and `type` in another order."""
    if isinstance(value, dict):
        names = random.sample(list(value), len(value))
        return {name: _shuffled(random, value[name], name) for name in names}
    if isinstance(value, list):
        inner = [_shuffled(random, each) for each in value]
        return random.sample(inner, len(inner)) if keyword in ("required", "enum", "type") and inner else inner
    return value


def _inlined(value: Any, root: Any, depth: int = 0) -> Any:
    """References to definitions replaced by what they lead to, as far as that ends soon."""
    if isinstance(value, list):
        return [_inlined(each, root, depth) for each in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if value.keys() == {"$ref"} and isinstance(reference, str) and reference.startswith("#/$defs/") and depth < 3:
        target = root["$defs"].get(reference.removeprefix("#/$defs/"))
        return value if target is None else _inlined(target, root, depth + 1)
    return {name: _inlined(each, root, depth) if name != "$defs" else each for name, each in value.items()}


def test_order_and_references_never_matter() -> None:
    random = Random(9)
    for schema in random.sample(POOL, min(150, len(POOL))):
        assert differences(schema, _shuffled(random, schema), ENGINE) == (), schema
        inlined = _inlined(schema, schema)
        if isinstance(inlined, dict) and "$defs" in schema:
            inlined = {**inlined, "$defs": schema["$defs"]}
        assert differences(schema, inlined, ENGINE) == (), schema
        new, _ = mutated(random, schema)
        assert sorted(_rules(schema, new)) == sorted(_rules(_shuffled(random, schema), _shuffled(random, new)))
