"""How many things there are now, told apart as an operator would: what the metrics ask."""

from sqlalchemy import Column, ColumnElement, Table, func, select

from projections.assets import TABLE as A
from projections.contracts import TABLE as C
from projections.proposals import TABLE as P
from projections.reading import Question
from projections.registrations import TABLE as R
from projections.sql import ZERO, current
from projections.teams import TABLE as T
from projections.users import TABLE as U


def _all(table: Table, gone: ColumnElement[int]) -> Question:
    return Question(select(func.count()).select_from(table).where(current(table), gone == ZERO))


def _by(table: Table, column: Column[str], *conditions: ColumnElement[bool]) -> Question:
    return Question(select(column, func.count()).where(current(table), *conditions).group_by(column))


TEAMS = _all(T, T.c.deleted)
USERS = _all(U, U.c.deactivated)
ASSETS = _by(A, A.c.resource_type, A.c.deleted == ZERO)
CONTRACTS = _by(C, C.c.status)
REGISTRATIONS = _by(R, R.c.status)
PROPOSALS = _by(P, P.c.status)
