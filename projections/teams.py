"""Teams by id: names, metadata, times. Deleted teams keep their row, since history still names them."""

from collections.abc import Sequence
from typing import get_args

import msgspec
from msgspec import UNSET, Raw
from sqlalchemy import bindparam, func, select

from domain.events import Recorded, TeamCreated, TeamDeleted, TeamEvent, TeamRestored, TeamUpdated
from projections.assets import TABLE as assets_table
from projections.reading import Listing, Question, Selection
from projections.sql import ZERO, at_position, document, holds, number, text
from projections.times import wire_time
from projections.view import Kinds, unique_now, view_table

TABLE = view_table("teams", text("name"), text("name_folded"), number("deleted"), number("version"), document("body"))
unique_now(TABLE, "name", ["name"], "deleted = 0")


class TeamBody(msgspec.Struct, frozen=True, kw_only=True):
    """A team on the wire (api.md 3.1)."""

    id: str
    name: str
    metadata: Raw
    created_at: str
    updated_at: str


_decoder = msgspec.json.Decoder(TeamBody)


class TeamRow(msgspec.Struct, frozen=True):
    id: str
    body: TeamBody
    deleted: bool = False
    version: int = 0

    def columns(self) -> tuple[object, ...]:
        body = self.body
        return (body.name, body.name.casefold(), int(self.deleted), self.version, msgspec.json.encode(body))


class Teams:
    table = TABLE
    events: Kinds = frozenset(get_args(TeamEvent))

    def keys(self, recorded: Recorded) -> Sequence[str]:
        return (recorded.event.team_id,) if isinstance(recorded.event, TeamEvent) else ()

    def fold(self, key: str, row: TeamRow | None, recorded: Recorded) -> TeamRow | None:
        event, at = recorded.event, wire_time(recorded.at)
        if isinstance(event, TeamCreated):
            metadata = Raw(msgspec.json.encode(event.metadata))
            body = TeamBody(id=key, name=event.name, metadata=metadata, created_at=at, updated_at=at)
            return TeamRow(key, body)
        if row is None:
            return None
        body = msgspec.structs.replace(row.body, updated_at=at)
        if isinstance(event, TeamUpdated):
            name = body.name if event.name is UNSET else event.name
            metadata = body.metadata if event.metadata is UNSET else Raw(msgspec.json.encode(event.metadata))
            body = msgspec.structs.replace(body, name=name, metadata=metadata)
        deleted = isinstance(event, TeamDeleted) or (row.deleted and not isinstance(event, TeamRestored))
        return TeamRow(key, body, deleted, row.version + 1)

    def load(self, id: str, columns: Sequence[object]) -> TeamRow:
        _, _, deleted, version, body = columns
        assert isinstance(body, bytes) and isinstance(version, int)
        return TeamRow(id, _decoder.decode(body), bool(deleted), version)


def _with_asset_count() -> Selection:
    assets = assets_table
    owned = (
        select(func.count())
        .select_from(assets)
        .where(assets.c.owner_team_id == TABLE.c.id, assets.c.deleted == ZERO, at_position(assets))
        .scalar_subquery()
    )
    return select(TABLE.c.body, owned, TABLE.c.version).where(at_position(TABLE))


ONE = Question(_with_asset_count().where(TABLE.c.id == bindparam("id"), TABLE.c.deleted == ZERO))
ANY = Question(_with_asset_count().where(TABLE.c.id == bindparam("id")))
LIST = Listing(
    _with_asset_count().where(TABLE.c.deleted == ZERO),
    {"name": holds(TABLE.c.name_folded, bindparam("name"))},
    {"name": (TABLE.c.name, TABLE.c.id)},
)
