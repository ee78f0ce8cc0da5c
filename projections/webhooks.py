"""Webhooks: one row for each while it lives. What signs their messages is kept elsewhere, and is no history."""

from collections.abc import Sequence
from typing import get_args

import msgspec
from sqlalchemy import bindparam, select

from domain import events as e
from projections.reading import Listing, Question
from projections.sql import at_position, current, document, number
from projections.times import wire_time
from projections.view import Kinds, view_table

TABLE = view_table("webhooks", number("made"), document("body"))


class WebhookBody(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook on the wire (api.md 3.16), without its secret. One that was deleted is not found."""

    id: str
    url: str
    events: tuple[str, ...]
    team_id: str | None
    active: bool
    created_at: str


class WebhookRow(msgspec.Struct, frozen=True):
    id: str
    made: int
    body: WebhookBody

    def columns(self) -> tuple[object, ...]:
        return (self.made, msgspec.json.encode(self.body))


class Webhooks:
    table = TABLE
    events: Kinds = frozenset(get_args(e.WebhookEvent))

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        return (recorded.event.webhook_id,) if isinstance(recorded.event, e.WebhookEvent) else ()

    def fold(self, key: str, row: WebhookRow | None, recorded: e.Recorded) -> WebhookRow | None:
        event = recorded.event
        if not isinstance(event, e.WebhookRegistered):
            return None
        body = WebhookBody(
            id=key,
            url=event.url,
            events=event.events,
            team_id=event.team_id,
            active=True,
            created_at=wire_time(recorded.at),
        )
        return WebhookRow(key, recorded.position, body)

    def load(self, id: str, columns: Sequence[object]) -> WebhookRow:
        made, body = columns
        assert isinstance(made, int) and isinstance(body, bytes)
        return WebhookRow(id, made, msgspec.json.decode(body, type=WebhookBody))


_webhooks = select(TABLE.c.body).where(at_position(TABLE))
ONE = Question(_webhooks.where(TABLE.c.id == bindparam("id")))
LIST = Listing(_webhooks, {}, {"newest": (TABLE.c.made.desc(),)})
# Those that live now, with the position of their registration: they are told of what comes after it.
LIVING = Question(select(TABLE.c.made, TABLE.c.body).where(current(TABLE)).order_by(TABLE.c.made))
