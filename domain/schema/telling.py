"""What the answers of the search amount to, as differences."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from domain.schema.difference import Difference
from domain.schema.inclusion.answers import Answer, Found, Unknown
from domain.schema.keywords import undecided
from domain.values import JSON

if TYPE_CHECKING:
    from domain.schema.compare import Pair

_COMPOSED = frozenset({"not", "if", "$ref", "$dynamicRef", "allOf", "anyOf", "oneOf"})


def told(pair: "Pair", keyword: str, answers: tuple[Answer, Answer]) -> Iterator[Difference]:
    """The difference that two answers amount to: a value shut out, or a question left open, on either side."""
    steps = (*pair.steps, keyword) if keyword else pair.steps
    old, new = (members.get(keyword) for members in pair.members) if keyword else (None, None)
    refuses = tuple(isinstance(answer, Found) for answer in answers)
    if any(refuses):
        composed = keyword in _COMPOSED or not keyword
        type = "composition_changed" if composed else "constraint_tightened" if refuses[0] else "constraint_relaxed"
        # A union that grows by null is another matter: nobody is prepared for that.
        grows = keyword in ("anyOf", "oneOf") and answers[0] is None and _found_value(answers[1]) is not None
        yield Difference(
            type=type, steps=steps, old=old, new=new, refuses_old=refuses[0], refuses_new=refuses[1], grows=grows
        )
    open_ones = [answer if isinstance(answer, Unknown) else None for answer in answers]
    if any(open_ones):
        why = next(answer.why for answer in open_ones if answer)
        left_open = undecided(old, new, steps, why=why)
        yield replace(left_open, refuses_old=bool(open_ones[0]), refuses_new=bool(open_ones[1]))


def _found_value(answer: Answer) -> JSON:
    return answer.value if isinstance(answer, Found) else None
