"""Lineage: the edges between assets, from the dependent to what it depends on."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Index

from domain import events as e
from domain.ids import first_edge, place_of
from projections.sql import document, number, text
from projections.times import wire_time
from projections.view import Kinds, unique_now, view_table

TABLE = view_table(
    "edges",
    text("dependent_id"),
    text("dependency_id"),
    text("type"),
    number("made"),
    document("body"),
)
unique_now(TABLE, "pair", ["dependent_id", "dependency_id", "type"])
Index("edges_down", TABLE.c.dependency_id)


class EdgeBody(msgspec.Struct, frozen=True, kw_only=True):
    """A dependency on the wire (api.md 3.4)."""

    id: str
    dependent_asset_id: str
    dependency_asset_id: str
    dependency_type: str
    source: str
    created_at: str


_decoder = msgspec.json.Decoder(EdgeBody)


class EdgeRow(msgspec.Struct, frozen=True):
    id: str
    body: EdgeBody
    made: int

    def columns(self) -> tuple[object, ...]:
        body = self.body
        ends = (body.dependent_asset_id, body.dependency_asset_id)
        return (*ends, body.dependency_type, self.made, msgspec.json.encode(body))


class Lineage:
    table = TABLE
    events: Kinds = frozenset({e.AssetCreated, e.DependencyAdded, e.DependencyRemoved})

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        event = recorded.event
        if isinstance(event, e.AssetCreated):
            return [first_edge(recorded.stream, place) for place in range(sum(map(len, event.upstream.values())))]
        return (event.dependency_id,) if isinstance(event, e.DependencyAdded | e.DependencyRemoved) else ()

    def fold(self, key: str, row: EdgeRow | None, recorded: e.Recorded) -> EdgeRow | None:
        event = recorded.event
        if isinstance(event, e.AssetCreated):
            type, upstream_id = _first(event, place_of(key))
            return _row(key, recorded, upstream_id, type, "sync")
        if isinstance(event, e.DependencyAdded):
            return _row(key, recorded, event.upstream_id, event.type, event.origin)
        return None

    def load(self, id: str, columns: Sequence[object]) -> EdgeRow:
        *_, made, body = columns
        assert isinstance(made, int) and isinstance(body, bytes)
        return EdgeRow(id, _decoder.decode(body), made)


def _row(key: str, recorded: e.Recorded, upstream_id: str, type: str, origin: str) -> EdgeRow:
    body = EdgeBody(
        id=key,
        dependent_asset_id=recorded.stream,
        dependency_asset_id=upstream_id,
        dependency_type=type,
        source=origin,
        created_at=wire_time(recorded.at),
    )
    return EdgeRow(key, body, recorded.position)


def _first(event: e.AssetCreated, place: int) -> tuple[str, str]:
    """Type and upstream asset of one of the edges with which an asset came to be."""
    for type, ids in event.upstream.items():
        if place < len(ids):
            return type, ids[place]
        place -= len(ids)
    raise IndexError("the asset came to be with fewer edges")
