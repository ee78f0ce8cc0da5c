"""The members of a dbt manifest that Muniment reads, decoded in one pass; a slower, tolerant pass for odd files."""

import re

import msgspec
from msgspec import Raw, Struct

from adapters.sources.errors import InvalidDocument
from adapters.sources.places import place_of
from domain.values import JSON, Object

ITEM_TYPES = frozenset({"model", "seed", "snapshot"})
KNOWN_VERSIONS = frozenset(range(1, 13)) | {20}


class Constraint(Struct, frozen=True):
    type: str | None = None
    columns: list[str] | None = None


class ColumnConfig(Struct, frozen=True):
    meta: Object | None = None
    tags: list[str] | str | None = None


class Column(Struct, frozen=True):
    name: str | None = None
    description: str | None = None
    data_type: str | None = None
    meta: Object | None = None
    tags: list[str] | str | None = None
    config: ColumnConfig | None = None
    constraints: list[Constraint] | None = None


class Config(Struct, frozen=True):
    enabled: bool | None = None
    materialized: str | None = None
    meta: Object | None = None
    severity: str | None = None
    where: str | None = None


class DependsOn(Struct, frozen=True):
    nodes: list[str] | None = None


class TestMetadata(Struct, frozen=True):
    name: str | None = None
    namespace: str | None = None
    kwargs: Object | None = None


class Period(Struct, frozen=True):
    count: int | None = None
    period: str | None = None


class Freshness(Struct, frozen=True):
    warn_after: Period | None = None
    error_after: Period | None = None


class Node(Struct, frozen=True):
    """A node or a source: the members of both, each of which a file may leave out or set to null."""

    resource_type: str | None = None
    package_name: str | None = None
    name: str | None = None
    alias: str | None = None
    identifier: str | None = None
    database: str | None = None
    schema: str | None = None
    description: str | None = None
    path: str | None = None
    original_file_path: str | None = None
    fqn: list[str] | None = None
    tags: list[str] | str | None = None
    meta: Object | None = None
    source_meta: Object | None = None
    config: Config | None = None
    columns: dict[str, Column | None] | None = None
    constraints: list[Constraint] | None = None
    depends_on: DependsOn | None = None
    attached_node: str | None = None
    column_name: str | None = None
    test_metadata: TestMetadata | None = None
    loaded_at_field: str | None = None
    freshness: Freshness | None = None
    compiled_code: str | None = None
    raw_code: str | None = None
    compiled_sql: str | None = None
    raw_sql: str | None = None


class Macro(Struct, frozen=True):
    package_name: str | None = None


class Metadata(Struct, frozen=True):
    dbt_schema_version: str | None = None
    project_name: str | None = None
    project_id: str | None = None


class Manifest(Struct, frozen=True):
    metadata: Metadata | None = None
    nodes: dict[str, Node] | None = None
    sources: dict[str, Node] | None = None


class _Macros(Struct, frozen=True):
    macros: dict[str, Macro | None] | None = None


class Unreadable(Struct, frozen=True):
    """A node that could not be read, and why. `is_item` is false for a test."""

    id: str
    why: str
    is_item: bool


class Loaded(Struct, frozen=True):
    """A manifest read, with the nodes that could not be."""

    manifest: Manifest
    unreadable: tuple[Unreadable, ...] = ()


_fast = msgspec.json.Decoder(Manifest)


def load(text: bytes | Raw) -> Loaded:
    """Decode a manifest. Raises `InvalidDocument`: `MALFORMED_JSON` or `INVALID_MANIFEST`; RecursionError if deep."""
    try:
        return Loaded(_fast.decode(text))
    except msgspec.ValidationError:
        return _tolerant(decoded(text))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidDocument("MALFORMED_JSON", [place_of(bytes(text), error)]) from None


def decoded(text: bytes | Raw) -> JSON:
    """The plain JSON value of a text. Raises `InvalidDocument` with line and column."""
    try:
        value: JSON = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidDocument("MALFORMED_JSON", [place_of(bytes(text), error)]) from None
    return value


def packages_of_macros(text: bytes | Raw) -> set[str]:
    """The packages that the manifest's macros come from: read only where the project has to be found by its hash."""
    try:
        macros = msgspec.json.decode(text, type=_Macros).macros or {}
    except msgspec.ValidationError:
        return set()
    return {macro.package_name for macro in macros.values() if macro and macro.package_name}


def _tolerant(value: JSON) -> Loaded:
    if not isinstance(value, dict):
        raise InvalidDocument("INVALID_MANIFEST", ["the manifest is not an object"])
    findings: list[str] = []
    unreadable: list[Unreadable] = []
    groups: dict[str, dict[str, Node]] = {}
    for group in ("nodes", "sources"):
        groups[group] = _group(value.get(group), group, findings, unreadable)
    if findings:
        raise InvalidDocument("INVALID_MANIFEST", findings)
    metadata = _metadata(value.get("metadata"))
    manifest = Manifest(metadata=metadata, nodes=groups["nodes"], sources=groups["sources"])
    return Loaded(manifest, tuple(unreadable))


def _metadata(value: JSON) -> Metadata:
    """What can be read of the metadata, member by member."""
    stated = value if isinstance(value, dict) else {}
    texts = {name: each for name in Metadata.__struct_fields__ if isinstance(each := stated.get(name), str)}
    return Metadata(**texts)


def _group(value: JSON, group: str, findings: list[str], unreadable: list[Unreadable]) -> dict[str, Node]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        findings.append(f"{group}: must be an object")
        return {}
    found: dict[str, Node] = {}
    for id, node in value.items():
        wrong = _wrong_shape(f"{group}.{id}", node)
        if wrong:
            findings.extend(wrong)
        elif isinstance(node, dict) and _matters(node, group):
            try:
                found[id] = msgspec.convert(node, Node)
            except msgspec.ValidationError as error:
                is_item = group == "sources" or node.get("resource_type") != "test"
                unreadable.append(Unreadable(id, f"{group}.{id}: {error}", is_item))
    return found


def _wrong_shape(place: str, node: JSON) -> list[str]:
    if not isinstance(node, dict):
        return [f"{place}: must be an object"]
    wrong = []
    if not isinstance(node.get("columns"), dict | None):
        wrong.append(f"{place}.columns: must be an object")
    depends_on = node.get("depends_on")
    if not isinstance(depends_on, dict | None):
        wrong.append(f"{place}.depends_on: must be an object")
    elif depends_on and not _is_list_of_texts(depends_on.get("nodes")):
        wrong.append(f"{place}.depends_on.nodes: must be a list of strings")
    return wrong


def _is_list_of_texts(value: JSON) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, str) for each in value))


def _matters(node: Object, group: str) -> bool:
    return group == "sources" or node.get("resource_type") in (*ITEM_TYPES, "test")


def schema_version(metadata: Metadata) -> list[str]:
    """Warnings about the document's version. Raises `InvalidDocument` for another kind of artifact."""
    stated = metadata.dbt_schema_version
    if not stated:
        return []
    found = re.search(r"/([a-z-]{1,50})/v(\d{1,9})(?:\.json)?$", stated[-200:])
    if found is None:
        return [f"The manifest's schema version {stated[:200]!r} is unknown; it is read as the newest."]
    artifact, number = found[1], int(found[2])
    if artifact != "manifest":
        raise InvalidDocument("INVALID_MANIFEST", [f"this is another dbt artifact: {artifact} (v{number})"])
    if number not in KNOWN_VERSIONS:
        return [f"The manifest's schema version v{number} is unknown; it is read as the newest."]
    return []
