"""The question put to the search: does one schema accept whatever another does?"""

from enum import StrEnum

import msgspec

from domain.schema.canonical import canonical
from domain.schema.inclusion.answers import Found, OutOfSteps
from domain.schema.inclusion.contents import Numbering
from domain.schema.inclusion.languages import Languages
from domain.schema.inclusion.references import Document
from domain.schema.inclusion.search import Search
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
    """`witness` is set where the inclusion does not hold, `why` where it could not be decided."""

    holds: Holds
    witness: JSON = None
    why: str = ""


class Terminology(msgspec.Struct, frozen=True, kw_only=True):
    """How schemas are read: the dialect of those that name none, and whether formats assert anything."""

    dialect: str = ""
    formats: bool = False


class Pair:
    """Two schemas, ready to be asked about. `steps` is the budget of each question."""

    def __init__(
        self, old: JSON, new: JSON, languages: Languages, terminology: Terminology, steps: int = STEPS
    ) -> None:
        self._languages = languages
        self._steps = steps
        self._terms = Terms()
        self._why = ""
        try:
            if canonical(old) == canonical(new):
                self._old = self._new = self._terms.true
                return
            self._old, self._new = self._translated(old, new, terminology)
        except RecursionError:
            self._why = "the schemas are nested too deeply"

    def _translated(self, old: JSON, new: JSON, terminology: Terminology) -> tuple[int, int]:
        documents = [Document(old, terminology.dialect), Document(new, terminology.dialect)]
        numbering = Numbering(documents)
        one, other = (
            Translator(self._terms, each, numbering, formats=terminology.formats).root() for each in documents
        )
        return one, other

    def backward(self) -> Inclusion:
        """Whether all that the old schema accepts, the new one accepts."""
        return self._why_unknown() or self._included(self._old, self._new)

    def forward(self) -> Inclusion:
        """Whether all that the new schema accepts, the old one accepts."""
        return self._why_unknown() or self._included(self._new, self._old)

    def _why_unknown(self) -> Inclusion | None:
        return Inclusion(holds=Holds.unknown, why=self._why) if self._why else None

    def _included(self, inner: int, outer: int) -> Inclusion:
        if inner == outer:
            return Inclusion(holds=Holds.yes)
        search = Search(self._terms, self._languages, self._steps)
        try:
            answer = search.find([inner, outer ^ 1])
        except OutOfSteps:
            return Inclusion(holds=Holds.unknown, why=f"the budget of {self._steps} steps is used up")
        except RecursionError:
            return Inclusion(holds=Holds.unknown, why="the schemas are nested too deeply")
        if answer is None:
            return Inclusion(holds=Holds.yes)
        if isinstance(answer, Found):
            return Inclusion(holds=Holds.no, witness=answer.value)
        return Inclusion(holds=Holds.unknown, why=answer.why)
