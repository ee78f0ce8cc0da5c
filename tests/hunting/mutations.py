"""Small changes of schemas, one keyword each: what people do to real schemas, and what nobody would."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

from tests.hunting.restructuring import STRUCTURES

Schema = dict[str, Any]
_TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]
_PATTERNS = ["^a", "b$", "^[a-z]*$", "^x-", "[0-9]+", "^(foo|bar)$", ".", "^.{2,3}$"]
_VALUES: list[Any] = [None, True, 0, 1, 2.5, "a", "b", "", "foo", [], {}, [1], [True], [0, 1.0], {"a": 1}, {"a": [1]}]
_NAMES = ["a", "b", "foo", "bar", "x-1", "id"]


def _small(random: Random) -> Any:
    """A small schema."""
    choices: list[Callable[[], Any]] = [
        lambda: {"type": random.choice(_TYPES)},
        lambda: {"type": random.sample(_TYPES, 2)},
        lambda: {"const": random.choice([None, True, 0, 1, 2, "a", "foo", [], {}, [1], {"a": 1}])},
        lambda: {"enum": random.sample([None, False, 0, 1, 1.5, "a", "b", "foo"], 3)},
        lambda: {"minimum": random.randint(-3, 3)},
        lambda: {"type": "string", "maxLength": random.randint(0, 4)},
        lambda: {"type": "object", "properties": {random.choice(_NAMES): {"type": random.choice(_TYPES)}}},
        lambda: {"required": [random.choice(_NAMES)]},
        lambda: {"pattern": random.choice(_PATTERNS)},
        lambda: {"multipleOf": random.choice([2, 3, 0.5])},
        lambda: random.random() < 0.7,
    ]
    return random.choice(choices)()


def _names(random: Random, schema: Schema) -> list[str]:
    """Names that the schema mentions, or others."""
    known = list(schema.get("properties", {})) if isinstance(schema.get("properties"), dict) else []
    return [*known, *_NAMES]


_SAMPLES: dict[str, Callable[[Random, Schema], Any]] = {
    "type": lambda r, s: r.choice([r.choice(_TYPES), r.sample(_TYPES, 2)]),
    "enum": lambda r, s: r.sample(_VALUES, r.randint(1, 4)),
    "const": lambda r, s: r.choice(_VALUES),
    "multipleOf": lambda r, s: r.choice([1, 2, 3, 4, 0.5, 0.1, 1.5]),
    "minimum": lambda r, s: r.choice([-2, 0, 1, 2.5, 10]),
    "maximum": lambda r, s: r.choice([-2, 0, 1, 2.5, 10]),
    "exclusiveMinimum": lambda r, s: r.choice([-2, 0, 1, 2.5, 10]),
    "exclusiveMaximum": lambda r, s: r.choice([-2, 0, 1, 2.5, 10]),
    "minLength": lambda r, s: r.randint(0, 5),
    "maxLength": lambda r, s: r.randint(0, 5),
    "pattern": lambda r, s: r.choice(_PATTERNS),
    "items": lambda r, s: _small(r),
    "prefixItems": lambda r, s: [_small(r) for _ in range(r.randint(1, 3))],
    "contains": lambda r, s: _small(r),
    "minContains": lambda r, s: r.randint(0, 3),
    "maxContains": lambda r, s: r.randint(0, 3),
    "minItems": lambda r, s: r.randint(0, 4),
    "maxItems": lambda r, s: r.randint(0, 4),
    "uniqueItems": lambda r, s: r.random() < 0.8,
    "properties": lambda r, s: {**s.get("properties", {}), r.choice(_names(r, s)): _small(r)},
    "patternProperties": lambda r, s: {r.choice(_PATTERNS): _small(r) for _ in range(r.randint(1, 2))},
    "additionalProperties": lambda r, s: r.choice([False, True, _small(r)]),
    "propertyNames": lambda r, s: r.choice([{"pattern": r.choice(_PATTERNS)}, {"maxLength": r.randint(0, 4)}]),
    "required": lambda r, s: r.sample(sorted(set(_names(r, s))), r.randint(1, 2)),
    "minProperties": lambda r, s: r.randint(0, 3),
    "maxProperties": lambda r, s: r.randint(0, 3),
    "dependentRequired": lambda r, s: {r.choice(_names(r, s)): [r.choice(_names(r, s))]},
    "dependencies": lambda r, s: {r.choice(_names(r, s)): r.choice([[r.choice(_names(r, s))], _small(r)])},
    "format": lambda r, s: r.choice(["date", "int32", "int64", "uuid"]),
    "nullable": lambda r, s: r.random() < 0.7,
    "dependentSchemas": lambda r, s: {r.choice(_names(r, s)): _small(r)},
    "allOf": lambda r, s: [_small(r) for _ in range(r.randint(1, 2))],
    "anyOf": lambda r, s: [_small(r) for _ in range(r.randint(1, 3))],
    "oneOf": lambda r, s: [_small(r) for _ in range(r.randint(1, 3))],
    "not": lambda r, s: _small(r),
    "if": lambda r, s: _small(r),
    "then": lambda r, s: _small(r),
    "else": lambda r, s: _small(r),
    "unevaluatedProperties": lambda r, s: r.choice([False, _small(r)]),
    "unevaluatedItems": lambda r, s: r.choice([False, _small(r)]),
}
KEYWORDS = tuple(sorted(_SAMPLES))


def mutated(random: Random, schema: Any) -> tuple[Any, list[str]]:
    """A copy with one to three changes, and the keywords that changed."""
    copy, changed = deepcopy(schema), []
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        places = [each for each in _places(copy) if isinstance(each, dict)]
        if not places:
            return _small(random), ["type"]
        place = random.choice(places)
        if random.random() < 0.15:
            changed.append(random.choice(STRUCTURES)(random, copy, place))
        else:
            changed.append(_change(random, place))
    return copy, changed


def _change(random: Random, place: Schema) -> str:
    known = [keyword for keyword in place if keyword in _SAMPLES]
    if known and random.random() < 0.6:
        keyword = random.choice(known)
        if random.random() < 0.4:
            del place[keyword]
            return keyword
        value = place[keyword]
        if isinstance(value, list) and len(value) > 1 and random.random() < 0.6:
            value.pop(random.randrange(len(value)))
            return keyword
        if isinstance(value, dict) and value and keyword != "not" and random.random() < 0.3:
            value.pop(random.choice(list(value)))
            return keyword
    else:
        keyword = random.choice(KEYWORDS)
    place[keyword] = _SAMPLES[keyword](random, place)
    if keyword in ("minContains", "maxContains") and "contains" not in place:
        place["contains"] = _small(random)
    if keyword in ("then", "else") and "if" not in place:
        place["if"] = _small(random)
    return keyword


_ONE = ("items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else")
_LISTS = ("prefixItems", "allOf", "anyOf", "oneOf")
_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")


def _places(schema: Any, depth: int = 0) -> Iterator[Any]:
    """The schema and those within it."""
    yield schema
    if not isinstance(schema, dict) or depth > 6:
        return
    for keyword in _ONE:
        if isinstance(schema.get(keyword), dict):
            yield from _places(schema[keyword], depth + 1)
    for keyword in _LISTS:
        for each in schema.get(keyword, []) if isinstance(schema.get(keyword), list) else []:
            yield from _places(each, depth + 1)
    for keyword in _MAPS:
        for each in schema.get(keyword, {}).values() if isinstance(schema.get(keyword), dict) else []:
            yield from _places(each, depth + 1)
