"""The question put to the search: does one schema accept whatever another does?"""

from enum import StrEnum

import msgspec

from domain.schema.canonical import too_deep
from domain.schema.inclusion.answers import Answer, Found, Unknown
from domain.schema.inclusion.contents import Numbering
from domain.schema.inclusion.languages import Languages
from domain.schema.inclusion.references import Document
from domain.schema.inclusion.search import MOST_STEPS, TOO_DEEP, Search
from domain.schema.inclusion.terms import Terms
from domain.schema.inclusion.translate import Translator
from domain.values import JSON

STEPS = 30_000


class Holds(StrEnum):
    """Whether an inclusion holds: `yes`, `no` (there is a witness), or it could not be decided."""

    yes = "yes"
    no = "no"
    unknown = "unknown"


class Inclusion(msgspec.Struct, frozen=True, kw_only=True):
    """`witness` is set where the inclusion does not hold, `why` where it could not be decided.

    A witness is `certain` unless all hangs on whether it has some format.
    """

    holds: Holds
    witness: JSON = None
    certain: bool = True
    why: str = ""


class Terminology(msgspec.Struct, frozen=True, kw_only=True):
    """How schemas are read: the dialect of those that name none, and whether formats assert anything."""

    dialect: str = ""
    formats: bool = False


class Pair:
    """Two schemas, ready to be asked about: all questions together may take so many steps of a `purse`.

    Raises `RecursionError` for schemas nested too deeply.
    """

    def __init__(
        self, old: JSON, new: JSON, languages: Languages, terminology: Terminology, purse: int = MOST_STEPS
    ) -> None:
        self.terms = Terms()
        documents = [Document(old, terminology.dialect), Document(new, terminology.dialect)]
        numbering = Numbering(documents)
        self.old, self.new = (
            Translator(self.terms, each, numbering, formats=terminology.formats) for each in documents
        )
        self._whole = (self.old.root(), self.new.root())
        self._search = Search(self.terms, languages, purse=purse)

    @property
    def spent(self) -> int:
        """The steps that all questions took so far."""
        return self._search.spent

    def backward(self) -> Answer:
        """A value that the old schema accepts and the new one does not."""
        return self._certainly(*self._whole)

    def forward(self) -> Answer:
        """A value that the new schema accepts and the old one does not."""
        return self._certainly(*reversed(self._whole))

    def _certainly(self, inner: int, outer: int) -> Answer:
        """A value between two literals, one that is refused for more than its format where there is such a value."""
        answer = self.between(inner, outer)
        if not isinstance(answer, Found) or answer.certain:
            return answer
        other = Search(self.terms, self._search.languages, by_format=False).ask([inner, outer ^ 1], STEPS)
        return other if isinstance(other, Found) else answer

    def between(self, inner: int, outer: int) -> Answer:
        """A value that satisfies the one literal and not the other."""
        return None if inner == outer else self._search.ask([inner, outer ^ 1], STEPS)


def inclusion(inner: JSON, outer: JSON, languages: Languages, terminology: Terminology) -> Inclusion:
    """Whether all that one schema accepts, another accepts."""
    if too_deep(inner) or too_deep(outer):
        return Inclusion(holds=Holds.unknown, why=TOO_DEEP.why)
    try:
        answer = Pair(inner, outer, languages, terminology).backward()
    except RecursionError:
        answer = TOO_DEEP
    if answer is None:
        return Inclusion(holds=Holds.yes)
    if isinstance(answer, Unknown):
        return Inclusion(holds=Holds.unknown, why=answer.why)
    return Inclusion(holds=Holds.no, witness=answer.value, certain=answer.certain)
