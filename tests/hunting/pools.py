"""Schemas to begin with: of the shared vectors and corpora where these are at hand, else a few of our own."""

import gzip
import json
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
_MOST_BYTES = 6_000
OWN: list[Any] = [
    {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 1, "uniqueItems": True},
    {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "object", "properties": {"foo": {"const": "a"}}}]},
    {"anyOf": [{"type": "null"}, {"type": "array", "prefixItems": [{"type": "string"}], "items": False}]},
    {"type": "object", "patternProperties": {"^x-": {"type": "number"}}, "additionalProperties": False},
    {"type": "object", "propertyNames": {"maxLength": 1}, "required": ["a"], "properties": {"a": True}},
    {"type": "number", "minimum": 0, "maximum": 10, "multipleOf": 0.5},
    {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"maxProperties": 2}, "type": "object"},
    {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"a": {"$ref": "#/$defs/node"}}}}},
    {"type": "object", "allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False},
    {"type": "array", "contains": {"type": "integer"}, "minContains": 1, "maxContains": 2},
]


def schemas() -> list[Any]:
    """All of the pool."""
    return [*OWN, *_of_vectors(), *_of_openapi()]


def _of_vectors() -> list[Any]:
    found = []
    for path in sorted(SHARED.glob("vectors/*/dev.json*")):
        for case in document_at(path)["cases"]:
            if case["kind"] == "jsonschema":
                found += [each for each in (case["old"], case["new"]) if _usable(each)]
    return found


def document_at(path: Path) -> Any:
    """The JSON document of a file, which may be compressed."""
    return json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())


# What means another thing in each draft.
_OF_DRAFTS = ("$dynamic", "$schema", '"$id"', '"definitions"', '"dependencies"')


def _usable(schema: Any) -> bool:
    text = json.dumps(schema)
    outside = (*_OF_DRAFTS, "http", '"id"')
    return isinstance(schema, dict) and len(text) < _MOST_BYTES and not any(word in text for word in outside)


def _without_words(value: Any) -> Any:
    """A schema without what is said to people, which often is most of it."""
    if isinstance(value, list):
        return [_without_words(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_words(each) for name, each in value.items() if not _is_said(name, each)}


def _is_said(name: str, value: Any) -> bool:
    # A property may have such a name: then a schema stands there.
    return name == "example" or (name in ("title", "description") and isinstance(value, str))


def _of_openapi() -> list[Any]:
    found = []
    for path in sorted(SHARED.glob("corpora/openapi/series_*/*.json.gz"))[::3]:
        definitions = _without_words(document_at(path).get("components", {}).get("schemas", {}))
        for name in definitions:
            whole = _with_reached(name, definitions)
            if whole is not None:
                found.append(whole)
    return found


def _with_reached(name: str, definitions: dict[str, Any]) -> Any | None:
    """A definition with those that it reaches, as one document; None if that is large."""
    reached: dict[str, Any] = {}
    pending = [name]
    while pending:
        each = pending.pop()
        if each in reached or each not in definitions:
            continue
        reached[each] = definitions[each]
        text = json.dumps(definitions[each])
        pending += [part.split('"')[0] for part in text.split("#/components/schemas/")[1:]]
        if len(json.dumps(reached)) > _MOST_BYTES:
            return None
    text = json.dumps({"$ref": f"#/$defs/{name}", "$defs": reached}).replace("#/components/schemas/", "#/$defs/")
    return None if any(word in text for word in _OF_DRAFTS) else json.loads(text)
