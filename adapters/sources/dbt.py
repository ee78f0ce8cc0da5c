"""Reads a dbt manifest: every model, seed, snapshot and source becomes an asset spec. No dbt word goes further."""

from collections import Counter
from collections.abc import Mapping
from hashlib import md5
from itertools import chain

from msgspec import Raw

from adapters.pieces import contains
from adapters.sources.dbt_catalog import types_by_item
from adapters.sources.dbt_columns import CatalogTypes, Columns, columns_of
from adapters.sources.dbt_manifest import ITEM_TYPES, Loaded, Metadata, Node, load, packages_of_macros, schema_version
from adapters.sources.dbt_options import Options, options_of, plain_tags
from adapters.sources.dbt_tests import Promises, collect, guarantees_of, tests_by_item
from adapters.sources.errors import InvalidDocument
from adapters.sources.soundness import unsound
from adapters.spent import spend
from domain.schema.canonical import canonical, digest_of
from domain.sync.spec import AssetSpec, Document, EdgeSpec, ItemError
from domain.values import JSON, Object


def read(manifest: bytes | Raw, *, catalog: bytes | Raw | None = None, project: str | None = None) -> Document:
    """The document that a manifest is. `catalog` fills types in, `project` names the source.

    Raises `InvalidDocument`; RecursionError for a text nested too deeply.
    """
    loaded = load(manifest)
    metadata = loaded.manifest.metadata or Metadata()
    warnings = schema_version(metadata)
    types = types_by_item(catalog) if catalog is not None else {}
    key, certain = _project(project, metadata, loaded, manifest)
    if len(key) > 200 or "\0" in key:
        raise InvalidDocument("INVALID_MANIFEST", ["metadata.project_name: must be a name of at most 200 characters"])
    # A NUL stands in JSON only as this escape: without one, no item has to be searched.
    suspicious = any(contains(text, b"\\u0000") for text in (manifest, catalog or b""))
    reading = _Reading(loaded, types, key, suspicious)
    specs = reading.specs()
    spend(loaded, len(loaded.manifest.nodes or {}))
    return Document(
        kind="dbt",
        key=key,
        key_certain=certain,
        specs=tuple(specs),
        errors=tuple(reading.errors),
        parse_errors=tuple(reading.parse_errors),
        warnings=(*warnings, *reading.warnings),
    )


def _project(project: str | None, metadata: Metadata, loaded: Loaded, text: bytes | Raw) -> tuple[str, bool]:
    """The source's key, and whether it is certain (api.md 2.1, "Sources")."""
    if project or metadata.project_name:
        return project or metadata.project_name or "", True
    packages = Counter(id.split(".")[1] for id in loaded.manifest.nodes or {} if id.count(".") > 1)
    if metadata.project_id:
        for name in (*packages, *packages_of_macros(text)):
            # dbt hashes the project's name so; it is a name here, and no secret.
            if md5(name.encode(), usedforsecurity=False).hexdigest() == metadata.project_id:
                return name, True
    return (min(packages, key=lambda name: (-packages[name], name)) if packages else "default"), False


class _Reading:
    """One manifest on its way to specs, with what there is to say about it."""

    def __init__(self, loaded: Loaded, types: Mapping[str, CatalogTypes], key: str, suspicious: bool) -> None:
        self._nodes = loaded.manifest.nodes or {}
        self._sources = loaded.manifest.sources or {}
        self._types = types
        self._key = key
        self._suspicious = suspicious
        self.errors = [
            ItemError(fqn=each.id, item=each.id, message=each.why, labels=_labels(each.id, None))
            for each in loaded.unreadable
            if each.is_item
        ]
        self.parse_errors = [each.why for each in loaded.unreadable]
        self.warnings: list[str] = []

    def specs(self) -> list[AssetSpec]:
        options: dict[str, Options] = {}
        items: dict[str, Node] = {}
        for id, node in chain(self._nodes.items(), self._sources.items()):
            if id in self._sources or node.resource_type in ITEM_TYPES:
                options[id] = options_of(id, node)
                if options[id].skip or not _enabled(node):
                    continue
                if _relation(node):
                    items[id] = node
                else:
                    self._reject(ItemError(fqn=id, item=id, message=f"{id}: it has no name", labels=_labels(id, node)))
        names = {id: fqn_of(node) for id, node in items.items()}
        winners = self._settle_names(items, names)
        tests = tests_by_item(self._nodes, items)
        found = []
        for id, node in items.items():
            if winners[id] == id:
                spec = self._spec(id, node, options[id], tests.get(id, []), names, winners)
                if self._is_sound(spec):
                    found.append(spec)
        return found

    def _settle_names(self, items: Mapping[str, Node], names: Mapping[str, str]) -> dict[str, str]:
        """For each item the one that has its name: a node before a source, else the smaller id."""
        holders: dict[str, str] = {}
        for id in sorted(items, key=lambda each: (each in self._sources, each)):
            holders.setdefault(names[id], id)
        winners: dict[str, str] = {}
        for id in items:
            winner = winners[id] = holders[names[id]]
            if winner == id:
                continue
            if id in self._sources and winner not in self._sources:
                self.warnings.append(
                    f"{names[id]}: source {id} is the same relation as {winner}, which stands for both"
                )
            else:
                message = f"{names[id]} is the name of {winner} too, which has it"
                self.errors.append(ItemError(fqn=names[id], item=id, message=message, labels=_labels(id, items[id])))
        return winners

    def _is_sound(self, spec: AssetSpec) -> bool:
        why = unsound(spec, self._suspicious)
        if why is None:
            return True
        message = f"{spec.item[:200]}: {why}"
        self._reject(ItemError(fqn=spec.fqn, item=spec.item, message=message, labels=spec.labels))
        return False

    def _reject(self, error: ItemError) -> None:
        self.errors.append(error)
        self.parse_errors.append(error.message)

    def _spec(
        self,
        id: str,
        node: Node,
        options: Options,
        tests: list[tuple[str, Node]],
        names: Mapping[str, str],
        winners: Mapping[str, str],
    ) -> AssetSpec:
        columns = columns_of(node, self._types.get(id, {}))
        promises = collect(node, columns, tests)
        guarantees = guarantees_of(node, options, promises)
        upstream = _upstream(id, node, winners)
        tags = tuple(dict.fromkeys((*_tags(node), *options.tags)))
        schema = _with_required(columns, promises)
        # It has no definitions, so that it is stored as one document.
        text = canonical(schema) if schema is not None else None
        name = digest_of(text) if text is not None else None
        kind = "source" if id in self._sources else node.resource_type or "model"
        return AssetSpec(
            item=id,
            fqn=names[id],
            resource_type=kind,
            description=node.description or None,
            tags=tags,
            metadata=self._metadata(id, node, (columns, guarantees, options, tags), upstream, names),
            guarantees=guarantees,
            schema=schema,
            schema_digest=name,
            documents=({name: text},) if name is not None and text is not None else (),
            untyped=columns.untyped,
            field_descriptions=columns.descriptions,
            field_tags=columns.tags,
            upstream=upstream,
            owner_team=options.owner_team,
            owner_user=options.owner_user,
            consumers=options.consumers,
            compatibility_mode=options.compatibility_mode,
            guarantee_mode=options.guarantee_mode,
            semver_mode=options.semver_mode,
            refers=id in self._sources or self._is_foreign(id, node),
            problems=options.problems,
            owner_problems=options.owner_problems,
            remarks=options.remarks,
            labels=_labels(id, node, kind),
        )

    def _is_foreign(self, id: str, node: Node) -> bool:
        """Whether another project's node is only mentioned here: it has no file in this one."""
        package = node.package_name or (id.split(".")[1] if id.count(".") > 1 else self._key)
        return package != self._key and not (node.path or node.original_file_path)

    def _metadata(
        self,
        id: str,
        node: Node,
        found: tuple[Columns, Object | None, Options, tuple[str, ...]],
        upstream: tuple[EdgeSpec, ...],
        names: Mapping[str, str],
    ) -> Object:
        columns, guarantees, options, tags = found
        depends_on: list[JSON] = [names[edge.item] for edge in upstream if edge.item in names]
        metadata: Object = {
            "dbt_source_id" if id in self._sources else "dbt_node_id": id,
            "resource_type": "source" if id in self._sources else node.resource_type,
            "description": node.description or "",
            "tags": [*tags],
            "dbt_fqn": [*(node.fqn or [])],
            "path": node.path or node.original_file_path or None,
            "depends_on": depends_on,
            "columns": columns.metadata,
            "materialized": node.config.materialized if node.config else None,
            "project": self._key,
        }
        if guarantees:
            metadata["guarantees"] = guarantees
        if options.consumers:
            metadata["consumers"] = [
                {"team": each.team} if each.purpose is None else {"team": each.team, "purpose": each.purpose}
                for each in options.consumers
            ]
        return metadata


def _enabled(node: Node) -> bool:
    return node.config is None or node.config.enabled is not False


def _labels(id: str, node: Node | None, kind: str | None = None) -> dict[str, JSON]:
    stated = kind or (node.resource_type if node else None) or id.partition(".")[0]
    return {"node_id": id, "resource_type": stated}


def fqn_of(node: Node) -> str:
    """`database.schema.relation` in lower case; absent parts left out, a dot inside a part written `%2E`."""
    parts = (node.database, node.schema, _relation(node))
    return ".".join(part.lower().replace(".", "%2E") for part in parts if part)


def _relation(node: Node) -> str:
    return node.alias or node.identifier or node.name or ""


def _tags(node: Node) -> tuple[str, ...]:
    if node.tags:
        return plain_tags(node.tags)
    stated = node.meta.get("tags") if node.meta else None
    return tuple(each for each in stated if isinstance(each, str)) if isinstance(stated, list) else ()


def _upstream(id: str, node: Node, winners: Mapping[str, str]) -> tuple[EdgeSpec, ...]:
    """Edges to what the node depends on; what lost its name passes its edges to the winner."""
    found: dict[str, EdgeSpec] = {}
    for target in (node.depends_on.nodes or []) if node.depends_on else []:
        item = winners.get(target, target)
        if item != id and item not in found:
            found[item] = EdgeSpec(item=item, type="transforms" if item.startswith("model.") else "consumes")
    return tuple(found.values())


def _with_required(columns: Columns, promises: Promises) -> Object | None:
    """The contract schema: columns that are never null are required, in the order of the columns."""
    if columns.schema is None:
        return None
    properties = columns.schema["properties"]
    assert isinstance(properties, dict)
    # A name in another case means the column all the same, unless some column is spelt just so.
    never = promises.nullability.keys()
    folded = {name.lower() for name in never if name not in properties}
    required: list[JSON] = [name for name in properties if name in never or name.lower() in folded]
    return {**columns.schema, "required": required}
