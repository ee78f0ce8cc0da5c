"""The one door: load what a decision needs, decide, append, project. HTTP, CLI and document workers call this."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import msgspec

from adapters import people
from adapters.clock import Clock
from adapters.contract_engine import ENGINE
from adapters.log.protocol import Batch, Conflict, Log, Proposed, Session, Violated
from domain import asset as assets
from domain import directory as directories
from domain.asset import Asset
from domain.context import Context
from domain.directory import Directory, Person
from domain.errors import Refused, not_found
from domain.events import Actor, AnyEvent, Recorded
from domain.ids import DIRECTORY
from projections.catalog_views import ALL
from projections.engine import Engine

ATTEMPTS = 8
STATES_KEPT = 50_000
META = "muniment_views"
T = TypeVar("T")
log = logging.getLogger("muniment.catalog")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a command led to: the events by stream with the versions before them, what to rely on, and schemas.

    `holds` is asked in the append's transaction, before the views move on: whether what was read by other ways than by
    stream (who has a name, who depends on an asset) is still so.
    `people` are the names to keep with it by user, None to erase them. They change with an event of the directory only.
    `beside` writes what lies beside the log and is no history, in the append's transaction, after the views.
    """

    events: dict[str, tuple[int, list[AnyEvent]]]
    unchanged: dict[str, int] = {}
    schemas: dict[str, bytes] = {}
    people: dict[str, Person | None] = {}
    holds: Callable[[Session], bool] | None = None
    beside: Callable[[Session], None] | None = None

    @property
    def relied_on(self) -> dict[str, int]:
        """The versions that must still hold: of what was only looked at, and of what a command left as it is."""
        looked_at = {stream: version for stream, (version, _) in self.events.items()} | self.unchanged
        return {stream: version for stream, version in looked_at.items() if not self.events.get(stream, (0, []))[1]}

    @property
    def is_empty(self) -> bool:
        return not any(events for _, events in self.events.values())


Within = Callable[[Session, int], None]


class Catalog:
    """Commands and loading on one log. Not for several threads at once: each has its own, over one log."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self.log = log
        self.clock = clock
        self.engine = Engine(ALL, log.dialect)
        self._states: dict[str, Asset] = {}
        self._directory = Directory()

    def directory(self) -> Directory:
        """All teams and users, as of now."""
        version = self.log.versions([DIRECTORY]).get(DIRECTORY, -1)
        if version != self._directory.version:
            events = [recorded.event for recorded in self.log.streams([DIRECTORY]).get(DIRECTORY, [])]
            state = directories.replay(events)  # type: ignore[arg-type]
            # The names are read last: if they are those of a later version, whoever relies on this one will conflict.
            with self.log.read() as session:
                self._directory = directories.with_people(state, people.everybody(session, self.log.dialect))
        return self._directory

    def states(self, ids: Iterable[str]) -> dict[str, Asset]:
        """The assets of these ids, replayed; those kept from before are reused where nothing has happened since."""
        wanted = list(dict.fromkeys(ids))
        versions = self.log.versions(wanted)
        stale = [id for id in wanted if id in versions and not self._is_fresh(id, versions[id])]
        if len(self._states) + len(stale) > STATES_KEPT:
            self._states.clear()
            stale = [id for id in wanted if id in versions]
        for id, recorded in self.log.streams(stale).items():
            self._states[id] = assets.replay(id, [r.event for r in recorded])  # type: ignore[misc]
        return {id: self._states[id] for id in wanted if id in versions}

    def keep(self, states: Iterable[Asset]) -> None:
        """Keep states that an append has led to, so that nobody has to replay them."""
        if len(self._states) < STATES_KEPT:
            self._states.update((state.id, state) for state in states)

    def _is_fresh(self, id: str, version: int) -> bool:
        kept = self._states.get(id)
        return kept is not None and kept.version == version

    def asset(self, id: str) -> Asset:
        """One asset that is not deleted, or `ASSET_NOT_FOUND`."""
        state = self.any_asset(id)
        if state.deleted:
            raise not_found("asset", id)
        return state

    def any_asset(self, id: str) -> Asset:
        """One asset, deleted or not, or `ASSET_NOT_FOUND`."""
        state = self.states([id]).get(id)
        if state is None or not state.fqn:
            raise not_found("asset", id)
        return state

    def asset_as_of(self, id: str, position: int) -> Asset:
        """One asset as it was at a position, not deleted then, or `ASSET_NOT_FOUND`."""
        recorded = self.log.streams([id]).get(id, [])
        state = assets.replay(id, [r.event for r in recorded if r.position <= position])  # type: ignore[misc]
        if not state.fqn or state.deleted:
            raise not_found("asset", id)
        return state

    def context(self, actor: Actor, seed: str, expiry_days: int = 30) -> Context:
        """The circumstances of a command that begins now."""
        return Context(at=self.clock.now(), actor=actor, seed=seed, engine=ENGINE, expiry_days=expiry_days)

    def commit(
        self,
        decide: Callable[[], tuple[Outcome, T]],
        actor: Actor,
        request_id: str | None,
        within: Callable[[Session, int, T], None] | None = None,
    ) -> tuple[T, tuple[Recorded, ...]]:
        """Decide and append; where another writer came first, decide again on fresh states.

        `within` runs in the append's transaction with the position reached, 0 where nothing is appended. Returns what
        `decide` returned, and the events. Raises `Refused`: `CONCURRENT_CHANGE` after `ATTEMPTS` lost races. Raises
        `Violated` where nobody else wrote anything: then what was decided is wrong, and stays so.
        """
        violated_at: int | None = None
        for attempt in range(1, ATTEMPTS + 1):
            outcome, result = decide()
            if outcome.is_empty and within is None:
                return result, ()
            try:
                recorded = self._append(outcome, actor, request_id, result, within)
            except Conflict as conflict:
                if isinstance(conflict, Violated):
                    if (head := self.log.head()) == violated_at:
                        raise
                    violated_at = head
                log.warning("lost a race %s (%d of %d): %s", request_id, attempt, ATTEMPTS, conflict)
                continue
            return result, recorded
        raise Refused("CONCURRENT_CHANGE", "Others kept changing the same things; nothing was written. Try again.")

    def _append(
        self,
        outcome: Outcome,
        actor: Actor,
        request_id: str | None,
        result: T,
        within: Callable[[Session, int, T], None] | None,
    ) -> tuple[Recorded, ...]:
        def fold(session: Session, recorded: Sequence[Recorded]) -> None:
            if outcome.holds is not None and not outcome.holds(session):
                raise Conflict("what was looked up has changed")
            if recorded:
                self.engine.apply(session, recorded)
                session.run(f"UPDATE {META} SET position = {recorded[-1].end:d}")  # noqa: S608
                people.keep(session, self.log.dialect, outcome.people)
            if outcome.beside is not None:
                outcome.beside(session)
            if within is not None:
                within(session, recorded[-1].end if recorded else 0, result)

        batch = Batch(
            events=tuple(
                Proposed(stream=stream, version=version + 1 + n, event=event)
                for stream, (version, events) in outcome.events.items()
                for n, event in enumerate(events)
            ),
            unchanged=outcome.relied_on,
            schemas=outcome.schemas,
            actor=actor,
            request_id=request_id,
            at=self.clock.now(),
        )
        return self.log.append(batch, fold)
