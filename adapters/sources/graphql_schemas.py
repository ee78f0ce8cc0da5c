"""Contract schemas of GraphQL types, which end where the next type begins (api.md 2.8)."""

import math
from collections.abc import Collection, Iterable, Mapping

from graphql import language as ast

from adapters.sources.graphql_types import Declared, named_type
from domain.values import JSON, Object

_SCALARS = {"String": "string", "ID": "string", "Int": "integer", "Float": "number", "Boolean": "boolean"}
_BORDERS = {"object": "object", "interface": "object", "input": "object", "enum": "string"}
_WORDS = 2**63


def contract_schema(declared: Declared, kinds: Mapping[str, str]) -> Object:
    """The schema that a type promises. `kinds` has the kind of every type of the document."""
    return {**_SHAPES[declared.kind](declared, kinds), "x-graphql-kind": declared.kind}


def _object(declared: Declared, kinds: Mapping[str, str]) -> Object:
    properties: Object = {}
    required: list[JSON] = []
    arguments: Object = {}
    fields = [each for each in declared.named("fields") if isinstance(each, ast.FieldDefinitionNode)]
    for field in fields:
        name = field.name.value
        properties[name] = _marked(type_schema(field.type, kinds), field)
        if isinstance(field.type, ast.NonNullTypeNode):
            required.append(name)
        if field.arguments:
            arguments[name] = closed(field.arguments, kinds)
    interfaces: list[JSON] = [*interfaces_of(declared)]
    schema: Object = {"type": "object", "properties": properties, "required": required}
    if arguments:
        schema["x-graphql-arguments"] = arguments
    return {**schema, **_ids(fields), "x-graphql-interfaces": interfaces}


def interfaces_of(declared: Declared) -> list[str]:
    """The names of the interfaces that a type implements."""
    return [each.name.value for each in declared.named("interfaces") if isinstance(each, ast.NamedTypeNode)]


def _input(declared: Declared, kinds: Mapping[str, str]) -> Object:
    fields = [each for each in declared.named("fields") if isinstance(each, ast.InputValueDefinitionNode)]
    schema = closed(fields, kinds)
    directives = [each for each in declared.all("directives") if isinstance(each, ast.DirectiveNode)]
    if any(each.name.value == "oneOf" for each in directives):
        schema |= {"minProperties": 1, "maxProperties": 1}
    return schema


def _ids(nodes: Iterable[ast.FieldDefinitionNode | ast.InputValueDefinitionNode]) -> Object:
    """Which of the strings are `ID`: for clients, whose variables have types, that is another type than `String`."""
    names: list[JSON] = [each.name.value for each in nodes if named_type(each.type).name.value == "ID"]
    return {"x-graphql-ids": names} if names else {}


def closed(values: Collection[ast.InputValueDefinitionNode], kinds: Mapping[str, str]) -> Object:
    """The closed object of arguments or input fields: nothing else is taken; what has a default may be left out."""
    properties: Object = {}
    required: list[JSON] = []
    for value in values:
        stated = _marked(type_schema(value.type, kinds), value)
        if value.default_value is not None:
            stated["default"] = literal(value.default_value)
        elif isinstance(value.type, ast.NonNullTypeNode):
            required.append(value.name.value)
        properties[value.name.value] = stated
    schema: Object = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {**schema, **_ids(values)}


def _enum(declared: Declared, kinds: Mapping[str, str]) -> Object:
    values = [each for each in declared.named("values") if isinstance(each, ast.EnumValueDefinitionNode)]
    return {"type": "string", "enum": [each.name.value for each in values]}


def _union(declared: Declared, kinds: Mapping[str, str]) -> Object:
    members = [each.name.value for each in declared.named("types") if isinstance(each, ast.NamedTypeNode)]
    return {"anyOf": [{"x-graphql-type": name} for name in members]}


def _nothing(declared: Declared, kinds: Mapping[str, str]) -> Object:
    return {"type": "object"}


_SHAPES = {
    "object": _object,
    "interface": _object,
    "input": _input,
    "enum": _enum,
    "union": _union,
    "schema": _nothing,
}


def _marked(schema: Object, node: ast.FieldDefinitionNode | ast.InputValueDefinitionNode) -> Object:
    if node.directives and any(each.name.value == "deprecated" for each in node.directives):
        schema["deprecated"] = True
    return schema


def type_schema(node: ast.TypeNode, kinds: Mapping[str, str]) -> Object:
    """The schema of a type as a field or an argument states it."""
    if isinstance(node, ast.NonNullTypeNode):
        return _present(node.type, kinds)
    schema = _present(node, kinds)
    if "x-graphql-type" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def _present(node: ast.TypeNode, kinds: Mapping[str, str]) -> Object:
    """The schema of what is not null."""
    if isinstance(node, ast.ListTypeNode):
        return {"type": "array", "items": type_schema(node.type, kinds)}
    assert isinstance(node, ast.NamedTypeNode)
    name = node.name.value
    if name in _SCALARS:
        return {"type": _SCALARS[name]}
    border = _BORDERS.get(kinds.get(name, ""))
    return {"type": border, "x-graphql-type": name} if border else {"x-graphql-type": name}


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
