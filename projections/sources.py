"""Sources: the last document of each dbt project, API or schema, by environment."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, select

from domain import events as e
from projections.reading import Question
from projections.sql import current, document, number, text
from projections.times import wire_time
from projections.view import Kinds, view_table

TABLE = view_table(
    "sources",
    text("kind"),
    text("key"),
    text("environment"),
    text("title", nullable=True),
    number("synced"),
    document("body"),
)


class SourceBody(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    key: str
    environment: str
    document_digest: str
    commit: str | None
    counts: dict[str, int]
    synced_at: str


_decoder = msgspec.json.Decoder(SourceBody)


class SourceRow(msgspec.Struct, frozen=True):
    id: str
    body: SourceBody
    title: str | None
    synced: int

    def columns(self) -> tuple[object, ...]:
        body = self.body
        return (body.kind, body.key, body.environment, self.title, self.synced, msgspec.json.encode(body))


class Sources:
    table = TABLE
    events: Kinds = frozenset({e.SourceSynced})

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        return (recorded.stream,)

    def fold(self, key: str, row: SourceRow | None, recorded: e.Recorded) -> SourceRow | None:
        event = recorded.event
        if not isinstance(event, e.SourceSynced):
            return row
        body = SourceBody(
            kind=event.kind,
            key=event.key,
            environment=event.environment,
            document_digest=event.document_digest,
            commit=event.commit,
            counts=event.counts,
            synced_at=wire_time(recorded.at),
        )
        return SourceRow(key, body, event.title, recorded.position)

    def load(self, id: str, columns: Sequence[object]) -> SourceRow:
        _, _, _, title, synced, body = columns
        assert title is None or isinstance(title, str)
        assert isinstance(synced, int) and isinstance(body, bytes)
        return SourceRow(id, _decoder.decode(body), title, synced)


TITLE = Question(select(TABLE.c.title).where(TABLE.c.id == bindparam("id"), current(TABLE)))
