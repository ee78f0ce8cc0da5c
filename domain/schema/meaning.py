"""What two schemas mean, asked piece by piece. The search is set up when the first question needs it."""

from functools import cached_property
from typing import Protocol

import msgspec

from domain.schema.difference import Difference
from domain.schema.inclusion.answers import Answer, Found
from domain.schema.inclusion.languages import Languages
from domain.schema.inclusion.question import Pair, Terminology
from domain.schema.inclusion.references import Document
from domain.schema.inclusion.translate import Translator
from domain.values import JSON


class Proofs(Protocol):
    """Checks witnesses with a validator that is not ours."""

    def proves(self, inner: JSON, outer: JSON, witness: JSON) -> bool | None:
        """Whether the one schema takes the witness and the other refuses it; None where it has no opinion."""
        ...


class Memory(Protocol):
    """Keeps what was found out about pairs of schemas, by their digests. It may forget: nothing depends on it."""

    def get(self, pair: tuple[str, str]) -> tuple[Difference, ...] | None: ...

    def put(self, pair: tuple[str, str], found: tuple[Difference, ...]) -> None: ...


class Engine(msgspec.Struct, frozen=True):
    """What a comparison needs from outside: regular languages, a second opinion on witnesses, and a memory."""

    languages: Languages
    proofs: Proofs
    memory: Memory | None = None


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

    @cached_property
    def _pair(self) -> Pair:
        return Pair(*self._texts, self.engine.languages, Terminology(formats=True))

    @property
    def translators(self) -> tuple[Translator, Translator]:
        return self._pair.old, self._pair.new

    @property
    def false(self) -> int:
        return self._pair.terms.false

    def literal(self, side: int, schemas: list[JSON], base: str) -> int:
        """All of the schemas, which stand within the document of a side."""
        return self._pair.terms.all([self.translators[side].within(schema, base) for schema in schemas])

    def beyond(self, inner: int, outer: int) -> Answer:
        """A value that satisfies the one literal and not the other."""
        return self._pair.between(inner, outer)

    def matches(self, pattern: str, name: str) -> bool:
        """Whether a name matches. Raises `Undecided`."""
        return self.engine.languages.matches(pattern, name)

    def shut_out(self, side: int) -> Answer:
        """A document that the old schema (side 0) takes and the new one refuses, or the reverse (side 1)."""
        return self._pair.forward() if side else self._pair.backward()

    def proven(self, side: int, found: Found) -> bool | None:
        """Whether a second opinion bears out what the search found; None where there is no such opinion."""
        inner, outer = self._texts[side], self._texts[1 - side]
        return self.engine.proofs.proves(inner, outer, found.value) if found.certain else None
