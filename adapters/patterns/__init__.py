"""Regular languages for the contract engine: patterns of ECMA 262 as automata that are explored as far as needed.

Libraries that do this build whole deterministic automata first, which some short patterns make explode, and know no
anchors; here states are made when a search reaches them, each counted against a budget.
"""

from collections.abc import Iterable
from functools import lru_cache

from adapters.patterns.automaton import Machine
from adapters.patterns.characters import liked
from adapters.patterns.exploration import THINGS_A_STEP, Exploration
from adapters.patterns.parser import Parser
from domain.schema.inclusion.languages import Undecided, Wanted

_MOST_STEPS = 20_000


@lru_cache(maxsize=2048)
def _machine(pattern: str) -> Machine:
    return Machine(*Parser(pattern).parsed())


class Patterns:
    """Answers what the contract engine asks about patterns (`domain.schema.inclusion.languages`)."""

    def matches(self, pattern: str, text: str) -> bool:
        machine = _machine(pattern)
        states, steps = machine.first, 0
        for character in text:
            steps += 1 + len(states) // THINGS_A_STEP
            if steps > _MOST_STEPS:
                raise Undecided("a text that is too long for a pattern")
            states = machine.moved(states, ord(character))
        return machine.accepts(states, at_once=not text)

    @lru_cache(maxsize=8192)  # noqa: B019
    def example(self, wanted: Wanted) -> str | None:
        if not wanted.inside and not wanted.outside:
            return _plain_example(wanted)
        inside, outside = [_machine(p) for p in sorted(wanted.inside)], [_machine(p) for p in sorted(wanted.outside)]
        return Exploration(inside, outside, wanted).shortest()


def _plain_example(wanted: Wanted) -> str | None:
    """A text of which nothing but the length and a few exceptions is known."""
    if wanted.shortest > 100_000:
        raise Undecided("a text of so many characters")
    longest = wanted.shortest + 3 if wanted.longest is None else wanted.longest
    for length in range(wanted.shortest, min(longest, wanted.shortest + 3) + 1):
        tried = 0
        for text in _texts(length):
            if text not in wanted.but:
                return text
            tried += 1
            if tried > len(wanted.but):
                break
    if wanted.longest == 0:
        return None
    raise Undecided("so many exceptions among short texts")


def _texts(length: int) -> Iterable[str]:
    """Texts of a length that differ in their last character."""
    if length == 0:
        yield ""
        return
    for character in liked(32, 0xD7FF):
        yield "a" * (length - 1) + chr(character)
