"""What messages about events need to know: assets, their consumers, and proposals, as they were at a position."""

from sqlalchemy import bindparam, literal_column, select

from projections.assets import TABLE as A
from projections.proposals import TABLE as P
from projections.reading import Question
from projections.registrations import TABLE as R
from projections.sql import among, at_position

ASSETS = Question(
    select(A.c.id, A.c.fqn, A.c.environment, A.c.owner_team_id).where(among(A.c.id, bindparam("ids")), at_position(A))
)
CONSUMERS = Question(
    select(R.c.asset_id, R.c.consumer_team_id).where(
        among(R.c.asset_id, bindparam("ids")),
        R.c.status.in_([literal_column("'active'"), literal_column("'migrating'")]),
        at_position(R),
    )
)
PROPOSALS = Question(select(P.c.id, P.c.body).where(among(P.c.id, bindparam("ids")), at_position(P)))
