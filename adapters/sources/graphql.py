"""Reads a GraphQL schema: every object, input, enum, interface and union type becomes an asset spec (api.md 2.8)."""

from collections.abc import Iterator, Mapping, Sequence

from graphql import language as ast
from graphql import print_ast

from adapters.sources.graphql_directives import USES, common, query_type, uses
from adapters.sources.graphql_schemas import contract_schema, interfaces_of
from adapters.sources.graphql_text import definitions, refused, sdl
from adapters.sources.graphql_types import Declared, collect, named_type
from adapters.sources.soundness import unsound
from domain.schema.canonical import digest
from domain.schema.change import Direction
from domain.schema.opening import map_of
from domain.sync.spec import AssetSpec, Document, EdgeSpec, ItemError
from domain.values import JSON, Object

_DIRECTIONS = {"object": Direction.produced, "interface": Direction.produced, "input": Direction.accepted}


def read(text: str, *, key: str, prefix: str, guarantees: Object | None = None) -> Document:
    """The document that a schema is: SDL, or an introspection result as JSON.

    `key` names the source, `prefix` begins every name, `guarantees` are promised for each item. Raises
    `InvalidDocument`.
    """
    text = sdl(text)
    tree = definitions(text)
    types = collect(tree)
    if types.problems:
        raise refused(text, collect(definitions(text, places=True)).problems)
    declared = types.declared
    kinds = {name: each.kind for name, each in declared.items()}
    items = {name: each for name, each in declared.items() if is_item(name, each.kind)}
    holders, told = _holders(tree, declared, items)
    found = [
        _spec(name, each, _schema(each, kinds, told if name in holders else {}), (prefix, guarantees), kinds)
        for name, each in {**items, **holders}.items()
    ]
    # A NUL stands in a text as itself or as an escape: without one, no item has to be searched.
    suspicious = "\0" in text or "\\u0000" in text or "\\u{0" in text
    faults = [(spec, unsound(spec, suspicious)) for spec in found]
    errors = [_error(spec, why) for spec, why in faults if why is not None]
    return Document(
        kind="graphql",
        key=key,
        key_certain=True,
        specs=tuple(spec for spec, why in faults if why is None),
        errors=tuple(errors),
        parse_errors=tuple(error.message for error in errors),
        warnings=tuple(types.warnings),
    )


def is_item(name: str, kind: str) -> bool:
    """Whether a type becomes an asset: scalars and what GraphQL itself declares do not."""
    return kind not in ("", "scalar") and not name.startswith("__")


def _holders(
    tree: Sequence[ast.DefinitionNode], declared: Mapping[str, Declared], items: Mapping[str, Declared]
) -> tuple[Mapping[str, Declared], Object]:
    """What belongs to no item, and who holds it: the query type, else every item, else an item of its own."""
    told = common(tree, declared, {name: each.kind for name, each in declared.items()})
    root = query_type(tree)
    if not told:
        return {}, {}
    if root in items:
        return {root: items[root]}, told
    return items or {"@schema": Declared(kind="schema")}, told


def _error(spec: AssetSpec, why: str) -> ItemError:
    return ItemError(fqn=spec.fqn, item=spec.item, message=f"{spec.item[:200]}: {why}", labels=spec.labels)


def _schema(declared: Declared, kinds: Mapping[str, str], held: Object) -> Object:
    """The contract of a type, with its uses of directives and what it holds for the whole schema."""
    schema, used = {**contract_schema(declared, kinds), **held}, {**uses(declared), **map_of(held, USES)}
    return {**schema, USES: used} if used else schema


def _spec(
    name: str, declared: Declared, schema: Object, terms: tuple[str, Object | None], kinds: Mapping[str, str]
) -> AssetSpec:
    prefix, guarantees = terms
    description = _text(declared.definition)
    labels: dict[str, JSON] = {"type_name": name, "kind": declared.kind}
    return AssetSpec(
        item=name,
        fqn=f"{prefix}.{name}",
        resource_type="graphql_type",
        description=description,
        metadata={
            **labels,
            "description": description or "",
            "directives": [print_ast(each) for each in declared.all("directives")],
            "interfaces": [*interfaces_of(declared)],
        },
        guarantees=guarantees,
        schema=schema,
        schema_digest=digest(schema),
        direction=_DIRECTIONS.get(declared.kind),
        field_descriptions=dict(_field_descriptions(declared)),
        upstream=tuple(_edges(name, declared, kinds)),
        labels=labels,
    )


def _text(node: ast.Node | None) -> str | None:
    described = getattr(node, "description", None)
    return (described.value or None) if isinstance(described, ast.StringValueNode) else None


def _field_descriptions(declared: Declared) -> Iterator[tuple[str, str]]:
    for field in declared.named("fields"):
        text = _text(field)
        if text and isinstance(field, ast.FieldDefinitionNode | ast.InputValueDefinitionNode):
            yield f"$.properties.{field.name.value}", text


def _edges(name: str, declared: Declared, kinds: Mapping[str, str]) -> Iterator[EdgeSpec]:
    """One edge to every other item that fields and arguments name, or that a union may be."""
    seen = {name}
    for target in _named(declared):
        if target not in seen and is_item(target, kinds.get(target, "")):
            seen.add(target)
            yield EdgeSpec(item=target, type="references")


def _named(declared: Declared) -> Iterator[str]:
    for member in declared.named("types"):
        assert isinstance(member, ast.NamedTypeNode)
        yield member.name.value
    for field in declared.named("fields"):
        assert isinstance(field, ast.FieldDefinitionNode | ast.InputValueDefinitionNode)
        arguments = field.arguments or () if isinstance(field, ast.FieldDefinitionNode) else ()
        for each in (field, *arguments):
            yield named_type(each.type).name.value
