"""Objects side by side: which properties came, went or changed, which are required, and what else may stand there."""

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from domain.schema.canonical import value_key
from domain.schema.difference import Difference, Steps
from domain.schema.inclusion.languages import Undecided
from domain.schema.keywords import types_of, undecided
from domain.schema.naming import Silence, named
from domain.schema.opening import map_of, names_of, opened, speaks
from domain.schema.telling import told
from domain.values import JSON, Object

if TYPE_CHECKING:
    from domain.schema.compare import Pair, Walk

_OF_TYPES = frozenset({"type", "format"})
# Keywords that refuse neither an object nor a list that is empty.
_NOT_OF_EMPTY = _OF_TYPES | {"properties", "patternProperties", "additionalProperties", "items", "prefixItems"}
# Keywords that do not refuse null, where a type takes it.
_NOT_OF_NULL = _NOT_OF_EMPTY | frozenset(
    "required minProperties maxProperties minItems maxItems uniqueItems minLength maxLength pattern minimum maximum "
    "exclusiveMinimum exclusiveMaximum multipleOf".split()
)
_OBJECT = ("properties", "patternProperties", "additionalProperties")
# A side, schemas that hold of a value there, and the base of their references.
_Asked: TypeAlias = tuple[int, list[JSON], str]


def object_differences(walk: "Walk", pair: "Pair") -> Iterator[Difference]:
    old, new = pair.members
    if not all(_well_formed(schema) for schema in (old, new)):
        yield from walk.by_meaning(pair, "properties", (*_OBJECT, "required"))
        return
    yield from _openness(walk, pair)
    bases = pair.old.base, pair.new.base
    for keyword in ("properties", "patternProperties"):
        olds, news = map_of(old, keyword), map_of(new, keyword)
        for name in sorted(olds.keys() & news.keys()):
            yield from walk.place(olds[name], news[name], bases, (*pair.steps, keyword, name))
    patterns = map_of(old, "patternProperties").keys() ^ map_of(new, "patternProperties").keys()
    if patterns:
        yield from walk.by_meaning(pair, "patternProperties", _OBJECT)
    for name in sorted(map_of(new, "properties").keys() - map_of(old, "properties").keys()):
        yield from _decided(_added(walk, pair, name), (*pair.steps, "properties", name))
    gone = map_of(old, "properties").keys() - map_of(new, "properties").keys()
    elsewhere = named(walk.meaning.sides[1].document, [new], pair.new.base) if gone else set()
    renamed = _new_names(old, new, gone)
    for name in sorted(gone):
        found = _moved(walk, pair, name) if name in elsewhere else _removed(walk, pair, name, renamed.get(name, ""))
        yield from _decided(found, (*pair.steps, "properties", name))
    yield from _required(pair, gone - elsewhere)


def _decided(found: Iterator[Difference], steps: Steps) -> Iterator[Difference]:
    try:
        yield from found
    except Undecided as undecidable:
        yield undecided(None, None, steps, why=str(undecidable))


def _openness(walk: "Walk", pair: "Pair") -> Iterator[Difference]:
    """`additionalProperties`: what may stand beside what is named."""
    old, new = (members.get("additionalProperties", True) for members in pair.members)
    place = (*pair.steps, "additionalProperties")
    if isinstance(old, dict) == isinstance(new, dict) and walk.alike(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from walk.place(old, new, (pair.old.base, pair.new.base), place)
        return
    sides = walk.meaning.sides
    literals = sides[0].literal(old, pair.old.base), sides[1].literal(new, pair.new.base)
    yield from walk.judged(pair, "additionalProperties", literals, literals)


def _added(walk: "Walk", pair: "Pair", name: str) -> Iterator[Difference]:
    """A new property. Into an open object that says nothing of the name it is safe, unless nothing satisfies it."""
    old, new = pair.members
    value, place = map_of(new, "properties")[name], (*pair.steps, "properties", name)
    before = _unnamed(walk, old, name)
    if before == [] and name in names_of(old.get("required")):
        # Not new: documents had to have it, with any value.
        yield from walk.place(True, value, (pair.old.base, pair.new.base), place)
        return
    refuses = _trade(walk, (0, before, pair.old.base), (1, [value], pair.new.base))
    if before == [] and not _is_silent(walk, pair, name):
        part = walk.meaning.sides[1].literal({"properties": {name: value}}, pair.new.base)
        refuses = walk.meaning.beyond(walk.literals(pair)[0], part) is not None, False
    yield Difference(type="property_added", steps=place, new=value, refuses_old=refuses[0], refuses_new=refuses[1])


def _is_silent(walk: "Walk", pair: "Pair", name: str) -> bool:
    """Whether compositions of the old schema, too, say nothing of a name."""
    document, members = walk.meaning.sides[0].document, pair.old.members or {}
    return Silence(document, name, walk.meaning.matches).holds(members, pair.old.base)


def _moved(walk: "Walk", pair: "Pair", name: str) -> Iterator[Difference]:
    """A property that a branch of a composition names now has not gone, but it may take other values there."""
    one, other = walk.meaning.sides
    value = map_of(pair.members[0], "properties")[name]
    whole = walk.literals(pair)
    unnamed: Object = {"properties": {name: {"allOf": _unnamed(walk, pair.members[1], name)}}}
    parts = one.literal({"properties": {name: value}}, pair.old.base), other.literal(unnamed, pair.new.base)
    answers = walk.meaning.beyond(whole[0], parts[1]), walk.meaning.beyond(whole[1], parts[0])
    inner = replace(pair, steps=(*pair.steps, "properties", name))
    yield from told(inner, "", answers)


def _removed(walk: "Walk", pair: "Pair", name: str, new_name: str) -> Iterator[Difference]:
    """A property gone. By name that breaks whoever reads it; what documents may hold is another question."""
    old, new = pair.members
    value, after = map_of(old, "properties")[name], _unnamed(walk, new, name)
    refuses = _trade(walk, (1, after, pair.new.base), (0, [value], pair.old.base))
    freed = name in names_of(old.get("required")) or (refuses[0] or not after and name in names_of(new.get("required")))
    place = (*pair.steps, "properties", name)
    yield Difference(
        type="property_removed",
        steps=place,
        old=value,
        refuses_old=refuses[1],
        refuses_new=freed,
        hint=f"It may be called {new_name} now, which is new with the same schema." if new_name else "",
    )


def _unnamed(walk: "Walk", schema: Object, name: str) -> list[JSON]:
    """What a schema asks of the value of a name that it does not mention; nothing, if it is open to it."""
    patterns = map_of(schema, "patternProperties").items()
    asked = [each for pattern, each in patterns if walk.meaning.matches(pattern, name)]
    others = schema.get("additionalProperties", True)
    return asked or ([] if others is True or others == {} else [others])


def _trade(walk: "Walk", without: _Asked, with_name: _Asked) -> tuple[bool, bool]:
    """Whether values that one side allows of a name are refused by the other, which names it, and the reverse.

    Where the one says nothing of the name, only a property that can have no value refuses anything.
    """
    meaning, (side, (value,), base) = walk.meaning, with_name
    if without[1] == [] and _plainly_possible(opened(meaning.sides[side].document, value, base).members):
        return False, False
    named_literal, unnamed = meaning.literal(*with_name), meaning.literal(*without)
    if without[1] == []:
        return meaning.beyond(named_literal, meaning.false) is None, False
    return meaning.beyond(unnamed, named_literal) is not None, meaning.beyond(named_literal, unnamed) is not None


def _new_names(old: Object, new: Object, gone: Set[str]) -> dict[str, str]:
    """What properties that are gone may be called now: by one that is new, the only one with the very same schema."""
    olds, news = map_of(old, "properties"), map_of(new, "properties")
    alike: dict[bytes, list[str]] = {}
    for name in (news.keys() - olds.keys()) if gone else ():
        alike.setdefault(value_key(news[name]), []).append(name)
    speaking = [name for name in gone if any(map(speaks, map_of(olds, name)))] if alike else []
    found = {name: alike.get(value_key(olds[name]), []) for name in speaking}
    return {name: names[0] for name, names in found.items() if len(names) == 1}


def _plainly_possible(members: Object | None) -> bool:
    """Whether some value satisfies a schema, opened, as can be seen at once."""
    types = None if members is None else types_of(members)
    if not types or members is None:
        return False
    said = {keyword for keyword in members if speaks(keyword)}
    if said <= _OF_TYPES or (said <= _NOT_OF_EMPTY and not types.isdisjoint(("object", "array"))):
        return True
    listed = members.get("enum") if said <= {"type", "enum"} else None
    texts = isinstance(listed, list) and any(isinstance(each, str) for each in listed)
    return ("null" in types and said <= _NOT_OF_NULL) or (texts and "string" in types)


def _required(pair: "Pair", gone: set[str]) -> Iterator[Difference]:
    """Names that are required now, or no longer; those of properties that are gone are told of there."""
    old, new = pair.members
    before, after = names_of(old.get("required")), names_of(new.get("required"))
    place = (*pair.steps, "required")
    for name in sorted(after - before):
        yield Difference(type="required_added", steps=place, new=name, refuses_old=True)
    for name in sorted(before - after - gone):
        yield Difference(type="required_removed", steps=place, old=name, refuses_new=True)


def _well_formed(schema: Object) -> bool:
    maps = all(isinstance(schema.get(keyword, {}), dict) for keyword in ("properties", "patternProperties"))
    return maps and isinstance(schema.get("required", []), list | bool)
