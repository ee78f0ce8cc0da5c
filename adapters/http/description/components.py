"""JSON Schemas of the wire types, as the description holds them."""

import re
from collections.abc import Iterable
from types import UnionType
from typing import Union, get_args, get_origin

import msgspec

from domain.values import JSON, Object

_REF = "#/components/schemas/{name}"
_LISTS, _INNER = ("anyOf", "allOf", "oneOf"), ("items", "additionalProperties", "not")
# A schema may say more to readers than the decoder checks, which leaves that to a sentence of its own.
TOLD = "x-told"


class Components:
    """Schemas of some types, and the components that they refer to.

    Types of requests are described as they are read; of answers, every member is required unless it may be unset.
    """

    def __init__(self, types: Iterable[object], *, answers: bool) -> None:
        self._types = [part for type in types for part in parts(type)]
        schemas, components = msgspec.json.schema_components(self._types, ref_template=_REF)
        self._schemas = [_tidied(schema, answers) for schema in schemas]
        self._components = {_name(name): _tidied(schema, answers) for name, schema in components.items()}
        self._members: set[str] = set()

    def of(self, type: object) -> Object:
        """The schema of one of the types."""
        found: list[JSON] = [self._schemas[self._place(part)] for part in parts(type)]
        first = found[0]
        assert isinstance(first, dict)
        return first if len(found) == 1 else {"anyOf": found}

    def members_of(self, type: type[msgspec.Struct]) -> Object:
        """The schema of a Struct that is to be no component: a query, whose members are parameters."""
        name = str(self.of(type)["$ref"]).rpartition("/")[2]
        self._members.add(name)
        return self._components[name]

    @property
    def components(self) -> dict[str, Object]:
        """The components by name."""
        return {name: schema for name, schema in self._components.items() if name not in self._members}

    def _place(self, type: object) -> int:
        return next(n for n, known in enumerate(self._types) if known is type)


def parts(type: object) -> tuple[object, ...]:
    """The types of a union of wire types, or the type itself."""
    return get_args(type) if get_origin(type) in (Union, UnionType) else (type,)


def _name(name: str) -> str:
    """`Listed_Team_`, which msgspec makes of `Listed[Team]`, without underscores."""
    return name.replace("_", "")


def _tidied(schema: Object, answers: bool) -> Object:
    """The schema in the words of JSON Schema 2020-12 and ECMA's patterns, without what repeats its name."""
    tidy: Object = {}
    told: Object = {}
    for key, value in schema.items():
        if key == "properties" and isinstance(value, dict):
            tidy[key] = {name: _within(each, answers) for name, each in value.items()}
        elif key in _LISTS and isinstance(value, list):
            tidy[key] = [_within(each, answers) for each in value]
        elif key in _INNER:
            tidy[key] = _within(value, answers)
        elif key == "$ref":
            before, slash, name = str(value).rpartition("/")
            tidy[key] = before + slash + _name(name)
        elif key == "pattern":
            tidy[key] = re.sub(r"\\A", "^", re.sub(r"\\Z", "$", str(value))).replace(r"(?!\n)", "")
        elif key == TOLD and isinstance(value, dict):
            told = value
        elif key != "title":
            tidy[key] = [*value] if isinstance(value, tuple) else value
    if isinstance(values := tidy.get("enum"), list) and all(isinstance(each, str) for each in values):
        tidy = {"type": "string", **tidy}
    if tidy.get("type") == "array":
        # Said aloud, since makers of clients stumble over its absence.
        tidy.setdefault("items", {})
    return {**(_whole(tidy) if answers else tidy), **told}


def _within(value: JSON, answers: bool) -> JSON:
    return _tidied(value, answers) if isinstance(value, dict) else value


def _whole(schema: Object) -> Object:
    """The schema of an answer's object: a member with a default is always there."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return schema
    stated, required, whole = schema.get("required", []), [], dict[str, JSON]()
    assert isinstance(stated, list)
    for name, each in properties.items():
        if name in stated or (isinstance(each, dict) and "default" in each):
            required.append(name)
        whole[name] = {k: v for k, v in each.items() if k != "default"} if isinstance(each, dict) else each
    return {**schema, "properties": whole, "required": [*required]}
