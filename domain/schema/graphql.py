"""What GraphQL adds to a schema, side by side: named types, kinds, interfaces and arguments (api.md 2.8, 4.4).

The search knows nothing of these, so it has no word in what is found here. A named type relates to itself alone.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec.structs import replace

from domain.schema.canonical import same
from domain.schema.difference import Difference, Steps
from domain.schema.keywords import default_differences, undecided
from domain.schema.opening import MEANINGFUL, map_of, names_of, speaks
from domain.values import JSON, Object

if TYPE_CHECKING:
    from domain.schema.compare import Pair, Walk

_Compare: TypeAlias = Callable[["Walk", "Pair"], Iterator[Difference]]

_NAME, _KIND, _ARGUMENTS = "x-graphql-type", "x-graphql-kind", "x-graphql-arguments"
_DIRECTIVES, _USES = "x-graphql-directives", "x-graphql-uses"
_NO_ARGUMENTS: Object = {"type": "object", "properties": {}, "additionalProperties": False}


class _Stated(msgspec.Struct, frozen=True):
    """A type as a place states it: its name (None for anything), what JSON it is, and whether it may be null."""

    name: str | None
    shape: JSON
    nullable: bool


def names_types(pair: "Pair") -> bool:
    """Whether a named type stands at this place, on either side."""
    return any(_NAME in members or _inside_null(members) is not None for members in pair.members)


def type_differences(pair: "Pair") -> Iterator[Difference]:
    """The differences of a place where a named type stands."""
    old, new = pair.members
    before, after = _stated(old), _stated(new)
    if before is None or after is None or not same(_beside(old), _beside(new)):
        yield undecided(old, new, pair.steps)
        return
    if before.name != after.name:
        yield _change(before.name, after.name, pair.steps)
    elif before.shape != after.shape:
        # The same name for what is of another kind now, say an object that was an enum.
        yield _change(_shown(before), _shown(after), pair.steps)
    if before.name is not None and after.name is not None and before.nullable != after.nullable:
        gone = before.nullable
        type = "nullable_removed" if gone else "nullable_added"
        yield Difference(type=type, steps=pair.steps, refuses_old=gone, refuses_new=not gone)
    yield from default_differences(old, new, pair.steps)


def _shown(stated: _Stated) -> str:
    return f"{stated.name} ({stated.shape or 'any'})"


def _change(old: str | None, new: str | None, steps: Steps) -> Difference:
    type = "type_narrowed" if old is None else "type_widened" if new is None else "type_changed"
    return Difference(
        type=type, steps=steps, old=old, new=new, refuses_old=new is not None, refuses_new=old is not None
    )


def _inside_null(members: Object) -> Object | None:
    """The schema of a named type that may be null: `anyOf` of it and null."""
    branches = members.get("anyOf")
    if not isinstance(branches, list) or len(branches) != 2 or branches[1] != {"type": "null"}:
        return None
    inner = branches[0]
    return inner if isinstance(inner, dict) and _NAME in inner else None


def _stated(members: Object) -> _Stated | None:
    inner = _inside_null(members)
    named = members if inner is None else inner
    if _NAME in named:
        name = named[_NAME]
        return _Stated(name, named.get("type"), inner is not None) if isinstance(name, str) else None
    types = named.get("type", [])
    if not isinstance(types, list):
        types = [types]
    present = [each for each in types if each != "null"]
    if len(present) > 1 or not all(isinstance(each, str) for each in present):
        return None
    name = str(present[0]) if present else None
    return _Stated(name, name, "null" in types)


def _beside(members: Object) -> Object:
    """What is said beside the name, and may matter. What a list holds is another matter than what a name is."""
    known = ("type", "anyOf", "items", "default", _NAME)
    inner = _inside_null(members) or {}
    if "anyOf" in members and not inner:
        return members
    return {k: v for k, v in {**members, **inner}.items() if speaks(k) and k not in known}


def is_union(pair: "Pair") -> bool:
    """Whether both sides are nothing but a choice of named types."""
    return all(_members(members) is not None for members in pair.members)


def _members(members: Object) -> list[str] | None:
    branches = members.get("anyOf")
    beside = {"anyOf", _KIND, _DIRECTIVES, _USES}
    if not isinstance(branches, list) or any(speaks(k) for k in members if k not in beside):
        return None
    names = [each[_NAME] for each in branches if isinstance(each, dict) and list(each) == [_NAME]]
    found = [name for name in names if isinstance(name, str)]
    return found if len(found) == len(branches) else None


def union_differences(pair: "Pair") -> Iterator[Difference]:
    """Members that a union lost or gained."""
    before, after = (_members(members) or [] for members in pair.members)
    gone: list[JSON] = [name for name in before if name not in after]
    come: list[JSON] = [name for name in after if name not in before]
    steps = (*pair.steps, "anyOf")
    if gone:
        yield Difference(type="composition_changed", steps=steps, old=gone, refuses_old=True)
    if come:
        yield Difference(type="composition_changed", steps=steps, new=come, refuses_new=True, grows=True)


def extension_differences(walk: "Walk", pair: "Pair") -> Iterator[Difference]:
    """The differences of extensions that carry a promise."""
    old, new = pair.members
    for keyword in sorted((MEANINGFUL - {"x-serialization"}) & (old.keys() | new.keys())):
        if not same(old.get(keyword), new.get(keyword)):
            known = _EXTENSIONS.get(keyword)
            if known and all(isinstance(each.get(keyword, known[0]()), known[0]) for each in pair.members):
                yield from known[1](walk, pair)
            else:
                yield undecided(old.get(keyword), new.get(keyword), (*pair.steps, keyword))


def _kind(walk: "Walk", pair: "Pair") -> Iterator[Difference]:
    old, new = (members.get(_KIND) for members in pair.members)
    yield Difference(
        type="kind_changed", steps=(*pair.steps, _KIND), old=old, new=new, refuses_old=True, refuses_new=True
    )


def _interfaces(walk: "Walk", pair: "Pair") -> Iterator[Difference]:
    keyword = "x-graphql-interfaces"
    before, after = (names_of(members.get(keyword)) for members in pair.members)
    steps = (*pair.steps, keyword)
    for name in sorted(before - after):
        yield Difference(type="interface_removed", steps=steps, old=name, refuses_old=True, refuses_new=True)
    for name in sorted(after - before):
        yield Difference(type="interface_added", steps=steps, new=name, refuses_new=True, grows=True)


def _ids(walk: "Walk", pair: "Pair") -> Iterator[Difference]:
    """Strings that were `ID` and are `String` now, or the reverse."""
    before, after = (names_of(members.get("x-graphql-ids")) for members in pair.members)
    olds, news = (map_of(members, "properties") for members in pair.members)
    for name in sorted((before ^ after) & olds.keys() & news.keys()):
        if _is_string(olds[name]) and _is_string(news[name]):
            types = ("ID", "String") if name in before else ("String", "ID")
            yield _change(*types, (*pair.steps, "properties", name))


def _is_string(schema: JSON) -> bool:
    """Whether a schema is that of strings, or of lists of them."""
    while isinstance(schema, dict) and "items" in schema:
        schema = schema["items"]
    stated = schema.get("type") if isinstance(schema, dict) and _NAME not in schema else None
    return stated == "string" or (isinstance(stated, list) and "string" in stated)


def _arguments(walk: "Walk", pair: "Pair") -> Iterator[Difference]:
    """Arguments of fields that stand on both sides; what became of others is told of the field."""
    olds, news = (map_of(members, _ARGUMENTS) for members in pair.members)
    fields = [map_of(members, "properties").keys() for members in pair.members]
    for name in sorted((olds.keys() | news.keys()) - (fields[0] ^ fields[1])):
        found = walk.apart(olds.get(name, _NO_ARGUMENTS), news.get(name, _NO_ARGUMENTS))
        steps = (*pair.steps, _ARGUMENTS, name)
        yield from (replace(each, steps=(*steps, *each.steps)) for each in as_graphql(found, written=True))


def _directives(walk: "Walk", pair: "Pair") -> Iterator[Difference]:
    """What the schema declares by name: a directive may lose or gain places, and has arguments as fields have."""
    olds, news = (map_of(members, _DIRECTIVES) for members in pair.members)
    for name in sorted(olds.keys() | news.keys()):
        steps = (*pair.steps, _DIRECTIVES, name)
        if name not in news:
            yield Difference(type="directive_removed", steps=steps, refuses_old=True)
        elif name not in olds:
            yield Difference(type="directive_added", steps=steps, refuses_new=True)
        else:
            yield from _directive(walk, map_of(olds, name), map_of(news, name), steps)


def _directive(walk: "Walk", old: Object, new: Object, steps: Steps) -> Iterator[Difference]:
    before, after = names_of(old.get("allows")), names_of(new.get("allows"))
    for each in sorted(before - after):
        yield Difference(type="directive_tightened", steps=(*steps, "allows"), old=each, refuses_old=True)
    for each in sorted(after - before):
        yield Difference(type="directive_relaxed", steps=(*steps, "allows"), new=each, refuses_new=True)
    found = walk.apart(old.get("arguments", _NO_ARGUMENTS), new.get("arguments", _NO_ARGUMENTS))
    yield from (replace(each, steps=(*steps, "arguments", *each.steps)) for each in as_graphql(found, written=True))


def _uses(walk: "Walk", pair: "Pair") -> Iterator[Difference]:
    """Directives put on what stands on both sides, or taken away. What they do, the schema does not tell."""
    olds, news = (map_of(members, _USES) for members in pair.members)
    for place in sorted(olds.keys() | news.keys()):
        if not all(_stands(members, place) for members in pair.members):
            continue
        before, after, steps = names_of(olds.get(place)), names_of(news.get(place)), (*pair.steps, _USES, place)
        for each in sorted(before - after):
            yield Difference(type="directive_use_removed", steps=steps, old=each)
        for each in sorted(after - before):
            # `@oneOf` takes one of several, wherever it stands.
            strict = each == "@oneOf"
            yield Difference(type="directive_use_added", steps=steps, new=each, refuses_old=strict, refuses_new=strict)


def _stands(members: Object, place: str) -> bool:
    """Whether there is a field, value or argument (`f.a`). The type itself and what is no member of it always are."""
    name, _, argument = place.partition(".")
    if argument:
        return argument in map_of(map_of(map_of(members, _ARGUMENTS), name), "properties")
    return not name.isidentifier() or name in map_of(members, "properties") or name in names_of(members.get("enum"))


# What each extension is written as, and how it is compared.
_EXTENSIONS: dict[str, tuple[type[str] | type[list[JSON]] | type[Object], _Compare]] = {
    _KIND: (str, _kind),
    "x-graphql-ids": (list, _ids),
    "x-graphql-interfaces": (list, _interfaces),
    _ARGUMENTS: (dict, _arguments),
    _DIRECTIVES: (dict, _directives),
    _USES: (dict, _uses),
}


def kind_of(old: JSON, new: JSON) -> JSON:
    """The kind of GraphQL type that both schemas are of, or None."""
    kinds = [schema.get(_KIND) if isinstance(schema, dict) else None for schema in (old, new)]
    return kinds[0] if kinds[0] == kinds[1] else None


def as_graphql(found: Iterable[Difference], *, written: bool) -> tuple[Difference, ...]:
    """Differences as GraphQL has them: it knows no narrower and wider types, so `Int` and `Float` are two.

    `written` tells that clients write the members by name.
    """
    narrowed = ("type_narrowed", "type_widened")
    return tuple(
        replace(each, type="type_changed", refuses_old=True, refuses_new=True, written=written or each.written)
        if each.type in narrowed and each.old is not None and each.new is not None
        else replace(each, written=written or each.written)
        for each in found
    )


def mentions(value: JSON) -> bool:
    """Whether a promise that the search knows nothing of stands anywhere in a value."""
    if isinstance(value, dict):
        return any(key in MEANINGFUL or mentions(each) for key, each in value.items())
    return isinstance(value, list) and any(map(mentions, value))
