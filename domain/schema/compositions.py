"""Compositions side by side: `allOf`, `anyOf`, `oneOf`, branch by branch."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from domain.schema.branches import aligned
from domain.schema.difference import Difference
from domain.schema.meaning import Side
from domain.schema.naming import named
from domain.schema.opening import Opened
from domain.schema.telling import told
from domain.values import JSON

if TYPE_CHECKING:
    from domain.schema.compare import Pair, Walk


def branch_differences(walk: "Walk", pair: "Pair", keyword: str) -> Iterator[Difference]:
    """`allOf`, `anyOf`, `oneOf`: branches that stand for each other one by one, and the rest as a whole.

    Whatever satisfies all (or any) of some branches satisfies as many of those that take their places. With
    exactly one that holds as long as none of them takes more.
    """
    old, new = (members.get(keyword, []) for members in pair.members)
    if not isinstance(old, list) or not isinstance(new, list) or (not old and not new):
        yield from walk.by_meaning(pair, keyword, (keyword,))
        return
    pairs, gone, come = aligned(old, new)
    bases = pair.old.base, pair.new.base
    inside: list[Difference] = []
    start = walk.trail.mark()
    numbers = {id(each): str(m) for m, each in enumerate(new)}
    for n, before, after in pairs:
        walk.renumbered[*pair.steps, keyword, str(n)] = numbers[id(after)]
        inside += walk.place(before, after, bases, (*pair.steps, keyword, str(n)))
    yield from _vanished(walk, pair, gone)
    flagged = any(each.refuses_old or each.refuses_new for each in inside)
    if not flagged and not gone and not come:
        yield from inside
        return
    whole = list(walk.by_meaning(pair, keyword, (keyword,)))
    inside = [_within(each, whole) for each in inside]
    if any(each.spared_old or each.spared_new for each in inside):
        walk.trail.forget(start)
    yield from inside
    # A union grows where branches came and nothing else changed for those who read it.
    if gone or any(each.refuses_new and not each.mild for each in inside):
        whole = [replace(each, grows=False) for each in whole]
    if keyword == "oneOf" and not gone and not come:
        whole = list(_overlaps(walk, pair, inside))
    if gone or come or keyword == "oneOf":
        yield from (each for each in whole if not _told_by(each, inside))


def _overlaps(walk: "Walk", pair: "Pair", inside: list[Difference]) -> Iterator[Difference]:
    """Whether values that satisfied one branch alone now satisfy two, since one of them takes more than before."""
    old, new = walk.meaning.sides
    whole = walk.literals(pair)
    alone = _one_at_most(old, pair.old, "oneOf"), _one_at_most(new, pair.new, "oneOf")
    known = _explained(inside)
    answers = (
        None if known[0] else walk.meaning.beyond(whole[0], alone[1]),
        None if known[1] else walk.meaning.beyond(whole[1], alone[0]),
    )
    yield from told(pair, "oneOf", answers)


def _vanished(walk: "Walk", pair: "Pair", gone: list[JSON]) -> Iterator[Difference]:
    """Properties that branches named, and nothing names any longer now that these have gone."""
    one, other = walk.meaning.sides
    before = named(one.document, gone, pair.old.base)
    after = named(other.document, [pair.members[1]], pair.new.base) if before else set()
    for name in sorted(before - after):
        yield Difference(type="property_removed", steps=(*pair.steps, "properties", name))


def _one_at_most(side: Side, schema: Opened, keyword: str) -> int:
    """The literal that no two branches hold at once."""
    branches = (schema.members or {}).get(keyword, [])
    return side.literal({"anyOf": [{"oneOf": branches}, {"not": {"anyOf": branches}}]}, schema.base)


def _within(inner: Difference, whole: list[Difference]) -> Difference:
    """A difference inside a composition, which shuts out only what the composition as a whole does."""
    spared_old = inner.refuses_old and not any(each.refuses_old for each in whole)
    spared_new = inner.refuses_new and not any(each.refuses_new for each in whole)
    return replace(
        inner,
        refuses_old=inner.refuses_old and not spared_old,
        refuses_new=inner.refuses_new and not spared_new,
        spared_old=inner.spared_old or spared_old,
        spared_new=inner.spared_new or spared_new,
    )


def _told_by(whole: Difference, inside: list[Difference]) -> bool:
    """Whether differences inside a composition explain all that it shuts out."""
    known = _explained(inside)
    return (known[0] or not whole.refuses_old) and (known[1] or not whole.refuses_new)


def _explained(inside: list[Difference]) -> tuple[bool, bool]:
    """Whether differences inside a composition show already that old, and new, documents are shut out."""
    grave = [each for each in inside if not each.mild]
    return any(each.refuses_old for each in grave), any(each.refuses_new for each in grave)
