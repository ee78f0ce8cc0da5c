"""The types of a GraphQL schema, each with what its extensions add; and what makes a schema unusable."""

from collections.abc import Iterable, Iterator, Sequence

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
_Described = ast.FieldDefinitionNode | ast.InputValueDefinitionNode | ast.EnumValueDefinitionNode


class Declared(msgspec.Struct, kw_only=True):
    """A type: its definition (None where a document only extends it), the extensions, and what `named` found."""

    kind: str
    definition: ast.TypeDefinitionNode | None = None
    extensions: list[ast.TypeExtensionNode] = []
    known: dict[str, list[ast.Node]] = {}

    @property
    def parts(self) -> Iterator[ast.TypeDefinitionNode | ast.TypeExtensionNode]:
        if self.definition is not None:
            yield self.definition
        yield from self.extensions

    def all(self, member: str) -> list[ast.Node]:
        """What all parts have of `fields`, `values`, `types`, `interfaces` or `directives`."""
        return [each for part in self.parts for each in getattr(part, member, None) or ()]

    def named(self, member: str) -> list[ast.Node]:
        """The same of `fields`, `values`, `types` or `interfaces`, each name once. Asked once all parts are there."""
        if member not in self.known:
            found: dict[str, ast.Node] = {}
            for each in self.all(member):
                found.setdefault(name_of(each), each)
            self.known[member] = [*found.values()]
        return self.known[member]


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
        for member in ("fields", "values"):
            _repeated(found, name, each.all(member))
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


def _repeated(found: Types, place: str, nodes: Iterable[ast.Node]) -> None:
    """Note names that stand twice among fields or values, or among the arguments of one: a problem if they differ."""
    seen: dict[str, ast.Node] = {}
    for node in nodes:
        path = f"{place}.{name_of(node)}"
        first = seen.setdefault(path, node)
        if first is not node and _without_words(first) == _without_words(node):
            found.warnings.append(f"{path} is declared twice, in the same way")
        elif first is not node:
            found.problems.append(Problem(f"{path} is declared twice, in different ways", (first, node)))
        if isinstance(node, ast.FieldDefinitionNode) and node.arguments:
            _repeated(found, path, node.arguments)


def _without_words(node: ast.Node) -> str:
    """What a field, argument or value promises, its description and directives aside."""
    parts = (getattr(node, member, None) for member in ("arguments", "type", "default_value"))
    return "|".join(",".join(map(ast.print_ast, part)) if isinstance(part, tuple) else _printed(part) for part in parts)


def _printed(node: ast.Node | None) -> str:
    return ast.print_ast(node) if node is not None else ""


def name_of(node: ast.Node) -> str:
    """The name of a field, argument, value or type."""
    assert isinstance(node, _Described | ast.NamedTypeNode)
    return node.name.value


def _unknown(definitions: Sequence[ast.DefinitionNode], declared: dict[str, Declared]) -> Iterator[Problem]:
    for name, node in _mentioned(definitions):
        if name not in declared and name not in BUILT_IN and not _is_provided(name):
            yield Problem(f"Unknown type {name}", (node,))


def _is_provided(name: str) -> bool:
    """Whether a federation gateway or GraphQL itself provides the type: `_Any`, `FieldSet`, `link__Import`, …"""
    return name.startswith("_") or "__" in name or name == "FieldSet"


def _mentioned(definitions: Sequence[ast.DefinitionNode]) -> Iterator[tuple[str, ast.Node]]:
    """Every type that a document names, and where."""
    for node in definitions:
        if isinstance(node, ast.DirectiveDefinitionNode):
            yield from _types_of(node.arguments)
        elif isinstance(node, ast.SchemaDefinitionNode | ast.SchemaExtensionNode):
            yield from ((each.type.name.value, each.type) for each in node.operation_types or ())
        else:
            yield from _types_of(getattr(node, "fields", ()))
            for member in ("interfaces", "types"):
                yield from ((each.name.value, each) for each in getattr(node, member, None) or ())


def _types_of(nodes: Iterable[ast.Node] | None) -> Iterator[tuple[str, ast.Node]]:
    for node in nodes or ():
        assert isinstance(node, ast.FieldDefinitionNode | ast.InputValueDefinitionNode)
        named = named_type(node.type)
        yield named.name.value, named
        if isinstance(node, ast.FieldDefinitionNode) and node.arguments:
            yield from _types_of(node.arguments)


def named_type(node: ast.TypeNode) -> ast.NamedTypeNode:
    """The type inside lists and exclamation marks."""
    while isinstance(node, ast.ListTypeNode | ast.NonNullTypeNode):
        node = node.type
    assert isinstance(node, ast.NamedTypeNode)
    return node
