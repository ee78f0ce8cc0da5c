"""Automata: of one pattern, and made deterministic as far as a search goes."""

from collections.abc import Iterable

from adapters.patterns.characters import Ranges
from domain.schema.inclusion.languages import Undecided

_MOST_STATES = 4_000


class Automaton:
    """States with moves over ranges of characters, and with free moves, some only at the start or the end of a text."""

    def __init__(self) -> None:
        self.moves: list[list[tuple[Ranges, int]]] = []
        self.free: list[list[tuple[str, int]]] = []

    def state(self) -> int:
        if len(self.moves) >= _MOST_STATES:
            raise Undecided("a pattern that is too large")
        self.moves.append([])
        self.free.append([])
        return len(self.moves) - 1

    def closure(self, states: Iterable[int], at: str) -> frozenset[int]:
        """The states reached by free moves; `at` holds `^` at the start of a text and `$` at its end."""
        found, pending = set(states), list(states)
        while pending:
            for anchor, target in self.free[pending.pop()]:
                if anchor in at and target not in found:
                    found.add(target)
                    pending.append(target)
        return frozenset(found)


class Machine:
    """A pattern as a deterministic automaton whose states are made when they are reached."""

    def __init__(self, automaton: Automaton, start: int, end: int) -> None:
        self._automaton, self._end = automaton, end
        self._first = self._automaton.closure([start], "^")
        self._accepting_at_once = self._end in self._automaton.closure(self._first, "^$")
        self.ranges = {ranges for moves in self._automaton.moves for ranges, _ in moves}
        self._moved: dict[tuple[frozenset[int], int], frozenset[int]] = {}
        self._accepting: dict[frozenset[int], bool] = {}

    @property
    def first(self) -> frozenset[int]:
        return self._first

    def moved(self, states: frozenset[int], character: int) -> frozenset[int]:
        key = (states, character)
        found = self._moved.get(key)
        if found is None:
            reached = {
                target
                for state in states
                for ranges, target in self._automaton.moves[state]
                if any(low <= character <= high for low, high in ranges)
            }
            found = self._moved[key] = self._automaton.closure(reached, "")
        return found

    def accepts(self, states: frozenset[int], *, at_once: bool) -> bool:
        """Whether a text may end here; `at_once`: whether it is the empty text."""
        if at_once:
            return self._accepting_at_once
        if states not in self._accepting:
            self._accepting[states] = self._end in self._automaton.closure(states, "$")
        return self._accepting[states]
