"""Registrations: which team relies on which asset."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET
from sqlalchemy import Index

from domain import events as e
from projections.sql import document, number, text
from projections.times import wire_time
from projections.view import Kinds, unique_now, view_table

TABLE = view_table(
    "registrations",
    text("asset_id"),
    text("consumer_team_id"),
    text("status"),
    text("source_kind", nullable=True),
    text("source_key", nullable=True),
    number("made"),
    number("revision"),
    document("body"),
)
unique_now(TABLE, "team", ["asset_id", "consumer_team_id"])
Index("registrations_by_team", TABLE.c.consumer_team_id)
Index("registrations_by_source", TABLE.c.source_kind, TABLE.c.source_key)


class RegistrationBody(msgspec.Struct, frozen=True, kw_only=True):
    """A registration on the wire (api.md 3.7). `acknowledged_at` is when one that a sync made was confirmed."""

    id: str
    asset_id: str
    contract_id: str | None
    consumer_team_id: str
    pinned_version: str | None
    status: str
    registered_at: str
    acknowledged_at: str | None
    updated_at: str


_decoder = msgspec.json.Decoder(RegistrationBody)


class RegistrationRow(msgspec.Struct, frozen=True):
    id: str
    body: RegistrationBody
    made: int
    revision: int = 0
    source: e.KeySource | None = None

    def columns(self) -> tuple[object, ...]:
        body = self.body
        return (
            body.asset_id,
            body.consumer_team_id,
            body.status,
            self.source.kind if self.source else None,
            self.source.key if self.source else None,
            self.made,
            self.revision,
            msgspec.json.encode(body),
        )


class Registrations:
    table = TABLE
    events: Kinds = frozenset({e.RegistrationCreated, e.RegistrationUpdated, e.RegistrationEnded})

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        event = recorded.event
        if isinstance(event, e.RegistrationCreated | e.RegistrationUpdated | e.RegistrationEnded):
            return (event.registration_id,)
        return ()

    def fold(self, key: str, row: RegistrationRow | None, recorded: e.Recorded) -> RegistrationRow | None:
        event, at = recorded.event, wire_time(recorded.at)
        if isinstance(event, e.RegistrationUpdated) and row is not None:
            return _updated(row, event, at)
        if not isinstance(event, e.RegistrationCreated):
            return None
        body = RegistrationBody(
            id=key,
            asset_id=recorded.stream,
            contract_id=event.contract_id,
            consumer_team_id=event.consumer_team_id,
            pinned_version=event.pinned_version,
            status="active",
            registered_at=at,
            acknowledged_at=None,
            updated_at=at,
        )
        return RegistrationRow(key, body, recorded.position, source=event.source)

    def load(self, id: str, columns: Sequence[object]) -> RegistrationRow:
        *_, kind, name, made, revision, body = columns
        assert isinstance(made, int) and isinstance(revision, int) and isinstance(body, bytes)
        source = e.KeySource(kind=str(kind), key=str(name)) if kind is not None else None
        return RegistrationRow(id, _decoder.decode(body), made, revision, source)


def _updated(row: RegistrationRow, event: e.RegistrationUpdated, at: str) -> RegistrationRow:
    body = msgspec.structs.replace(
        row.body,
        status=row.body.status if event.status is UNSET else event.status,
        pinned_version=row.body.pinned_version if event.pinned_version is UNSET else event.pinned_version,
        acknowledged_at=row.body.acknowledged_at or (at if row.source else None),
        updated_at=at,
    )
    return msgspec.structs.replace(row, body=body, revision=row.revision + 1)
