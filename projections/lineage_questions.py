"""What people ask of lineage: the edges of an asset, and who stands at their other ends."""

from sqlalchemy import Text, and_, bindparam, literal_column, select

from projections.assets import TABLE as A
from projections.lineage import TABLE as E
from projections.reading import Listing, Question
from projections.registrations import TABLE as R
from projections.sql import ZERO, among, at_position, current
from projections.teams import TABLE as T

_alive = and_(at_position(A), A.c.deleted == ZERO)
_owner = and_(T.c.id == A.c.owner_team_id, at_position(T))

DEPENDENCIES = Listing(
    select(E.c.body).select_from(E.join(A, and_(A.c.id == E.c.dependency_id, _alive))).where(at_position(E)),
    {"dependent": E.c.dependent_id == bindparam("dependent")},
    {"made": (E.c.made.desc(), E.c.id.desc())},
)
ONE = Question(select(E.c.body).where(E.c.id == bindparam("id"), at_position(E)))

UPSTREAM = Question(
    select(A.c.id, A.c.fqn, E.c.type, T.c.name)
    .select_from(E.join(A, and_(A.c.id == E.c.dependency_id, _alive)).outerjoin(T, _owner))
    .where(E.c.dependent_id == bindparam("id"), at_position(E))
    .order_by(A.c.fqn, E.c.type, A.c.id)
)
# The dependents of many assets at once: asked level by level, a whole graph takes few statements.
DOWNSTREAM = Question(
    select(E.c.dependency_id, A.c.id, A.c.fqn, E.c.type, A.c.owner_team_id, T.c.name, A.c.owner_user_id)
    .select_from(E.join(A, and_(A.c.id == E.c.dependent_id, _alive)).outerjoin(T, _owner))
    .where(among(E.c.dependency_id, bindparam("ids")), at_position(E))
    .order_by(A.c.fqn, E.c.type, A.c.id)
)
CONSUMERS = Question(
    select(R.c.asset_id, R.c.consumer_team_id, T.c.name, R.c.status, R.c.body)
    .select_from(R.join(T, and_(T.c.id == R.c.consumer_team_id, at_position(T))))
    .where(among(R.c.asset_id, bindparam("ids")), at_position(R))
    .order_by(T.c.name, R.c.id)
)
# For syncs: the assets on which a source has registered somebody. The environment is written so that no index leads to
# it: without fresh statistics PostgreSQL would go through all its assets once for each registration.
_environment = A.c.environment + literal_column("''", Text())
REGISTERED_BY = Question(
    select(R.c.asset_id)
    .distinct()
    .select_from(R.join(A, and_(A.c.id == R.c.asset_id, current(A))))
    .where(
        R.c.source_kind == bindparam("kind"),
        R.c.source_key == bindparam("key"),
        _environment == bindparam("environment"),
        current(R),
    )
)
