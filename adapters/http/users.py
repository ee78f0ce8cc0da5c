"""Users (api.md 3.2): create, list, get, update, deactivate, erase, reactivate; the members of a team."""

import msgspec
from msgspec import UNSET

from adapters.catalog import Catalog, Outcome
from adapters.http import user_forms as forms
from adapters.http.call import Answer, Call
from adapters.http.lists import Page, Wanted, list_answer, lowered, spliced
from adapters.http.preconditions import check_version
from adapters.http.problems import Unfit
from adapters.http.service import Asking, Command, Service, now
from adapters.http.teams import trimmed_name
from domain import commands as c
from domain import people as domain
from domain.context import Context
from domain.directory import Directory
from domain.errors import not_found
from domain.events import AnyEvent
from domain.ids import DIRECTORY
from projections import teams
from projections import users as q


def create(call: Call) -> Command[str]:
    body = call.json(forms.NewUser)
    forms.check_password(body.user_type, body.password)
    command = c.CreateUser(
        username=forms.username(body.username),
        name=trimmed_name(body.name, "body.name"),
        email=forms.email(body.email),
        user_type=body.user_type,
        role=body.role,
        team_id=lowered(body.team_id),
        metadata=body.metadata,
    )

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        return _outcome(catalog.directory(), command, context)

    return Command(decide=decide, render=lambda asking, id: msgspec.structs.replace(_shown(asking, id), status=201))


def update(call: Call) -> Command[str]:
    """PATCH and PUT: an absent member stays as it is."""
    id, body = call.id("user_id"), call.json(forms.ChangedUser)
    forms.check_password(body.user_type, body.password)
    command = c.UpdateUser(
        user_id=id,
        username=UNSET if body.username is None else forms.username(body.username),
        name=UNSET if body.name is None else trimmed_name(body.name, "body.name"),
        email=UNSET if body.email is UNSET else forms.email(body.email),
        user_type=UNSET if body.user_type is None else body.user_type,
        role=UNSET if body.role is None else body.role,
        team_id=body.team_id.lower() if isinstance(body.team_id, str) else body.team_id,
        metadata=UNSET if body.metadata is None else body.metadata,
        notification_preferences=UNSET if body.notification_preferences is None else body.notification_preferences,
    )

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        state = catalog.directory()
        made = _checked(call, catalog, state, command, context)
        if body.password is not None and body.user_type is None and state.users[id].user_type == "bot":
            raise Unfit("body.password", "is not for bots, and this user is one")
        return made

    return Command(decide=decide, render=_shown)


def deactivate(call: Call) -> Command[str]:
    """DELETE. Whoever went before can still be erased."""
    id = call.id("user_id")
    command = c.DeactivateUser(user_id=id, erase=call.query(forms.Erasing).erase)

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        return _checked(call, catalog, catalog.directory(), command, context)

    return Command(decide=decide, render=lambda asking, _: Answer(status=204))


def reactivate(call: Call) -> Command[str]:
    id = call.id("user_id")
    call.no_members()

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        return _checked(call, catalog, catalog.directory(), c.ReactivateUser(user_id=id), context)

    return Command(decide=decide, render=_shown)


def _checked(
    call: Call,
    catalog: Catalog,
    state: Directory,
    command: c.UpdateUser | c.DeactivateUser | c.ReactivateUser,
    context: Context,
) -> tuple[Outcome, str]:
    """What a command about a user who exists leads to, where `If-Match` holds."""
    user = state.users.get(command.user_id)
    if user is not None and not user.erased:
        check_version(call, user.revision, lambda: now(catalog.log, lambda asking: _shown(asking, user.id)))
    return _outcome(state, command, context)


def _outcome(state: Directory, command: c.UserCommand, context: Context) -> tuple[Outcome, str]:
    decided = domain.decide(state, command, context)
    events: dict[str, tuple[int, list[AnyEvent]]] = {DIRECTORY: (state.version, [*decided.events])}
    people = {decided.user_id: decided.person} if decided.events else {}
    return Outcome(events=events, people=people), decided.user_id


def _shown(asking: Asking, id: str) -> Answer:
    (row,) = asking.rows(q.ANY, id=id)
    return _answer(row)


def _answer(row: tuple[object, ...]) -> Answer:
    return Answer(body=wide(row), revision=int(str(row[-1])))


def wide(row: tuple[object, ...]) -> bytes:
    """A user as the wire has it, from its row. The names of one who was erased are null."""
    body, username, name, email, team_name, _ = row
    return spliced(body, username=username, name=name, email=email, team_name=team_name)


async def get(service: Service, call: Call) -> Answer:
    id = call.id("user_id")
    rows = await service.reader.rows(q.ONE.sql(service.reader.dialect), {"id": id, "as_of": call.as_of})
    if not rows:
        raise not_found("user", id)
    return _answer(rows[0])


async def listed(service: Service, call: Call) -> Answer:
    query = call.query(forms.UsersQuery)
    filters: dict[str, object] = {} if query.include_deactivated else {"active": True}
    if query.team_id is not None:
        filters["team_id"] = query.team_id.lower()
    if query.user_type is not None:
        filters["user_type"] = query.user_type
    if query.username is not None:
        filters["username"] = query.username.lower()
    if query.email is not None:
        filters["email"] = query.email.lower()
    if query.name is not None:
        filters["name"] = query.name.casefold()
    return await _page(service, call, query, filters)


async def members(service: Service, call: Call) -> Answer:
    """GET `/teams/{id}/members`: the active users of a team."""
    query, team_id = call.query(Page), call.id("team_id")
    params = {"id": team_id, "as_of": call.as_of}
    if not await service.reader.rows(teams.ONE.sql(service.reader.dialect), params):
        raise not_found("team", team_id)
    return await _page(service, call, query, {"active": True, "team_id": team_id})


async def _page(service: Service, call: Call, page: Page, filters: dict[str, object]) -> Answer:
    wanted = Wanted(listing=q.LIST, filters=filters, order="name", fleeting=True)
    return await list_answer(service.reader, call, page, wanted, wide)
