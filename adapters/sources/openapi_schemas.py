"""Schemas of an OpenAPI document as JSON Schema 2020-12, each direction for itself (api.md 2.7)."""

from collections.abc import Iterator
from typing import NamedTuple

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
    "example examples xml externalDocs discriminator $recursiveAnchor $defs definitions readOnly writeOnly $ref "
    "$recursiveRef".split()
)
# What holds schemas and is not dropped.
_HOLDERS = (SCHEMA_MAPS | SCHEMA_LISTS | ONE_SCHEMA) - _DROPPED
_UNREADABLE = frozenset("$id $dynamicRef $recursiveRef $anchor $dynamicAnchor".split())
# The most frequent keywords that say the same in every dialect.
_PLAIN = frozenset("type description format enum title default required maxLength minimum nullable".split())
# How a text holds something else: no assertion in JSON Schema, yet whoever reads it has to know.
_WRITTEN = ("contentEncoding", "contentMediaType", "contentSchema")
_COMPONENTS = "#/components/schemas/"
_NOTHING = frozenset[str]()
# How far away, by references and compositions, something may say that a property is hidden.
_DEEPEST = 8


class Definition:
    """A schema that references lead to, translated for one way: its name, and the definitions that it names."""

    __slots__ = ("name", "reference", "schema", "names", "error")

    def __init__(self, name: str) -> None:
        self.name = name
        self.reference = reference_to(name)
        self.schema: JSON = True
        self.names: dict[str, Definition] = {}
        self.error: str | None = None


class Response(NamedTuple):
    """The schemas of a response: of each media type, and of each header. `required` headers are always there."""

    media: dict[str, Object]
    headers: dict[str, Object]
    required: list[str]


class Schemas:
    """Translates the schemas of one document. `siblings` tells whether what stands beside a `$ref` counts."""

    def __init__(self, references: References, siblings: bool) -> None:
        self.request = Way(references, siblings, "readOnly", "request:")
        self.response = Way(references, siblings, "writeOnly", "")
        # Responses that operations tell in many places, by their JSON.
        self.responses: dict[bytes, tuple[Response, dict[str, Definition]]] = {}
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


class Way:
    """The way that documents go: properties that are hidden there (`flag` says it) are left out.

    Schemas that stay as they are, most of them, are those of the document itself: they are not to be written to.
    """

    def __init__(self, references: References, siblings: bool, flag: str, prefix: str) -> None:
        self._references = references
        self._siblings = siblings
        self._flag = flag
        self._prefix = prefix
        self._definitions: dict[str, Definition] = {}
        # The same by the references that lead there, of which several may lead to one.
        self._named_by: dict[str, Definition] = {}
        # Whether properties that are such a reference are hidden.
        self._hides: dict[str, bool] = {}
        # Values of parameters and headers, by their JSON.
        self.values: dict[bytes, tuple[Object, dict[str, Definition]]] = {}
        # Definitions that are named, and not translated yet: however long a chain of references is, nothing is nested.
        self._within: Definition | None = None
        self._waiting: list[tuple[Definition, JSON, Place]] = []

    def translated(self, schema: JSON, place: Place, names: dict[str, Definition]) -> Object:
        """A schema; the definitions that it names are put into `names`. Raises `Unreadable`."""
        found = self._schema(schema, place, names)
        while self._waiting:
            self._define(*self._waiting.pop())
        return found if isinstance(found, dict) else {} if found else {"not": {}}

    def _schema(
        self, schema: JSON, place: Place, names: dict[str, Definition], hidden: frozenset[str] = _NOTHING
    ) -> JSON:
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            raise Unreadable(place, "a schema must be an object")
        if not hidden and schema.keys() <= _PLAIN:
            return _with_null({**schema}) if "nullable" in schema else schema
        leads = "$ref" in schema or "$recursiveRef" in schema
        found = self._led_to(schema, place, names) if leads else {}
        if leads and "$ref" in schema and not self._siblings:
            return found
        if "properties" in schema or "allOf" in schema:
            hidden |= self._hidden(schema, place)
        for keyword, value in schema.items():
            if keyword in _PLAIN or keyword in NAMESPACES:
                found[keyword] = value
            elif keyword in _HOLDERS:
                found[keyword] = self._member(keyword, value, (place, keyword), names, hidden)
            elif keyword == "x-extensible-enum" and self._prefix and "enum" not in schema:
                # What callers may send today; what they get may be something else tomorrow.
                found["enum"] = value
            elif keyword in _UNREADABLE and not (keyword == "$recursiveRef" and "$ref" in found):
                raise Unreadable((place, keyword), f"{keyword} is not read here")
            elif keyword not in _DROPPED and not keyword.startswith("x-"):
                found[keyword] = value
        written: Object = {keyword: schema[keyword] for keyword in _WRITTEN if keyword in schema}
        if written:
            found["x-serialization"] = written
        return _modern(_without(found, hidden) if hidden else found)

    def _led_to(self, schema: Object, place: Place, names: dict[str, Definition]) -> Object:
        """The reference of a schema, if it has one."""
        found: Object = {}
        if "$ref" in schema:
            found["$ref"] = self._named(self._definition(schema["$ref"], (place, "$ref")), names)
        if schema.get("$recursiveRef") == "#" and self._within is not None and (self._siblings or not found):
            # Written with the words of an older draft, it means the schema in which it stands.
            found["$ref"] = self._named(self._within, names)
        return found

    def _member(
        self, keyword: str, value: JSON, place: Place, names: dict[str, Definition], hidden: frozenset[str]
    ) -> JSON:
        if keyword in SCHEMA_MAPS and isinstance(value, dict):
            return {
                name: each if isinstance(each, list) else self._schema(each, (place, name), names)
                for name, each in value.items()
                if keyword != "properties" or name not in hidden
            }
        if keyword in SCHEMA_LISTS and isinstance(value, list):
            passed = hidden if keyword == "allOf" else _NOTHING
            return [self._schema(each, (place, str(n)), names, passed) for n, each in enumerate(value)]
        return self._schema(value, place, names) if keyword in ONE_SCHEMA else value

    def _named(self, definition: Definition, names: dict[str, Definition]) -> str:
        names[definition.name] = definition
        return definition.reference

    def _definition(self, reference: JSON, place: Place) -> Definition:
        if isinstance(reference, str) and reference in self._named_by:
            return self._named_by[reference]
        value, target = self._references.target(reference, place)
        if isinstance(value, dict) and "$ref" in value and (len(value) == 1 or not self._siblings):
            # Another name for a definition: however many there are in a row, the last one is meant.
            value, target = self._references.resolved(value, target)
        where = pointer(target)
        known = self._definitions.get(where)
        if known is None:
            known = self._definitions[where] = Definition(self._name(where))
            self._waiting.append((known, value, target))
        self._named_by[str(reference)] = known
        return known

    def _define(self, definition: Definition, value: JSON, place: Place) -> None:
        self._within = definition
        try:
            self._references.resolved(value, place)
            definition.schema = self._schema(value, place, definition.names)
        except Unreadable as error:
            definition.error = str(error)
        self._within = None

    def _name(self, where: str) -> str:
        """A component's own name, else its pointer. The request's variant has a name of its own."""
        plain = where.removeprefix(_COMPONENTS)
        return self._prefix + (where if "/" in plain or ":" in plain or "~" in plain else plain)

    def _hidden(self, schema: Object, place: Place) -> frozenset[str]:
        """The properties of a schema, and of what it is composed of, that are not there on this way."""
        found: set[str] = set()
        seen = {id(schema)}
        level = [(schema, place)]
        for _ in range(_DEEPEST + 1):
            found.update(name for each, where in level for name in self._hidden_of(each, where))
            parts = [self._followed(*part) for each, where in level for part in _parts(each, where)]
            level = [(each, where) for each, where in parts if isinstance(each, dict) and _is_new(each, seen)]
        return frozenset(found)

    def _hidden_of(self, schema: Object, place: Place) -> Iterator[str]:
        properties = schema.get("properties")
        for name, each in properties.items() if isinstance(properties, dict) else ():
            if isinstance(each, dict) and (self._flag in each or "$ref" in each or "allOf" in each):
                if self._is_hidden(each, ((place, "properties"), name)):
                    yield name

    def _is_hidden(self, schema: Object, place: Place) -> bool:
        reference = schema.get("$ref")
        if self._says(schema) or not isinstance(reference, str):
            return self._hides_inside(schema, place)
        if reference not in self._hides:
            self._hides[reference] = self._hides_inside(schema, place)
        return self._hides[reference]

    def _says(self, schema: Object) -> bool:
        return schema.get(self._flag) is True and ("$ref" not in schema or self._siblings)

    def _hides_inside(self, schema: Object, place: Place) -> bool:
        """Whether a schema, what it refers to or what these are composed of says that it is hidden."""
        seen = {id(schema)}
        level = [(schema, place)]
        for _ in range(_DEEPEST + 1):
            if any(self._says(each) for each, _ in level):
                return True
            level = [near for each, where in level for near in self._near(each, where) if _is_new(near[0], seen)]
        return any(self._says(each) for each, _ in level)

    def _near(self, schema: Object, place: Place) -> Iterator[tuple[Object, Place]]:
        """What a schema refers to, and what that is composed of."""
        inner, where = self._followed(schema, place)
        if isinstance(inner, dict):
            if inner is not schema:
                yield inner, where
            yield from _parts(inner, where)

    def _followed(self, value: JSON, place: Place) -> tuple[JSON, Place]:
        """What stands at the end of references, or None where they lead nowhere: whoever reads them says so."""
        if not isinstance(value, dict) or "$ref" not in value:
            return value, place
        try:
            return self._references.resolved(value, place)
        except Unreadable:
            return None, place


def _parts(schema: Object, place: Place) -> Iterator[tuple[Object, Place]]:
    """What a schema is composed of, with places."""
    parts = schema.get("allOf")
    for n, each in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(each, dict):
            yield each, ((place, "allOf"), str(n))


def _is_new(schema: Object, seen: set[int]) -> bool:
    """Whether a part of the document was not met yet; it is now. Definitions may be composed of themselves."""
    new = id(schema) not in seen
    seen.add(id(schema))
    return new


def _without(schema: Object, hidden: frozenset[str]) -> Object:
    required = schema.get("required")
    if not isinstance(required, list):
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
    return _with_null(schema) if "nullable" in schema else schema


def _with_null(schema: Object) -> Object:
    """The schema with null among its values if it is said to be nullable."""
    if schema.pop("nullable") is not True:
        return schema
    stated, values = schema.get("type"), schema.get("enum")
    if isinstance(values, list) and None not in values:
        schema["enum"] = [*values, None]
    if stated is None:
        return {"anyOf": [schema, {"type": "null"}]} if schema else schema
    types: list[JSON] = stated if isinstance(stated, list) else [stated]
    schema["type"] = types if "null" in types else [*types, "null"]
    composed = any(name in schema for name in ("allOf", "anyOf", "oneOf", "$ref", "const", "not"))
    return {"anyOf": [schema, {"type": "null"}]} if composed else schema
