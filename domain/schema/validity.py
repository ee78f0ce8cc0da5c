"""Whether a JSON value is a schema at all, and one of a size that can be served."""

from collections.abc import Callable

from domain.schema.canonical import canonical
from domain.values import JSON, Object

MAX_BYTES, MAX_PROPERTIES, MAX_NESTING = 1_000_000, 5_000, 32
_TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
_SCHEMAS = (
    *("additionalProperties", "additionalItems", "unevaluatedProperties", "unevaluatedItems", "propertyNames"),
    *("items", "contains", "not", "if", "then", "else"),
)
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")


def limit_problems(schema: Object) -> list[str]:
    """What makes a schema too large: bytes, properties, nesting (api.md 3.6)."""
    if len(canonical(schema)) > MAX_BYTES:
        return [f"must not be larger than {MAX_BYTES} bytes"]
    deepest, properties = 0, 0
    stack: list[tuple[JSON, int]] = [(schema, 1)]
    while stack:
        value, depth = stack.pop()
        deepest = max(deepest, depth)
        if isinstance(value, dict):
            named = value.get("properties")
            properties += len(named) if isinstance(named, dict) else 0
            stack.extend((inner, depth + 1) for inner in value.values() if isinstance(inner, dict | list))
        elif isinstance(value, list):
            stack.extend((inner, depth + 1) for inner in value if isinstance(inner, dict | list))
    found = []
    if properties > MAX_PROPERTIES:
        found.append(f"must not have more than {MAX_PROPERTIES} properties")
    if deepest > MAX_NESTING:
        found.append(f"must not be nested deeper than {MAX_NESTING} levels")
    return found


def problems(schema: JSON, place: str = "#") -> list[str]:
    """Why a value is no JSON Schema, one sentence for each place. Sizes are to be checked before."""
    if isinstance(schema, bool):
        return []
    if not isinstance(schema, dict):
        return [f"{place}: a schema is an object or a boolean"]
    return [*_own_problems(schema, place), *_inner_problems(schema, place)]


def _own_problems(schema: Object, place: str) -> list[str]:
    found = []
    stated = schema.get("type", [])
    for name in stated if isinstance(stated, list) else [stated]:
        if not isinstance(name, str) or name not in _TYPES:
            found.append(f"{place}/type: {name!r} is not a type")
    for keywords, fits, words in _RULES:
        found += [f"{place}/{name}: {words}" for name in keywords if name in schema and not fits(schema[name])]
    return found


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_natural(value: JSON) -> bool:
    return isinstance(value, int | float) and _is_number(value) and value >= 0 and value == int(value)


def _is_positive(value: JSON) -> bool:
    return isinstance(value, int | float) and _is_number(value) and value > 0


def _is_required(value: JSON) -> bool:
    # Draft 3 wrote a boolean here, on the property itself; later drafts have a list.
    return isinstance(value, bool) or (isinstance(value, list) and all(isinstance(name, str) for name in value))


_SIZES = tuple(side + what for side in ("min", "max") for what in ("Length", "Items", "Properties", "Contains"))
_RULES: tuple[tuple[tuple[str, ...], Callable[[JSON], bool], str], ...] = (
    (_SIZES, _is_natural, "must be a whole number, 0 or more"),
    (("minimum", "maximum"), _is_number, "must be a number"),
    # Draft 4 wrote booleans here, beside `minimum` and `maximum`.
    (("exclusiveMinimum", "exclusiveMaximum"), lambda value: isinstance(value, int | float), "must be a number"),
    (("multipleOf",), _is_positive, "must be a number above 0"),
    (("uniqueItems",), lambda value: isinstance(value, bool), "must be true or false"),
    (("required",), _is_required, "must be a list of strings"),
    (("enum",), lambda value: isinstance(value, list), "must be a list"),
    (
        ("$schema", "$id", "$ref", "pattern", "format", "title", "description"),
        lambda value: isinstance(value, str),
        "must be a string",
    ),
)


def _inner_problems(schema: Object, place: str) -> list[str]:
    found = []
    for name in _SCHEMAS:
        if name in schema:
            value = schema[name]
            inner = value if name == "items" and isinstance(value, list) else [value]
            found += [text for each in inner for text in problems(each, f"{place}/{name}")]
    for name in _LISTS:
        if name not in schema:
            continue
        value = schema[name]
        if not isinstance(value, list) or not value:
            found.append(f"{place}/{name}: must be a list with an entry at least")
            continue
        found += [text for n, each in enumerate(value) for text in problems(each, f"{place}/{name}/{n}")]
    for name in _MAPS:
        value = schema.get(name, {})
        if not isinstance(value, dict):
            found.append(f"{place}/{name}: must be an object")
            continue
        found += [text for key, each in value.items() for text in problems(each, f"{place}/{name}/{key}")]
    return found
