"""Schemas of an OpenAPI document as JSON Schema 2020-12, each direction for itself (api.md 2.7)."""

from enum import Enum

from adapters.sources.openapi_options import NAMESPACES
from adapters.sources.openapi_references import (
    Place,
    References,
    Unreadable,
    UnreadableDefinition,
    pointer,
    reference_to,
)
from domain.schema.inclusion.references import ONE_SCHEMA, SCHEMA_LISTS, SCHEMA_MAPS
from domain.schema.library import Library
from domain.values import JSON, Object

_DROPPED = frozenset(
    "example examples xml externalDocs discriminator $recursiveAnchor $defs definitions readOnly writeOnly".split()
)
_UNREADABLE = frozenset("$id $dynamicRef $recursiveRef $anchor $dynamicAnchor".split())
# The most frequent keywords that say the same in every dialect.
_PLAIN = frozenset("type description format enum title default required maxLength minimum nullable".split())
# How a text holds something else: no assertion in JSON Schema, yet whoever reads it has to know.
_WRITTEN = ("contentEncoding", "contentMediaType", "contentSchema")
_COMPONENTS = "#/components/schemas/"
_NOTHING = frozenset[str]()


class Way(Enum):
    """Which way documents go: properties that are hidden there are left out."""

    request = "readOnly"
    response = "writeOnly"


class Definition:
    """A schema that references lead to, translated for one way: its name, and the definitions that it names."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.schema: JSON = True
        self.names: dict[str, Definition] = {}
        self.error: str | None = None


class Schemas:
    """Translates the schemas of one document. `siblings` tells whether what stands beside a `$ref` counts."""

    def __init__(self, references: References, siblings: bool) -> None:
        self._references = references
        self._siblings = siblings
        self._definitions: dict[tuple[Way, str], Definition] = {}
        # The same by the references that lead there, of which several may lead to one.
        self._named_by: dict[tuple[Way, str], Definition] = {}
        # Definitions that are named, and not translated yet: however long a chain of references is, nothing is nested.
        self._within: Definition | None = None
        self._waiting: list[tuple[Definition, JSON, Place, Way]] = []
        # Definitions that can be read, with all that they reach.
        self._sound: dict[str, Definition] = {}

    def require_sound(self, names: dict[str, Definition]) -> None:
        """Raises `UnreadableDefinition` if some definitions lead to one that cannot be read."""
        found = {name: each for name, each in names.items() if name not in self._sound}
        waiting = [*found.values()]
        while waiting:
            definition = waiting.pop()
            if definition.error is not None:
                raise UnreadableDefinition(definition.error)
            for name, each in definition.names.items():
                if name not in found and name not in self._sound:
                    found[name] = each
                    waiting.append(each)
        self._sound |= found

    def library(self) -> Library:
        """All definitions that were found to be sound."""
        return Library({name: definition.schema for name, definition in self._sound.items()})

    def translated(self, schema: JSON, place: Place, way: Way) -> tuple[Object, dict[str, Definition]]:
        """A schema, and the definitions that it names. Raises `Unreadable`."""
        names: dict[str, Definition] = {}
        found = self._schema(schema, place, way, names)
        while self._waiting:
            self._define(*self._waiting.pop())
        return found if isinstance(found, dict) else {} if found else {"not": {}}, names

    def _schema(
        self, schema: JSON, place: Place, way: Way, names: dict[str, Definition], hidden: frozenset[str] = _NOTHING
    ) -> JSON:
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            raise Unreadable(place, "a schema must be an object")
        found: Object = {}
        if "$ref" in schema:
            found["$ref"] = self._reference(schema["$ref"], (place, "$ref"), way, names)
            if not self._siblings:
                return found
        if schema.get("$recursiveRef") == "#" and self._within is not None:
            # Written with the words of an older draft, it means the schema in which it stands.
            found["$ref"] = self._named(self._within, names)
        hidden |= self._hidden(schema, place, way, 0)
        for keyword, value in schema.items():
            if keyword in _PLAIN:
                found[keyword] = value
                continue
            if keyword in _UNREADABLE and not (keyword == "$recursiveRef" and "$ref" in found):
                raise Unreadable((place, keyword), f"{keyword} is not read here")
            if keyword in NAMESPACES:
                found[keyword] = value
            if keyword == "x-extensible-enum" and way is Way.request and "enum" not in schema:
                # What callers may send today; what they get may be something else tomorrow.
                found["enum"] = value
            if keyword in _DROPPED or keyword.startswith("x-") or keyword in ("$ref", "$recursiveRef"):
                continue
            found[keyword] = self._member(keyword, value, (place, keyword), way, names, hidden)
        written: Object = {keyword: schema[keyword] for keyword in _WRITTEN if keyword in schema}
        return _modern(_without({**found, "x-serialization": written} if written else found, hidden))

    def _member(
        self, keyword: str, value: JSON, place: Place, way: Way, names: dict[str, Definition], hidden: frozenset[str]
    ) -> JSON:
        if keyword in SCHEMA_MAPS and isinstance(value, dict):
            return {
                name: each if isinstance(each, list) else self._schema(each, (place, name), way, names)
                for name, each in value.items()
                if keyword != "properties" or name not in hidden
            }
        if keyword in SCHEMA_LISTS and isinstance(value, list):
            passed = hidden if keyword == "allOf" else _NOTHING
            return [self._schema(each, (place, str(n)), way, names, passed) for n, each in enumerate(value)]
        if keyword in ONE_SCHEMA:
            return self._schema(value, place, way, names)
        return value

    def _reference(self, reference: JSON, place: Place, way: Way, names: dict[str, Definition]) -> str:
        return self._named(self._definition(reference, place, way), names)

    def _named(self, definition: Definition, names: dict[str, Definition]) -> str:
        names[definition.name] = definition
        return reference_to(definition.name)

    def _definition(self, reference: JSON, place: Place, way: Way) -> Definition:
        if isinstance(reference, str) and (way, reference) in self._named_by:
            return self._named_by[way, reference]
        value, target = self._references.target(reference, place)
        if isinstance(value, dict) and "$ref" in value and (len(value) == 1 or not self._siblings):
            # Another name for a definition: however many there are in a row, the last one is meant.
            value, target = self._references.resolved(value, target)
        where = pointer(target)
        known = self._definitions.get((way, where))
        if known is None:
            known = self._definitions[way, where] = Definition(self._name(where, way))
            self._waiting.append((known, value, target, way))
        self._named_by[way, str(reference)] = known
        return known

    def _define(self, definition: Definition, value: JSON, place: Place, way: Way) -> None:
        self._within = definition
        try:
            self._references.resolved(value, place)
            definition.schema = self._schema(value, place, way, definition.names)
        except Unreadable as error:
            definition.error = str(error)
        self._within = None

    def _name(self, where: str, way: Way) -> str:
        """A component's own name, else its pointer. The request's variant has a name of its own."""
        plain = where.removeprefix(_COMPONENTS)
        name = where if "/" in plain or ":" in plain or "~" in plain else plain
        return name if way is Way.response else f"request:{name}"

    def _hidden(self, schema: Object, place: Place, way: Way, depth: int) -> frozenset[str]:
        """The properties of a schema, and of what it is composed of, that are not there on this way."""
        if "properties" not in schema and "allOf" not in schema:
            return _NOTHING
        properties = schema.get("properties")
        found = {
            name
            for name, each in (properties.items() if isinstance(properties, dict) else ())
            if isinstance(each, dict) and self._is_hidden(each, ((place, "properties"), name), way, 0)
        }
        parts = schema.get("allOf")
        for n, part in enumerate(parts if isinstance(parts, list) and depth < 8 else ()):
            inner, where = self._followed(part, ((place, "allOf"), str(n)))
            if isinstance(inner, dict):
                found |= self._hidden(inner, where, way, depth + 1)
        return frozenset(found)

    def _is_hidden(self, schema: Object, place: Place, way: Way, depth: int) -> bool:
        if schema.get(way.value) is True and ("$ref" not in schema or self._siblings):
            return True
        inner, where = self._followed(schema, place)
        if not isinstance(inner, dict) or depth > 8:
            return False
        if inner is not schema and self._is_hidden(inner, where, way, depth + 1):
            return True
        parts = inner.get("allOf")
        return any(
            isinstance(each, dict) and self._is_hidden(each, ((where, "allOf"), str(n)), way, depth + 1)
            for n, each in enumerate(parts if isinstance(parts, list) else ())
        )

    def _followed(self, value: JSON, place: Place) -> tuple[JSON, Place]:
        """What stands at the end of references, or None where they lead nowhere: whoever reads them says so."""
        if not isinstance(value, dict) or "$ref" not in value:
            return value, place
        try:
            return self._references.resolved(value, place)
        except Unreadable:
            return None, place


def _without(schema: Object, hidden: frozenset[str]) -> Object:
    required = schema.get("required")
    if not hidden or not isinstance(required, list):
        return schema
    left: list[JSON] = [name for name in required if name not in hidden]
    return {**schema, "required": left} if left else {k: v for k, v in schema.items() if k != "required"}


def _modern(schema: Object) -> Object:
    """The schema with what OpenAPI 3.0 says in words of its own said in those of JSON Schema."""
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        stated = schema.get(exclusive)
        if isinstance(stated, bool):
            schema = {name: value for name, value in schema.items() if name != exclusive}
            if stated and bound in schema:
                schema[exclusive] = schema.pop(bound)
    if "nullable" not in schema:
        return schema
    nullable = schema.pop("nullable") is True
    return _with_null(schema) if nullable else schema


def _with_null(schema: Object) -> Object:
    stated, values = schema.get("type"), schema.get("enum")
    if isinstance(values, list) and None not in values:
        schema["enum"] = [*values, None]
    if stated is None:
        return {"anyOf": [schema, {"type": "null"}]} if schema else schema
    types: list[JSON] = stated if isinstance(stated, list) else [stated]
    schema["type"] = types if "null" in types else [*types, "null"]
    composed = any(name in schema for name in ("allOf", "anyOf", "oneOf", "$ref", "const", "not"))
    return {"anyOf": [schema, {"type": "null"}]} if composed else schema
