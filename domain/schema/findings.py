"""What walks found in pairs of definitions, for other walks that come to the same pairs.

What differs in two definitions depends on nothing but the two and what they reach, all of which their digests stand
for. Many operations share a definition that changed: it is walked once, and others take over what was found there.

A walk does so only where it would find the same by itself: it has been in none of the pairs inside, which it would pass
by; it is not so deep that it would stop on the way; and the search left nothing open. Steps of the search that were
spared count as if they had been taken, and a walk that needs many with them is done again without: so what is found
never depends on what was compared before.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, TypeAlias

import msgspec
from msgspec.structs import replace

from domain.schema.canonical import DEEPEST
from domain.schema.difference import Difference, Steps
from domain.schema.inclusion.references import Place
from domain.schema.kept import Kept

MOST_PLACES = 100_000
# What is larger, in places or differences, is not kept.
MOST_KEPT = 1_000
# Steps of the search with which no budget can be in question: one question alone may take thirty times as many.
FEW = 1_000
# Two schemas side by side: by where they stand, or as they are written.
Key: TypeAlias = tuple[Place | bytes, Place | bytes]
# Two definitions, each by its name and the digest of its document.
Named: TypeAlias = tuple[tuple[str, str], tuple[str, str]]


class TooLarge(Exception):
    """The walk takes too many places."""


class Unsure(Exception):
    """A walk has taken something over, and comes to where a budget may tell otherwise."""


class Finding(msgspec.Struct, frozen=True):
    """What is in a pair of definitions, `lead` steps into the walk that found it.

    `beyond` are the differences in which the search has no word, `walked` the pairs inside, those that the walk forgot
    again among them, and `seen` the rest of them. There are so many `places`, and `deepest` steps lead from here to the
    innermost. The search took no more than `spent` steps for it.
    """

    lead: int
    found: tuple[Difference, ...]
    beyond: tuple[Difference, ...]
    walked: tuple[Key, ...]
    seen: tuple[Key, ...]
    places: int
    deepest: int
    spent: int

    @property
    def decided(self) -> bool:
        return not any(each.type == "undecidable" for each in (*self.found, *self.beyond))


Findings: TypeAlias = Kept[Named, Finding]


class Start(NamedTuple):
    """A trail as it was where a pair of definitions began."""

    lead: int
    walked: int
    pairs: int
    places: int
    beyond: int
    deepest: int
    earliest: int


class Trail:
    """Where a walk has been, and the differences on its way in which the search has no word."""

    def __init__(self) -> None:
        self.beyond: list[Difference] = []
        # The pairs that were walked, and without those forgotten since, each with how many are before it.
        self._walked: list[Key] = []
        self._pairs: dict[Key, int] = {}
        self._places = 0
        # Of what was come by since the innermost pair of definitions began: the longest way, and the first pair that
        # had been walked already.
        self._deepest = 0
        self._earliest = MOST_PLACES

    def enter(self, steps: Steps) -> None:
        """Come to a place. Raises `TooLarge`."""
        self._places += 1
        self._deepest = max(self._deepest, len(steps))
        if self._places > MOST_PLACES:
            raise TooLarge

    def passes(self, key: Key) -> bool:
        """Whether the pair was walked already, so that there is nothing new to find. Now it is."""
        known = self._pairs.get(key)
        if known is None:
            self._pairs[key] = len(self._pairs)
            self._walked.append(key)
            return False
        self._earliest = min(self._earliest, known)
        return True

    def mark(self) -> int:
        """How far the walk has come, for `forget`."""
        return len(self._pairs)

    def forget(self, mark: int) -> None:
        """Walk what was seen since then again where it comes up again: there, nothing may spare what differs."""
        while len(self._pairs) > mark:
            self._pairs.popitem()

    def begin(self, steps: Steps) -> Start:
        """Begin with the inside of a pair of definitions, to which these steps lead."""
        counts = len(steps), len(self._walked), len(self._pairs), self._places, len(self.beyond)
        start = Start(*counts, self._deepest, self._earliest)
        self._deepest, self._earliest = len(steps), MOST_PLACES
        return start

    def end(self, start: Start, found: list[Difference], spent: int) -> Finding | None:
        """What was found there. None if it may hang on what the walk had come by before, or is too much to keep."""
        deepest, alone = self._deepest, self._earliest >= start.pairs - 1
        self._deepest, self._earliest = max(deepest, start.deepest), min(self._earliest, start.earliest)
        if not alone or max(self._places - start.places, len(found)) > MOST_KEPT:
            return None
        finding = Finding(
            lead=start.lead,
            found=tuple(found),
            beyond=tuple(self.beyond[start.beyond :]),
            walked=tuple(self._walked[start.walked :]),
            seen=tuple(islice(reversed(self._pairs), len(self._pairs) - start.pairs)),
            places=self._places - start.places,
            deepest=deepest - start.lead,
            spent=spent,
        )
        return finding if finding.decided and spent <= FEW else None

    def takes(self, finding: Finding, steps: Steps) -> bool:
        """Whether the walk would find just that here."""
        return len(steps) + finding.deepest <= DEEPEST and self._pairs.keys().isdisjoint(finding.walked)

    def take(self, finding: Finding, steps: Steps) -> Iterator[Difference]:
        """Go on as if it had been found here. Raises `TooLarge`."""
        self._walked += finding.walked
        self._pairs.update((key, number) for number, key in enumerate(finding.seen, len(self._pairs)))
        self._deepest = max(self._deepest, len(steps) + finding.deepest)
        self._places += finding.places
        if self._places > MOST_PLACES:
            raise TooLarge
        self.beyond += (_moved(each, finding.lead, steps) for each in finding.beyond)
        return (_moved(each, finding.lead, steps) for each in finding.found)


def _moved(difference: Difference, lead: int, steps: Steps) -> Difference:
    return replace(difference, steps=(*steps, *difference.steps[lead:]))
