"""What two schemas mean, asked piece by piece. The search is set up when the first question needs it."""

from functools import cached_property
from typing import Protocol

import msgspec

from domain.schema.difference import Difference
from domain.schema.findings import FEW, Findings, Unsure
from domain.schema.inclusion.answers import Answer, Found, Unknown
from domain.schema.inclusion.languages import Languages
from domain.schema.inclusion.question import Pair, Terminology
from domain.schema.inclusion.references import Document
from domain.schema.inclusion.search import MOST_STEPS
from domain.schema.inclusion.translate import Translator
from domain.schema.kept import Kept
from domain.values import JSON


class Proofs(Protocol):
    """Checks witnesses with a validator that is not ours."""

    def proves(self, inner: JSON, outer: JSON, witness: JSON) -> bool | None:
        """Whether the one schema takes the witness and the other refuses it; None where it has no opinion."""
        ...


class Engine(msgspec.Struct, frozen=True):
    """What a comparison needs from outside: regular languages, and a second opinion on witnesses.

    `memory` has what was found in pairs of entries, by their digests, `findings` what was found inside definitions.
    """

    languages: Languages
    proofs: Proofs
    memory: Kept[tuple[str, str], tuple[Difference, ...]] | None = None
    findings: Findings | None = None


class Side:
    """One of two schemas."""

    def __init__(self, document: Document, meaning: "Meaning", number: int) -> None:
        self.document = document
        self._meaning = meaning
        self._number = number

    def literal(self, value: JSON, base: str) -> int:
        """What a schema within this document says."""
        return self._meaning.translators[self._number].within(value, base)


class Meaning:
    """Two schemas, and questions about their parts."""

    def __init__(self, old: JSON, new: JSON, engine: Engine) -> None:
        self._texts = (old, new)
        self.engine = engine
        self.sides = (Side(Document(old), self, 0), Side(Document(new), self, 1))
        # The steps that the questions about parts took so far, those that were spared, and whether one was left open.
        self.spent = 0
        self.borrowed = 0
        self.left_open = False

    @cached_property
    def _parts(self) -> Pair:
        return Pair(*self._texts, self.engine.languages, Terminology(formats=True))

    @cached_property
    def _whole(self) -> Pair:
        """What answers for the whole: set up anew, so that what is shown does not hang on what was asked of the parts.

        Where much was asked, none of it was spared, and it is worth knowing.
        """
        if self.left_open or self.spent > FEW:
            return self._parts
        purse = MOST_STEPS - self.spent
        return Pair(*self._texts, self.engine.languages, Terminology(formats=True), purse)

    @property
    def translators(self) -> tuple[Translator, Translator]:
        return self._parts.old, self._parts.new

    @property
    def false(self) -> int:
        return self._parts.terms.false

    def literal(self, side: int, schemas: list[JSON], base: str) -> int:
        """All of the schemas, which stand within the document of a side."""
        return self._parts.terms.all([self.translators[side].within(schema, base) for schema in schemas])

    def beyond(self, inner: int, outer: int) -> Answer:
        """A value that satisfies the one literal and not the other. Raises `Unsure`."""
        answer = self._parts.between(inner, outer)
        self.spent, self.left_open = self._parts.spent, self.left_open or isinstance(answer, Unknown)
        if self.borrowed and (self.left_open or self.spent + self.borrowed > FEW):
            raise Unsure
        return answer

    def borrow(self, steps: int) -> bool:
        """Whether the answers to questions that take so many steps may be taken over from elsewhere. They then are."""
        if self.left_open or self.spent + self.borrowed + steps > FEW:
            return False
        self.borrowed += steps
        return True

    def matches(self, pattern: str, name: str) -> bool:
        """Whether a name matches. Raises `Undecided`."""
        return self.engine.languages.matches(pattern, name)

    def shut_out(self, side: int) -> Answer:
        """A document that the old schema (side 0) takes and the new one refuses, or the reverse (side 1)."""
        return self._whole.forward() if side else self._whole.backward()

    def proven(self, side: int, found: Found) -> bool | None:
        """Whether a second opinion bears out what the search found; None where there is no such opinion."""
        inner, outer = self._texts[side], self._texts[1 - side]
        return self.engine.proofs.proves(inner, outer, found.value) if found.certain else None
