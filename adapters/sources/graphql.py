"""Reads a GraphQL schema: every object, input, enum, interface and union type becomes an asset spec (api.md 2.8)."""

from collections.abc import Iterator, Mapping

from graphql import language as ast
from graphql import print_ast

from adapters.sources.graphql_schemas import contract_schema, interfaces_of
from adapters.sources.graphql_text import parsed, refused
from adapters.sources.graphql_types import Declared, collect, named_type
from adapters.sources.soundness import unsound
from domain.schema.canonical import canonical, digest_of
from domain.schema.change import Direction
from domain.sync.spec import AssetSpec, Document, EdgeSpec, ItemError
from domain.values import JSON, Object

_DIRECTIONS = {"object": Direction.produced, "interface": Direction.produced, "input": Direction.accepted}


def read(text: str, *, key: str, prefix: str, guarantees: Object | None = None) -> Document:
    """The document that a schema is: SDL, or an introspection result as JSON.

    `key` names the source, `prefix` begins every name, `guarantees` are promised for each item. Raises
    `InvalidDocument`.
    """
    tree = parsed(text)
    types = collect(tree) if tree is not None else None
    if types is not None and types.problems:
        placed = parsed(text, places=True)
        assert placed is not None
        raise refused(placed.loc.source.body if placed.loc else text, collect(placed).problems)
    declared = types.declared if types is not None else {}
    kinds = {name: each.kind for name, each in declared.items()}
    found = [
        _spec(name, each, (prefix, guarantees), kinds) for name, each in declared.items() if is_item(name, each.kind)
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
        warnings=tuple(types.warnings) if types is not None else (),
    )


def is_item(name: str, kind: str) -> bool:
    """Whether a type becomes an asset: scalars and what GraphQL itself declares do not."""
    return kind not in ("", "scalar") and not name.startswith("__")


def _error(spec: AssetSpec, why: str) -> ItemError:
    return ItemError(fqn=spec.fqn, item=spec.item, message=f"{spec.item[:200]}: {why}", labels=spec.labels)


def _spec(name: str, declared: Declared, terms: tuple[str, Object | None], kinds: Mapping[str, str]) -> AssetSpec:
    prefix, guarantees = terms
    schema = contract_schema(declared, kinds)
    text = canonical(schema)
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
        schema_text=text,
        schema_digest=digest_of(text),
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
    """One edge to every other item that fields and arguments name."""
    seen = {name}
    for field in declared.named("fields"):
        assert isinstance(field, ast.FieldDefinitionNode | ast.InputValueDefinitionNode)
        arguments = field.arguments or () if isinstance(field, ast.FieldDefinitionNode) else ()
        for each in (field, *arguments):
            target = named_type(each.type).name.value
            if target not in seen and is_item(target, kinds.get(target, "")):
                seen.add(target)
                yield EdgeSpec(item=target, type="references")
