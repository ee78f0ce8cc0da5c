"""What a GraphQL schema says by directives: those that it declares, and where they are used (api.md 2.8).

Deprecation is no promise. `@oneOf` on an input type is part of its shape.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from graphql import language as ast
from graphql import specified_directives

from adapters.sources.graphql_schemas import Schemas
from adapters.sources.graphql_types import Declared, arguments_of
from domain.values import JSON, Object

DIRECTIVES, USES = "x-graphql-directives", "x-graphql-uses"
_STANDARD = frozenset({each.name for each in specified_directives} | {"oneOf"})


def uses(declared: Declared) -> Object:
    """The directives of a type (under the empty name), its fields (`f`) or values, and arguments (`f.a`)."""
    silent = ("deprecated", "oneOf") if declared.kind == "input" else ("deprecated",)
    places: list[tuple[str, Iterable[ast.DirectiveNode]]] = [("", declared.directives)]
    for name, member in (*declared.fields.items(), *declared.values.items()):
        if member.directives:
            places.append((name, member.directives))
        for argument in arguments_of(member):
            if argument.directives:
                places.append((f"{name}.{argument.name.value}", argument.directives))
    return {place: printed for place, nodes in places if nodes and (printed := _printed(nodes, silent))}


def _printed(nodes: Iterable[ast.DirectiveNode], silent: tuple[str, ...] = ()) -> list[JSON]:
    """Each use once, with its arguments in order of their names."""
    found: set[str] = set()
    for each in nodes:
        if each.name.value not in silent:
            arguments = ", ".join(sorted(map(ast.print_ast, each.arguments or ())))
            found.add(f"@{each.name.value}({arguments})" if arguments else f"@{each.name.value}")
    return [*sorted(found)]


def common(definitions: Sequence[ast.DefinitionNode], types: Mapping[str, Declared], schemas: Schemas) -> Object:
    """What belongs to no item: directives that the document declares, and uses on the schema and on scalars."""
    found: Object = {}
    for node in definitions:
        if isinstance(node, ast.DirectiveDefinitionNode) and node.name.value not in _STANDARD:
            allows = [each.value for each in node.locations] + (["repeatable"] if node.repeatable else [])
            found[node.name.value] = {"allows": [*sorted(allows)], "arguments": schemas.closed(node.arguments or ())}
    used: Object = {place: printed for place, nodes in _outside(definitions, types) if (printed := _printed(nodes))}
    return {**({DIRECTIVES: found} if found else {}), **({USES: used} if used else {})}


def _outside(
    definitions: Sequence[ast.DefinitionNode], types: Mapping[str, Declared]
) -> Iterator[tuple[str, list[ast.DirectiveNode]]]:
    """The uses on the schema and on scalars, under names that no member of a type has."""
    schemas = (ast.SchemaDefinitionNode, ast.SchemaExtensionNode)
    stated = [node for node in definitions if isinstance(node, schemas)]
    yield "the schema", [each for node in stated for each in node.directives or ()]
    for name, each in types.items():
        if each.kind == "scalar":
            yield f"scalar {name}", each.directives


def query_type(definitions: Sequence[ast.DefinitionNode]) -> str:
    """The name of the type at which queries begin."""
    for node in definitions:
        if isinstance(node, ast.SchemaDefinitionNode | ast.SchemaExtensionNode):
            for each in node.operation_types or ():
                if each.operation is ast.OperationType.QUERY:
                    return each.type.name.value
    return "Query"
