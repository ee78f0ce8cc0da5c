"""Statements that answer questions, built once for each shape and compiled for each store."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, literal_column, select

from projections.sql import DialectName, compiled

# A select of any arity: the type checkers do not agree on how to write that.
Selection: TypeAlias = Any


class Question:
    """A fixed question: a select that is compiled once for each store."""

    def __init__(self, statement: Selection) -> None:
        self._statement = statement
        self._compiled: dict[str, str] = {}

    def sql(self, dialect: DialectName) -> str:
        """The text, with the parameters that its maker named."""
        text = self._compiled.get(dialect)
        if text is None:
            text = self._compiled[dialect] = compiled(self._statement, dialect)
        return text


class Listing:
    """A family of lists over one select: which filters there are, and which orders. Each combination compiles once."""

    def __init__(
        self,
        rows: Selection,
        filters: Mapping[str, ColumnElement[bool]],
        orders: Mapping[str, tuple[Any, ...]],
    ) -> None:
        self._rows = rows
        self._filters = filters
        self._orders = orders
        self.page = lru_cache(maxsize=256)(self._page)
        self.count = lru_cache(maxsize=256)(self._count)

    def _page(self, filters: frozenset[str], order: str, dialect: DialectName) -> str:
        """The text of a page: parameters of the filters, `as_of`, `limit` and `offset`. See `sent_well`."""
        statement = self._where(filters).order_by(*self._orders[order])
        limited = statement.limit(bindparam("limit", type_=BigInteger())).offset(
            bindparam("offset", type_=BigInteger())
        )
        return compiled(sent_well(limited, dialect), dialect)

    def _count(self, filters: frozenset[str], dialect: DialectName) -> str:
        """The text that counts all matches: parameters of the filters and `as_of`."""
        inner = self._where(filters).order_by(None).subquery()
        return compiled(select(func.count()).select_from(inner), dialect)

    def _where(self, filters: frozenset[str]) -> Selection:
        return self._rows.where(*(self._filters[name] for name in sorted(filters)))


def sent_well(page: Selection, dialect: DialectName) -> Selection:
    """A page as its store sends it best; `Reader.page` makes rows of it again.

    On PostgreSQL as a few rows of arrays: the places of rows in the page, then their columns. It sends small rows in
    pieces of 8 KB, each of which wakes the reader, and a large one at once. The chunks stay below what its memory
    allocator would take from the system each time anew.
    """
    if dialect == "sqlite":
        return page
    rows = page.subquery("page")
    numbered = select(func.row_number().over().label("place"), *rows.c).subquery("numbered")
    return select(*(func.array_agg(column) for column in numbered.c)).group_by(numbered.c.place // literal_column("16"))
