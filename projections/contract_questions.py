"""What people ask of contracts, registrations and proposals."""

from typing import Any

from sqlalchemy import FromClause, and_, bindparam, func, literal_column, not_, select, union_all

from projections.assets import TABLE as A
from projections.contracts import TABLE as C
from projections.people import TABLE as N
from projections.proposals import TABLE as P
from projections.reading import Listing, Question, Selection
from projections.registrations import TABLE as R
from projections.sql import SCHEMAS as S
from projections.sql import ZERO, among, at_position, holds
from projections.teams import TABLE as T
from projections.users import TABLE as U


def _with_asset(table: Any) -> FromClause:
    """Rows with their asset, deleted or not: contracts of a deleted asset stay readable."""
    joined: FromClause = table.join(A, and_(A.c.id == table.c.asset_id, at_position(A)))
    return joined


def _contracts() -> Selection:
    publisher = and_(T.c.id == C.c.published_by, at_position(T))
    person = select(N.c.name).where(N.c.id == C.c.published_by_user_id).scalar_subquery()
    return (
        select(C.c.body, S.c.body, A.c.fqn, T.c.name, C.c.revision, person)
        .select_from(_with_asset(C).outerjoin(T, publisher).join(S, S.c.digest == C.c.schema_digest))
        .where(at_position(C))
    )


CONTRACT = Question(_contracts().where(C.c.id == bindparam("id")))
CONTRACTS = Listing(
    _contracts(),
    {
        "asset_id": C.c.asset_id == bindparam("asset_id"),
        "status": C.c.status == bindparam("status"),
        # Versions are ASCII: lower case is all the folding that they need.
        "version": holds(func.lower(C.c.version), bindparam("version")),
    },
    {"newest": (C.c.published.desc(), C.c.id)},
)
HISTORY = Question(
    select(C.c.body).where(C.c.asset_id == bindparam("asset_id"), at_position(C)).order_by(C.c.published.desc(), C.c.id)
)
CONTRACT_ASSET = Question(select(C.c.asset_id).where(C.c.id == bindparam("id"), at_position(C)))

ACTIVE_CONTRACT = Question(
    select(C.c.id).where(
        C.c.asset_id == bindparam("asset_id"), C.c.status == literal_column("'active'"), at_position(C)
    )
)
REGISTRATION = Question(select(R.c.body, R.c.revision).where(R.c.id == bindparam("id"), at_position(R)))
REGISTRATIONS = Listing(
    select(R.c.body, T.c.name)
    .select_from(R.outerjoin(T, and_(T.c.id == R.c.consumer_team_id, at_position(T))))
    .where(at_position(R)),
    {
        "consumer_team_id": R.c.consumer_team_id == bindparam("consumer_team_id"),
        "asset_id": R.c.asset_id == bindparam("asset_id"),
        "status": R.c.status == bindparam("status"),
    },
    {"newest": (R.c.made.desc(), R.c.id)},
)


def _proposals() -> Selection:
    return (
        select(P.c.body, S.c.body, A.c.fqn, A.c.owner_team_id, P.c.revision)
        .select_from(_with_asset(P).join(S, S.c.digest == P.c.schema_digest))
        .where(at_position(P))
    )


_registered = (
    select(R.c.id)
    .where(R.c.asset_id == P.c.asset_id, R.c.consumer_team_id == bindparam("consumer_team_id"), at_position(R))
    .exists()
)
_asked = (
    select(R.c.id)
    .where(
        R.c.asset_id == P.c.asset_id,
        R.c.consumer_team_id == bindparam("pending_ack_for"),
        R.c.status.in_([literal_column("'active'"), literal_column("'migrating'")]),
        at_position(R),
    )
    .exists()
)
PROPOSAL = Question(_proposals().where(P.c.id == bindparam("id")))
PROPOSALS = Listing(
    _proposals(),
    {
        "asset_id": P.c.asset_id == bindparam("asset_id"),
        "status": P.c.status == bindparam("status"),
        "change_type": P.c.change_type == bindparam("change_type"),
        "proposed_by": P.c.proposed_by == bindparam("proposed_by"),
        "consumer_team_id": _registered,
        "pending_ack_for": and_(
            P.c.status == literal_column("'pending'"),
            _asked,
            A.c.owner_team_id != bindparam("pending_ack_for"),
            not_(holds(P.c.answered, bindparam("pending_ack_for"))),
        ),
    },
    {"newest": (P.c.made.desc(), P.c.id)},
)
OVERDUE = Question(
    select(P.c.asset_id, P.c.id)
    .where(P.c.status == literal_column("'pending'"), P.c.expires_at <= bindparam("at"), at_position(P))
    .order_by(P.c.made)
)
SCHEMAS = Question(select(S.c.digest, S.c.body).where(among(S.c.digest, bindparam("digests"))))
TEAM_NAMES = Question(select(T.c.id, T.c.name).where(among(T.c.id, bindparam("ids")), at_position(T)))
# Of teams, deleted or not, and of users that are not deactivated: these have the names of now, if they have any.
NAMES = Question(
    union_all(
        select(T.c.id, T.c.name).where(among(T.c.id, bindparam("ids")), at_position(T)),
        select(U.c.id, N.c.name)
        .select_from(U.join(N, N.c.id == U.c.id))
        .where(among(U.c.id, bindparam("ids")), U.c.deactivated == ZERO, at_position(U)),
    )
)
REGISTERED_ON = Question(
    select(R.c.asset_id, R.c.consumer_team_id, T.c.name, R.c.status, R.c.body)
    .select_from(R.join(T, and_(T.c.id == R.c.consumer_team_id, at_position(T))))
    .where(among(R.c.asset_id, bindparam("ids")), at_position(R))
    .order_by(R.c.made, R.c.id)
)
