"""SQL for both stores from one declaration: SQLAlchemy Core compiles a statement once, the driver runs the text."""

from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    FromClause,
    LargeBinary,
    Table,
    Text,
    and_,
    bindparam,
    column,
    literal_column,
    table,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import Boolean

DialectName = Literal["sqlite", "postgresql"]

# A row without an end is the one that holds now; the largest 64-bit integer stands for "no end", so that one
# comparison serves both "now" and "as of".
FOREVER = 2**63 - 1

# Constants are written out: the driver binds only what a question leaves open.
ZERO: ColumnElement[int] = literal_column("0", BigInteger())


class _Compiler(SQLiteCompiler):
    """Writes hints behind the table that they are given for: `INDEXED BY`."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


_sqlite = sqlite.dialect(paramstyle="named")
_sqlite.statement_compiler = _Compiler
# SQLite has no boolean type; without this, conditions of our own would be compared with 1.
_sqlite.supports_native_boolean = True

_dialects: dict[str, Dialect] = {
    "sqlite": _sqlite,
    "postgresql": psycopg.dialect(),  # type: ignore[no-untyped-call]
}


class among(FunctionElement[bool]):
    """`among(column, bindparam)`: whether the column is in a list that is bound as one parameter.

    Bind what `bound_list` makes of the list.
    """

    type = Boolean()
    inherit_cache = True
    name = "among"


@compiles(among, "sqlite")
def _among_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    name, parameter = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{name} IN (SELECT value FROM json_each({parameter}))"  # noqa: S608


@compiles(among, "postgresql")
def _among_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    name, parameter = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{name} = ANY({parameter}::text[])"


class holds(FunctionElement[bool]):
    """`holds(text, part)`: whether a text contains another, case and all."""

    type = Boolean()
    inherit_cache = True
    name = "holds"


@compiles(holds, "sqlite")
def _holds_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    text, part = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"instr({text}, {part}) > 0"


@compiles(holds, "postgresql")
def _holds_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    text, part = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"strpos({text}, {part}) > 0"


def compiled(statement: ClauseElement, dialect: DialectName) -> str:
    """The text of a statement, with named parameters in the style of the store's driver."""
    return str(statement.compile(dialect=_dialects[dialect], compile_kwargs={"render_postcompile": True}))


def definition(view: Table, dialect: DialectName) -> list[str]:
    """The statements that make a table and its indexes."""
    make: list[ClauseElement] = [CreateTable(view), *(CreateIndex(index) for index in sorted_indexes(view))]
    return [compiled(statement, dialect) for statement in make]


def if_missing(sql: str) -> str:
    """A statement of `definition`, for a store that may have the table or index already."""
    for kind in ("TABLE", "UNIQUE INDEX", "INDEX"):
        sql = sql.replace(f"CREATE {kind} ", f"CREATE {kind} IF NOT EXISTS ", 1)
    return sql


def definition_if_missing(beside: Table, dialect: DialectName) -> list[str]:
    """The statements that make a table, in a store that may have it already."""
    return [if_missing(sql) for sql in definition(beside, dialect)]


def sorted_indexes(view: Table) -> list[Any]:
    """The table's indexes in the order of their names."""
    return sorted(view.indexes, key=lambda index: str(index.name))


# Tables beside the views: schemas by digest (adapters/log writes it), and the position that all views rest at.
SCHEMAS = table("muniment_schemas", column("digest"), column("body"))
POSITION = table("muniment_views", column("shape"), column("position"))


def text(name: str, *, nullable: bool = False) -> Column[str]:
    """A column of text that sorts by code point on both stores."""
    kind = Text().with_variant(Text(collation="C"), "postgresql")
    return Column(name, kind, nullable=nullable)


def number(name: str, *, nullable: bool = False) -> Column[int]:
    """A 64-bit integer column."""
    return Column(name, BigInteger(), nullable=nullable)


def document(name: str) -> Column[bytes]:
    """A column of ready JSON, as bytes that answers splice."""
    return Column(name, LargeBinary(), nullable=False)


def current(view: Table) -> ColumnElement[bool]:
    """The rows that hold now. Written out, so that the partial indexes on them serve."""
    return view.c.ended == literal_column(str(FOREVER), BigInteger())


def at_position(view: Table) -> ColumnElement[bool]:
    """The rows that held at the position bound as `as_of`."""
    position: BindParameter[int] = bindparam("as_of", type_=BigInteger())
    return and_(view.c.began <= position, view.c.ended > position)
