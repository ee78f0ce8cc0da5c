"""Whether a JSON value is a schema at all, and one of a size that can be served."""

from domain.schema.canonical import canonical
from domain.values import JSON, Object

MAX_BYTES, MAX_PROPERTIES, MAX_NESTING = 1_000_000, 5_000, 32
_TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
_SCHEMAS = ("additionalProperties", "items", "contains", "not", "if", "then", "else", "propertyNames")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_NATURALS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_NUMBERS = ("minimum", "maximum")


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
        if name not in _TYPES if isinstance(name, str) else True:
            found.append(f"{place}/type: {name!r} is not a type")
    required = schema.get("required", [])
    # Draft 4 wrote a boolean here, on the property itself; later drafts have a list.
    if not isinstance(required, bool) and not (
        isinstance(required, list) and all(isinstance(name, str) for name in required)
    ):
        found.append(f"{place}/required: must be a list of strings")
    if "enum" in schema and not isinstance(schema["enum"], list):
        found.append(f"{place}/enum: must be a list")
    for name in _NATURALS:
        value = schema.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
            found.append(f"{place}/{name}: must be a whole number, 0 or more")
    for name in _NUMBERS:
        value = schema.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            found.append(f"{place}/{name}: must be a number")
    for name in ("$ref", "pattern", "format", "title", "description"):
        if not isinstance(schema.get(name, ""), str):
            found.append(f"{place}/{name}: must be a string")
    return found


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
