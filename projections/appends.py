"""The ends of appends, with their times: what `as_of` rounds down to."""

from collections.abc import Sequence
from typing import get_args

import msgspec
from sqlalchemy import Index

from domain.events import AnyEvent, Recorded
from projections.sql import number, text
from projections.times import wire_time
from projections.view import Kinds, view_table

TABLE = view_table("appends", number("position"), text("at"), unchanging=True)
Index("appends_by_position", TABLE.c.position, unique=True)
Index("appends_by_time", TABLE.c.at)


class AppendRow(msgspec.Struct, frozen=True):
    id: str
    position: int
    at: str

    def columns(self) -> tuple[object, ...]:
        return (self.position, self.at)


class Appends:
    table = TABLE
    events: Kinds = frozenset(get_args(AnyEvent))

    def keys(self, recorded: Recorded) -> Sequence[str]:
        return (str(recorded.end),) if recorded.position == recorded.end else ()

    def fold(self, key: str, row: AppendRow | None, recorded: Recorded) -> AppendRow | None:
        return AppendRow(key, recorded.end, wire_time(recorded.at))

    def load(self, id: str, columns: Sequence[object]) -> AppendRow:
        position, at = columns
        assert isinstance(position, int) and isinstance(at, str)
        return AppendRow(id, position, at)
