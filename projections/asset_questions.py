"""What people ask of assets: one, a page by filters, a search, what a sync has to know."""

from sqlalchemy import ColumnElement, Text, and_, bindparam, literal_column, select

from projections.assets import TABLE as A
from projections.large_lists import Filter, LargeListing, Order
from projections.people import TABLE as P
from projections.reading import Question, Selection
from projections.sql import ZERO, among, at_position, current, holds
from projections.tags import TABLE as G
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


# Where each match has to be read from its own place.
_SCATTERED = 2_000
_NONE: ColumnElement[str] = literal_column("''", Text())


def _equal(name: str, column: ColumnElement[str], by: str) -> Filter:
    return Filter(column == bindparam(name), f"assets_by_{by}")


def _tagged(n: int) -> Filter:
    """A whole tag: looked up among the assets that ever had it, and checked on the row itself."""
    check = holds(A.c.tag_list, bindparam(f"tag{n}"))
    ever = select(G.c.asset_id).where(G.c.tag == bindparam(f"tag{n}"))
    return Filter(check, "assets_by_id", _SCATTERED, and_(A.c.id.in_(ever), check))


def _holding() -> Filter:
    """Part of a name: looked up in an index that holds all names, and checked on the row itself."""
    every = A.alias("every")
    names = select(every.c.id).where(holds(every.c.fqn_folded, bindparam("fqn")))
    check = holds(A.c.fqn_folded, bindparam("fqn"))
    return Filter(check, "assets_row", _SCATTERED, and_(A.c.id.in_(names), check))


_FILTERS = {
    "fqn_exact": _equal("fqn_exact", A.c.fqn, "name"),
    "owner_user": _equal("owner_user", A.c.owner_user_id, "user"),
    **{f"tag{n}": _tagged(n) for n in range(20)},
    "source_key": _equal("source_key", A.c.source_key, "source_key"),
    "owner": _equal("owner", A.c.owner_team_id, "owner"),
    "source_kind": Filter(A.c.source_kind == bindparam("source_kind"), "assets_by_source", _SCATTERED),
    "resource_type": _equal("resource_type", A.c.resource_type, "type"),
    "environment": _equal("environment", A.c.environment, "environment"),
    "fqn": _holding(),
    "unowned": Filter(A.c.owner_user_id == _NONE, "assets_by_user"),
    "user_owned": Filter(A.c.owner_user_id > _NONE, "assets_by_user"),
    # SQLite looks nothing up by `IS NOT NULL`; every text is at least the empty one.
    "with_contract": Filter(A.c.contract_id >= _NONE, "assets_by_contract"),
    "without_contract": Filter(A.c.contract_id.is_(None), "assets_by_contract"),
    "alive": Filter(A.c.deleted == ZERO),
}

_ORDERS = {
    "fqn asc": Order(A.c.fqn, "assets_by_name"),
    "fqn desc": Order(A.c.fqn, "assets_by_name", down=True),
    "created_at asc": Order(A.c.created, "assets_by_time"),
    "created_at desc": Order(A.c.created, "assets_by_time", down=True),
    "owner asc": Order(A.c.owner_team_id, "assets_in_order_of_owner"),
    "owner desc": Order(A.c.owner_team_id, "assets_in_reverse_of_owner", down=True),
    "owner_user asc": Order(A.c.owner_user_id, "assets_in_order_of_user"),
    "owner_user desc": Order(A.c.owner_user_id, "assets_in_reverse_of_user", down=True),
}
# Without the owners' names, which are few, and the same on many rows.
_narrow = select(A.c.body, A.c.owner_team_id, A.c.owner_user_id).where(at_position(A))
LIST = LargeListing(A, _narrow, _FILTERS, _ORDERS)
SEARCH = LargeListing(A, _wide(), _FILTERS, _ORDERS)

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
