"""What awaits a team, beside proposals: what it relies on, and the contracts of those assets."""

from sqlalchemy import and_, bindparam, select

from projections.assets import TABLE as A
from projections.contracts import TABLE as C
from projections.reading import Question
from projections.registrations import TABLE as R
from projections.sql import ZERO, among, at_position

RELIED_ON = Question(
    select(R.c.body, R.c.source_kind, R.c.source_key, A.c.fqn, A.c.contract_version)
    .select_from(R.join(A, and_(A.c.id == R.c.asset_id, at_position(A))))
    .where(R.c.consumer_team_id == bindparam("team_id"), A.c.deleted == ZERO, at_position(R))
    .order_by(A.c.fqn, R.c.id)
)
CONTRACTS_OF = Question(
    select(C.c.body)
    .where(among(C.c.asset_id, bindparam("ids")), at_position(C))
    .order_by(C.c.asset_id, C.c.published.desc(), C.c.id)
)
