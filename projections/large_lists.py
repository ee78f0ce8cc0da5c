"""Lists over a view that may be large: a page costs about as much as its entries, and a total what changed since.

A page finds its rows in one of two ways, by how many match: few are looked up by one filter and sorted; of many the
first in order are soon met, so that the order is followed and the filters only checked. Bodies and names are read for
the rows of the page alone. Neither store would choose so by itself, without statistics that are always fresh.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, and_, bindparam, func, literal_column, select

from projections.reading import Listing, Selection, sent_well
from projections.sql import FOREVER, DialectName, at_position, compiled

# So many rows are looked up and sorted in a few milliseconds, where the index has all that this takes.
FEW = 20_000


class Filter:
    """A filter as it is checked, row by row; `by` is the index that leads to up to `few` rows that it keeps.

    `looked_up` is the form in which that index serves, where it is another one.
    """

    def __init__(
        self,
        check: ColumnElement[bool],
        by: str | None = None,
        few: int = FEW,
        looked_up: ColumnElement[bool] | None = None,
    ) -> None:
        self.check = check
        self.looked_up = check if looked_up is None else looked_up
        self.by = by
        self.few = few if by is not None else 0


class Order:
    """An order by one column and then `id`, and the index that has it."""

    def __init__(self, column: Any, by: str, *, down: bool = False) -> None:
        self.column = column
        self.by = by
        self._down = down

    def columns(self, id: Any) -> tuple[Any, Any]:
        return (self.column.desc() if self._down else self.column, id)

    def sorted(self, id: Any) -> tuple[Any, Any]:
        """The same, written so that PostgreSQL sorts what it has looked up, instead of following an index."""
        value = (
            self.column + literal_column("0") if isinstance(self.column.type, BigInteger) else func.concat(self.column)
        )
        return (value.desc() if self._down else value, id)


class LargeListing(Listing):
    """A listing over one view's table. Filters stand in the order of preference for looking rows up by them."""

    def __init__(
        self,
        table: Table,
        rows: Selection,
        filters: Mapping[str, Filter],
        orders: Mapping[str, Order],
    ) -> None:
        super().__init__(rows, {name: filter.looked_up for name, filter in filters.items()}, {})
        self._table = table
        self._large_filters = filters
        self._large_orders = orders
        self.large_page = lru_cache(maxsize=512)(self._large_page)
        self.change = lru_cache(maxsize=256)(self._change)

    def is_few(self, filters: frozenset[str], total: int) -> bool:
        """Whether so many matches are better looked up by the first of the filters than met in the list's order."""
        first = next((filter for name, filter in self._large_filters.items() if name in filters), None)
        return first is not None and total <= first.few

    def _large_page(self, filters: frozenset[str], order: str, few: bool, dialect: DialectName) -> str:
        """The text of a page of a list with few or many matches: parameters as for `page`."""
        table, asked = self._table, self._large_orders[order]
        chosen = self._chosen(filters)
        by = chosen[0].by if few else asked.by
        keys = _keys(table, dialect)
        order_by = asked.sorted(table.c.id) if few and dialect == "postgresql" else asked.columns(table.c.id)
        page = (
            select(*(key.label(f"key_{n}") for n, key in enumerate(keys)))
            .with_hint(table, f"INDEXED BY {by}", dialect_name="sqlite")
            .where(at_position(table), *(filter.check for filter in chosen[1:]))
            .order_by(*order_by)
            .limit(bindparam("limit", type_=BigInteger()))
            .offset(bindparam("offset", type_=BigInteger()))
        )
        if chosen:
            page = page.where(chosen[0].looked_up if few else chosen[0].check)
        found = page.subquery()
        same = and_(*(key == place for key, place in zip(keys, found.c, strict=True)))
        whole = self._rows.join_from(found, table, same)
        if dialect == "sqlite":
            # It goes through the page in order, and would sort whole bodies if told to.
            return compiled(whole, dialect)
        return compiled(sent_well(whole.order_by(*asked.columns(table.c.id)), dialect), dialect)

    def _chosen(self, filters: frozenset[str]) -> list[Filter]:
        return [filter for name, filter in self._large_filters.items() if name in filters]

    def _change(self, filters: frozenset[str], dialect: DialectName) -> str:
        """The text of how a total changed from the position `since` to `as_of`."""
        c, forever = self._table.c, literal_column(str(FOREVER), BigInteger())
        since: ColumnElement[int] = bindparam("since", type_=BigInteger())
        until: ColumnElement[int] = bindparam("as_of", type_=BigInteger())
        came = and_(c.began > since, c.began <= until, c.ended > until)
        went = and_(c.ended > since, c.ended <= until, c.ended < forever, c.began <= since)
        gained, lost = (self._counted(filters, span, by) for span, by in ((came, "began"), (went, "ended")))
        return compiled(select(gained - lost), dialect)

    def _counted(self, filters: frozenset[str], span: ColumnElement[bool], by: str) -> Any:
        """How many rows of a span match: the index on its bound leads to them."""
        table = self._table
        return (
            select(func.count())
            .select_from(table)
            .with_hint(table, f"INDEXED BY {table.name}_{by}", dialect_name="sqlite")
            .where(span, *(filter.check for filter in self._chosen(filters)))
            .scalar_subquery()
        )


def _keys(table: Table, dialect: DialectName) -> list[ColumnElement[Any]]:
    """What leads to a row: SQLite has a number of its own for each, which saves it a look into an index."""
    if dialect == "sqlite":
        return [literal_column(f"{table.name}.rowid", BigInteger())]
    return [table.c.id, table.c.began]
