"""Columns: from declared types to a contract schema (api.md 2.5)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

import msgspec

from adapters.sources.dbt_manifest import Column, Node
from adapters.sources.dbt_options import field_tags
from domain.values import JSON, Object

_NAMES: dict[str, Object] = {}


def _map(names: str, shape: Object) -> None:
    _NAMES.update((name.strip(), shape) for name in names.split(","))


_map(
    "string, text, varchar, nvarchar, char, nchar, bpchar, character, character varying, varchar2, clob, citext, "
    "bytes, binary, varbinary, bytea, blob",
    {"type": "string"},
)
_map("uuid", {"type": "string", "format": "uuid"})
_map(
    "int, integer, bigint, smallint, tinyint, mediumint, byteint, int2, int4, int8, int16, int32, int64, int128, "
    "hugeint, uint8, uint16, uint32, uint64, uint128, utinyint, usmallint, uinteger, ubigint, serial, bigserial, "
    "long, short",
    {"type": "integer"},
)
_map(
    "number, numeric, decimal, dec, bignumeric, bigdecimal, float, float4, float8, float32, float64, double, "
    "double precision, real, money",
    {"type": "number"},
)
_map("boolean, bool", {"type": "boolean"})
_map("date", {"type": "string", "format": "date"})
_map("time, timetz, time with time zone, time without time zone", {"type": "string", "format": "time"})
_map(
    "datetime, datetime2, datetimeoffset, smalldatetime, timestamp, timestamptz, timestamp_ntz, timestamp_ltz, "
    "timestamp_tz, timestamp with time zone, timestamp without time zone, timestamp with local time zone, "
    "timestamp without local time zone",
    {"type": "string", "format": "date-time"},
)
_map("object, struct, map, record, row", {"type": "object"})
_map("array, list", {"type": "array"})
_map("json, jsonb, variant, super", {"type": ["object", "array", "string", "number", "boolean", "null"]})
_PARENTHESES = re.compile(r"\([^()]*\)")
_EMPTY: Object = {}


@lru_cache(maxsize=4096)
def mapped(data_type: str) -> Mapping[str, JSON]:
    """The shape of a declared type, the same object each time. A name not in the table says nothing: `{}`."""
    return _mapped(data_type, 0)


def _mapped(data_type: str, depth: int) -> Object:
    name = " ".join(_without_parentheses(data_type.lower()).split())
    if name in _NAMES:
        return _NAMES[name]
    if depth > 20:
        return _EMPTY
    if name.endswith("[]"):
        return {"type": "array", "items": _mapped(name[:-2], depth + 1)}
    if name.startswith("array<") and name.endswith(">"):
        return {"type": "array", "items": _mapped(name[6:-1], depth + 1)}
    if name.startswith(("struct<", "map<")) and name.endswith(">"):
        return {"type": "object"}
    return _EMPTY


def _without_parentheses(text: str) -> str:
    for _ in range(20):
        shorter = _PARENTHESES.sub("", text)
        if shorter == text:
            break
        text = shorter
    return text


# Column names in lower case to their spelling and type, as a catalog has them.
CatalogTypes: TypeAlias = dict[str, tuple[str, str]]
_UNKNOWN = ("", "")


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """What the columns of one item come to."""

    schema: Object | None = None
    untyped: frozenset[str] = frozenset()
    metadata: Object = {}
    descriptions: dict[str, str] = {}
    tags: dict[str, list[str]] = {}
    never_null: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()


NO_COLUMNS = Columns()


def columns_of(node: Node, catalog: CatalogTypes) -> Columns:
    """Schema, descriptions and tags of a node's columns; `catalog` may fill in types."""
    if not node.columns:
        return _from_catalog(catalog)
    properties: Object = {}
    metadata: Object = {}
    untyped: list[str] = []
    descriptions: dict[str, str] = {}
    tags: dict[str, list[str]] = {}
    never, unique = [], []
    for key, given in node.columns.items():
        column = given or _NO_COLUMN
        name = column.name or key
        declared = column.data_type
        found = declared or catalog.get(name.lower(), _UNKNOWN)[1]
        shape: Object = {**mapped(found)} if found else {}
        if not found:
            untyped.append(name)
        description = column.description or ""
        if description:
            shape["description"] = descriptions[f"$.properties.{name}"] = description
        properties[name] = shape
        metadata[name] = {"description": description, "data_type": declared or None}
        if column.tags or column.meta or column.config:
            _collect_tags(name, column, tags)
        if column.constraints:
            kinds = {constraint.type for constraint in column.constraints}
            if kinds & {"not_null", "primary_key"}:
                never.append(name)
            if kinds & {"unique", "primary_key"}:
                unique.append(name)
    return Columns(
        schema={"type": "object", "properties": properties, "required": []},
        untyped=frozenset(untyped),
        metadata=metadata,
        descriptions=descriptions,
        tags=tags,
        never_null=tuple(never),
        unique=tuple(unique),
    )


_NO_COLUMN = Column()


def _collect_tags(name: str, column: Column, tags: dict[str, list[str]]) -> None:
    config = column.config
    own = column.tags or (config.tags if config else None)
    found = field_tags(own, column.meta, config.meta if config else None)
    if found:
        tags[f"$.properties.{name}"] = found


def _from_catalog(catalog: CatalogTypes) -> Columns:
    if not catalog:
        return NO_COLUMNS
    properties: Object = {name: {**mapped(data_type)} for name, data_type in catalog.values()}
    return Columns(schema={"type": "object", "properties": properties, "required": []})
