"""Teams (api.md 3.1): create, list, get."""

from typing import Annotated

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call
from adapters.http.lists import Page, Wanted, list_answer, spliced
from adapters.http.problems import invalid
from adapters.http.service import Asking, Command, Service
from domain import directory
from domain.commands import CreateTeam
from domain.context import Context
from domain.errors import not_found
from domain.events import TeamCreated
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
        (event,) = directory.decide(state, command, context)
        assert isinstance(event, TeamCreated)
        return Outcome(events={DIRECTORY: (state.version, [event])}), event.team_id

    def render(asking: Asking, team_id: str) -> Answer:
        ((body, _, version),) = asking.rows(teams.ONE, id=team_id)
        assert isinstance(body, bytes)
        return Answer(status=201, body=body, revision=int(str(version)))

    return Command(decide=decide, render=render)


def _wide(row: tuple[object, ...]) -> bytes:
    body, count, _ = row
    return spliced(body, asset_count=count)


async def get(service: Service, call: Call) -> Answer:
    id = call.id("team_id")
    rows = await service.reader.rows(teams.ONE.sql(service.reader.dialect), {"id": id, "as_of": call.as_of})
    if not rows:
        raise not_found("team", id)
    return Answer(body=_wide(rows[0]), revision=int(str(rows[0][2])))


async def listed(service: Service, call: Call) -> Answer:
    query = call.query(TeamsQuery)
    filters = {"name": query.name.casefold()} if query.name is not None else {}
    return await list_answer(
        service.reader, call, query, Wanted(listing=teams.LIST, filters=filters, order="name"), _wide
    )
