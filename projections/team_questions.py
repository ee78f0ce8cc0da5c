"""What hangs on a team: the assets that it owns, the assets that it is registered on, its keys."""

from sqlalchemy import bindparam, func, select

from projections.assets import TABLE as A
from projections.keys import TABLE as K
from projections.reading import Question
from projections.registrations import TABLE as R
from projections.sql import ZERO, at_position

OWNED = Question(
    select(func.count()).select_from(A).where(A.c.owner_team_id == bindparam("id"), A.c.deleted == ZERO, at_position(A))
)
OWNED_IDS = Question(
    select(A.c.id)
    .where(A.c.owner_team_id == bindparam("id"), A.c.deleted == ZERO, at_position(A))
    .order_by(A.c.fqn, A.c.id)
)
REGISTERED_ON = Question(select(R.c.asset_id).where(R.c.consumer_team_id == bindparam("id"), at_position(R)))
KEYS = Question(select(K.c.id).where(K.c.team_id == bindparam("id"), K.c.revoked == ZERO, at_position(K)))
