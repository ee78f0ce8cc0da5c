"""What an operation asks of its callers beside documents: security, and how long it will be there (api.md 2.7, 4.4)."""

from collections.abc import Iterator

from domain.schema.canonical import same
from domain.schema.difference import Difference
from domain.schema.keywords import undecided
from domain.schema.opening import map_of, names_of
from domain.values import JSON, Object


def security_differences(old: Object, new: Object) -> Iterator[Difference]:
    """Security that is tightened, relaxed or works in another way, and deprecation."""
    before, after = _alternatives(old), _alternatives(new)
    shown: tuple[JSON, JSON] = (old.get("x-security"), new.get("x-security"))
    steps = ("x-security",)
    if any(not any(_asks_no_more(each, known) for each in after) for known in before):
        yield Difference(
            type="security_tightened", steps=steps, old=shown[0], new=shown[1], refuses_old=True, refuses_new=True
        )
    if any(not any(_asks_no_more(known, each) for known in before) for each in after):
        yield Difference(type="security_relaxed", steps=steps, old=shown[0], new=shown[1])
    yield from _schemes(old, new)
    stated = _deprecation(old), _deprecation(new)
    if stated[0] != stated[1]:
        yield Difference(type="deprecation_changed", steps=("x-deprecated",), old=stated[0], new=stated[1])


def _deprecation(schema: Object) -> str:
    """In words, whether an operation is deprecated, and the day on which it ends."""
    day, deprecated = schema.get("x-sunset"), schema.get("x-deprecated") is True
    return f"{'deprecated' if deprecated else 'not deprecated'}{'' if day is None else f', to end on {day}'}"


def _alternatives(schema: Object) -> list[Object]:
    """The ways in, each with the scopes of every scheme that it asks for. Without any, nothing is asked."""
    stated = schema.get("x-security")
    found = [each for each in stated if isinstance(each, dict)] if isinstance(stated, list) else []
    return found or [{}]


def _asks_no_more(one: Object, other: Object) -> bool:
    """Whether what satisfies the other alternative satisfies this one."""
    return all(name in other and names_of(one[name]) <= names_of(other[name]) for name in one)


def _schemes(old: Object, new: Object) -> Iterator[Difference]:
    olds, news = map_of(old, "x-security-schemes"), map_of(new, "x-security-schemes")
    for name in sorted(olds.keys() & news.keys()):
        if not same(olds[name], news[name]):
            yield undecided(olds[name], news[name], ("x-security-schemes", name))
