"""Lists of assets (api.md 3.3): all filters and orders, and the search by name."""

from typing import Annotated, Literal, TypeAlias

import msgspec

from adapters.http.assets import ResourceType, owned_by
from adapters.http.call import Answer, Call
from adapters.http.lists import Cursor, Limit, Page, Slice, Uuid, Wanted, kept_list_answer, list_answer
from adapters.http.service import Service
from adapters.reader import Reader, Rows
from projections import asset_questions as q
from projections.assets import tag_list
from projections.contract_questions import TEAM_NAMES
from projections.engine import bound_list
from projections.people import NAMED

_OWNERS_KEPT = 1024
# The ids of a team and of a user (or None).
_Owner: TypeAlias = tuple[object, object]


class AssetsQuery(Page, frozen=True, kw_only=True):
    owner: Uuid | None = None
    owner_user: Uuid | None = None
    unowned: bool | None = None
    fqn: str | None = None
    fqn_exact: str | None = None
    environment: str | None = None
    resource_type: ResourceType | None = None
    tag: Annotated[tuple[str, ...], msgspec.Meta(max_length=20)] = ()
    source_kind: str | None = None
    source_key: str | None = None
    has_contract: bool | None = None
    include_deleted: bool = False
    sort_by: Literal["fqn", "owner", "owner_user", "created_at"] = "fqn"
    sort_order: Literal["asc", "desc"] = "asc"


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    q: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    owner: Uuid | None = None
    environment: str | None = None
    limit: Limit = 50
    offset: Annotated[int, msgspec.Meta(ge=0, le=2**62)] = 0
    cursor: Cursor | None = None


async def listed(service: Service, call: Call) -> Answer:
    query = call.query(AssetsQuery, repeatable=("tag",))
    wanted = Wanted(listing=q.LIST, filters=_filters(query), order=f"{query.sort_by} {query.sort_order}")
    return await kept_list_answer(service.reader, call, query, wanted, _page)


def _filters(query: AssetsQuery) -> dict[str, object]:
    filters: dict[str, object] = {} if query.include_deleted else {"alive": True}
    for name in ("environment", "resource_type", "source_kind", "source_key", "fqn_exact"):
        if getattr(query, name) is not None:
            filters[name] = getattr(query, name)
    for name in ("owner", "owner_user"):
        if getattr(query, name) is not None:
            filters[name] = getattr(query, name).lower()
    if query.fqn is not None:
        filters["fqn"] = query.fqn.casefold()
    if query.unowned is not None:
        filters["unowned" if query.unowned else "user_owned"] = True
    if query.has_contract is not None:
        filters["with_contract" if query.has_contract else "without_contract"] = True
    filters.update({f"tag{n}": tag_list([tag]) for n, tag in enumerate(query.tag)})
    return filters


async def search(service: Service, call: Call) -> Answer:
    query = call.query(SearchQuery)
    filters: dict[str, object] = {"alive": True, "fqn": query.q.casefold()}
    if query.owner is not None:
        filters["owner"] = query.owner.lower()
    if query.environment is not None:
        filters["environment"] = query.environment
    page = Page(limit=query.limit, offset=query.offset, cursor=query.cursor)
    return await list_answer(
        service.reader, call, page, Wanted(listing=q.SEARCH, filters=filters, order="fqn asc"), _found
    )


def _found(row: tuple[object, ...]) -> bytes:
    body, owner_name = row[0], row[1]
    assert isinstance(body, bytes)
    asset = msgspec.json.decode(body)
    kept = ("id", "fqn", "owner_team_id", "environment", "resource_type", "tags")
    return msgspec.json.encode({**{name: asset[name] for name in kept}, "owner_team_name": owner_name})


async def _page(reader: Reader, rows: Rows, cut: Slice) -> list[bytes]:
    """The entries of a page."""
    ends = await _owners.ends(reader, {(team, user) for _, team, user in rows}, cut)
    pieces: list[bytes] = []
    for body, team, user in rows:
        assert isinstance(body, bytes)
        pieces += (b",", body[:-1], ends[team, user])
    return pieces[1:]


class _Owners:
    """The ends of assets' JSON by team and user. They change with position and head alone; of too many, all go."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int, _Owner], bytes] = {}

    async def ends(self, reader: Reader, owners: set[_Owner], cut: Slice) -> dict[_Owner, bytes]:
        at, head = cut.as_of, cut.head
        found = {owner: self._kept[at, head, owner] for owner in owners if (at, head, owner) in self._kept}
        missing = owners - found.keys()
        if missing:
            if len(self._kept) > _OWNERS_KEPT:
                self._kept.clear()
            for owner, end in (await _named(reader, missing, at)).items():
                found[owner] = self._kept[at, head, owner] = end
        return found


_owners = _Owners()


async def _named(reader: Reader, owners: set[_Owner], as_of: int) -> dict[_Owner, bytes]:
    dialect = reader.dialect
    teams = bound_list(list({str(team) for team, _ in owners}), dialect)
    users = [str(user) for _, user in owners if user is not None]
    named = await reader.rows(TEAM_NAMES.sql(dialect), {"ids": teams, "as_of": as_of})
    people = await reader.rows(NAMED.sql(dialect), {"ids": bound_list(users, dialect)}) if users else []
    names = {id: name for id, name in named}
    persons = {id: person for id, *person in people}
    return {(team, user): owned_by(names.get(team), *persons.get(user, (None, None))) for team, user in owners}
