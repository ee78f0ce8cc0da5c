"""What auditors ask: events by entity, action, actor and time; positions by time."""

from sqlalchemy import bindparam, func, select

from projections.appends import TABLE as W
from projections.audit import TABLE as U
from projections.reading import Listing, Question

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

ONE = Question(select(*_COLUMNS).where(U.c.position == bindparam("position"), _seen))
LIST = Listing(
    select(*_COLUMNS).where(_seen),
    {
        "entity_type": U.c.entity_type == bindparam("entity_type"),
        "entity_id": U.c.entity_id == bindparam("entity_id"),
        "action": U.c.action == bindparam("action"),
        "actor_id": U.c.actor_id == bindparam("actor_id"),
        "actor_type": U.c.actor_type == bindparam("actor_type"),
        "from": U.c.occurred_at >= bindparam("from"),
        "to": U.c.occurred_at <= bindparam("to"),
    },
    {"newest": (U.c.position.desc(),)},
)
END_AT_POSITION = Question(select(func.max(W.c.position)).where(W.c.position <= bindparam("position")))
END_AT_TIME = Question(select(func.max(W.c.position)).where(W.c.at <= bindparam("at")))
