"""Messages to webhooks, the secrets that sign them, and how far the log has been told: tables beside the views.

None of it is history: attempts and their outcomes are written by no event, and a rebuild leaves them alone.
"""

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    MetaData,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy import text as written

from projections.reading import Listing, Question
from projections.sql import among, document, number, text

METADATA = MetaData()
# `due` is when the next attempt may begin, or the lease of the one under way ends; null once a delivery is settled.
# `lease` names the attempt under way, so that the outcome of one that lost its lease is not taken for another's.
DELIVERIES = Table(
    "muniment_deliveries",
    METADATA,
    text("id"),
    text("webhook_id"),
    text("event_type"),
    number("position"),
    text("url"),
    document("payload"),
    text("status"),
    number("attempts"),
    text("created_at"),
    text("due", nullable=True),
    text("lease", nullable=True),
    text("last_attempt_at", nullable=True),
    text("last_error", nullable=True),
    number("last_status_code", nullable=True),
    text("delivered_at", nullable=True),
    number("revision"),
)
SECRETS = Table("muniment_webhook_secrets", METADATA, text("id"), text("secret"))
CURSOR = Table("muniment_webhook_cursor", METADATA, number("position"))
TABLES = (DELIVERIES, SECRETS, CURSOR)
D, S = DELIVERIES, SECRETS
_OPEN = "due IS NOT NULL"
Index("muniment_deliveries_by_id", D.c.id, unique=True)
Index("muniment_deliveries_by_position", D.c.position, D.c.id)
Index("muniment_deliveries_by_status", D.c.status, D.c.position, D.c.id)
Index("muniment_deliveries_by_type", D.c.event_type, D.c.position, D.c.id)
Index("muniment_deliveries_by_age", D.c.created_at)
Index(
    "muniment_deliveries_due",
    D.c.webhook_id,
    D.c.due,
    D.c.position,
    sqlite_where=written(_OPEN),
    postgresql_where=written(_OPEN),
)
Index("muniment_webhook_secrets_by_id", S.c.id, unique=True)

COLUMNS = [column.name for column in D.columns]
_NULL: ColumnElement[str] = literal_column("NULL")
_ONE: ColumnElement[int] = literal_column("1", BigInteger())
_more = D.c.revision + _ONE
_due = and_(D.c.due.is_not(None), D.c.due <= bindparam("now"))

# What lists and single answers show, in the order of the wire (api.md 3.16), and the revision.
SHOWN = (
    "id",
    "webhook_id",
    "event_type",
    "payload",
    "url",
    "status",
    "attempts",
    "last_attempt_at",
    "last_error",
    "last_status_code",
    "created_at",
    "delivered_at",
    "revision",
)
_shown = select(*(D.c[name] for name in SHOWN)).where(D.c.position <= bindparam("as_of"))
ONE = Question(_shown.where(D.c.id == bindparam("id")))
LIST = Listing(
    _shown,
    {name: D.c[name] == bindparam(name) for name in ("status", "event_type")},
    {"newest": (D.c.position.desc(), D.c.id.desc())},
)
BY_STATUS = Question(select(D.c.status, func.count()).group_by(D.c.status))

# The cursor: up to which position the log has been told.
TOLD = Question(select(CURSOR.c.position))
FORGET_TOLD = Question(delete(CURSOR))

# Sending. Webhooks that have something due, then what is due of one, the longest first.
WAITING = Question(select(S.c.id).where(exists().where(D.c.webhook_id == S.c.id, _due)))
NEXT = Question(
    select(D.c.id, D.c.url, D.c.payload, D.c.attempts, S.c.secret)
    .select_from(D.join(S, S.c.id == D.c.webhook_id))
    .where(D.c.webhook_id == bindparam("webhook_id"), _due)
    .order_by(D.c.due, D.c.position)
    .limit(bindparam("limit", type_=BigInteger()))
    .offset(literal_column("0"))
)
LEASE = Question(update(D).where(among(D.c.id, bindparam("ids"))).values(due=bindparam("until"), lease=bindparam("by")))
SETTLE = Question(
    update(D)
    .where(D.c.id == bindparam("of"), D.c.lease == bindparam("by"))
    .values(
        status=bindparam("new_status"),
        attempts=D.c.attempts + _ONE,
        due=bindparam("next"),
        lease=_NULL,
        last_attempt_at=bindparam("at"),
        last_error=bindparam("error"),
        last_status_code=bindparam("code"),
        delivered_at=bindparam("delivered"),
        revision=_more,
    )
)
# Once more from the beginning, whatever came of it: an attempt that is under way no longer counts.
AGAIN = Question(
    update(D)
    .where(D.c.id == bindparam("of"))
    .values(
        status=literal_column("'pending'"),
        attempts=literal_column("0"),
        due=bindparam("now"),
        lease=_NULL,
        delivered_at=_NULL,
        revision=_more,
    )
)
# The end of a webhook: its secret goes, and what it still waits for is not sent any more.
FORGET_SECRET = Question(delete(S).where(S.c.id == bindparam("of")))
GIVE_UP = Question(
    update(D)
    .where(D.c.webhook_id == bindparam("of"), D.c.due.is_not(None))
    .values(
        status=literal_column("'dead_lettered'"),
        due=_NULL,
        lease=_NULL,
        last_error=bindparam("error"),
        revision=_more,
    )
)
PRUNE = Question(delete(D).where(D.c.created_at < bindparam("before"), D.c.due.is_(None)))
