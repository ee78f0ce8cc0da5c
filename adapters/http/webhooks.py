"""Webhooks (api.md 3.16): who is told of what."""

import secrets
from typing import Annotated

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call
from adapters.http.lists import Page, Uuid, Wanted, list_answer, lowered, spliced
from adapters.http.preconditions import check_version
from adapters.http.problems import invalid
from adapters.http.service import Asking, Command, Service, now
from adapters.webhooks.addresses import URL_LENGTH, Unfit, place_of
from adapters.webhooks.outbox import Outbox
from domain import webhooks as decisions
from domain.commands import RegisterWebhook
from domain.context import Context
from domain.errors import not_found
from domain.ids import DIRECTORY
from domain.webhooks import MessageType, Webhook
from projections import webhooks as q

PRINTABLE = r"^[ -~]{1,255}$(?!\n)"
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=URL_LENGTH, extra_json_schema={"format": "uri"})]


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to tell of what. Without a secret one is made."""

    url: Url
    events: Annotated[tuple[MessageType, ...], msgspec.Meta(min_length=1)]
    team_id: Uuid | None = None
    secret: Annotated[str, msgspec.Meta(pattern=PRINTABLE)] | None = None


def new_secret() -> str:
    """A secret of 256 random bits."""
    return "mnw_" + secrets.token_urlsafe(32)


def state_of(catalog: Catalog, id: str) -> Webhook:
    """A webhook as decisions need it, whether or not there is one."""
    return decisions.replay(id, (recorded.event for recorded in catalog.log.streams([id]).get(id, [])))


def create(call: Call) -> Command[tuple[str, str]]:
    """`POST /webhooks`: the answer shows the secret, this once."""
    body = call.json(NewWebhook)
    try:
        place_of(body.url, loopback=call.settings.webhook_allow_http)
    except Unfit as unfit:
        raise invalid("body.url", str(unfit)) from None
    command = RegisterWebhook(url=body.url, events=tuple(dict.fromkeys(body.events)), team_id=lowered(body.team_id))
    secret = body.secret or new_secret()

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, tuple[str, str]]:
        directory = catalog.directory()
        event = decisions.register(command, directory, context)
        id, dialect = event.webhook_id, catalog.log.dialect
        outcome = Outcome(
            events={id: (-1, [event])},
            unchanged={DIRECTORY: directory.version} if command.team_id is not None else {},
            beside=lambda session: Outbox(session, dialect).keep_secret(id, secret),
        )
        return outcome, (id, secret)

    def render(asking: Asking, made: tuple[str, str]) -> Answer:
        shown = _shown(asking, made[0])
        return msgspec.structs.replace(shown, status=201, body=spliced(shown.body, secret=made[1]))

    return Command(decide=decide, render=render, once="secret")


async def get(service: Service, call: Call) -> Answer:
    """`GET /webhooks/{id}`, without the secret."""
    id = call.id("webhook_id")
    rows = await service.reader.rows(q.ONE.sql(service.reader.dialect), {"id": id, "as_of": call.as_of})
    if not rows:
        raise not_found("webhook", id)
    return Answer(body=_ready(rows[0]), revision=0)


def _ready(row: tuple[object, ...]) -> bytes:
    body = row[0]
    assert isinstance(body, bytes)
    return body


def _shown(asking: Asking, id: str) -> Answer:
    """A webhook as GET shows it. Nothing of it ever changes: its version is 0."""
    return Answer(body=_ready(asking.rows(q.ONE, id=id)[0]), revision=0)


async def listed(service: Service, call: Call) -> Answer:
    """`GET /webhooks`, the newest first."""
    wanted = Wanted(listing=q.LIST, filters={}, order="newest")
    return await list_answer(service.reader, call, call.query(Page), wanted, _ready)


def delete(call: Call) -> Command[None]:
    """`DELETE /webhooks/{id}`: its secret goes with it, and what it still waits for is not sent."""
    id = call.id("webhook_id")
    call.no_members()

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, None]:
        state, dialect = state_of(catalog, id), catalog.log.dialect
        event = decisions.delete(state)
        check_version(call, 0, lambda: now(catalog.log, lambda asking: _shown(asking, id)))
        return Outcome(
            events={id: (state.version, [event])}, beside=lambda session: Outbox(session, dialect).end(id)
        ), None

    return Command(decide=decide, render=lambda _, __: Answer(status=204))
