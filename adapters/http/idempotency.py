"""Repeated requests (api.md 1.5): the first one's answer is kept with its append, and given again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from adapters.http.call import Answer, Call
from adapters.http.problems import invalid
from adapters.log.protocol import Session
from domain.errors import Refused
from projections.sql import DialectName
from projections.times import wire_time

KEPT = timedelta(hours=24)
_running: set[tuple[str, str, str, str]] = set()
_lock = threading.Lock()


class Repeated(Exception):
    """Another process answered the same request first, while this one was deciding."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("repeated request")
        self.answer = answer


class Repetition(msgspec.Struct, frozen=True, kw_only=True):
    """The `Idempotency-Key` of a request, with what it is bound to."""

    caller: str
    method: str
    path: str
    name: str
    body_digest: str

    @property
    def identity(self) -> tuple[str, str, str, str]:
        return (self.caller, self.method, self.path, self.name)


def of(call: Call, body_digest: str | None = None) -> Repetition | None:
    """The repetition that a request may be, or None without the header. Raises `VALIDATION_ERROR`."""
    name = call.headers.get("idempotency-key")
    if name is None or call.method == "GET":
        return None
    if not 1 <= len(name) <= 255 or not name.isprintable():
        raise invalid("header.Idempotency-Key", "must have 1 to 255 printable characters")
    digest = body_digest or sha256(call.body + b"?" + call.query_string.encode()).hexdigest()
    caller = call.caller.key_id or "bootstrap"
    return Repetition(caller=caller, method=call.method, path=call.path, name=name, body_digest=digest)


@contextmanager
def only_one(repetition: Repetition | None) -> Iterator[None]:
    """Refuse a request while the same one runs in this process; across processes the record's key decides."""
    if repetition is None:
        yield
        return
    with _lock:
        if repetition.identity in _running:
            raise Refused("IDEMPOTENCY_IN_PROGRESS", "The first request with this Idempotency-Key is still running.")
        _running.add(repetition.identity)
    try:
        yield
    finally:
        with _lock:
            _running.discard(repetition.identity)


def _sql(dialect: DialectName, text: str) -> str:
    """The statement in the store's style of parameters, from one with `:name`."""
    names = ("caller", "method", "path", "name", "since", "part")
    if dialect == "postgresql":
        for name in names:
            text = text.replace(f":{name}", f"%({name})s")
    return text


_FIND = (
    "SELECT body_digest, status, body, revision, position FROM muniment_idempotency "
    "WHERE caller = :caller AND method = :method AND path = :path AND name = :name AND at > :since"
)
_DROP_OLD = "DELETE FROM muniment_idempotency WHERE at <= :since"
_DROP_NAMING = "DELETE FROM muniment_idempotency WHERE body LIKE :part"


def stored(session: Session, dialect: DialectName, repetition: Repetition, now: datetime) -> Answer | None:
    """The answer of the first such request. Raises `IDEMPOTENCY_KEY_REUSED` where that had another body."""
    params = {**msgspec.structs.asdict(repetition), "since": wire_time(now - KEPT)}
    params.pop("body_digest")
    rows = session.rows(_sql(dialect, _FIND), params)
    if not rows:
        return None
    digest, status, body, revision, position = rows[0]
    if digest != repetition.body_digest:
        raise Refused("IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used with another body.")
    return Answer(
        status=int(str(status)),
        body=str(body).encode(),
        revision=None if revision is None else int(str(revision)),
        position=int(str(position)),
        headers=(("idempotency-replayed", "true"),),
    )


def store(
    session: Session, dialect: DialectName, repetition: Repetition, answer: Answer, now: datetime, *, once: str | None
) -> None:
    """Keep an answer, in the transaction of its append, and drop those whose day is over; a secret is not kept."""
    body = answer.body
    if once is not None:
        body = msgspec.json.encode({**msgspec.json.decode(body), once: None})
    session.run(_sql(dialect, _DROP_OLD), {"since": wire_time(now - KEPT)})
    session.insert(
        "muniment_idempotency",
        ["caller", "method", "path", "name", "body_digest", "status", "body", "revision", "position", "at"],
        [
            (
                *repetition.identity,
                repetition.body_digest,
                answer.status,
                body.decode(),
                answer.revision,
                answer.position or 0,
                wire_time(now),
            )
        ],
    )


def forget(session: Session, dialect: DialectName, user_id: str) -> None:
    """Drop the answers that name a user: they may tell what is to be erased."""
    session.run(_sql(dialect, _DROP_NAMING), {"part": f"%{user_id}%"})
