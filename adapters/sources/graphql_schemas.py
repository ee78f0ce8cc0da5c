"""Contract schemas of GraphQL types, which end where the next type begins (api.md 2.8)."""

import math
from collections.abc import Collection, Iterable, Mapping

from graphql import language as ast

from adapters.sources.graphql_types import Declared, Field, arguments_of, named_type
from domain.values import JSON, Object

_SCALARS = {"String": "string", "ID": "string", "Int": "integer", "Float": "number", "Boolean": "boolean"}
_BORDERS = {"object": "object", "interface": "object", "input": "object", "enum": "string"}
_WORDS = 2**63


class Schemas:
    """Schemas of a document's types, by the kinds of all of them. What holds the same type shares one schema."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = kinds
        self._named: dict[str, Object] = {}
        self._nullable: dict[str, Object] = {}

    def contract(self, declared: Declared) -> Object:
        """The schema that a type promises."""
        return {**_SHAPES[declared.kind](self, declared), "x-graphql-kind": declared.kind}

    def object(self, declared: Declared) -> Object:
        properties: Object = {}
        required: list[JSON] = []
        arguments: Object = {}
        for name, field in declared.fields.items():
            properties[name] = self._field(field)
            if isinstance(field.type, ast.NonNullTypeNode):
                required.append(name)
            if stated := arguments_of(field):
                arguments[name] = self.closed(stated)
        schema: Object = {"type": "object", "properties": properties, "required": required}
        if arguments:
            schema["x-graphql-arguments"] = arguments
        return {**schema, **_ids(declared.fields.values()), "x-graphql-interfaces": [*declared.interfaces]}

    def input(self, declared: Declared) -> Object:
        schema = self.closed(declared.fields.values())
        if any(each.name.value == "oneOf" for each in declared.directives):
            schema |= {"minProperties": 1, "maxProperties": 1}
        return schema

    def closed(self, values: Collection[Field]) -> Object:
        """The closed object of arguments or input fields: nothing else is taken; what has a default may be left out."""
        properties: Object = {}
        required: list[JSON] = []
        for value in values:
            name, default = value.name.value, getattr(value, "default_value", None)
            properties[name] = stated = self._field(value)
            if default is not None:
                properties[name] = {**stated, "default": literal(default)}
            elif isinstance(value.type, ast.NonNullTypeNode):
                required.append(name)
        members: Object = {"type": "object", "properties": properties, "required": required}
        return {**members, "additionalProperties": False, **_ids(values)}

    def _field(self, field: Field) -> Object:
        schema = self.of(field.type)
        if field.directives and any(each.name.value == "deprecated" for each in field.directives):
            return {**schema, "deprecated": True}
        return schema

    def of(self, node: ast.TypeNode) -> Object:
        """The schema of a type as a field or an argument states it."""
        if isinstance(node, ast.NonNullTypeNode):
            return self._present(node.type)
        if not isinstance(node, ast.NamedTypeNode):
            return _or_null(self._present(node))
        name = node.name.value
        if name not in self._nullable:
            self._nullable[name] = _or_null(self._present(node))
        return self._nullable[name]

    def _present(self, node: ast.TypeNode) -> Object:
        """The schema of what is not null."""
        if isinstance(node, ast.ListTypeNode):
            return {"type": "array", "items": self.of(node.type)}
        assert isinstance(node, ast.NamedTypeNode)
        name = node.name.value
        if name not in self._named:
            self._named[name] = self._reference(name)
        return self._named[name]

    def _reference(self, name: str) -> Object:
        if name in _SCALARS:
            return {"type": _SCALARS[name]}
        border = _BORDERS.get(self.kinds.get(name, ""))
        return {"type": border, "x-graphql-type": name} if border else {"x-graphql-type": name}


def _or_null(schema: Object) -> Object:
    if "x-graphql-type" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def _ids(fields: Iterable[Field]) -> Object:
    """Which of the strings are `ID`: for clients, whose variables have types, that is another type than `String`."""
    names: list[JSON] = [each.name.value for each in fields if named_type(each.type).name.value == "ID"]
    return {"x-graphql-ids": names} if names else {}


def _enum(schemas: Schemas, declared: Declared) -> Object:
    return {"type": "string", "enum": [*declared.values]}


def _union(schemas: Schemas, declared: Declared) -> Object:
    return {"anyOf": [{"x-graphql-type": name} for name in declared.types]}


def _nothing(schemas: Schemas, declared: Declared) -> Object:
    return {"type": "object"}


_SHAPES = {
    "object": Schemas.object,
    "interface": Schemas.object,
    "input": Schemas.input,
    "enum": _enum,
    "union": _union,
    "schema": _nothing,
}


def literal(node: ast.ValueNode) -> JSON:
    """A literal as JSON. Numbers beyond JSON's usual range stay the text that they are."""
    match node:
        case ast.NullValueNode():
            return None
        case ast.IntValueNode():
            return int(node.value) if len(node.value) < 20 and -_WORDS <= int(node.value) < _WORDS else node.value
        case ast.FloatValueNode():
            return float(node.value) if math.isfinite(float(node.value)) else node.value
        case ast.BooleanValueNode() | ast.StringValueNode() | ast.EnumValueNode():
            return node.value
        case ast.ListValueNode():
            return [literal(each) for each in node.values]
        case ast.ObjectValueNode():
            return {each.name.value: literal(each.value) for each in node.fields}
        case _:
            return str(node)
