"""Messages to webhooks (api.md 3.16): what became of them, and sending one again. No history: those of now."""

from collections.abc import Sequence

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call
from adapters.http.lists import Page, Wanted, list_answer
from adapters.http.preconditions import check_version
from adapters.http.service import Asking, Command, Service, now
from adapters.http.webhooks import state_of
from adapters.http.wire import DeliveryStatus
from adapters.webhooks.outbox import Outbox
from domain.context import Context
from domain.errors import Refused
from domain.webhooks import MessageType, known
from projections import deliveries as q


class DeliveriesQuery(Page, frozen=True, kw_only=True):
    """Which deliveries to list."""

    status: DeliveryStatus | None = None
    event_type: MessageType | None = None


async def listed(service: Service, call: Call) -> Answer:
    """`GET /webhooks/deliveries`, those of the newest events first."""
    query = call.query(DeliveriesQuery)
    filters: dict[str, object] = {
        name: value for name in ("status", "event_type") if (value := getattr(query, name)) is not None
    }
    wanted = Wanted(listing=q.LIST, filters=filters, order="newest", unkept=True)
    return await list_answer(service.reader, call, query, wanted, lambda row: _answer(row).body)


async def get(service: Service, call: Call) -> Answer:
    """`GET /webhooks/deliveries/{id}`."""
    id = call.id("delivery_id")
    rows = await service.reader.rows(q.ONE.sql(service.reader.dialect), {"id": id, "as_of": call.as_of})
    return _one(id, rows)


def _one(id: str, rows: Sequence[tuple[object, ...]]) -> Answer:
    """The delivery of a row. Raises `Refused` where there is none."""
    if not rows:
        raise Refused("NOT_FOUND", f"The delivery {id} was not found.")
    return _answer(rows[0])


def _answer(row: tuple[object, ...]) -> Answer:
    """A delivery as GET shows it; its payload is what was sent, word for word."""
    *values, revision = row
    shown = dict(zip(q.SHOWN, values, strict=False))
    payload = shown["payload"]
    assert isinstance(payload, bytes)
    body = msgspec.json.encode({**shown, "payload": msgspec.Raw(payload)})
    return Answer(body=body, revision=int(str(revision)))


def redeliver(call: Call) -> Command[str]:
    """`POST /webhooks/deliveries/{id}/redeliver`: due at once, whatever became of it, unless its webhook is gone."""
    id = call.id("delivery_id")
    call.no_members()

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        dialect = catalog.log.dialect
        before = now(catalog.log, lambda asking: _shown(asking, id))
        check_version(call, before.revision or 0, lambda: before)
        webhook = known(state_of(catalog, msgspec.json.decode(before.body)["webhook_id"]))
        return Outcome(
            events={},
            unchanged={webhook.id: webhook.version},
            beside=lambda session: Outbox(session, dialect).again(id, context.at),
        ), id

    def render(asking: Asking, id: str) -> Answer:
        return msgspec.structs.replace(_shown(asking, id), status=202)

    return Command(decide=decide, render=render)


def _shown(asking: Asking, id: str) -> Answer:
    return _one(id, asking.rows(q.ONE, id=id))
