"""What auditors ask: events by entity, action, actor and time; positions by time."""

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, or_, select

from projections.appends import TABLE as W
from projections.audit import TABLE as U
from projections.audit_runs import TABLE as N
from projections.contracts import TABLE as C
from projections.lineage import TABLE as E
from projections.proposals import TABLE as P
from projections.reading import Listing, Question
from projections.registrations import TABLE as R

_COLUMNS = (
    U.c.position,
    U.c.entity_type,
    U.c.entity_id,
    U.c.action,
    U.c.actor_id,
    U.c.actor_type,
    U.c.occurred_at,
    U.c.request_id,
)
_seen = U.c.position <= bindparam("as_of")

_asset: ColumnElement[str] = bindparam("asset_id")


def _entity(type: str, ids: Any) -> ColumnElement[bool]:
    return and_(U.c.entity_type == literal_column(f"'{type}'"), U.c.entity_id.in_(ids))


# An asset's whole life: its own events, and those of whatever ever belonged to it.
_of_asset = or_(
    _entity("asset", [_asset]),
    _entity("contract", select(C.c.id).where(C.c.asset_id == _asset)),
    _entity("registration", select(R.c.id).where(R.c.asset_id == _asset)),
    _entity("proposal", select(P.c.id).where(P.c.asset_id == _asset)),
    _entity("audit_run", select(N.c.id).where(N.c.asset_id == _asset)),
    _entity("dependency", select(E.c.id).where(E.c.dependent_id == _asset)),
)

ONE = Question(select(*_COLUMNS).where(U.c.position == bindparam("position"), _seen))
LIST = Listing(
    select(*_COLUMNS).where(_seen),
    {
        "entity_type": U.c.entity_type == bindparam("entity_type"),
        "entity_id": U.c.entity_id == bindparam("entity_id"),
        "asset_id": _of_asset,
        "action": U.c.action == bindparam("action"),
        "actor_id": U.c.actor_id == bindparam("actor_id"),
        "actor_type": U.c.actor_type == bindparam("actor_type"),
        "from": U.c.occurred_at >= bindparam("from"),
        "to": U.c.occurred_at <= bindparam("to"),
    },
    {"newest": (U.c.position.desc(),)},
)
END_AT_POSITION = Question(select(func.max(W.c.position)).where(W.c.position <= bindparam("position")))
# The time of the append that ends at a position.
TIME_AT = Question(select(W.c.at).where(W.c.position == bindparam("position")))
END_AT_TIME = Question(select(func.max(W.c.position)).where(W.c.at <= bindparam("at")))
