"""The types of a GraphQL schema, each with what its extensions add; and what makes a schema unusable."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, TypeVar

import msgspec
from graphql import language as ast

from adapters.sources.graphql_text import Problem

KINDS = {
    "object_type": "object",
    "interface_type": "interface",
    "input_object_type": "input",
    "enum_type": "enum",
    "union_type": "union",
    "scalar_type": "scalar",
}
BUILT_IN = frozenset({"String", "ID", "Int", "Float", "Boolean"})
Field: TypeAlias = ast.FieldDefinitionNode | ast.InputValueDefinitionNode
M = TypeVar("M", bound=Field | ast.EnumValueDefinitionNode)


class Declared(msgspec.Struct, kw_only=True):
    """A type: its definition (None where a document only extends it), the extensions, and what all of them have.

    Of fields and values the first of each name is there. `types` names those that a union may be.
    """

    kind: str
    definition: ast.TypeDefinitionNode | None = None
    extensions: list[ast.TypeExtensionNode] = []
    fields: dict[str, Field] = {}
    values: dict[str, ast.EnumValueDefinitionNode] = {}
    types: dict[str, None] = {}
    interfaces: dict[str, None] = {}
    directives: list[ast.DirectiveNode] = []

    @property
    def parts(self) -> Iterator[ast.TypeDefinitionNode | ast.TypeExtensionNode]:
        if self.definition is not None:
            yield self.definition
        yield from self.extensions


class Types(msgspec.Struct):
    """The types of a document by name, what is wrong with it, and what is odd but harmless."""

    declared: dict[str, Declared] = {}
    problems: list[Problem] = []
    warnings: list[str] = []


def collect(definitions: Sequence[ast.DefinitionNode]) -> Types:
    """Gather definitions and extensions by name."""
    found = Types()
    for node in definitions:
        if isinstance(node, ast.TypeDefinitionNode | ast.TypeExtensionNode):
            _add(found, node)
        elif not isinstance(node, ast.TypeSystemDefinitionNode | ast.SchemaExtensionNode):
            found.problems.append(Problem("This is no definition of a schema", (node,)))
    for name, each in found.declared.items():
        _settle(found, name, each)
    found.problems += _unknown(definitions, found.declared)
    return found


def _add(found: Types, node: ast.TypeDefinitionNode | ast.TypeExtensionNode) -> None:
    name, extends = node.name.value, isinstance(node, ast.TypeExtensionNode)
    kind = KINDS[node.kind.removesuffix("_extension").removesuffix("_definition")]
    before = found.declared.get(name)
    if before is None:
        before = found.declared[name] = Declared(kind=kind)
    elif before.kind != kind:
        first = next(before.parts)
        found.problems.append(Problem(f"Type {name} is {_a(before.kind)} here and {_a(kind)} there", (first, node)))
        return
    if isinstance(node, ast.TypeExtensionNode):
        before.extensions.append(node)
    elif before.definition is not None and not extends:
        found.problems.append(Problem(f"Type {name} is declared twice", (before.definition, node)))
    else:
        before.definition = node


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _settle(found: Types, name: str, declared: Declared) -> None:
    """Gather what all parts of a type have."""
    for part in declared.parts:
        declared.directives += part.directives or ()
        _gather(found, f"{name}.", getattr(part, "fields", ()), declared.fields)
        _gather(found, f"{name}.", getattr(part, "values", ()), declared.values)
        for member, known in (("types", declared.types), ("interfaces", declared.interfaces)):
            known.update((each.name.value, None) for each in getattr(part, member, None) or ())


def _gather(found: Types, place: str, nodes: Iterable[M] | None, known: dict[str, M]) -> None:
    """Gather fields, values or arguments, the first of each name. That there are others is a problem if they differ."""
    for node in nodes or ():
        path, first = place + node.name.value, known.setdefault(node.name.value, node)
        if first is not node and _without_words(first) == _without_words(node):
            found.warnings.append(f"{path} is declared twice, in the same way")
        elif first is not node:
            found.problems.append(Problem(f"{path} is declared twice, in different ways", (first, node)))
        if arguments := arguments_of(node):
            _gather(found, f"{path}.", arguments, {})


def arguments_of(node: Field | ast.EnumValueDefinitionNode) -> tuple[ast.InputValueDefinitionNode, ...]:
    """The arguments of a field; nothing else has any."""
    return node.arguments or () if isinstance(node, ast.FieldDefinitionNode) else ()


def _without_words(node: ast.Node) -> str:
    """What a field, argument or value promises, its description and directives aside."""
    parts = (getattr(node, member, None) for member in ("arguments", "type", "default_value"))
    return "|".join(",".join(map(ast.print_ast, part)) if isinstance(part, tuple) else _printed(part) for part in parts)


def _printed(node: ast.Node | None) -> str:
    return ast.print_ast(node) if node is not None else ""


def _unknown(definitions: Sequence[ast.DefinitionNode], declared: dict[str, Declared]) -> Iterator[Problem]:
    for node in _mentioned(definitions):
        name = node.name.value
        if name not in declared and name not in BUILT_IN and not _is_provided(name):
            yield Problem(f"Unknown type {name}", (node,))


def _is_provided(name: str) -> bool:
    """Whether a federation gateway or GraphQL itself provides the type: `_Any`, `FieldSet`, `link__Import`, …"""
    return name.startswith("_") or "__" in name or name == "FieldSet"


def _mentioned(definitions: Sequence[ast.DefinitionNode]) -> Iterator[ast.NamedTypeNode]:
    """Every type that a document names."""
    for node in definitions:
        if isinstance(node, ast.DirectiveDefinitionNode):
            yield from (named_type(each.type) for each in node.arguments or ())
        elif isinstance(node, ast.SchemaDefinitionNode | ast.SchemaExtensionNode):
            yield from (each.type for each in node.operation_types or ())
        else:
            for field in getattr(node, "fields", None) or ():
                yield from types_of(field)
            for member in ("interfaces", "types"):
                yield from getattr(node, member, None) or ()


def types_of(field: Field) -> Iterator[ast.NamedTypeNode]:
    """The types that a field and its arguments name."""
    yield named_type(field.type)
    for each in arguments_of(field):
        yield named_type(each.type)


def named_type(node: ast.TypeNode) -> ast.NamedTypeNode:
    """The type inside lists and exclamation marks."""
    while not isinstance(node, ast.NamedTypeNode):
        assert isinstance(node, ast.ListTypeNode | ast.NonNullTypeNode)
        node = node.type
    return node
