"""Reads a GraphQL schema: every object, input, enum, interface and union type becomes an asset spec (api.md 2.8)."""

from collections.abc import Iterator, Mapping, Sequence

from graphql import language as ast
from graphql import print_ast

from adapters.sources.graphql_directives import USES, common, query_type, uses
from adapters.sources.graphql_schemas import Schemas
from adapters.sources.graphql_text import definitions, refused, sdl
from adapters.sources.graphql_types import Declared, collect, types_of
from adapters.sources.soundness import unsound
from domain.schema.change import Direction
from domain.schema.library import take_apart
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
    schemas = Schemas({name: each.kind for name, each in types.declared.items()})
    items, told = _items(tree, types.declared, schemas)
    warnings = tuple(types.warnings)
    # A NUL stands in a text as itself or as an escape: without one, no item has to be searched.
    suspicious = "\0" in text or "\\u0000" in text or "\\u{0" in text
    # Each type is let go once its item is made, which takes its place in memory.
    del tree, types
    found = [_spec(name, items.pop(name), told.get(name, {}), (prefix, guarantees), schemas) for name in [*items]]
    faults = [(spec, unsound(spec, suspicious)) for spec in found]
    errors = [_error(spec, why) for spec, why in faults if why is not None]
    return Document(
        kind="graphql",
        key=key,
        key_certain=True,
        specs=tuple(spec for spec, why in faults if why is None),
        errors=tuple(errors),
        parse_errors=tuple(error.message for error in errors),
        warnings=warnings,
    )


def is_item(name: str, kind: str) -> bool:
    """Whether a type becomes an asset: scalars and what GraphQL itself declares do not."""
    return kind not in ("", "scalar") and not name.startswith("__")


def _items(
    tree: Sequence[ast.DefinitionNode], declared: Mapping[str, Declared], schemas: Schemas
) -> tuple[dict[str, Declared], dict[str, Object]]:
    """The items by name, and what some of them hold that belongs to none.

    That lies with the query type, else with every item, else with an item of its own.
    """
    items = {name: each for name, each in declared.items() if is_item(name, each.kind)}
    told, root = common(tree, declared, schemas), query_type(tree)
    if told and not items:
        items = {"@schema": Declared(kind="schema")}
    holders = ([root] if root in items else [*items]) if told else []
    return items, dict.fromkeys(holders, told)


def _error(spec: AssetSpec, why: str) -> ItemError:
    return ItemError(fqn=spec.fqn, item=spec.item, message=f"{spec.item[:200]}: {why}", labels=spec.labels)


def _spec(name: str, declared: Declared, held: Object, terms: tuple[str, Object | None], schemas: Schemas) -> AssetSpec:
    prefix, guarantees = terms
    description = _text(declared.definition)
    labels: dict[str, JSON] = {"type_name": name, "kind": declared.kind}
    taken = take_apart(schema := _schema(declared, held, schemas))
    return AssetSpec(
        item=name,
        fqn=f"{prefix}.{name}",
        resource_type="graphql_type",
        description=description,
        metadata={
            **labels,
            "description": description or "",
            "directives": [print_ast(each) for each in declared.directives],
            "interfaces": [*declared.interfaces],
        },
        guarantees=guarantees,
        schema=schema,
        schema_digest=taken.digest,
        documents=(taken.own,),
        direction=_DIRECTIONS.get(declared.kind),
        field_descriptions=dict(_field_descriptions(declared)),
        upstream=tuple(_edges(name, declared, schemas.kinds)),
        labels=labels,
    )


def _schema(declared: Declared, held: Object, schemas: Schemas) -> Object:
    """The contract of a type, with its uses of directives and what it holds for the whole schema."""
    schema, used = {**schemas.contract(declared), **held}, {**uses(declared), **map_of(held, USES)}
    return {**schema, USES: used} if used else schema


def _text(node: ast.Node | None) -> str | None:
    described = getattr(node, "description", None)
    return (described.value or None) if isinstance(described, ast.StringValueNode) else None


def _field_descriptions(declared: Declared) -> Iterator[tuple[str, str]]:
    for name, field in declared.fields.items():
        if text := _text(field):
            yield f"$.properties.{name}", text


def _edges(name: str, declared: Declared, kinds: Mapping[str, str]) -> Iterator[EdgeSpec]:
    """One edge to every other item that fields and arguments name, or that a union may be."""
    named = (each.name.value for field in declared.fields.values() for each in types_of(field))
    for target in dict.fromkeys((*declared.types, *named)):
        if target != name and is_item(target, kinds.get(target, "")):
            yield EdgeSpec(item=target, type="references")
