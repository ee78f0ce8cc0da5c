"""From the log to messages that wait: each event once, whoever works it out, in bounded steps apart from the append."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import get_args

import msgspec

from adapters.clock import Clock
from adapters.http.service import Asking
from adapters.log.codec import topic_of
from adapters.log.protocol import Log, Session
from adapters.webhooks.messages import AssetKnown, body_of, delivery_id, teams_of
from adapters.webhooks.outbox import Outbox
from domain import events as e
from domain.webhooks import Told, message_type
from projections import told_questions as q
from projections.engine import bound_list
from projections.keys import POSITION_ONLY
from projections.proposals import ProposalBody
from projections.times import wire_time
from projections.webhooks import LIVING, WebhookBody

# How much of the log one step looks through, and how many events it makes messages of.
POSITIONS = 20_000
EVENTS = 500

_TOPICS = [topic_of(kind) for kind in get_args(Told)]
_webhook = msgspec.json.Decoder(WebhookBody)
_proposal = msgspec.json.Decoder(ProposalBody)


class Living(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook that may be told: of what comes after the position of its registration."""

    made: int
    body: WebhookBody


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """An event to tell of, with what was known of its asset and proposal when its append ended."""

    recorded: e.Recorded
    event: Told
    asset: AssetKnown
    proposal: ProposalBody | None


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a step found: messages, as rows by webhook, up to where it looked, and where the cursor stood before.

    `since` is where another process would begin to look.
    """

    told: int
    since: int
    reached: int
    rows: list[tuple[str, tuple[object, ...]]]


class Queue:
    """Makes messages of what the log has gained. One per process; several do no harm."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        # Up to where this process has looked and found nothing to tell: the cursor in the store may lag behind.
        self._looked = 0

    def step(self) -> bool:
        """Look through the next piece of the log. Returns whether there may be more to look through."""
        found = self._find()
        if found is None:
            return False
        if not found.rows:
            self._looked = found.reached
        if found.rows or found.reached - found.since >= POSITIONS:
            self._keep(found)
        return True

    def prune(self) -> None:
        """Drop messages that were settled long ago."""
        with self._log.write() as session:
            Outbox(session, self._log.dialect).prune(self._clock.now())

    def _find(self) -> _Found | None:
        log = self._log
        with log.read() as session:
            living = _living(session, log)
            if not living:
                return None
            head = int(str(session.rows(POSITION_ONLY.sql(log.dialect))[0][0]))
            told = Outbox(session, log.dialect).told()
            since = max(told, living[0].made)
            after = max(since, self._looked)
            if after >= head:
                return None
            to = min(head, after + POSITIONS)
            events = log.of_topics(_TOPICS, after, to, EVENTS)
            by_team = any(webhook.body.team_id is not None for webhook in living)
            known = _known(session, log, events, by_team=by_team)
            rows = [*_messages(living, known, wire_time(self._clock.now()))]
        reached = events[-1].position if len(events) == EVENTS else to
        return _Found(told=told, since=since, reached=reached, rows=rows)

    def _keep(self, found: _Found) -> None:
        """Write the messages and move the cursor, unless another process did: then nothing is written."""
        log = self._log
        with log.write() as session:
            outbox = Outbox(session, log.dialect)
            if outbox.told() == found.told:
                living = {webhook.body.id for webhook in _living(session, log)}
                outbox.add([row for webhook_id, row in found.rows if webhook_id in living])
                outbox.set_told(found.reached)


def _living(session: Session, log: Log) -> list[Living]:
    """The webhooks of now, in the order of their registration."""
    rows = session.rows(LIVING.sql(log.dialect))
    return [Living(made=int(str(made)), body=_webhook.decode(_bytes(body))) for made, body in rows]


def _messages(living: Sequence[Living], known: Iterable[Known], at: str) -> Iterator[tuple[str, tuple[object, ...]]]:
    """The rows of the messages about events, with the webhook of each."""
    for each in known:
        type, recorded = message_type(each.event), each.recorded
        for_it = [
            webhook.body
            for webhook in living
            if type in webhook.body.events and webhook.made < recorded.position and _concerns(webhook.body, each)
        ]
        body = body_of(type, recorded, each.asset, each.proposal) if for_it else b""
        for webhook in for_it:
            id = delivery_id(webhook.id, recorded.position)
            settled = (None, None, None, None, None)
            row = (id, webhook.id, type, recorded.position, webhook.url, body, "pending", 0, at, at, *settled, 0)
            yield webhook.id, row


def _concerns(webhook: WebhookBody, each: Known) -> bool:
    return webhook.team_id is None or webhook.team_id in teams_of(each.recorded, each.asset, each.proposal)


def _known(session: Session, log: Log, events: Sequence[e.Recorded], *, by_team: bool) -> Iterator[Known]:
    """The events of each append, with what the views showed when it ended. Consumers are looked up for `by_team`."""
    for end, group in groupby(events, lambda each: each.end):
        of_append, asking = [*group], Asking(session, log, end)
        ids = bound_list(sorted({each.stream for each in of_append}), log.dialect)
        consumers: dict[str, set[str]] = {}
        for asset_id, team_id in asking.rows(q.CONSUMERS, ids=ids) if by_team else ():
            consumers.setdefault(str(asset_id), set()).add(str(team_id))
        assets = {
            str(id): AssetKnown(
                fqn=str(fqn),
                environment=str(environment),
                owner_team_id=str(owner),
                consumers=frozenset(consumers.get(str(id), ())),
            )
            for id, fqn, environment, owner in asking.rows(q.ASSETS, ids=ids)
        }
        proposals = _proposals(asking, of_append)
        for recorded in of_append:
            event, asset = recorded.event, assets.get(recorded.stream)
            if asset is not None and isinstance(event, Told):
                yield Known(
                    recorded=recorded,
                    event=event,
                    asset=asset,
                    proposal=proposals.get(event.proposal_id) if event.proposal_id is not None else None,
                )


def _proposals(asking: Asking, events: Sequence[e.Recorded]) -> dict[str, ProposalBody]:
    """The proposals that events are about, by id."""
    ids = {each.event.proposal_id for each in events if isinstance(each.event, Told) and each.event.proposal_id}
    rows = asking.rows(q.PROPOSALS, ids=bound_list(sorted(ids), asking.dialect)) if ids else []
    return {str(id): _proposal.decode(_bytes(body)) for id, body in rows}


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
