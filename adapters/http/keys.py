"""API keys (api.md 3.10)."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call, utc
from adapters.http.lists import Page, Uuid, Wanted, list_answer, lowered, spliced
from adapters.http.permission import require_team
from adapters.http.preconditions import check_version
from adapters.http.service import Asking, Command, Service, now
from adapters.http.teams import Name, trimmed_name
from domain.context import Context
from domain.errors import not_found
from domain.events import ApiKeyCreated, ApiKeyRevoked, KeySource
from domain.ids import DIRECTORY
from domain.people import known_user, require_member
from domain.teams import known_team
from projections import keys as q

PREFIX_LENGTH = 12


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    name: Name
    team_id: Uuid
    scopes: Annotated[tuple[Literal["read", "write", "admin"], ...], msgspec.Meta(min_length=1)] = ("read", "write")
    sources: tuple[KeySource, ...] | None = None
    user_id: Uuid | None = None
    expires_at: datetime | None = None


class KeysQuery(Page, frozen=True, kw_only=True):
    team_id: Uuid | None = None
    include_revoked: bool = False


def new_key() -> str:
    """A key: `mnm_` and 256 random bits."""
    return "mnm_" + secrets.token_urlsafe(32)


def key_digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def create(call: Call) -> Command[tuple[str, str]]:
    body = call.json(NewKey)
    name, team_id, text = trimmed_name(body.name, "body.name"), body.team_id.lower(), new_key()
    user_id = lowered(body.user_id)
    expires_at = utc(body.expires_at, "body.expires_at") if body.expires_at is not None else None

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, tuple[str, str]]:
        directory = catalog.directory()
        known_team(directory, team_id)
        if user_id is not None:
            known_user(directory, user_id)
            require_member(directory, user_id, team_id)
        key_id = context.new_id("key")
        event = ApiKeyCreated(
            key_id=key_id,
            prefix=text[:PREFIX_LENGTH],
            digest=key_digest(text),
            name=name,
            team_id=team_id,
            scopes=tuple(dict.fromkeys(body.scopes)),
            sources=body.sources,
            user_id=user_id,
            expires_at=expires_at,
        )
        outcome = Outcome(events={key_id: (-1, [event])}, unchanged={DIRECTORY: directory.version})
        return outcome, (key_id, text)

    def render(asking: Asking, made: tuple[str, str]) -> Answer:
        shown = _shown(asking, made[0])
        return msgspec.structs.replace(shown, status=201, body=spliced(shown.body, key=made[1]))

    return Command(decide=decide, render=render, once="key")


async def get(service: Service, call: Call) -> Answer:
    id = call.id("key_id")
    rows = await service.reader.rows(q.ONE.sql(service.reader.dialect), {"id": id, "as_of": call.as_of})
    if not rows:
        raise not_found("API key", id)
    answer = _answer(rows[0])
    require_team(call.caller, msgspec.json.decode(answer.body)["team_id"])
    return answer


def _answer(row: tuple[object, ...]) -> Answer:
    """A key as GET shows it. Its version is 0, and 1 once it is revoked."""
    return Answer(body=_wide(row), revision=int(str(row[1])))


def _wide(row: tuple[object, ...]) -> bytes:
    body, _, used = row
    return spliced(body, last_used_at=used)


def _shown(asking: Asking, key_id: str) -> Answer:
    return _answer(asking.rows(q.ONE, id=key_id)[0])


async def listed(service: Service, call: Call) -> Answer:
    query = call.query(KeysQuery)
    filters: dict[str, object] = {} if query.include_revoked else {"alive": True}
    if query.team_id is not None:
        filters["team_id"] = query.team_id.lower()
    if not call.caller.permission.admin:
        require_team(call.caller, str(filters.setdefault("team_id", call.caller.team_id or "")))
    wanted = Wanted(listing=q.LIST, filters=filters, order="newest")
    answer = await list_answer(service.reader, call, query, wanted, _wide)
    page = msgspec.json.decode(answer.body, type=dict[str, msgspec.Raw])
    shown = {"keys": page["results"], "total": page["total"], "limit": page["limit"], "offset": page["offset"]}
    return msgspec.structs.replace(answer, body=msgspec.json.encode(shown))


def revoke(call: Call) -> Command[str]:
    id = call.id("key_id")

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        events = [r.event for r in catalog.log.streams([id]).get(id, [])]
        if not events or not isinstance(events[0], ApiKeyCreated):
            raise not_found("API key", id)
        revoked = any(isinstance(event, ApiKeyRevoked) for event in events)
        check_version(call, int(revoked), lambda: now(catalog.log, lambda asking: _shown(asking, id)))
        if revoked:
            return Outcome(events={}), id
        return Outcome(events={id: (len(events) - 1, [ApiKeyRevoked(key_id=id)])}), id

    return Command(decide=decide, render=_shown)
