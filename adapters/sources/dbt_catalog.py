"""Types from a dbt catalog (`catalog.json`), which knows what the warehouse has."""

import msgspec
from msgspec import Raw, Struct

from adapters.sources.dbt_columns import CatalogTypes
from adapters.sources.errors import InvalidDocument
from adapters.sources.places import place_of


class _Column(Struct, frozen=True):
    type: str | None = None
    name: str | None = None


class _Table(Struct, frozen=True):
    columns: dict[str, _Column | None] | None = None


class _Metadata(Struct, frozen=True):
    dbt_schema_version: str | None = None


class _Catalog(Struct, frozen=True):
    nodes: dict[str, _Table | None] | None
    sources: dict[str, _Table | None] | None = None
    metadata: _Metadata | None = None


def types_by_item(text: bytes | Raw) -> dict[str, CatalogTypes]:
    """The columns of each item. Raises `InvalidDocument` with `INVALID_CATALOG`."""
    try:
        catalog = msgspec.json.decode(text, type=_Catalog)
    except msgspec.ValidationError as error:
        raise InvalidDocument("INVALID_CATALOG", [f"the catalog has another shape: {error}"]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidDocument("MALFORMED_JSON", [place_of(bytes(text), error)]) from None
    stated = (catalog.metadata.dbt_schema_version if catalog.metadata else None) or "/catalog/"
    if "/catalog/" not in stated:
        raise InvalidDocument("INVALID_CATALOG", [f"this is another dbt artifact: {stated[:200]}"])
    tables = {**(catalog.nodes or {}), **(catalog.sources or {})}
    return {id: _columns(table) for id, table in tables.items() if table}


def _columns(table: _Table) -> CatalogTypes:
    columns = table.columns or {}
    return {
        (column.name or key).lower(): (column.name or key, column.type)
        for key, column in columns.items()
        if column and column.type
    }
