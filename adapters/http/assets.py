"""Assets (api.md 3.3): create, list, get, update, delete, restore."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call, Caller
from adapters.http.lists import Cursor, Limit, Page, Slice, Uuid, Wanted, kept_list_answer, list_answer, lowered
from adapters.http.permission import require_team
from adapters.http.preconditions import check_version
from adapters.http.service import Asking, Command, Service, now
from adapters.log.protocol import Session
from adapters.reader import Reader, Rows
from domain import commands as c
from domain import curation
from domain.asset import Asset
from domain.context import Context
from domain.errors import not_found
from domain.events import AnyEvent
from domain.ids import DIRECTORY
from domain.naming import checked_fqn
from domain.values import Object
from projections import asset_questions as q
from projections.assets import AssetMembers, tag_list
from projections.contract_questions import TEAM_NAMES
from projections.engine import bound_list
from projections.people import NAMED
from projections.sql import DialectName

Description = Annotated[str, msgspec.Meta(max_length=2000)]
Environment = Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
# Names are checked by the domain, with a refusal of its own; names of syncs, which may stay, have another grammar.
_PART = "[A-Za-z_][A-Za-z0-9_-]*"
_TOLD = {"minLength": 3, "maxLength": 1000, "pattern": rf"^{_PART}(\.{_PART})+$"}
Fqn = Annotated[str, msgspec.Meta(max_length=100_000, extra_json_schema={"x-told": _TOLD})]
ResourceType = Literal[
    "model", "source", "seed", "snapshot", "api_endpoint", "graphql_type", "graphql_query", "grpc_service", "other"
]
GuaranteeMode = Literal["notify", "strict", "ignore"]
SemverMode = Literal["auto", "suggest", "enforce"]
_OWNERS_KEPT = 1024
# The ids of a team and of a user (or None).
_Owner: TypeAlias = tuple[object, object]


class NewAsset(msgspec.Struct, frozen=True, kw_only=True):
    fqn: Fqn
    owner_team_id: Uuid
    owner_user_id: Uuid | None = None
    description: Description | None = None
    environment: Environment = "production"
    resource_type: ResourceType = "other"
    guarantee_mode: GuaranteeMode = "notify"
    semver_mode: SemverMode = "auto"
    metadata: Object = {}
    tags: tuple[str, ...] = ()


class ChangedAsset(msgspec.Struct, frozen=True, kw_only=True):
    """`null` clears what may be null, and is like absent for the rest (api.md 1.1)."""

    fqn: Fqn | None | UnsetType = UNSET
    owner_team_id: Uuid | None | UnsetType = UNSET
    owner_user_id: Uuid | None | UnsetType = UNSET
    description: Description | None | UnsetType = UNSET
    environment: Environment | None | UnsetType = UNSET
    resource_type: ResourceType | None | UnsetType = UNSET
    guarantee_mode: GuaranteeMode | None | UnsetType = UNSET
    semver_mode: SemverMode | None | UnsetType = UNSET
    metadata: Object | None | UnsetType = UNSET
    tags: tuple[str, ...] | None | UnsetType = UNSET


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


def wide(row: tuple[object, ...]) -> bytes:
    """An asset as GET shows it, from its row."""
    body, team_name, _, user_name, user_email = row
    assert isinstance(body, bytes)
    return body[:-1] + _owned_by(team_name, user_name, user_email)


def _owned_by(team_name: object, user_name: object, user_email: object) -> bytes:
    """The end of an asset's JSON: the names of its owners."""
    names = {"owner_team_name": team_name, "owner_user_name": user_name, "owner_user_email": user_email}
    return b"," + msgspec.json.encode(names)[1:]


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
    return {(team, user): _owned_by(names.get(team), *persons.get(user, (None, None))) for team, user in owners}


async def get(service: Service, call: Call) -> Answer:
    id = call.id("asset_id")
    rows = await service.reader.rows(q.ONE.sql(service.reader.dialect), {"id": id, "as_of": call.as_of})
    if not rows:
        raise not_found("asset", id)
    return Answer(body=wide(rows[0]), revision=int(str(rows[0][2])))


def current(catalog: Catalog, id: str) -> Answer:
    """An asset as GET shows it now; a deleted one as GET showed it last, but for the time of its deletion."""
    row = now(catalog.log, lambda asking: asking.rows(q.ANY, id=id))[0]
    return Answer(body=wide(row), revision=int(str(row[2])))


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


def _shown(status: int) -> Callable[[Asking, str], Answer]:
    def render(asking: Asking, asset_id: str) -> Answer:
        ((body, _, version, *_),) = asking.rows(q.ONE, id=asset_id)
        assert isinstance(body, bytes)
        members = msgspec.json.decode(body, type=AssetMembers)
        return Answer(status=status, body=msgspec.json.encode(members), revision=int(str(version)))

    return render


class _Name:
    """A name in an environment, and who has it: a living asset, else the one deleted last."""

    def __init__(self, catalog: Catalog, fqn: str, environment: str) -> None:
        self._dialect: DialectName = catalog.log.dialect
        self._params = {"fqns": bound_list([fqn], self._dialect), "environment": environment}
        with catalog.log.read() as session:
            self.holder = self._read(session)

    def _read(self, session: Session) -> str | None:
        rows = session.rows(q.BY_NAME.sql(self._dialect), self._params)
        return str(rows[-1][1]) if rows else None

    def holds(self, session: Session) -> bool:
        """Whether it is still the same asset's."""
        return self._read(session) == self.holder


def holder(catalog: Catalog, fqn: str, environment: str) -> str | None:
    """The asset that has this name: a living one, else the one deleted last."""
    return _Name(catalog, fqn, environment).holder


def create(call: Call) -> Command[str]:
    return Command(decide=creation(call.caller, call.json(NewAsset)), render=_shown(201))


def creation(caller: Caller, body: NewAsset) -> Callable[[Catalog, Context], tuple[Outcome, str]]:
    """How a new asset is decided: what it leads to, and its id. Raises `INVALID_FQN`."""
    fields = msgspec.structs.asdict(body)
    checked_fqn(body.fqn)
    user_id = lowered(body.owner_user_id)
    command = c.CreateAsset(**{**fields, "owner_team_id": body.owner_team_id.lower(), "owner_user_id": user_id})

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        directory = catalog.directory()
        name = _Name(catalog, command.fqn, command.environment)
        state = catalog.states([name.holder])[name.holder] if name.holder else Asset(id=context.new_id("asset"))
        curation.known_owner(directory, command.owner_team_id, command.owner_user_id)
        require_team(caller, command.owner_team_id)
        if state.deleted:
            # What comes back is the old asset with its history, which is another team's to give.
            require_team(caller, state.owner_team_id)
        events: list[AnyEvent] = [*curation.decide(state, command, directory, context)]
        relied = {DIRECTORY: directory.version}
        return Outcome(events={state.id: (state.version, events)}, unchanged=relied, holds=name.holds), state.id

    return decide


def update(call: Call) -> Command[str]:
    id, body = call.id("asset_id"), call.json(ChangedAsset)
    given = {k: v for k, v in msgspec.structs.asdict(body).items() if v is not UNSET}
    kept: dict[str, Any] = {k: v for k, v in given.items() if v is not None or k in ("owner_user_id", "description")}
    kept.update({k: kept[k].lower() for k in ("owner_team_id", "owner_user_id") if kept.get(k)})
    command = c.UpdateAsset(**kept)

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        state, directory = catalog.asset(id), catalog.directory()
        curation.known_new_owner(state, command, directory)
        owners = {state.owner_team_id, kept.get("owner_team_id", state.owner_team_id)}
        require_team(call.caller, *owners)
        check_version(call, state.revision, lambda: current(catalog, id))
        events = curation.decide(state, command, directory, context)
        fqn = state.fqn if isinstance(command.fqn, UnsetType) else command.fqn
        environment = state.environment if isinstance(command.environment, UnsetType) else command.environment
        _free(catalog, state, fqn, environment)
        outcome = Outcome(events={id: (state.version, [*events])}, unchanged={DIRECTORY: directory.version})
        return outcome, id

    return Command(decide=decide, render=_shown(200))


def _free(catalog: Catalog, state: Asset, fqn: str, environment: str) -> None:
    """Refuse a name that another living asset has."""
    other = _Name(catalog, fqn, environment).holder
    if other is not None and other != state.id and not catalog.states([other])[other].deleted:
        raise curation.duplicate(fqn, environment)


def delete(call: Call) -> Command[None]:
    id = call.id("asset_id")

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, None]:
        state = catalog.asset(id)
        require_team(call.caller, state.owner_team_id)
        check_version(call, state.revision, lambda: current(catalog, id))
        events = curation.decide(state, c.DeleteAsset(), catalog.directory(), context)
        return Outcome(events={id: (state.version, [*events])}), None

    return Command(decide=decide, render=lambda asking, _: Answer(status=204))


def restore(call: Call) -> Command[str]:
    id = call.id("asset_id")
    call.no_members()

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        state = catalog.any_asset(id)
        require_team(call.caller, state.owner_team_id)
        check_version(call, state.revision, lambda: current(catalog, id))
        _free(catalog, state, state.fqn, state.environment)
        events = curation.decide(state, c.RestoreAsset(), catalog.directory(), context)
        return Outcome(events={id: (state.version, [*events])}), id

    return Command(decide=decide, render=_shown(200))
