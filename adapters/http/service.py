"""What handlers share: the store, its reader, the threads for commands, the settings."""

import threading
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.clock import Clock
from adapters.config import Settings
from adapters.http import idempotency
from adapters.http.call import Answer, Call
from adapters.http.traffic import Traffic
from adapters.log.protocol import Log, Session
from adapters.reader import Reader
from domain.context import Context
from domain.errors import Refused
from projections import reading
from projections.sql import DialectName

T = TypeVar("T")


class Asking:
    """Questions within an append's transaction, answered for the position that it reaches."""

    def __init__(self, session: Session, log: Log, position: int) -> None:
        self._session = session
        self.position = position
        self.dialect: DialectName = log.dialect

    def rows(self, question: reading.Question, **params: object) -> list[tuple[object, ...]]:
        return self._session.rows(question.sql(self.dialect), {**params, "as_of": self.position})


class Command(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A request that changes something: how it is decided, and how its answer is read from the views after it.

    `once` names a member of the answer that a repeated request does not see again.
    """

    decide: Callable[[Catalog, Context], tuple[Outcome, T]]
    render: Callable[[Asking, T], Answer]
    once: str | None = None


# A request that changes nothing and yet needs states, or more work than a statement: how it is answered.
Question: TypeAlias = Callable[[Catalog], Answer]


class Service:
    """One per process."""

    def __init__(self, settings: Settings, log: Log, reader: Reader, clock: Clock) -> None:
        self.settings = settings
        self.log = log
        self.reader = reader
        self.clock = clock
        self.traffic = Traffic()
        self._local = threading.local()

    def catalog(self) -> Catalog:
        """This thread's own catalog."""
        if not hasattr(self._local, "catalog"):
            self._local.catalog = Catalog(self.log, self.clock)
        catalog: Catalog = self._local.catalog
        return catalog

    def ask(self, call: Call, question: Question) -> Answer:
        """Answer a question: a GET for its moment, another for the log's position of now."""
        catalog = self.catalog()
        position = call.as_of if call.method == "GET" else catalog.log.head()
        return msgspec.structs.replace(question(catalog), position=position)

    def run(self, call: Call, command: Command[T]) -> Answer:
        """Decide, append and answer, all in one transaction; a repeated request gets the first one's answer."""
        catalog = self.catalog()
        repetition = idempotency.of(call)
        with idempotency.only_one(repetition):
            return self._first(repetition) or self._run(call, command, catalog, repetition)

    def _run(
        self, call: Call, command: Command[T], catalog: Catalog, repetition: idempotency.Repetition | None
    ) -> Answer:
        answers: list[Answer] = []
        context = catalog.context(call.caller.actor, self.clock.seed(), self.settings.proposal_expiry_days)

        def within(session: Session, position: int, result: T) -> None:
            if repetition is not None:
                first = idempotency.stored(session, self.log.dialect, repetition, self.clock.now())
                if first is not None:
                    raise idempotency.Repeated(first)
            reached = position or _position(session)
            answer = command.render(Asking(session, self.log, reached), result)
            answers.append(msgspec.structs.replace(answer, position=reached))
            if repetition is not None:
                idempotency.store(
                    session, self.log.dialect, repetition, answers[-1], self.clock.now(), once=command.once
                )

        try:
            catalog.commit(lambda: command.decide(catalog, context), call.caller.actor, call.request_id, within)
        except idempotency.Repeated as repeated:
            return repeated.answer
        except Refused:
            # Another process may have answered the same request meanwhile: then what it did stands in the way.
            first = self._first(repetition)
            if first is not None:
                return first
            raise
        return answers[-1]

    def _first(self, repetition: idempotency.Repetition | None) -> Answer | None:
        """The answer of the first such request, if there was one."""
        if repetition is None:
            return None
        with self.log.read() as session:
            return idempotency.stored(session, self.log.dialect, repetition, self.clock.now())


def now(log: Log, question: Callable[[Asking], T]) -> T:
    """The answer to a question that is asked apart from any append, for the log's position of now."""
    with log.read() as session:
        return question(Asking(session, log, _position(session)))


def _position(session: Session) -> int:
    return int(str(session.rows("SELECT position FROM muniment_views")[0][0]))
