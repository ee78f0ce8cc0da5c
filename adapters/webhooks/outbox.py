"""The messages that wait to be sent, in the store: claimed under a lease, settled, sent again, given up, pruned."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from adapters.log.protocol import Session
from adapters.webhooks.sending import Attempt, Message
from projections import deliveries as q
from projections.engine import bound_list
from projections.reading import Question
from projections.sql import DialectName
from projections.times import wire_time

# How long a claim holds: whoever made it and is gone by then, its messages are sent by another.
LEASE = timedelta(seconds=30)
# The pauses after each attempt but the last, in seconds; each is made up to a fifth longer or shorter. 17 hours in all.
PAUSES = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)
ATTEMPTS = len(PAUSES) + 1
KEPT = timedelta(days=30)
DELETED = "the webhook was deleted"


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A message to send now, by whoever holds the lease. `attempts` are those before this one."""

    message: Message
    webhook_id: str
    attempts: int
    lease: str


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed message after its attempt."""

    claimed: Claimed
    attempt: Attempt
    at: datetime


class Outbox:
    """What is done to the tables, each within a transaction of the caller's."""

    def __init__(self, session: Session, dialect: DialectName) -> None:
        self._session = session
        self._dialect: DialectName = dialect

    def waiting(self, now: datetime) -> list[str]:
        """The webhooks for which something is due."""
        rows = self._session.rows(q.WAITING.sql(self._dialect), {"now": wire_time(now)})
        return [str(row[0]) for row in rows]

    def claim(self, webhook_id: str, limit: int, lease: str, now: datetime) -> list[Claimed]:
        """Claim what has been due for longest; `lease` is a name that no other claim has."""
        params = {"webhook_id": webhook_id, "now": wire_time(now), "limit": limit}
        claimed = [
            Claimed(
                message=Message(id=str(id), url=str(url), body=_bytes(body), secret=str(secret)),
                webhook_id=webhook_id,
                attempts=int(str(attempts)),
                lease=lease,
            )
            for id, url, body, attempts, secret in self._session.rows(q.NEXT.sql(self._dialect), params)
        ]
        if claimed:
            ids = bound_list([each.message.id for each in claimed], self._dialect)
            self._run(q.LEASE, ids=ids, until=wire_time(now + LEASE), by=lease)
        return claimed

    def settle(self, settled: Settled) -> None:
        """Write down how an attempt went, unless its lease is lost."""
        attempt, at = settled.attempt, wire_time(settled.at)
        next = None if attempt.error is None else next_attempt(settled.claimed.attempts + 1, settled.at)
        status = "delivered" if attempt.error is None else "dead_lettered" if next is None else "failed"
        self._run(
            q.SETTLE,
            of=settled.claimed.message.id,
            by=settled.claimed.lease,
            new_status=status,
            next=None if next is None else wire_time(next),
            at=at,
            error=attempt.error,
            code=attempt.status_code,
            delivered=at if attempt.error is None else None,
        )

    def again(self, id: str, now: datetime) -> None:
        """Make a message due at once, with all its attempts before it."""
        self._run(q.AGAIN, of=id, now=wire_time(now))

    def keep_secret(self, webhook_id: str, secret: str) -> None:
        self._session.insert(q.SECRETS.name, ["id", "secret"], [(webhook_id, secret)])

    def end(self, webhook_id: str) -> None:
        """A webhook is gone: its secret goes, and what it waits for is not sent."""
        self._run(q.FORGET_SECRET, of=webhook_id)
        self._run(q.GIVE_UP, of=webhook_id, error=DELETED)

    def add(self, rows: Sequence[Sequence[object]]) -> None:
        """New messages, as rows of `COLUMNS`."""
        self._session.insert(q.DELIVERIES.name, q.COLUMNS, rows)

    def prune(self, now: datetime) -> None:
        """Drop what was settled, once it is old."""
        self._run(q.PRUNE, before=wire_time(now - KEPT))

    def told(self) -> int:
        """Up to which position the log has been told; 0 before anything was."""
        rows = self._session.rows(q.TOLD.sql(self._dialect))
        return int(str(rows[0][0])) if rows else 0

    def set_told(self, position: int) -> None:
        self._run(q.FORGET_TOLD)
        self._session.insert(q.CURSOR.name, ["position"], [(position,)])

    def _run(self, question: Question, **params: object) -> None:
        self._session.run(question.sql(self._dialect), params)


def next_attempt(made: int, at: datetime) -> datetime | None:
    """When to try again after so many attempts; None if that was the last. Not at the same moment for all."""
    if made >= ATTEMPTS:
        return None
    return at + timedelta(seconds=PAUSES[made - 1] * random.uniform(0.8, 1.2))  # noqa: S311


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
