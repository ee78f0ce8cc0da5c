"""How values are written, side by side (`x-serialization`): what a text holds, what a parameter may leave out.

Nothing here is an assertion of JSON Schema, so the search has no word in it; whoever reads or writes has to know.
"""

from collections.abc import Iterator

from domain.schema.canonical import same
from domain.schema.difference import Difference, Steps
from domain.schema.keywords import undecided
from domain.values import Object

_KEYWORD = "x-serialization"
# What can be judged by whether it is said: with the first more is asked of a value, with the second less.
_ASKS, _ALLOWS = "contentSchema", "allowEmptyValue"


def serialization_differences(old: Object, new: Object, steps: Steps) -> Iterator[Difference]:
    """What differs in how two schemas have their values written. What cannot be weighed is undecided."""
    before, after, place = _said(old), _said(new), (*steps, _KEYWORD)
    if before is None or after is None or not same(_rest(before), _rest(after)):
        yield undecided(old.get(_KEYWORD), new.get(_KEYWORD), place)
        return
    if _ASKS in before and _ASKS in after and not same(before[_ASKS], after[_ASKS]):
        yield undecided(before[_ASKS], after[_ASKS], (*place, _ASKS))
    elif (_ASKS in before) != (_ASKS in after):
        yield _weighed(before, after, (*place, _ASKS), tighter=_ASKS in after)
    allowed = [each.get(_ALLOWS) is True for each in (before, after)]
    if allowed[0] != allowed[1]:
        yield _weighed(before, after, (*place, _ALLOWS), tighter=allowed[0])


def _said(schema: Object) -> Object | None:
    """What a schema says of how its values are written, or None where it says that in words that are not weighed.

    `contentSchema` is weighed as that of a text: a part of a body may be called so, and tell how it is written.
    """
    said = schema.get(_KEYWORD, {})
    return said if isinstance(said, dict) and (_ASKS in said) == (_ASKS in schema) else None


def _rest(said: Object) -> Object:
    """What is said beside what can be weighed."""
    return {name: value for name, value in said.items() if name != _ASKS and not (name == _ALLOWS and value is True)}


def _weighed(before: Object, after: Object, steps: Steps, *, tighter: bool) -> Difference:
    return Difference(
        type="constraint_tightened" if tighter else "constraint_relaxed",
        steps=steps,
        old=before.get(steps[-1]),
        new=after.get(steps[-1]),
        refuses_old=tighter,
        refuses_new=not tighter,
    )
