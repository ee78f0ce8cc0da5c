"""The search for a text that some patterns match and others do not."""

from collections import deque

from adapters.patterns.automaton import Machine
from adapters.patterns.characters import TOP, liked, rank
from domain.schema.inclusion.languages import TooManySteps, Wanted

_STEPS = 20_000
# So many states of a pattern, or exceptions, are looked at in one step.
THINGS_A_STEP = 16


class Exploration:
    """A breadth-first search through all patterns at once, for the shortest text that fits."""

    def __init__(self, inside: list[Machine], outside: list[Machine], wanted: Wanted) -> None:
        self._inside, self._outside, self._wanted = inside, outside, wanted
        self._machines = [*inside, *outside]
        self._steps = _STEPS
        self._characters = self._representatives()

    def shortest(self) -> str | None:
        start = tuple(machine.first for machine in self._machines)
        # With each text, the exceptions that begin with it.
        queue = deque([(start, "", list(self._wanted.but))])
        seen = {self._key(start, "", queue[0][2])}
        while queue:
            states, text, begun = queue.popleft()
            if self._fits(states, text):
                return text
            if self._wanted.longest is not None and len(text) >= self._wanted.longest:
                continue
            for character in self._characters:
                self._step(1 + (len(begun) + sum(map(len, states))) // THINGS_A_STEP)
                moved = tuple(m.moved(s, character) for m, s in zip(self._machines, states, strict=True))
                if not all(moved[: len(self._inside)]):
                    continue
                longer = text + chr(character)
                still = [each for each in begun if each.startswith(longer)]
                key = self._key(moved, longer, still)
                if key not in seen:
                    seen.add(key)
                    queue.append((moved, longer, still))
        return None

    def _step(self, count: int) -> None:
        self._steps -= count
        if self._steps < 0:
            raise TooManySteps("patterns that need too many steps")

    def _key(self, states: tuple[frozenset[int], ...], text: str, begun: list[str]) -> object:
        """What two texts must share to have the same futures: states, the length that still counts, and exceptions."""
        return states, min(len(text), max(1, self._wanted.shortest)), text if begun else ""

    def _fits(self, states: tuple[frozenset[int], ...], text: str) -> bool:
        if len(text) < self._wanted.shortest or text in self._wanted.but:
            return False
        held = [m.accepts(s, at_once=not text) for m, s in zip(self._machines, states, strict=True)]
        return all(held[: len(self._inside)]) and not any(held[len(self._inside) :])

    def _representatives(self) -> list[int]:
        """One character for each set of characters that no pattern tells apart, plain ones first."""
        every = sorted({ranges for machine in self._machines for ranges in machine.ranges})
        edges = sorted(
            {edge for ranges in every for low, high in ranges for edge in (low, high + 1)}
            | {0, 32, 97, 0xD800, 0xE000, TOP + 1}
        )
        single = {ord(character) for text in self._wanted.but for character in text}
        chosen: dict[tuple[bool, ...], int] = {}
        for low, high in zip(edges, edges[1:], strict=False):
            if low == 0xD800:
                continue
            self._step(sum(map(len, every)) // 64)
            signature = tuple(any(a <= low <= b for a, b in ranges) for ranges in every)
            for character in liked(low, high - 1):
                if character not in single:
                    if signature not in chosen or rank(character) < rank(chosen[signature]):
                        chosen[signature] = character
                    break
        return sorted({*chosen.values(), *single}, key=rank)
