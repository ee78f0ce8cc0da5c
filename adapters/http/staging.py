"""Many commands in one request, each on the state that those before it leave; all that succeed are one append."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from adapters.catalog import Catalog, Outcome
from adapters.log.protocol import Session
from domain.asset import Asset, evolve
from domain.context import Context
from domain.events import AnyEvent, AssetEvent

T = TypeVar("T")


class Staged(Catalog):
    """A catalog with what the request has decided so far. It appends nothing itself."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(catalog.log, catalog.clock)
        self._catalog = catalog
        self._after: dict[str, Asset] = {}
        self._events: dict[str, tuple[int, list[AnyEvent]]] = {}
        self._unchanged: dict[str, int] = {}
        self._conditions: list[Callable[[Session], bool]] = []

    def states(self, ids: Iterable[str]) -> dict[str, Asset]:
        wanted = list(ids)
        known = {id: self._after[id] for id in wanted if id in self._after}
        return {**self._catalog.states(id for id in wanted if id not in known), **known}

    def stage(self, outcome: Outcome) -> None:
        """Take up what one command led to."""
        for stream, (version, events) in outcome.events.items():
            listed = self._events.setdefault(stream, (version, []))[1]
            state = self.states([stream]).get(stream, Asset(id=stream))
            for event in events:
                assert isinstance(event, AssetEvent)
                state = evolve(state, event)
            listed.extend(events)
            self._after[stream] = state
        for stream, version in outcome.unchanged.items():
            self._unchanged.setdefault(stream, version)
        if outcome.holds is not None:
            self._conditions.append(outcome.holds)

    def outcome(self) -> Outcome:
        """One append for all."""
        conditions = self._conditions
        return Outcome(
            events=self._events,
            unchanged=self._unchanged,
            holds=lambda session: all(condition(session) for condition in conditions),
        )

    def take(self, decide: Callable[[Catalog, Context], tuple[Outcome, T]], context: Context) -> T:
        """Decide a command on what is so by now, and take up what it leads to. Raises `Refused`, taking up nothing."""
        outcome, result = decide(self, context)
        self.stage(outcome)
        return result
