"""What a view is: a table of positioned rows, and a pure fold from the row before and one event to the row after."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlalchemy import Column, Index, MetaData, Table, text

from domain.events import AnyEvent, Recorded
from projections.sql import FOREVER, number
from projections.sql import text as text_column

METADATA = MetaData()
Kinds: TypeAlias = frozenset[type[AnyEvent]]
NOW = f"ended = {FOREVER}"


class Row(Protocol):
    """One entry of a view. `columns` are the table's after `id`, `began` and `ended`."""

    @property
    def id(self) -> str: ...

    def columns(self) -> tuple[object, ...]: ...


R = TypeVar("R", bound=Row)


class View(Protocol[R]):
    """A read model. `events` are the kinds that it is about, and `keys` names the rows that one of them touches.

    `fold` never fails and never looks elsewhere.
    """

    table: Table
    events: Kinds

    def keys(self, recorded: Recorded) -> Sequence[str]: ...

    def fold(self, key: str, row: R | None, recorded: Recorded) -> R | None: ...

    def load(self, id: str, columns: Sequence[object]) -> R: ...


AnyView: TypeAlias = View[Any]


def view_table(name: str, *columns: Column[str] | Column[int] | Column[bytes], unchanging: bool = False) -> Table:
    """A table of positioned rows: `id`, the position at which a row began, the one at which it ended, and columns.

    Rows of an `unchanging` view have each an event of their own: they never end, and are found by their columns.
    """
    info = {"unchanging": unchanging}
    table = Table(name, METADATA, text_column("id"), number("began"), number("ended"), *columns, info=info)
    if unchanging:
        return table
    # One row an id holds now, and rows before it end at other positions: one index keeps both, and finds either.
    Index(f"{name}_row", table.c.id, table.c.ended, unique=True)
    return table


def unique_now(table: Table, name: str, columns: Sequence[str], condition: str = "") -> None:
    """Let no two rows that hold now share these columns: how names stay unique, within the append's transaction.

    Without a condition the index keeps the rows before as well, which end each at another position, for look-ups.
    """
    if not condition:
        Index(f"{table.name}_{name}", *(table.c[column] for column in (*columns, "ended")), unique=True)
        return
    where = text(f"{NOW} AND {condition}")
    Index(
        f"{table.name}_{name}",
        *(table.c[column] for column in columns),
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
