"""What a second opinion makes of a verdict: borne out, refuted, or none."""

import pytest

from adapters.patterns import Patterns
from domain.schema.change import Mode, Verdict
from domain.schema.comparison import Comparison, compare
from domain.schema.judge import Terms
from domain.schema.meaning import Engine
from domain.values import JSON

TEXT: JSON = {"type": "string"}
NUMBER: JSON = {"type": "integer"}


class Opinion:
    """A second opinion that is always the same."""

    def __init__(self, proven: bool | None) -> None:
        self._proven = proven

    def proves(self, inner: JSON, outer: JSON, witness: JSON) -> bool | None:
        return self._proven


def _compared(old: JSON, new: JSON, proven: bool | None, mode: Mode = Mode.backward) -> Comparison:
    return compare(old, new, Engine(Patterns(), Opinion(proven)), Terms(mode=mode))


@pytest.mark.parametrize("mode", [Mode.backward, Mode.forward, Mode.full])
def test_a_refuted_witness_makes_the_verdict_unknown(mode: Mode) -> None:
    found = _compared(TEXT, NUMBER, False, mode)
    assert (found.verdict, found.witnessed, found.step) == (Verdict.unknown, False, "major")
    doubts = [change for change in found.changes if change.verdict is Verdict.unknown]
    assert {change.rule for change in doubts} == {"undecidable"}
    assert all("a validator does not bear out the document that was found" in change.message for change in doubts)
    assert not any(change.verdict is Verdict.breaking for change in found.changes)


def test_without_an_opinion_a_break_stays_one_and_shows_nothing() -> None:
    found = _compared(TEXT, NUMBER, None)
    assert (found.verdict, found.witnessed) == (Verdict.breaking, False)


def test_a_witness_that_is_borne_out_is_shown_to_those_whom_it_concerns() -> None:
    shrunk: JSON = {"enum": ["a"]}
    grown: JSON = {"enum": ["a", "b"]}
    assert (_compared(grown, shrunk, True).witness, _compared(shrunk, grown, True).witnessed) == ("b", False)
    assert _compared(shrunk, grown, True, Mode.forward).witness == "b"
    assert _compared(shrunk, grown, True, Mode.full).witness == "b"
    assert not _compared(grown, shrunk, True, Mode.none).witnessed
