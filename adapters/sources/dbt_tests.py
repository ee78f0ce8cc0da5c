"""Tests and constraints: what of them becomes a guarantee (api.md 2.5)."""

import re
from collections.abc import Mapping

import msgspec

from adapters.sources.dbt_columns import Columns
from adapters.sources.dbt_manifest import Freshness, Node
from adapters.sources.dbt_options import Options
from domain.values import JSON, Object

_REF = re.compile(r"(?:ref|source)\s{0,9}\(([^()]{1,500})\)")
_NAMED = re.compile(r"""^\s*(?:(v|version)\s*=\s*)?['"]?([^'"]+?)['"]?\s*$""")
_MINUTES = {"minute": 1, "hour": 60, "day": 1440}


class Promises(msgspec.Struct, kw_only=True):
    """The guarantees of one item while they are collected."""

    nullability: Object = msgspec.field(default_factory=dict)
    accepted_values: Object = msgspec.field(default_factory=dict)
    custom: list[JSON] = msgspec.field(default_factory=list)
    unique: set[str] = msgspec.field(default_factory=set)


def tests_by_item(nodes: Mapping[str, Node], items: Mapping[str, Node]) -> dict[str, list[tuple[str, Node]]]:
    """The enabled tests of each item, in the order of their ids."""
    found: dict[str, list[tuple[str, Node]]] = {}
    for id in sorted(id for id, node in nodes.items() if node.resource_type == "test"):
        test = nodes[id]
        if test.config is not None and test.config.enabled is False:
            continue
        for item in _belongs_to(test, items):
            found.setdefault(item, []).append((id, test))
    return found


def _belongs_to(test: Node, items: Mapping[str, Node]) -> list[str]:
    if test.attached_node:
        return [test.attached_node]
    depends = [id for id in (test.depends_on.nodes or [] if test.depends_on else []) if id in items]
    if test.test_metadata and test.test_metadata.name == "relationships":
        referred = _referred(arguments(test).get("model"), depends, items)
        if referred:
            return [referred]
    return list(dict.fromkeys(depends))


def _referred(model: JSON, depends: list[str], items: Mapping[str, Node]) -> str | None:
    """The item that `ref('a', 'b')` or `source('s', 't')` in a test's `model` means."""
    call = _REF.search(model[:2000]) if isinstance(model, str) else None
    if call is None:
        return None
    stated = [found for part in call[1].split(",") if (found := _NAMED.match(part))]
    names = [found[2] for found in stated if not found[1]]
    version = next((f".v{found[2]}" for found in stated if found[1]), "")
    matching = [id for id in depends if names and items[id].name == names[-1] and id.endswith(version)]
    return matching[0] if len(matching) == 1 else None


def arguments(test: Node) -> Object:
    """The arguments of a generic test; newer files keep them one level deeper."""
    kwargs = (test.test_metadata.kwargs if test.test_metadata else None) or {}
    inner = kwargs.get("arguments")
    if isinstance(inner, dict):
        return {**{name: value for name, value in kwargs.items() if name != "arguments"}, **inner}
    return kwargs


def collect(node: Node, columns: Columns, tests: list[tuple[str, Node]]) -> Promises:
    """The promises of an item's constraints and tests."""
    found = Promises()
    for name in columns.never_null:
        found.nullability[name] = "never"
    for constraint in node.constraints or []:
        if constraint.type in ("primary_key", "not_null"):
            for name in constraint.columns or []:
                found.nullability[name] = "never"
    for id, test in tests:
        _take(found, id, test)
    for name in _constrained_unique(node, columns):
        if name not in found.unique:
            found.custom.append({"type": "unique", "column": name, "config": {}})
    return found


def _constrained_unique(node: Node, columns: Columns) -> list[str]:
    names = list(columns.unique)
    for constraint in node.constraints or []:
        stated = constraint.columns or []
        if constraint.type in ("unique", "primary_key") and len(stated) == 1:
            names += [name for name in stated if name not in names]
    return names


def _take(found: Promises, id: str, test: Node) -> None:
    metadata = test.test_metadata
    if metadata is None or not metadata.name:
        found.custom.append(_singular(id, test))
        return
    config = arguments(test)
    stated = config.get("column_name")
    column = stated if isinstance(stated, str) else test.column_name
    name = f"{metadata.namespace}.{metadata.name}" if metadata.namespace else metadata.name
    entry: Object = {"type": name, "column": column, "config": config}
    weak = _weakened(test)
    values = config.get("values")
    if name == "not_null" and column and not weak:
        found.nullability[column] = "never"
    elif name == "accepted_values" and column and isinstance(values, list) and not weak:
        found.accepted_values[column] = values
    else:
        if name in ("not_null", "accepted_values") and weak:
            entry |= weak
        if name == "unique" and column:
            found.unique.add(column)
        found.custom.append(entry)


def _weakened(test: Node) -> Object:
    """Severity and filter of a test that is no promise about all rows; empty for one that is."""
    config = test.config
    severity = config.severity if config else None
    where = config.where if config else None
    if where or (severity and severity.lower() == "warn"):
        return {"severity": severity, "where": where}
    return {}


def _singular(id: str, test: Node) -> Object:
    sql = test.compiled_code or test.raw_code or test.compiled_sql or test.raw_sql
    return {"type": "singular", "name": id.rpartition(".")[2], "description": test.description, "sql": sql}


def guarantees_of(node: Node, options: Options, promises: Promises) -> Object | None:
    """All guarantees of an item, or None where there are none."""
    found: Object = {}
    freshness = options.freshness or _freshness(node)
    if freshness:
        found["freshness"] = freshness
    if options.volume:
        found["volume"] = options.volume
    if promises.nullability:
        found["nullability"] = promises.nullability
    if promises.accepted_values:
        found["accepted_values"] = promises.accepted_values
    if promises.custom:
        found["custom"] = promises.custom
    return found or None


def _freshness(node: Node) -> Object | None:
    if not isinstance(node.freshness, Freshness) or not node.loaded_at_field:
        return None
    for limit in (node.freshness.error_after, node.freshness.warn_after):
        if limit is not None and limit.count and limit.period in _MINUTES:
            minutes = limit.count * _MINUTES[limit.period]
            return {"max_staleness_minutes": minutes, "measured_by": node.loaded_at_field}
    return None
