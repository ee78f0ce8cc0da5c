"""Lists over a view that may be large: a page costs about as much as its entries, and a total what changed since.

A page finds its rows in one of two ways, by how many match: few are looked up by one filter and sorted; of many the
first in order are soon met, so that the order is followed and the filters only checked. Bodies and names are read for
the rows of the page alone. Neither store would choose so by itself, without statistics that are always fresh.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, and_, bindparam, func, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from projections.reading import Listing, Selection
from projections.sql import FOREVER, DialectName, at_position, compiled

# So many rows are looked up and sorted in a few milliseconds, where the index has all that this takes.
FEW = 20_000


class checked(FunctionElement[Any]):
    """`checked(expression)`: the same value, for which SQLite uses no index. PostgreSQL weighs for itself."""

    inherit_cache = True
    name = "checked"


@compiles(checked, "sqlite")
def _checked_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    (clause,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"+{clause}"


@compiles(checked, "postgresql")
def _checked_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    (clause,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return str(clause)


class Filter:
    """A filter as it is checked, row by row, and as up to `few` rows are looked up by it, where an index serves.

    `column` is the one that it is about, if that alone tells.
    """

    def __init__(
        self,
        check: ColumnElement[bool],
        looked_up: ColumnElement[bool] | None = None,
        column: ColumnElement[Any] | None = None,
        few: int = FEW,
    ) -> None:
        self.check = check
        self.looked_up = check if looked_up is None else looked_up
        self.column = column
        self.few = few if looked_up is not None else 0


class LargeListing(Listing):
    """A listing over one view's table. Filters stand in the order of preference for looking rows up by them."""

    def __init__(
        self,
        table: Table,
        rows: Selection,
        filters: Mapping[str, Filter],
        orders: Mapping[str, Sequence[tuple[Any, str]]],
    ) -> None:
        super().__init__(rows, {name: filter.looked_up for name, filter in filters.items()}, {})
        self._table = table
        self._large_filters = filters
        self._sorts = orders
        self.large_page = lru_cache(maxsize=512)(self._large_page)
        self.change = lru_cache(maxsize=256)(self._change)

    def is_few(self, filters: frozenset[str], total: int) -> bool:
        """Whether so many matches are better looked up by the first of the filters than met in the list's order."""
        first = next((filter for name, filter in self._large_filters.items() if name in filters), None)
        return first is not None and total <= first.few

    def _large_page(self, filters: frozenset[str], order: str, few: bool, dialect: DialectName) -> str:
        """The text of a page of a list with few or many matches: parameters as for `page`."""
        table, sorts = self._table, self._sorts[order]
        by = [_ordered(checked(column) if few else column, way) for column, way in sorts]
        page = (
            select(table.c.id, table.c.began)
            .where(at_position(table), *self._conditions(filters, few, sorts[0][0]))
            .order_by(*by)
            .limit(bindparam("limit", type_=BigInteger()))
            .offset(bindparam("offset", type_=BigInteger()))
            .subquery()
        )
        whole = self._rows.join_from(table, page, and_(table.c.id == page.c.id, table.c.began == page.c.began))
        return compiled(whole.order_by(*(_ordered(column, way) for column, way in sorts)), dialect)

    def _conditions(
        self, filters: frozenset[str], few: bool, order: ColumnElement[Any] | None = None
    ) -> list[ColumnElement[bool]]:
        """Look rows up by the first filter where they are few; else by one on what they are ordered by."""
        chosen = [filter for name, filter in self._large_filters.items() if name in filters]
        by = chosen[0] if few else next((filter for filter in chosen if filter.column is order), None)
        return [filter.looked_up if filter is by else filter.check for filter in chosen]

    def _change(self, filters: frozenset[str], dialect: DialectName) -> str:
        """The text of how a total changed from the position `since` to `as_of`."""
        table, conditions = self._table, self._conditions(filters, few=False)
        since: ColumnElement[int] = bindparam("since", type_=BigInteger())
        until: ColumnElement[int] = bindparam("as_of", type_=BigInteger())
        c, forever = table.c, literal_column(str(FOREVER), BigInteger())
        came = and_(c.began > since, c.began <= until, checked(c.ended) > until)
        went = and_(c.ended > since, c.ended <= until, c.ended < forever, checked(c.began) <= since)
        gained, lost = (
            select(func.count()).select_from(table).where(span, *conditions).scalar_subquery() for span in (came, went)
        )
        return compiled(select(gained - lost), dialect)


def _ordered(column: Any, way: str) -> Any:
    return column.desc() if way == "desc" else column
