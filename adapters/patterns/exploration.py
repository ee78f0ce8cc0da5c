"""The search for a text that some patterns match and others do not."""

from collections import deque

from adapters.patterns.automaton import Machine
from adapters.patterns.characters import TOP, liked, rank
from domain.schema.inclusion.languages import Undecided, Wanted

_STEPS = 20_000


class Exploration:
    """A breadth-first search through all patterns at once, for the shortest text that fits."""

    def __init__(self, inside: list[Machine], outside: list[Machine], wanted: Wanted) -> None:
        self._inside, self._outside, self._wanted = inside, outside, wanted
        self._machines = [*inside, *outside]
        self._characters = _representatives(self._machines, wanted.but)
        self._steps = _STEPS

    def shortest(self) -> str | None:
        start = tuple(machine.first for machine in self._machines)
        queue = deque([(start, "")])
        seen = {self._key(start, "")}
        while queue:
            states, text = queue.popleft()
            if self._fits(states, text):
                return text
            if self._wanted.longest is not None and len(text) >= self._wanted.longest:
                continue
            for character in self._characters:
                moved = tuple(m.moved(s, character) for m, s in zip(self._machines, states, strict=True))
                if not all(moved[: len(self._inside)]):
                    continue
                self._steps -= 1
                if self._steps < 0:
                    raise Undecided("patterns that need too many steps")
                longer = text + chr(character)
                key = self._key(moved, longer)
                if key not in seen:
                    seen.add(key)
                    queue.append((moved, longer))
        return None

    def _key(self, states: tuple[frozenset[int], ...], text: str) -> object:
        """What two texts must share to have the same futures: states, the length that still counts, and exceptions."""
        open_ones = frozenset(each[len(text) :] for each in self._wanted.but if each.startswith(text))
        return states, min(len(text), max(1, self._wanted.shortest)), open_ones

    def _fits(self, states: tuple[frozenset[int], ...], text: str) -> bool:
        if len(text) < self._wanted.shortest or text in self._wanted.but:
            return False
        held = [m.accepts(s, at_once=not text) for m, s in zip(self._machines, states, strict=True)]
        return all(held[: len(self._inside)]) and not any(held[len(self._inside) :])


def _representatives(machines: list[Machine], but: frozenset[str]) -> list[int]:
    """One character for each set of characters that no pattern tells apart, plain ones first."""
    every = {ranges for machine in machines for ranges in machine.ranges}
    edges = sorted(
        {edge for ranges in every for low, high in ranges for edge in (low, high + 1)}
        | {0, 32, 97, 0xD800, 0xE000, TOP + 1}
    )
    single = {ord(character) for text in but for character in text}
    chosen: dict[tuple[bool, ...], int] = {}
    alone: list[int] = sorted(single)
    for low, high in zip(edges, edges[1:], strict=False):
        if low == 0xD800:
            continue
        signature = tuple(any(a <= low <= b for a, b in ranges) for ranges in sorted(every))
        for character in liked(low, high - 1):
            if character not in single:
                if signature not in chosen or rank(character) < rank(chosen[signature]):
                    chosen[signature] = character
                break
    return sorted({*chosen.values(), *alone}, key=rank)
