"""What every store of the log promises. Nothing outside this folder knows which one it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from domain.events import Actor, AnyEvent, Recorded


class Conflict(Exception):
    """A stream moved on, or a name was taken, since the append was decided. Nothing was written."""


class Violated(Conflict):
    """A row would have broken a rule of its view: a name was taken by another writer, or the decision is wrong."""


class Unavailable(Exception):
    """The store cannot be reached. Nothing that was refused this way was acknowledged."""


class OutcomeUnknown(Unavailable):
    """The connection broke as an append was being finished. It is there whole, or not at all."""


class StorageFull(Exception):
    """The store cannot grow. Nothing was written; reads go on."""


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """An event to append, with the version (from 0) that it takes in its stream."""

    stream: str
    version: int
    event: AnyEvent


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One append. `unchanged`: latest versions of streams relied on, -1 for none. `at` is clamped under the lock."""

    events: tuple[Proposed, ...]
    unchanged: Mapping[str, int] = {}
    schemas: Mapping[str, bytes] = {}
    actor: Actor
    request_id: str | None
    at: datetime


class Session(Protocol):
    """One transaction. SQL comes in the driver's style, with named parameters."""

    def rows(self, sql: str, params: Mapping[str, object] = ...) -> list[tuple[object, ...]]: ...

    def run(self, sql: str, params: Mapping[str, object] = ...) -> None: ...

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None: ...


Within = Callable[[Session, Sequence[Recorded]], None]


class Log(Protocol):
    """An append-only log of events, the schemas that they name, and the tables of views beside it."""

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]: ...

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        """Write a batch in one transaction under the writer lock, and `within` with it.

        Positions follow the head without gaps. Raises `Conflict`, `Unavailable`, `StorageFull`, and what `within`
        raises; then nothing is written. Only `OutcomeUnknown` leaves open whether the whole batch is there.
        """
        ...

    def write(self) -> AbstractContextManager[Session]:
        """One transaction under the writer lock."""
        ...

    def read(self) -> AbstractContextManager[Session]:
        """One transaction that sees a single state of the store; all that the thread reads inside it is part of it."""
        ...

    def streams(self, ids: Sequence[str]) -> dict[str, list[Recorded]]:
        """All events of these streams, each in order. Streams without events are left out."""
        ...

    def versions(self, ids: Sequence[str]) -> dict[str, int]:
        """The latest version of each of these streams that has events."""
        ...

    def all(self, after: int = 0) -> Iterator[Recorded]:
        """The whole log from a position on, page by page."""
        ...

    def of_topics(self, topics: Sequence[str], after: int, to: int, limit: int) -> list[Recorded]:
        """The first `limit` events under these tags, of those after a position and up to another, in order."""
        ...

    def states(self, positions: Sequence[int]) -> dict[int, bytes]:
        """The events at these positions as they were stored, each with what its append shares."""
        ...

    def schemas(self, digests: Sequence[str]) -> dict[str, bytes]:
        """The schemas of these digests."""
        ...

    def head(self) -> int:
        """The position of the last event, 0 for an empty log."""
        ...

    def close(self) -> None: ...
