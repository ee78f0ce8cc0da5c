"""Tags: which assets ever had one. A candidate is checked on its asset's row, since tags also go."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET
from sqlalchemy import Index

from domain import events as e
from projections.assets import tag_list
from projections.sql import text
from projections.view import Kinds, view_table

TABLE = view_table("tags", text("tag"), text("asset_id"), unchanging=True)
Index("tags_by_tag", TABLE.c.tag, TABLE.c.asset_id)


class TagRow(msgspec.Struct, frozen=True):
    id: str
    tag: str
    asset_id: str

    def columns(self) -> tuple[object, ...]:
        return (self.tag, self.asset_id)


class Tags:
    """One row for each tag that an event gives to an asset. `tag` is written as filters write it."""

    table = TABLE
    events: Kinds = frozenset({e.AssetCreated, e.AssetUpdated})

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        return [f"{recorded.position}.{n}" for n in range(len(_given(recorded)))]

    def fold(self, key: str, row: TagRow | None, recorded: e.Recorded) -> TagRow | None:
        return TagRow(key, tag_list([_given(recorded)[int(key.partition(".")[2])]]), recorded.stream)

    def load(self, id: str, columns: Sequence[object]) -> TagRow:
        tag, asset_id = columns
        return TagRow(id, str(tag), str(asset_id))


def _given(recorded: e.Recorded) -> tuple[str, ...]:
    """The tags that an event states, each once."""
    event = recorded.event
    if isinstance(event, e.AssetCreated | e.AssetUpdated) and event.tags is not UNSET:
        return tuple(dict.fromkeys(event.tags))
    return ()
