"""Sources and their syncs (api.md 3.17)."""

from typing import Literal

import msgspec

from adapters.http.call import Answer, Call
from adapters.http.lists import Page, Wanted, list_answer
from adapters.http.service import Service
from domain.errors import Refused
from projections import syncs
from projections.syncs import SyncBody


class SyncsQuery(Page, frozen=True, kw_only=True):
    """Which syncs to list."""

    kind: Literal["dbt", "openapi", "graphql"] | None = None
    key: str | None = None
    environment: str | None = None


class SourceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A source, how many living assets it declares, and its last sync that changed anything."""

    kind: str
    key: str
    environment: str
    asset_count: int
    last_sync: SyncBody


async def listed_sources(service: Service, call: Call) -> Answer:
    """`GET /sources`, by kind, key and environment."""
    wanted = Wanted(listing=syncs.SOURCES, filters={}, order="name")
    return await list_answer(service.reader, call, call.query(Page), wanted, _source)


def _source(row: tuple[object, ...]) -> bytes:
    kind, key, environment, count, body = row
    assert isinstance(body, bytes)
    entry = SourceEntry(
        kind=str(kind),
        key=str(key),
        environment=str(environment),
        asset_count=int(str(count)),
        last_sync=msgspec.json.decode(body, type=SyncBody),
    )
    return msgspec.json.encode(entry)


async def listed(service: Service, call: Call) -> Answer:
    """`GET /syncs`, the newest first."""
    query = call.query(SyncsQuery)
    filters: dict[str, object] = {
        name: value for name in ("kind", "key", "environment") if (value := getattr(query, name)) is not None
    }
    wanted = Wanted(listing=syncs.LIST, filters=filters, order="newest")
    return await list_answer(service.reader, call, query, wanted, _ready)


def _ready(row: tuple[object, ...]) -> bytes:
    body = row[0]
    assert isinstance(body, bytes)
    return body


async def get(service: Service, call: Call) -> Answer:
    """`GET /syncs/{id}`."""
    id = call.id("sync_id")
    rows = await service.reader.rows(syncs.ONE.sql(service.reader.dialect), {"id": id, "as_of": call.as_of})
    if not rows:
        raise Refused("NOT_FOUND", f"The sync {id} was not found.")
    return Answer(body=_ready(rows[0]), revision=0)
