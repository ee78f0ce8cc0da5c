"""A walk over two schemas side by side: what differs, and which side may refuse the other's documents.

Why that is enough: a value that the old schema takes satisfies, at each place, what the old schema says there. Where
the new one says the same, so does the value; where the walk goes deeper, parts of the value are settled by the same
argument; and where a keyword differs, either it is plain which way, or the search (`inclusion`) looks for a value that
the old schema takes *at that place* and the new keyword does not. So if no difference refuses old documents, none is.
The other way round the search has the last word: where the schemas as a whole show that a difference shuts nobody out
(what it forbids was impossible, or is said elsewhere), it does not count. Source of the rules: api.md 4.4.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from domain.schema.canonical import canonical, same
from domain.schema.difference import Difference, Steps
from domain.schema.inclusion.answers import Answer, Found, Unknown
from domain.schema.inclusion.references import Place
from domain.schema.keywords import plain_differences, types_of, undecided
from domain.schema.meaning import Engine, Meaning, Side
from domain.schema.opening import MEANINGFUL, Opened, named, opened, speaks
from domain.values import JSON, Object

_DEFAULT_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Keywords that are looked at together, since what one of them means depends on the others.
_GROUPS: dict[str, tuple[str, ...]] = {
    "multipleOf": ("multipleOf",),
    "pattern": ("pattern",),
    "uniqueItems": ("uniqueItems",),
    "contains": ("contains", "minContains", "maxContains"),
    "propertyNames": ("propertyNames",),
    "dependentRequired": ("dependentRequired", "dependentSchemas", "dependencies"),
    "not": ("not",),
    "if": ("if", "then", "else"),
    "$ref": ("$ref",),
    "$dynamicRef": ("$dynamicRef", "$recursiveRef"),
}
_COMPOSED = frozenset({"not", "if", "$ref", "$dynamicRef", "allOf", "anyOf", "oneOf"})
_OBJECT = ("properties", "patternProperties", "additionalProperties")
_ARRAY = ("items", "prefixItems", "additionalItems")
_UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")


def differences(old: JSON, new: JSON, engine: Engine) -> tuple[Difference, ...]:
    """What differs between two schemas, in no particular order."""
    if same(old, new):
        return ()
    dialects = _dialect(old), _dialect(new)
    if dialects[0] != dialects[1]:
        return (undecided(dialects[0] or None, dialects[1] or None, ("$schema",)),)
    try:
        return _Walk(Meaning(old, new, engine)).all()
    except RecursionError:
        return (replace(undecided(None, None, ()), why="the schemas are nested too deeply"),)


def _dialect(schema: JSON) -> str:
    """The dialect that a schema states, if it is another than holds anyway."""
    stated = schema.get("$schema") if isinstance(schema, dict) else None
    return stated if isinstance(stated, str) and stated.rstrip("#") != _DEFAULT_DIALECT else ""


class _Pair(msgspec.Struct, frozen=True):
    """Two schemas at one place, opened."""

    old: Opened
    new: Opened
    steps: Steps

    @property
    def members(self) -> tuple[Object, Object]:
        return self.old.members or {}, self.new.members or {}


class _Walk:
    """Goes through two schemas and collects differences."""

    def __init__(self, meaning: Meaning) -> None:
        self._meaning = meaning
        self._seen: set[tuple[Place | bytes, Place | bytes]] = set()

    def all(self) -> tuple[Difference, ...]:
        """All differences, with those that shut nobody out marked so, and with witnesses."""
        old, new = self._meaning.sides
        found = list(self._place(old.document.root, new.document.root, ("", ""), ()))
        return tuple(_settled(found, self._meaning))

    def _place(self, old: JSON, new: JSON, bases: tuple[str, str], steps: Steps) -> Iterator[Difference]:
        sides = self._meaning.sides
        pair = _Pair(opened(sides[0].document, old, bases[0]), opened(sides[1].document, new, bases[1]), steps)
        if pair.old.place or pair.new.place:
            key = (pair.old.place or canonical(old), pair.new.place or canonical(new))
            if key in self._seen:
                return
            self._seen.add(key)
        elif same(old, new) and not _refers(old):
            return
        if pair.old.members is None or pair.new.members is None:
            yield from self._whole(pair, old, new)
            return
        yield from plain_differences(*pair.members, steps)
        yield from self._objects(pair)
        yield from self._arrays(pair)
        for keyword, group in _GROUPS.items():
            yield from self._by_meaning(pair, keyword, group)
        for keyword in ("allOf", "anyOf", "oneOf"):
            yield from self._branches(pair, keyword)
        yield from self._unevaluated(pair)
        yield from _extensions(pair)

    def _whole(self, pair: _Pair, old: JSON, new: JSON) -> Iterator[Difference]:
        """Places of which one is `false`, or no schema at all."""
        sides = self._meaning.sides
        literals = sides[0].literal(old, pair.old.base), sides[1].literal(new, pair.new.base)
        yield from self._judged(pair, "", literals, literals)

    def _by_meaning(self, pair: _Pair, name: str, group: Sequence[str]) -> Iterator[Difference]:
        """A group of keywords that is judged as a whole, by what it takes of the values that come here."""
        old, new = pair.members
        if not any(k in old or k in new for k in group):
            return
        if all(same(old.get(k), new.get(k)) and not _refers({k: old.get(k)}) for k in group):
            return
        yield from self._judged(pair, name, self._literals(pair), self._literals(pair, group))

    def _literals(self, pair: _Pair, group: Sequence[str] | None = None) -> tuple[int, int]:
        old, new = self._meaning.sides
        return _restricted(old, pair.old, group), _restricted(new, pair.new, group)

    def _judged(self, pair: _Pair, keyword: str, whole: tuple[int, int], part: tuple[int, int]) -> Iterator[Difference]:
        """The difference of two literals at a place where values satisfy `whole`."""
        if part[0] == part[1]:
            return
        answers = self._meaning.beyond(whole[0], part[1]), self._meaning.beyond(whole[1], part[0])
        yield from _named(pair, keyword, answers)

    # --- objects -----------------------------------------------------------------------------------------------

    def _objects(self, pair: _Pair) -> Iterator[Difference]:
        old, new = pair.members
        if not all(_well_formed(schema) for schema in (old, new)):
            yield from self._by_meaning(pair, "properties", (*_OBJECT, "required"))
            return
        yield from self._openness(pair)
        bases = pair.old.base, pair.new.base
        for keyword in ("properties", "patternProperties"):
            olds, news = _map(old, keyword), _map(new, keyword)
            for name in sorted(olds.keys() & news.keys()):
                yield from self._place(olds[name], news[name], bases, (*pair.steps, keyword, name))
        patterns = _map(old, "patternProperties").keys() ^ _map(new, "patternProperties").keys()
        if patterns:
            yield from self._by_meaning(pair, "patternProperties", _OBJECT)
        for name in sorted(_map(new, "properties").keys() - _map(old, "properties").keys()):
            yield from self._added(pair, name)
        for name in sorted(_map(old, "properties").keys() - _map(new, "properties").keys()):
            yield from self._removed(pair, name)
        yield from _required(pair)

    def _openness(self, pair: _Pair) -> Iterator[Difference]:
        """`additionalProperties`: what may stand beside what is named."""
        old, new = (members.get("additionalProperties", True) for members in pair.members)
        place = (*pair.steps, "additionalProperties")
        if isinstance(old, dict) == isinstance(new, dict) and same(old, new) and not _refers(old):
            return
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self._place(old, new, (pair.old.base, pair.new.base), place)
            return
        sides = self._meaning.sides
        literals = sides[0].literal(old, pair.old.base), sides[1].literal(new, pair.new.base)
        yield from self._judged(pair, "additionalProperties", literals, literals)

    def _added(self, pair: _Pair, name: str) -> Iterator[Difference]:
        """A new property. Into an open object that says nothing of the name it is safe, unless nothing satisfies it."""
        old, new = pair.members
        value, place = _map(new, "properties")[name], (*pair.steps, "properties", name)
        before = self._unnamed(old, name)
        if before == [] and name in _names(old.get("required")):
            # Not new: documents had to have it, with any value.
            yield from self._place(True, value, (pair.old.base, pair.new.base), place)
            return
        refuses = self._trade((0, before, pair.old.base), (1, [value], pair.new.base))
        yield Difference(type="property_added", steps=place, new=value, refuses_old=refuses[0], refuses_new=refuses[1])

    def _removed(self, pair: _Pair, name: str) -> Iterator[Difference]:
        """A property gone. By name that breaks whoever reads it; what documents may hold is another question."""
        old, new = pair.members
        value, after = _map(old, "properties")[name], self._unnamed(new, name)
        refuses = self._trade((1, after, pair.new.base), (0, [value], pair.old.base))
        freed = name in _names(old.get("required")) or (refuses[0] or not after and name in _names(new.get("required")))
        place = (*pair.steps, "properties", name)
        yield Difference(
            type="property_removed",
            steps=place,
            old=value,
            refuses_old=refuses[1],
            refuses_new=freed,
            hint=_new_name(old, new, name),
        )

    def _unnamed(self, schema: Object, name: str) -> list[JSON]:
        """What a schema asks of the value of a name that it does not mention; nothing, if it is open to it."""
        patterns = _map(schema, "patternProperties").items()
        asked = [each for pattern, each in patterns if self._meaning.matches(pattern, name)]
        others = schema.get("additionalProperties", True)
        return asked or ([] if others is True or others == {} else [others])

    def _trade(self, without: "_Asked", with_name: "_Asked") -> tuple[bool, bool]:
        """Whether values that one side allows of a name are refused by the other, which names it, and the reverse.

        Where the one says nothing of the name, only a property that can have no value refuses anything.
        """
        meaning, (value,) = self._meaning, with_name[1]
        if without[1] == [] and _plainly_possible(value):
            return False, False
        named_literal, unnamed = meaning.literal(*with_name), meaning.literal(*without)
        if without[1] == []:
            return meaning.beyond(named_literal, meaning.false) is None, False
        return meaning.beyond(unnamed, named_literal) is not None, meaning.beyond(named_literal, unnamed) is not None

    # --- arrays ------------------------------------------------------------------------------------------------

    def _arrays(self, pair: _Pair) -> Iterator[Difference]:
        old, new = pair.members
        if all(same(old.get(k), new.get(k)) and not _refers(old.get(k)) for k in _ARRAY):
            return
        bases = pair.old.base, pair.new.base
        (olds, old_rest), (news, new_rest) = _items(old), _items(new)
        keyword = "prefixItems" if "prefixItems" in old or "prefixItems" in new else "items"
        for n in range(max(len(olds), len(news))):
            before = olds[n] if n < len(olds) else old_rest
            after = news[n] if n < len(news) else new_rest
            yield from self._place(before, after, bases, (*pair.steps, keyword, str(n)))
        yield from self._place(old_rest, new_rest, bases, (*pair.steps, "items"))

    # --- compositions ------------------------------------------------------------------------------------------

    def _branches(self, pair: _Pair, keyword: str) -> Iterator[Difference]:
        """`allOf`, `anyOf`, `oneOf`: judged as a whole, and explained by the branches that changed."""
        old, new = pair.members
        if keyword not in old and keyword not in new:
            return
        whole = list(self._by_meaning(pair, keyword, (keyword,)))
        inside = self._inside_branches(pair, keyword)
        yield from self._vanished(pair, keyword)
        refuses_old, refuses_new = any(d.refuses_old for d in whole), any(d.refuses_new for d in whole)
        explained = [
            replace(d, refuses_old=d.refuses_old and refuses_old, refuses_new=d.refuses_new and refuses_new)
            for d in inside
        ]
        yield from explained
        if any(d.type == "undecidable" for d in whole):
            yield from whole
        elif refuses_old > any(d.refuses_old for d in explained) or refuses_new > any(d.refuses_new for d in explained):
            yield from whole

    def _inside_branches(self, pair: _Pair, keyword: str) -> list[Difference]:
        """The differences of branches that stand for each other; none where branches came or went."""
        old, new = (members.get(keyword, []) for members in pair.members)
        if not isinstance(old, list) or not isinstance(new, list) or len(old) != len(new):
            return []
        found: list[Difference] = []
        for n, (before, after) in enumerate(_aligned(old, new)):
            found += self._place(before, after, (pair.old.base, pair.new.base), (*pair.steps, keyword, str(n)))
        return found

    def _vanished(self, pair: _Pair, keyword: str) -> Iterator[Difference]:
        """Properties that branches named and nothing names any longer, where branches came or went."""
        old, new = (members.get(keyword, []) for members in pair.members)
        if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            return
        one, other = self._meaning.sides
        after = named(other.document, new if isinstance(new, list) else [], pair.new.base)
        after |= named(other.document, [pair.members[1]], pair.new.base)
        before = named(one.document, old if isinstance(old, list) else [], pair.old.base)
        for name in sorted(before - after):
            yield Difference(type="property_removed", steps=(*pair.steps, keyword, "properties", name))

    def _unevaluated(self, pair: _Pair) -> Iterator[Difference]:
        old, new = pair.members
        for keyword in _UNEVALUATED:
            if keyword in old or keyword in new:
                yield from self._judged(pair, keyword, self._literals(pair), self._literals(pair))


def _new_name(old: Object, new: Object, name: str) -> str:
    """A sentence on what a property may be called now: one that is new, with the very same schema."""
    olds, news = _map(old, "properties"), _map(new, "properties")
    if not any(map(speaks, _map(olds, name))):
        return ""
    alike = [each for each in news.keys() - olds.keys() if same(news[each], olds[name])]
    return f"It may be called {alike[0]} now, which is new with the same schema." if len(alike) == 1 else ""


# A side, schemas that hold of a value there, and the base of their references.
_Asked: TypeAlias = tuple[int, list[JSON], str]


def _plainly_possible(schema: JSON) -> bool:
    """Whether some value satisfies a schema, as can be seen at once."""
    if not isinstance(schema, dict):
        return schema is True
    return types_of(schema) not in (None, frozenset()) and all(k in ("type", "format") or not speaks(k) for k in schema)


def _restricted(side: Side, schema: Opened, group: Sequence[str] | None) -> int:
    """The literal of a schema, or of some of its keywords."""
    members = schema.members or {}
    kept = members if group is None else {name: members[name] for name in group if name in members}
    return side.literal(kept, schema.base)


def _named(pair: _Pair, keyword: str, answers: tuple[Answer, Answer]) -> Iterator[Difference]:
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
        left_open = undecided(old, new, steps)
        yield replace(left_open, refuses_old=bool(open_ones[0]), refuses_new=bool(open_ones[1]), why=why)


def _found_value(answer: Answer) -> JSON:
    return answer.value if isinstance(answer, Found) else None


def _settled(found: list[Difference], meaning: Meaning) -> list[Difference]:
    """The differences, with those that the schemas as a whole show to be harmless marked so, and with witnesses."""
    for side, flag in enumerate(("refuses_old", "refuses_new")):
        if not any(getattr(each, flag) for each in found):
            continue
        answer = meaning.shut_out(side)
        proven = meaning.proven(side, answer) if isinstance(answer, Found) else None
        if answer is None or proven is False:
            found = [replace(each, **{flag: False}) for each in found]
        if proven is False:
            why = "a validator does not bear out the document that was found"
            open_one = Difference(type="undecidable", steps=(), why=why, refuses_old=not side, refuses_new=bool(side))
            found.append(open_one)
        elif proven and isinstance(answer, Found):
            found = _with_witness(found, flag, answer.value)
    return found


def _with_witness(found: list[Difference], flag: str, witness: JSON) -> list[Difference]:
    member = "witness_" + flag.removeprefix("refuses_")
    return [replace(each, **{member: witness}) if getattr(each, flag) else each for each in found]


def _required(pair: _Pair) -> Iterator[Difference]:
    old, new = pair.members
    before, after = _names(old.get("required")), _names(new.get("required"))
    gone = _map(old, "properties").keys() - _map(new, "properties").keys()
    place = (*pair.steps, "required")
    for name in sorted(after - before):
        yield Difference(type="required_added", steps=place, new=name, refuses_old=True)
    for name in sorted(before - after - gone):
        yield Difference(type="required_removed", steps=place, old=name, refuses_new=True)


def _extensions(pair: _Pair) -> Iterator[Difference]:
    """Extensions that carry a promise, but that no rule knows."""
    old, new = pair.members
    for keyword in sorted(MEANINGFUL & (old.keys() | new.keys())):
        if not same(old.get(keyword), new.get(keyword)):
            yield undecided(old.get(keyword), new.get(keyword), (*pair.steps, keyword))


def _aligned(old: list[JSON], new: list[JSON]) -> list[tuple[JSON, JSON]]:
    """Branches side by side: equal ones together, the others in their order."""
    rest = list(new)
    pairs: list[tuple[JSON, JSON]] = []
    waiting: list[int] = []
    for branch in old:
        at = next((n for n, other in enumerate(rest) if same(branch, other)), None)
        pairs.append((branch, branch if at is None else rest.pop(at)))
        waiting += [len(pairs) - 1] if at is None else []
    for n, other in zip(waiting, rest, strict=True):
        pairs[n] = (pairs[n][0], other)
    return pairs


def _refers(value: JSON) -> bool:
    """Whether a reference stands anywhere in a value: then equal text may mean different things."""
    if isinstance(value, dict):
        return any(key in ("$ref", "$dynamicRef", "$recursiveRef") or _refers(each) for key, each in value.items())
    return isinstance(value, list) and any(map(_refers, value))


def _well_formed(schema: Object) -> bool:
    maps = all(isinstance(schema.get(keyword, {}), dict) for keyword in ("properties", "patternProperties"))
    return maps and isinstance(schema.get("required", []), list | bool)


def _map(schema: Object, keyword: str) -> Object:
    value = schema.get(keyword)
    return value if isinstance(value, dict) else {}


def _items(schema: Object) -> tuple[list[JSON], JSON]:
    """The schemas of the first items, and of the rest."""
    items, prefix = schema.get("items", True), schema.get("prefixItems")
    if isinstance(items, list):
        return items, schema.get("additionalItems", True)
    return (prefix if isinstance(prefix, list) else []), items


def _names(value: JSON) -> frozenset[str]:
    return frozenset(name for name in value if isinstance(name, str)) if isinstance(value, list) else frozenset()
