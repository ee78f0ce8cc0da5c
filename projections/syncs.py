"""Syncs: one row for each that changed anything."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Index, and_, bindparam, func, select

from domain import events as e
from domain.values import Object
from projections.assets import TABLE as A
from projections.reading import Listing, Question
from projections.sources import TABLE as S
from projections.sql import ZERO, at_position, document, number, text
from projections.times import wire_time
from projections.view import Kinds, view_table

TABLE = view_table(
    "syncs",
    text("kind"),
    text("key"),
    text("environment"),
    number("made"),
    document("body"),
    unchanging=True,
)
Index("syncs_by_id", TABLE.c.id)
Index("syncs_by_position", TABLE.c.made)


class SyncedSource(msgspec.Struct, frozen=True, kw_only=True):
    """The source that a sync was of."""

    kind: str
    key: str
    environment: str


class SyncBody(msgspec.Struct, frozen=True, kw_only=True):
    """A sync on the wire (api.md 3.17). `position` is that of its answer, `counts` are those of its answer."""

    id: str
    position: int
    occurred_at: str
    actor_id: str | None
    source: SyncedSource
    commit: str | None
    document_digest: str
    options: Object
    counts: dict[str, int]


class SyncRow(msgspec.Struct, frozen=True):
    id: str
    made: int
    body: SyncBody

    def columns(self) -> tuple[object, ...]:
        source = self.body.source
        return (source.kind, source.key, source.environment, self.made, msgspec.json.encode(self.body))


class Syncs:
    table = TABLE
    events: Kinds = frozenset({e.SourceSynced})

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        return (recorded.event.sync_id,) if isinstance(recorded.event, e.SourceSynced) else ()

    def fold(self, key: str, row: SyncRow | None, recorded: e.Recorded) -> SyncRow | None:
        event = recorded.event
        if not isinstance(event, e.SourceSynced):
            return row
        body = SyncBody(
            id=key,
            position=recorded.end,
            occurred_at=wire_time(recorded.at),
            actor_id=recorded.actor.id,
            source=SyncedSource(kind=event.kind, key=event.key, environment=event.environment),
            commit=event.commit,
            document_digest=event.document_digest,
            options=event.options,
            counts=event.counts,
        )
        return SyncRow(key, recorded.position, body)

    def load(self, id: str, columns: Sequence[object]) -> SyncRow:
        *_, made, body = columns
        assert isinstance(made, int) and isinstance(body, bytes)
        return SyncRow(id, made, msgspec.json.decode(body, type=SyncBody))


_syncs = select(TABLE.c.body).where(at_position(TABLE))
ONE = Question(_syncs.where(TABLE.c.id == bindparam("id")))
LIST = Listing(
    _syncs,
    {name: TABLE.c[name] == bindparam(name) for name in ("kind", "key", "environment")},
    {"newest": (TABLE.c.made.desc(),)},
)
_declared = (
    select(func.count())
    .where(
        and_(*(A.c[f"source_{name}"] == S.c[name] for name in ("kind", "key"))),
        A.c.environment == S.c.environment,
        A.c.deleted == ZERO,
        at_position(A),
    )
    .scalar_subquery()
)
# Each source with the number of its living assets and its last sync.
SOURCES = Listing(
    select(S.c.kind, S.c.key, S.c.environment, _declared, TABLE.c.body)
    .select_from(S.join(TABLE, TABLE.c.made == S.c.synced))
    .where(at_position(S)),
    {},
    {"name": (S.c.kind, S.c.key, S.c.environment)},
)
