"""What people ask of assets: one, a page by filters, a search, what a sync has to know."""

from sqlalchemy import bindparam, select

from projections.assets import TABLE as A
from projections.people import TABLE as P
from projections.reading import Listing, Question, Selection
from projections.sql import ZERO, among, at_position, current, holds
from projections.teams import TABLE as T


def _wide() -> Selection:
    """Body, owner's name, version, and name and email of the responsible user, at a position."""
    # Not joins: SQLite would look the owners up for each row that a page's offset passes over.
    owner = select(T.c.name).where(T.c.id == A.c.owner_team_id, at_position(T)).scalar_subquery()
    name = select(P.c.name).where(P.c.id == A.c.owner_user_id).scalar_subquery()
    email = select(P.c.email).where(P.c.id == A.c.owner_user_id).scalar_subquery()
    return select(A.c.body, owner, A.c.version, name, email).where(at_position(A))


ONE = Question(_wide().where(A.c.id == bindparam("id"), A.c.deleted == ZERO))
ANY = Question(_wide().where(A.c.id == bindparam("id")))

_FILTERS = {
    "alive": A.c.deleted == ZERO,
    "owner": A.c.owner_team_id == bindparam("owner"),
    "owner_user": A.c.owner_user_id == bindparam("owner_user"),
    "unowned": A.c.owner_user_id.is_(None),
    "user_owned": A.c.owner_user_id.is_not(None),
    "fqn": holds(A.c.fqn_folded, bindparam("fqn")),
    "fqn_exact": A.c.fqn == bindparam("fqn_exact"),
    "environment": A.c.environment == bindparam("environment"),
    "resource_type": A.c.resource_type == bindparam("resource_type"),
    "source_kind": A.c.source_kind == bindparam("source_kind"),
    "source_key": A.c.source_key == bindparam("source_key"),
    "with_contract": A.c.contract_id.is_not(None),
    "without_contract": A.c.contract_id.is_(None),
    **{f"tag{n}": holds(A.c.tag_list, bindparam(f"tag{n}")) for n in range(20)},
}

_FIELDS = {"fqn": A.c.fqn, "owner": A.c.owner_team_id, "owner_user": A.c.owner_user_id, "created_at": A.c.created}
_ORDERS = {
    **{f"{name} asc": (column.asc().nulls_first(), A.c.id) for name, column in _FIELDS.items()},
    **{f"{name} desc": (column.desc().nulls_last(), A.c.id) for name, column in _FIELDS.items()},
    "fqn asc": (A.c.fqn, A.c.id),
    "fqn desc": (A.c.fqn.desc(), A.c.id),
}
# Without the owners' names: PostgreSQL would look them up for each row that a page's offset passes over.
LIST = Listing(select(A.c.body, A.c.owner_team_id, A.c.owner_user_id).where(at_position(A)), _FILTERS, _ORDERS)
SEARCH = Listing(_wide(), _FILTERS, _ORDERS)

# For syncs: names and items to asset ids, as of now. Living assets come after deleted ones, so that they win.
BY_ITEM = Question(
    select(A.c.source_item, A.c.id)
    .where(
        A.c.source_kind == bindparam("kind"),
        A.c.source_key == bindparam("key"),
        A.c.environment == bindparam("environment"),
        current(A),
    )
    .order_by(A.c.deleted.desc(), A.c.began)
)
BY_NAME = Question(
    select(A.c.fqn, A.c.id)
    .where(among(A.c.fqn, bindparam("fqns")), A.c.environment == bindparam("environment"), current(A))
    .order_by(A.c.deleted.desc(), A.c.began)
)
FOREIGN = Question(
    select(A.c.source_item, A.c.source_key, A.c.id)
    .where(
        among(A.c.source_item, bindparam("items")),
        A.c.source_kind == bindparam("kind"),
        A.c.environment == bindparam("environment"),
        A.c.deleted == ZERO,
        current(A),
    )
    .order_by(A.c.source_key)
)
