"""Assets: one row an asset and span of positions, with ready JSON and the columns that lists filter and sort by."""

from collections.abc import Sequence
from typing import get_args

import msgspec
from msgspec import UNSET, Raw
from sqlalchemy import Index
from sqlalchemy import text as sql_text

from domain import events as e
from domain.asset import revised
from projections.sql import FOREVER, document, number, text
from projections.times import wire_time
from projections.view import Kinds, unique_now, view_table

TABLE = view_table(
    "assets",
    number("version"),
    text("environment"),
    text("fqn"),
    text("fqn_folded"),
    text("owner_team_id"),
    text("owner_user_id"),
    text("resource_type"),
    text("tag_list"),
    text("source_kind", nullable=True),
    text("source_key", nullable=True),
    text("source_item", nullable=True),
    number("deleted"),
    number("created"),
    text("contract_id", nullable=True),
    text("contract_version", nullable=True),
    document("body"),
)
unique_now(TABLE, "name", ["environment", "fqn"], "deleted = 0")
# Lists follow these in order. Whether a row counts stands in them too, and its type, which some owners have none of: a
# page passes over those before it unread.
_COUNTS = ("began", "ended", "deleted")
_PASSED = ("id", *_COUNTS, "resource_type")
Index("assets_by_name", *(TABLE.c[name] for name in ("fqn", *_PASSED)))
Index("assets_by_time", *(TABLE.c[name] for name in ("created", *_PASSED)))
for _name, _column in {"owner": "owner_team_id", "user": "owner_user_id"}.items():
    Index(f"assets_in_order_of_{_name}", *(TABLE.c[name] for name in (_column, *_PASSED)))
    Index(f"assets_in_reverse_of_{_name}", TABLE.c[_column].desc(), *(TABLE.c[name] for name in _PASSED))
# By these, matches are looked up, and sorted without a look at their rows; those of one value come in order of names.
_SORTED = ("fqn", "id", "created", "owner_team_id", "owner_user_id", *_COUNTS)
for _name, _columns in {
    "owner": ["owner_team_id"],
    "user": ["owner_user_id"],
    "environment": ["environment"],
    "type": ["resource_type"],
    "contract": ["contract_id"],
}.items():
    Index(f"assets_by_{_name}", *(TABLE.c[name] for name in (*_columns, *(c for c in _SORTED if c not in _columns))))
Index("assets_by_source_key", *(TABLE.c[name] for name in ("source_key", *_SORTED, "source_kind")))
Index("assets_by_id", *(TABLE.c[name] for name in ("id", *(c for c in _SORTED if c != "id"), "tag_list")))
# Not unique: where a project's name is a guess, an item goes to what has its name, and one left behind may have its id.
Index("assets_by_source", TABLE.c.source_kind, TABLE.c.source_key, TABLE.c.environment, TABLE.c.source_item)
# All names side by side, for those who look for a part of one.
Index("assets_by_part", TABLE.c.fqn_folded, TABLE.c.id)
# What changed since a position: the rows that began, and those that ended.
Index("assets_began", TABLE.c.began)
_ENDED = sql_text(f"ended < {FOREVER}")
Index("assets_ended", TABLE.c.ended, sqlite_where=_ENDED, postgresql_where=_ENDED)


class AssetMembers(msgspec.Struct, frozen=True, kw_only=True):
    """An asset on the wire, as commands answer it (api.md 3.3)."""

    id: str
    fqn: str
    description: str | None
    owner_team_id: str
    owner_user_id: str | None
    environment: str
    resource_type: str
    guarantee_mode: str
    semver_mode: str
    metadata: Raw
    tags: tuple[str, ...]
    source: e.SourceRef | None
    created_at: str
    updated_at: str
    deleted_at: str | None


class AssetBody(AssetMembers, frozen=True, kw_only=True):
    """An asset as a GET shows it, without the names that other views know."""

    active_contract_id: str | None = None
    active_contract_version: str | None = None


_decoder = msgspec.json.Decoder(AssetBody)


class AssetRow(msgspec.Struct, frozen=True):
    id: str
    body: AssetBody
    created: int
    version: int = 0

    def columns(self) -> tuple[object, ...]:
        body, source = self.body, self.body.source
        kind, key, item = (source.kind, source.key, source.item) if source else (None, None, None)
        return (
            self.version,
            body.environment,
            body.fqn,
            body.fqn.casefold(),
            body.owner_team_id,
            # Not null: both stores then have those without a user in the same place of an order.
            body.owner_user_id or "",
            body.resource_type,
            tag_list(body.tags),
            kind,
            key,
            item,
            int(body.deleted_at is not None),
            self.created,
            body.active_contract_id,
            body.active_contract_version,
            msgspec.json.encode(body),
        )


def tag_list(tags: Sequence[str]) -> str:
    """Tags as one text in which `holds(…, tag_list([tag]))` finds a whole tag.

    Each is written as JSON, which has no control characters of its own, so that the separator is in no tag.
    """
    return "\x1f" + "".join(f"{msgspec.json.encode(tag).decode()}\x1f" for tag in tags)


def _raw(value: object) -> Raw:
    return Raw(msgspec.json.encode(value))


class Assets:
    table = TABLE
    events: Kinds = frozenset(get_args(e.ShownOfAsset))

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        return (recorded.stream,)

    def fold(self, key: str, row: AssetRow | None, recorded: e.Recorded) -> AssetRow | None:
        event, at = recorded.event, wire_time(recorded.at)
        if isinstance(event, e.AssetCreated):
            return _created(key, event, recorded, at)
        if row is None:
            return None
        version = recorded.version
        match event:
            case e.AssetUpdated():
                return _updated(row, event, version, at)
            case e.AssetMoved():
                body = msgspec.structs.replace(
                    row.body, fqn=event.to_fqn, environment=event.to_environment, updated_at=at
                )
            case e.AssetDeleted():
                body = msgspec.structs.replace(row.body, deleted_at=at, updated_at=at)
            case e.AssetRestored():
                body = msgspec.structs.replace(row.body, deleted_at=None, updated_at=at)
            case e.ContractPublished():
                body = msgspec.structs.replace(
                    row.body, active_contract_id=event.contract_id, active_contract_version=event.version
                )
            case e.ContractRetired():
                return _without_contract(row, event.contract_id, version)
            case _:
                return row
        return msgspec.structs.replace(row, version=version, body=body)

    def load(self, id: str, columns: Sequence[object]) -> AssetRow:
        version, *_, created, _, _, body = columns
        assert isinstance(version, int) and isinstance(created, int) and isinstance(body, bytes)
        return AssetRow(id, _decoder.decode(body), created, version)


def _without_contract(row: AssetRow, contract_id: str, version: int) -> AssetRow:
    body = row.body
    if body.active_contract_id == contract_id:
        body = msgspec.structs.replace(body, active_contract_id=None, active_contract_version=None)
    return msgspec.structs.replace(row, body=body, version=version)


class _Stated(msgspec.Struct):
    metadata: Raw = Raw(b"null")
    declared: Raw = Raw(b"null")


class _Stored(msgspec.Struct):
    event: _Stated


_stored = msgspec.json.Decoder(_Stored)
_members = msgspec.json.Decoder(dict[str, Raw])
_NULL, _EMPTY = Raw(b"null"), Raw(b"{}")


def _metadata(recorded: e.Recorded) -> Raw:
    """The metadata that a new asset has, cut out of what is stored: encoding it again would take five times as long."""
    stated = _stored.decode(recorded.stored).event
    return next((text for text in (stated.metadata, stated.declared) if text != _NULL), _EMPTY)


def _created(key: str, event: e.AssetCreated, recorded: e.Recorded, at: str) -> AssetRow:
    body = AssetBody(
        id=key,
        fqn=event.fqn,
        description=event.description,
        owner_team_id=event.owner_team_id,
        owner_user_id=event.owner_user_id,
        environment=event.environment,
        resource_type=event.resource_type,
        guarantee_mode=event.guarantee_mode,
        semver_mode=event.semver_mode,
        metadata=_metadata(recorded),
        tags=event.tags,
        source=event.source,
        created_at=at,
        updated_at=at,
        deleted_at=None,
    )
    return AssetRow(key, body, recorded.position)


def _implied(before: Raw, event: e.AssetUpdated) -> Raw:
    """The metadata after an update that does not state it. Members that stay are not looked into."""
    metadata = before if event.declared is UNSET else _raw(event.declared)
    changed = {} if event.declares is UNSET else event.declares
    gone = () if event.undeclares is UNSET else event.undeclares
    if not changed and not gone:
        return metadata
    written = {name: _raw(value) for name, value in changed.items()}
    return _raw(revised(_members.decode(metadata), written, gone))


def _updated(row: AssetRow, event: e.AssetUpdated, version: int, at: str) -> AssetRow:
    before = row.body
    body = msgspec.structs.replace(
        before,
        owner_team_id=before.owner_team_id if event.owner_team_id is UNSET else event.owner_team_id,
        owner_user_id=before.owner_user_id if event.owner_user_id is UNSET else event.owner_user_id,
        resource_type=before.resource_type if event.resource_type is UNSET else event.resource_type,
        description=before.description if event.description is UNSET else event.description,
        guarantee_mode=before.guarantee_mode if event.guarantee_mode is UNSET else event.guarantee_mode,
        semver_mode=before.semver_mode if event.semver_mode is UNSET else event.semver_mode,
        metadata=_implied(before.metadata, event) if event.metadata is UNSET else _raw(event.metadata),
        tags=before.tags if event.tags is UNSET else event.tags,
        source=before.source if event.source is UNSET else event.source,
        updated_at=at,
    )
    return msgspec.structs.replace(row, body=body, version=version)
