"""Contract versions: each with its status, the schema's digest and the changes that justified it."""

from collections.abc import Sequence
from typing import TypeAlias, get_args

import msgspec
from sqlalchemy import Index

from domain import events as e
from domain.schema.change import Direction, Mode
from domain.values import Object
from projections.sql import document, number, text
from projections.times import wire_time
from projections.view import Kinds, unique_now, view_table

TABLE = view_table(
    "contracts",
    text("asset_id"),
    text("version"),
    text("status"),
    number("published"),
    number("revision"),
    text("schema_digest"),
    text("published_by"),
    text("published_by_user_id", nullable=True),
    document("body"),
)
unique_now(TABLE, "active", ["asset_id"], "status = 'active'")
unique_now(TABLE, "version", ["asset_id", "version"])
Index("contracts_by_publication", TABLE.c.published)


class ContractBody(msgspec.Struct, frozen=True, kw_only=True):
    """A contract on the wire without its schema and the names that other views know (api.md 3.5)."""

    id: str
    asset_id: str
    version: str
    schema_format: str
    compatibility_mode: Mode
    direction: Direction | None
    guarantees: Object | None
    field_descriptions: dict[str, str]
    field_tags: dict[str, tuple[str, ...]]
    status: str
    published_at: str
    published_by: str
    published_by_user_id: str | None
    updated_at: str
    change_type: str
    breaking_changes_count: int


_About: TypeAlias = e.ContractPublished | e.ContractDeprecated | e.ContractRetired | e.ContractGuaranteesUpdated
_decoder = msgspec.json.Decoder(ContractBody)


class ContractRow(msgspec.Struct, frozen=True):
    id: str
    body: ContractBody
    published: int
    schema_digest: str
    revision: int = 0

    def columns(self) -> tuple[object, ...]:
        body = self.body
        return (
            body.asset_id,
            body.version,
            body.status,
            self.published,
            self.revision,
            self.schema_digest,
            body.published_by,
            body.published_by_user_id,
            msgspec.json.encode(body),
        )


class Contracts:
    table = TABLE
    events: Kinds = frozenset(get_args(_About))

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        event = recorded.event
        return (event.contract_id,) if isinstance(event, _About) else ()

    def fold(self, key: str, row: ContractRow | None, recorded: e.Recorded) -> ContractRow | None:
        event, at = recorded.event, wire_time(recorded.at)
        if isinstance(event, e.ContractPublished):
            body = _published(recorded.stream, event, at)
            return ContractRow(key, body, recorded.position, event.schema_digest)
        if row is None:
            return None
        body = _changed(row.body, event, at)
        return msgspec.structs.replace(row, body=body, revision=row.revision + 1)

    def load(self, id: str, columns: Sequence[object]) -> ContractRow:
        _, _, _, published, revision, digest, _, _, body = columns
        assert isinstance(published, int) and isinstance(revision, int)
        assert isinstance(digest, str) and isinstance(body, bytes)
        return ContractRow(id, _decoder.decode(body), published, digest, revision)


def _published(asset_id: str, event: e.ContractPublished, at: str) -> ContractBody:
    return ContractBody(
        id=event.contract_id,
        asset_id=asset_id,
        version=event.version,
        schema_format=event.schema_format,
        compatibility_mode=event.mode,
        direction=event.direction,
        guarantees=wire_guarantees(event.guarantees),
        field_descriptions=event.field_descriptions,
        field_tags=event.field_tags,
        status="active",
        published_at=at,
        published_by=event.published_by,
        published_by_user_id=event.published_by_user_id,
        updated_at=at,
        change_type=event.change_type.value if event.change_type else "initial",
        breaking_changes_count=sum(1 for change in event.changes if change.incompatible),
    )


def _changed(body: ContractBody, event: e.AnyEvent, at: str) -> ContractBody:
    body = msgspec.structs.replace(body, updated_at=at)
    match event:
        case e.ContractDeprecated():
            return msgspec.structs.replace(body, status="deprecated")
        case e.ContractRetired():
            return msgspec.structs.replace(body, status="retired")
        case e.ContractGuaranteesUpdated():
            return msgspec.structs.replace(body, guarantees=wire_guarantees(event.guarantees))
        case _:
            return body


def wire_guarantees(guarantees: Object | None) -> Object | None:
    """Guarantees with their four named members always present (api.md 3.5)."""
    if guarantees is None:
        return None
    named: Object = {name: None for name in ("freshness", "volume", "nullability", "accepted_values")}
    return {**named, **guarantees}
