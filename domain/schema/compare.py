"""A walk over two schemas side by side: what differs, and which side may refuse the other's documents.

Why that is enough: a value that the old schema takes satisfies, at each place, what the old schema says there. Where
the new one says the same, so does the value; where the walk goes deeper, parts of the value are settled by the same
argument; and where a keyword differs, either it is plain which way, or the search (`inclusion`) looks for a value that
the old schema takes *at that place* and the new keyword does not. So if no difference refuses old documents, none is.
The other way round the search has the last word: where the schemas as a whole show that a difference shuts nobody out
(what it forbids was impossible, or is said elsewhere), it does not count. Source of the rules: api.md 4.4.
"""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from domain.schema.canonical import DEEPEST, canonical, same, too_deep
from domain.schema.compositions import branch_differences
from domain.schema.difference import Difference, Steps
from domain.schema.findings import MOST_KEPT, Findings, Named, TooLarge, Trail, Unsure
from domain.schema.graphql import (
    as_graphql,
    extension_differences,
    is_union,
    kind_of,
    mentions,
    names_types,
    type_differences,
    union_differences,
)
from domain.schema.inclusion.search import TOO_DEEP
from domain.schema.keywords import plain_differences, undecided
from domain.schema.locating import located
from domain.schema.meaning import Engine, Meaning, Side
from domain.schema.opening import Opened, opened
from domain.schema.properties import object_differences
from domain.schema.serialization import serialization_differences
from domain.schema.settling import settled
from domain.schema.standing import lead_alike, named_at
from domain.schema.telling import told
from domain.values import JSON, Object

_DEFAULT_DIALECT = "http://json-schema.org/draft/2020-12/schema"
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
_ARRAY = ("items", "prefixItems", "additionalItems")
_UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")


def differences(old: JSON, new: JSON, engine: Engine, *, pointers: bool = False) -> tuple[Difference, ...]:
    """What differs between two schemas, in no particular order; with `pointers`, where it stands in each of them."""
    try:
        if same(old, new):
            return ()
        deep = too_deep(old) or too_deep(new)
        return (undecided(None, None, (), why=TOO_DEEP.why),) if deep else _differences(old, new, engine, pointers)
    except RecursionError:
        return (undecided(None, None, (), why=TOO_DEEP.why),)
    except TooLarge:
        return (undecided(None, None, (), why="the schemas have so many places"),)


def _differences(old: JSON, new: JSON, engine: Engine, pointers: bool) -> tuple[Difference, ...]:
    dialects = _dialect(old), _dialect(new)
    if dialects[0] != dialects[1] and not isinstance(old, bool) and not isinstance(new, bool):
        why = "the schemas are of different drafts"
        return (undecided(dialects[0] or None, dialects[1] or None, ("$schema",), why=why),)
    # Pointers are those of a walk's own documents.
    findings, kind = None if pointers else engine.findings, kind_of(old, new)
    try:
        found = Walk(Meaning(old, new, engine), findings).all(pointers)
    except Unsure:
        found = Walk(Meaning(old, new, engine), None).all(pointers)
    return found if kind is None else as_graphql(found, written=kind == "input")


def _dialect(schema: JSON) -> str:
    """The dialect that a schema states, if it is another than holds anyway."""
    stated = schema.get("$schema") if isinstance(schema, dict) else None
    name = stated.rstrip("#").replace("https:", "http:") if isinstance(stated, str) else ""
    return name if name != _DEFAULT_DIALECT else ""


class Pair(msgspec.Struct, frozen=True):
    """Two schemas at one place, opened."""

    old: Opened
    new: Opened
    steps: Steps

    @property
    def members(self) -> tuple[Object, Object]:
        return self.old.members or {}, self.new.members or {}


class Walk:
    """Goes through two schemas and collects differences."""

    def __init__(self, meaning: Meaning, findings: Findings | None) -> None:
        self.meaning = meaning
        self.trail = Trail()
        self._findings = findings
        # The branches of compositions that the new document has at other numbers than the old one.
        self.renumbered: dict[Steps, str] = {}
        # The place whose schemas were asked about last: they are, for one keyword or property after the other.
        self._whole_of: Pair | None = None
        self._whole_literals = (0, 0)

    def all(self, pointers: bool) -> tuple[Difference, ...]:
        """All differences, with those that shut nobody out marked so, and with witnesses."""
        old, new = self.meaning.sides
        found = list(self.place(old.document.root, new.document.root, ("", ""), ()))
        found = [*settled(found, self.meaning), *self.trail.beyond]
        return tuple(map(self._located, found) if pointers else found)

    def apart(self, old: JSON, new: JSON) -> tuple[Difference, ...]:
        """The differences of two schemas that say nothing of the values here, such as those of arguments."""
        return differences(old, new, self.meaning.engine)

    def _located(self, difference: Difference) -> Difference:
        one, other = (side.document for side in self.meaning.sides)
        steps = difference.steps
        places = located(one, steps, {}), located(other, steps, self.renumbered)
        return replace(difference, old_pointer=places[0], new_pointer=places[1])

    def place(self, old: JSON, new: JSON, bases: tuple[str, str], steps: Steps) -> Iterator[Difference]:
        self.trail.enter(steps)
        if len(steps) > DEEPEST:
            yield undecided(None, None, steps, why=TOO_DEEP.why)
            return
        if self.alike(old, new):
            return
        pair = self._opened(old, new, bases, steps)
        named = self._named(pair)
        if named is not None and named[0] == named[1]:
            return
        if pair.old.place or pair.new.place:
            if self.trail.passes((pair.old.place or canonical(old), pair.new.place or canonical(new))):
                return
        inside = self._inside(pair, old, new)
        yield from inside if named is None else self._shared(named, steps, inside)

    def _named(self, pair: Pair) -> Named | None:
        """The definitions that the two schemas are, where their digests tell all that there is to know of them."""
        one, other = map(named_at, (side.document for side in self.meaning.sides), (pair.old.place, pair.new.place))
        return None if one is None or other is None else (one, other)

    def _shared(self, named: Named, steps: Steps, inside: Iterator[Difference]) -> Iterator[Difference]:
        """The differences inside two definitions: as they were found by another walk, or as they are found here."""
        if self._findings is None:
            yield from inside
            return
        known = self._findings.get(named)
        if known is not None and self.trail.takes(known, steps) and self.meaning.borrow(known.spent):
            yield from self.trail.take(known, steps)
            return
        start, found = self.trail.begin(steps), list[Difference]()
        for each in inside:
            if len(found) <= MOST_KEPT:
                found.append(each)
            yield each
        finding = self.trail.end(start, found, self.meaning.spent + self.meaning.borrowed)
        if finding is not None and not self.meaning.left_open:
            self._findings.put(named, finding)

    def _inside(self, pair: Pair, old: JSON, new: JSON) -> Iterator[Difference]:
        """The differences of two schemas that were opened."""
        if pair.old.members is None or pair.new.members is None:
            yield from self._whole(pair, old, new)
            return
        if names_types(pair):
            self.trail.beyond += type_differences(pair)
            return
        self.trail.beyond += extension_differences(self, pair)
        if not same(*(members.get("x-serialization") for members in pair.members)):
            self.trail.beyond += serialization_differences(*pair.members, pair.steps)
        if is_union(pair):
            self.trail.beyond += union_differences(pair)
            return
        yield from plain_differences(*pair.members, pair.steps)
        yield from object_differences(self, pair)
        yield from self._arrays(pair)
        for keyword, group in _GROUPS.items():
            yield from self.by_meaning(pair, keyword, group)
        for keyword in ("allOf", "anyOf", "oneOf"):
            yield from branch_differences(self, pair, keyword)
        yield from self._unevaluated(pair)

    def _opened(self, old: JSON, new: JSON, bases: tuple[str, str], steps: Steps) -> Pair:
        """Both schemas opened, and `allOf` taken in on both sides or on none."""
        documents = [side.document for side in self.meaning.sides]
        sides = list(zip(documents, (old, new), bases, strict=True))
        one, other = (opened(*side) for side in sides)
        if _is_flat(one) != _is_flat(other):
            one, other = (opened(*side, flat=False) for side in sides)
        return Pair(one, other, steps)

    def alike(self, old: JSON, new: JSON) -> bool:
        """Whether two schemas say the same, with all that their references lead to. May be false for some that do."""
        return same(old, new) and lead_alike(old, *(side.document.root for side in self.meaning.sides))

    def _whole(self, pair: Pair, old: JSON, new: JSON) -> Iterator[Difference]:
        """Places of which one is `false`, or no schema at all."""
        sides = self.meaning.sides
        literals = sides[0].literal(old, pair.old.base), sides[1].literal(new, pair.new.base)
        yield from self.judged(pair, "", literals, literals)

    def by_meaning(self, pair: Pair, name: str, group: Sequence[str]) -> Iterator[Difference]:
        """A group of keywords that is judged as a whole, by what it takes of the values that come here."""
        old, new = pair.members
        if not any(k in old or k in new for k in group):
            return
        if self.alike(*({k: each[k] for k in group if k in each} for each in (old, new))):
            return
        if any(mentions(members.get(k)) for members in pair.members for k in group):
            self.trail.beyond.append(undecided(old.get(name), new.get(name), (*pair.steps, name)))
        yield from self.judged(pair, name, self.literals(pair), self.literals(pair, group))

    def literals(self, pair: Pair, group: Sequence[str] | None = None) -> tuple[int, int]:
        """What both schemas say here, or what some of their keywords do."""
        if self._whole_of is not pair or group is not None:
            old, new = self.meaning.sides
            found = _restricted(old, pair.old, group), _restricted(new, pair.new, group)
            if group is not None:
                return found
            self._whole_of, self._whole_literals = pair, found
        return self._whole_literals

    def judged(self, pair: Pair, keyword: str, whole: tuple[int, int], part: tuple[int, int]) -> Iterator[Difference]:
        """The difference of two literals at a place where values satisfy `whole`."""
        if part[0] == part[1]:
            return
        answers = self.meaning.beyond(whole[0], part[1]), self.meaning.beyond(whole[1], part[0])
        yield from told(pair, keyword, answers)

    def _arrays(self, pair: Pair) -> Iterator[Difference]:
        old, new = pair.members
        if self.alike(*({k: each[k] for k in _ARRAY if k in each} for each in (old, new))):
            return
        bases = pair.old.base, pair.new.base
        (olds, old_rest), (news, new_rest) = _items(old), _items(new)
        keyword = "prefixItems" if "prefixItems" in old or "prefixItems" in new else "items"
        for n in range(max(len(olds), len(news))):
            before = olds[n] if n < len(olds) else old_rest
            after = news[n] if n < len(news) else new_rest
            yield from self.place(before, after, bases, (*pair.steps, keyword, str(n)))
        yield from self.place(old_rest, new_rest, bases, (*pair.steps, "items"))

    def _unevaluated(self, pair: Pair) -> Iterator[Difference]:
        old, new = pair.members
        for keyword in _UNEVALUATED:
            if keyword in old or keyword in new:
                yield from self.judged(pair, keyword, self.literals(pair), self.literals(pair))


def _is_flat(schema: Opened) -> bool:
    members = schema.members or {}
    return "allOf" not in members and "$ref" not in members


def _restricted(side: Side, schema: Opened, group: Sequence[str] | None) -> int:
    """The literal of a schema, or of some of its keywords."""
    members = schema.members or {}
    kept = members if group is None else {name: members[name] for name in group if name in members}
    return side.literal(kept, schema.base)


def _items(schema: Object) -> tuple[list[JSON], JSON]:
    """The schemas of the first items, and of the rest."""
    items, prefix = schema.get("items", True), schema.get("prefixItems")
    if isinstance(items, list):
        return items, schema.get("additionalItems", True)
    return (prefix if isinstance(prefix, list) else []), items
