"""Teams (api.md 3.1): create, list, get, update, restore. Deletion is in team_deletion, reassignment in reassigning."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call
from adapters.http.lists import Page, Wanted, list_answer, spliced
from adapters.http.preconditions import check_version
from adapters.http.problems import invalid
from adapters.http.service import Asking, Command, Service, now
from domain import teams as domain
from domain.commands import CreateTeam, RestoreTeam, UpdateTeam
from domain.context import Context
from domain.directory import Team
from domain.errors import not_found
from domain.ids import DIRECTORY
from domain.values import Object
from projections import teams

# How long a name is shows only once it is trimmed (`trimmed_name`): the description says what comes of it.
_TOLD = {
    "minLength": 1,
    "maxLength": 255,
    "pattern": r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
}
Name = Annotated[str, msgspec.Meta(max_length=10_000, extra_json_schema={"x-told": _TOLD})]


class NewTeam(msgspec.Struct, frozen=True, kw_only=True):
    name: Name
    metadata: Object = {}


class ChangedTeam(msgspec.Struct, frozen=True, kw_only=True):
    """`null` is like absent: neither member may be null (api.md 1.1)."""

    name: Name | None = None
    metadata: Object | None = None


class TeamsQuery(Page, frozen=True, kw_only=True):
    name: str | None = None


def trimmed_name(text: str, field: str) -> str:
    """A name without the white space around it. Raises `VALIDATION_ERROR`: 1 to 255 characters, none of control."""
    name = text.strip()
    if not 1 <= len(name) <= 255:
        raise invalid(field, "must have 1 to 255 characters")
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in name):
        raise invalid(field, "must not contain control characters")
    return name


def create(call: Call) -> Command[str]:
    body = call.json(NewTeam)
    command = CreateTeam(name=trimmed_name(body.name, "body.name"), metadata=body.metadata)

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        state = catalog.directory()
        (event,) = domain.decide(state, command, context)
        return Outcome(events={DIRECTORY: (state.version, [event])}), event.team_id

    return Command(decide=decide, render=lambda asking, id: msgspec.structs.replace(_narrow(asking, id), status=201))


def update(call: Call) -> Command[str]:
    """PATCH and PUT: an absent member stays as it is."""
    id, body = call.id("team_id"), call.json(ChangedTeam)
    name: str | UnsetType = UNSET if body.name is None else trimmed_name(body.name, "body.name")
    command = UpdateTeam(team_id=id, name=name, metadata=UNSET if body.metadata is None else body.metadata)

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        state = catalog.directory()
        require_revision(call, catalog, domain.known_team(state, id))
        return Outcome(events={DIRECTORY: (state.version, [*domain.decide(state, command, context)])}), id

    return Command(decide=decide, render=_narrow)


def restore(call: Call) -> Command[str]:
    id = call.id("team_id")
    call.no_members()

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        state = catalog.directory()
        if id in state.teams:
            require_revision(call, catalog, state.teams[id])
        events = domain.decide(state, RestoreTeam(team_id=id), context)
        return Outcome(events={DIRECTORY: (state.version, [*events])}), id

    return Command(decide=decide, render=_narrow)


def require_revision(call: Call, catalog: Catalog, team: Team) -> None:
    """Refuse with `PRECONDITION_FAILED` where `If-Match` names another version of the team."""
    check_version(call, team.revision, lambda: now(catalog.log, lambda asking: _answer(asking, team.id, wide=True)))


def _narrow(asking: Asking, id: str) -> Answer:
    return _answer(asking, id, wide=False)


def _answer(asking: Asking, id: str, *, wide: bool) -> Answer:
    (row,) = asking.rows(teams.ANY, id=id)
    body, _, version = row
    assert isinstance(body, bytes)
    return Answer(body=_wide(row) if wide else body, revision=int(str(version)))


def _wide(row: tuple[object, ...]) -> bytes:
    body, count, _ = row
    return spliced(body, asset_count=count)


async def get(service: Service, call: Call) -> Answer:
    row = await _row(service, call, call.id("team_id"))
    return Answer(body=_wide(row), revision=int(str(row[2])))


async def team_name(service: Service, call: Call, id: str) -> str:
    """The name of a team, or `TEAM_NOT_FOUND`."""
    body = (await _row(service, call, id))[0]
    assert isinstance(body, bytes)
    return msgspec.json.decode(body, type=teams.TeamBody).name


async def _row(service: Service, call: Call, id: str) -> tuple[object, ...]:
    rows = await service.reader.rows(teams.ONE.sql(service.reader.dialect), {"id": id, "as_of": call.as_of})
    if not rows:
        raise not_found("team", id)
    return rows[0]


async def listed(service: Service, call: Call) -> Answer:
    query = call.query(TeamsQuery)
    filters = {"name": query.name.casefold()} if query.name is not None else {}
    return await list_answer(
        service.reader, call, query, Wanted(listing=teams.LIST, filters=filters, order="name"), _wide
    )
