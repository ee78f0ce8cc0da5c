"""Schemas that nothing can satisfy, as far as that is plain to see: a new property of that kind forbids its name."""

from domain.schema.canonical import value_key
from domain.values import JSON, Object

_PAIRS = (
    ("number", "minimum", "maximum"),
    ("string", "minLength", "maxLength"),
    ("array", "minItems", "maxItems"),
    ("object", "minProperties", "maxProperties"),
)


def is_empty(schema: JSON, depth: int = 0) -> bool:
    """Whether no instance is valid, seen from the keywords one by one. False where that would take a proof."""
    if not isinstance(schema, dict) or depth > 32:
        return schema is False
    if any(schema.get(name) == [] for name in ("type", "enum")) or _excludes_everything(schema.get("not")):
        return True
    if "const" in schema and _clashes(schema, [schema["const"]]):
        return True
    values = schema.get("enum")
    return (isinstance(values, list) and _clashes(schema, values)) or _inside_is_empty(schema, depth + 1)


def _excludes_everything(negated: JSON) -> bool:
    return negated is True or negated == {}


def _clashes(schema: Object, values: list[JSON]) -> bool:
    """Whether `type`, `enum` and `const` leave none of these values."""
    return not any(_allows(schema, value) for value in values)


def _allows(schema: Object, value: JSON) -> bool:
    stated, others = schema.get("type"), schema.get("enum")
    if stated is not None and not _types_of(value) & set(stated if isinstance(stated, list) else [stated]):
        return False
    if isinstance(others, list) and value_key(value) not in {value_key(other) for other in others}:
        return False
    return "const" not in schema or value_key(schema["const"]) == value_key(value)


def _types_of(value: JSON) -> set[JSON]:
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int | float):
        return {"number", "integer"} if value == int(value) else {"number"}
    names = {str: "string", list: "array", dict: "object"}
    return {"null" if value is None else names[type(value)]}


def _inside_is_empty(schema: Object, depth: int) -> bool:
    for keyword, judged in (("allOf", any), ("anyOf", all), ("oneOf", all)):
        parts = schema.get(keyword)
        if isinstance(parts, list) and parts and judged(is_empty(part, depth) for part in parts):
            return True
    stated = schema.get("type")
    if not isinstance(stated, str):
        return False
    kind = "number" if stated == "integer" else stated
    if any(kind == of and _crossed(schema.get(low), schema.get(high)) for of, low, high in _PAIRS):
        return True
    return kind == "object" and _requires_the_impossible(schema, depth)


def _crossed(low: JSON, high: JSON) -> bool:
    return isinstance(low, int | float) and isinstance(high, int | float) and low > high


def _requires_the_impossible(schema: Object, depth: int) -> bool:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        return False
    closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    return any(is_empty(properties.get(name, not closed), depth) for name in required if isinstance(name, str))
