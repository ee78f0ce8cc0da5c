"""Random pairs of small schemas, and instances that lie near their edges."""

from random import Random
from typing import Any

Schema = Any
NAMES = ("a", "title", "$ref", "x-z")
TYPES = ("null", "boolean", "object", "array", "number", "string", "integer")
VALUES: tuple[Any, ...] = (None, True, False, 0, 1, 1.0, 1.5, 2, -1, 2**70, "", "a", "ab", "2020-01-01", "1.0.0")


def schema(random: Random, depth: int = 2) -> Schema:
    """A table-shaped schema, sometimes with a keyword that the walk knows nothing about."""
    if random.random() < 0.05:
        return random.random() < 0.7
    made: dict[str, Any] = {}
    if random.random() < 0.8:
        made["type"] = _type(random, depth)
    for keyword, likely in (("enum", 0.15), ("const", 0.1), ("format", 0.1), ("minimum", 0.1), ("maxLength", 0.1)):
        if random.random() < likely:
            made[keyword] = _constraint(random, keyword)
    if depth and random.random() < 0.6:
        made.update(_object(random, depth - 1))
    if depth and random.random() < 0.3:
        made["items"] = schema(random, depth - 1)
    if random.random() < 0.1:
        made.update(random.choice(ODDITIES))
    return made


ODDITIES: tuple[dict[str, Any], ...] = (
    {"patternProperties": {"^a": {"type": "integer"}}},
    {"patternProperties": {"^t": False}},
    {"unevaluatedProperties": False},
    {"unevaluatedItems": False},
    {"prefixItems": [{"type": "string"}]},
    {"not": {"required": ["a"]}},
    {"allOf": [{"minProperties": 1}]},
    {"exclusiveMinimum": 1},
    {"maxProperties": 1},
    {"minItems": 1},
    {"propertyNames": {"maxLength": 3}},
    {"description": "words", "title": "T", "x-owner": "us"},
)


def _type(random: Random, depth: int) -> Any:
    if depth and random.random() < 0.5:
        return "object"
    return random.choice(TYPES) if random.random() < 0.7 else random.sample(TYPES, random.randint(1, 3))


def _constraint(random: Random, keyword: str) -> Any:
    if keyword == "enum":
        return random.sample(VALUES, random.randint(1, 4))
    if keyword == "const":
        return random.choice(VALUES)
    return "date" if keyword == "format" else random.randint(0, 2)


def _object(random: Random, depth: int) -> dict[str, Any]:
    named = {name: schema(random, depth) for name in NAMES if random.random() < 0.4}
    made: dict[str, Any] = {"properties": named}
    if random.random() < 0.5:
        made["required"] = [name for name in NAMES if random.random() < 0.3]
    if random.random() < 0.4:
        made["additionalProperties"] = random.choice((False, True, {}, {"type": "integer"}))
    return made


def changed(random: Random, old: Schema, depth: int = 2) -> Schema:
    """The schema after one to three small changes, here or deeper down."""
    new = old
    for _ in range(random.randint(1, 3)):
        new = _mutated(random, new, depth)
    return new


def _mutated(random: Random, old: Schema, depth: int) -> Schema:
    if not isinstance(old, dict) or random.random() < 0.05:
        return schema(random, depth)
    properties = _part(old, "properties")
    step = random.choice(("inside", "inside", "keyword", "keyword", "property", "required", "oddity"))
    if step == "inside" and properties and depth:
        name = random.choice(sorted(properties))
        return {**old, "properties": {**properties, name: _mutated(random, properties[name], depth - 1)}}
    if step == "property":
        name = random.choice(NAMES)
        kept = {other: inner for other, inner in properties.items() if other != name}
        return {**old, "properties": kept if name in properties else {**kept, name: schema(random, max(depth - 1, 0))}}
    if step == "required":
        return {**old, "required": [name for name in NAMES if random.random() < 0.3]}
    if step == "oddity":
        oddity = random.choice(ODDITIES)
        return {k: v for k, v in old.items() if k not in oddity} if oddity.items() <= old.items() else {**old, **oddity}
    return _with_another_keyword(random, old, depth)


def _with_another_keyword(random: Random, old: Schema, depth: int) -> Schema:
    other = schema(random, depth)
    keys = sorted({*old, *(other if isinstance(other, dict) else ())} - {"properties"})
    if not keys:
        return other
    key = random.choice(keys)
    kept = {k: v for k, v in old.items() if k != key}
    return {**kept, key: other[key]} if isinstance(other, dict) and key in other else kept


def instance(random: Random, old: Schema, new: Schema, *, without_added: bool, depth: int = 3) -> Any:
    """A value near what both schemas speak of, without the names that only `new` (or, else, only `old`) has.

    These names are excused: a new optional property is safe by name, as is one that disappears for those who read
    forward (api.md 4.4).
    """
    kind = random.choice(("object", "object", "object", "array", "plain"))
    if kind == "plain" or depth == 0:
        return random.choice(_edges(old) + _edges(new) + list(VALUES))
    if kind == "array":
        parts = [_part(side, "items") for side in (old, new)]
        entries = range(random.randint(0, 2))
        return [instance(random, *parts, without_added=without_added, depth=depth - 1) for _ in entries]
    olds, news = _part(old, "properties"), _part(new, "properties")
    excused = (news.keys() - olds.keys()) if without_added else (olds.keys() - news.keys())
    return {
        name: instance(random, olds.get(name, {}), news.get(name, {}), without_added=without_added, depth=depth - 1)
        for name in (*NAMES, "other")
        if random.random() < (0.9 if name in _required(old) else 0.0 if name in excused else 0.4)
    }


def _required(side: Schema) -> Any:
    return side.get("required", []) if isinstance(side, dict) else []


def _part(side: Schema, keyword: str) -> Any:
    found = side.get(keyword, {}) if isinstance(side, dict) else {}
    return found if isinstance(found, dict) else {}


def _edges(side: Schema) -> list[Any]:
    if not isinstance(side, dict):
        return []
    return [*side.get("enum", []), *([side["const"]] if "const" in side else [])]
