"""What a search over everything asks (api.md 3.12): teams, users, contracts. Assets are asked for as in their list."""

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from projections.assets import TABLE as A
from projections.contracts import TABLE as C
from projections.people import TABLE as P
from projections.reading import Listing, Question
from projections.sql import ZERO, at_position, holds
from projections.teams import TABLE as T
from projections.users import TABLE as U

_part: ColumnElement[str] = bindparam("part")
_team: ColumnElement[str] = bindparam("team_id")
# The team that people mean: by id or by its exact name.
_meant = or_(T.c.id == bindparam("id"), T.c.name == bindparam("name"))
TEAM = Question(select(T.c.id).where(_meant, T.c.deleted == ZERO, at_position(T)))
TEAMS = Listing(
    select(T.c.id, T.c.name).where(T.c.deleted == ZERO, at_position(T)),
    {"part": holds(T.c.name_folded, _part), "team_id": T.c.id == _team},
    {"name": (T.c.name, T.c.id)},
)
_named = or_(holds(P.c.name_folded, _part), holds(P.c.username, _part), holds(P.c.email, _part))
USERS = Listing(
    select(U.c.id, P.c.name, U.c.team_id)
    .select_from(U.join(P, P.c.id == U.c.id))
    .where(U.c.deactivated == ZERO, at_position(U)),
    {"part": _named, "team_id": U.c.team_id == _team},
    {"name": (P.c.name, P.c.username, U.c.id)},
)
_told = or_(holds(func.lower(C.c.version), _part), holds(A.c.fqn_folded, _part))
_asset = and_(A.c.id == C.c.asset_id, A.c.deleted == ZERO, at_position(A))
CONTRACTS = Listing(
    select(C.c.id, C.c.version, C.c.asset_id, C.c.status).select_from(C.join(A, _asset)).where(at_position(C)),
    {
        "part": or_(holds(func.lower(C.c.version), _part), holds(A.c.fqn_folded, _part)),
        "team_id": A.c.owner_team_id == _team,
    },
    {"newest": (C.c.published.desc(), C.c.id)},
)
