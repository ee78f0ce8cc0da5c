"""The audit trail (api.md 3.9): the log read as events."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from adapters.http.call import Answer, Call, utc
from adapters.http.lists import Page, Uuid, Wanted, list_answer, spliced
from adapters.http.problems import invalid
from adapters.http.service import Service
from adapters.log.codec import event_members
from domain.errors import Refused
from projections import audit_questions as q
from projections.audit import event_id
from projections.times import wire_time

_MEMBERS = ("position", "entity_type", "entity_id", "action", "actor_id", "actor_type", "occurred_at", "request_id")


class EventsQuery(Page, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    entity_type: str | None = None
    entity_id: Uuid | None = None
    asset_id: Uuid | None = None
    action: str | None = None
    actor_id: Uuid | None = None
    actor_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def listed(service: Service, call: Call) -> Answer:
    query = call.query(EventsQuery)
    filters: dict[str, object] = {
        name: getattr(query, name)
        for name in ("entity_type", "entity_id", "action", "actor_id", "actor_type")
        if getattr(query, name) is not None
    }
    for name in ("entity_id", "actor_id"):
        if name in filters:
            filters[name] = str(filters[name]).lower()
    if query.asset_id is not None:
        filters["asset_id"] = query.asset_id.lower()
    if query.since is not None:
        filters["from"] = wire_time(utc(query.since, "query.from"))
    if query.until is not None:
        filters["to"] = wire_time(utc(query.until, "query.to"))
    return await _page(service, call, query, filters)


async def of_entity(service: Service, call: Call) -> Answer:
    query, entity_type, entity_id = call.query(Page), call.params["entity_type"], call.id("entity_id")
    if "\0" in entity_type:
        raise invalid("path.entity_type", "must not contain a NUL character")
    return await _page(service, call, query, {"entity_type": entity_type, "entity_id": entity_id})


async def _page(service: Service, call: Call, page: Page, filters: dict[str, object]) -> Answer:
    wanted = Wanted(listing=q.LIST, filters=filters, order="newest")
    rows: list[tuple[object, ...]] = []

    def collect(row: tuple[object, ...]) -> bytes:
        rows.append(row)
        return b"0"

    answer = await list_answer(service.reader, call, page, wanted, collect)
    payloads = service.log.states([int(str(row[0])) for row in rows])
    entries = b",".join(_event(row, payloads[int(str(row[0]))]) for row in rows)
    blank = b"[" + b",".join(b"0" for _ in rows) + b"]"
    return msgspec.structs.replace(answer, body=answer.body.replace(blank, b"[" + entries + b"]", 1))


def _event(row: tuple[object, ...], state: bytes) -> bytes:
    shown = dict(zip(_MEMBERS, row, strict=True))
    id = event_id(int(str(row[0])))
    return spliced(msgspec.json.encode({"id": id, **shown}), payload=_payload(state))


def _payload(state: bytes) -> bytes:
    """The event's own members, without what the check of a key needs, or the path that a webhook's receiver knows."""
    event = event_members(state)
    event.pop("digest", None)
    if "webhook_id" in event and "url" in event:
        event["url"] = msgspec.Raw(msgspec.json.encode(_origin(msgspec.json.decode(event["url"], type=str))))
    return msgspec.json.encode(event)


def _origin(url: str) -> str:
    """Scheme and host of a URL: for some receivers, whoever knows the rest may send."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


async def get(service: Service, call: Call) -> Answer:
    id = call.id("event_id")
    position = UUID(id).int & (2**62 - 1)
    rows = await service.reader.rows(q.ONE.sql(service.reader.dialect), {"position": position, "as_of": call.as_of})
    if not rows or event_id(position) != id:
        raise Refused("NOT_FOUND", f"The event {id} was not found.")
    return Answer(body=_event(rows[0], service.log.states([position])[position]), revision=0)
