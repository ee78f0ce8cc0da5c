"""Assets (api.md 3.3), one by one: create, get, update, delete, restore. Lists of them are in asset_lists.py."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call, Caller
from adapters.http.lists import Uuid, lowered
from adapters.http.permission import require_team
from adapters.http.preconditions import check_version
from adapters.http.service import Asking, Command, Service, now
from adapters.log.protocol import Session
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
from projections.assets import AssetMembers
from projections.engine import bound_list
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


def wide(row: tuple[object, ...]) -> bytes:
    """An asset as GET shows it, from its row."""
    body, team_name, _, user_name, user_email = row
    assert isinstance(body, bytes)
    return body[:-1] + owned_by(team_name, user_name, user_email)


def owned_by(team_name: object, user_name: object, user_email: object) -> bytes:
    """The end of an asset's JSON: the names of its owners."""
    names = {"owner_team_name": team_name, "owner_user_name": user_name, "owner_user_email": user_email}
    return b"," + msgspec.json.encode(names)[1:]


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
