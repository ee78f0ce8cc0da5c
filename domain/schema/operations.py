"""Contracts of operations: what callers send and what they get, part by part, each in its direction (api.md 2.7, 4.4).

An operation's schema holds its parts side by side. Each entry of a part (a media type, a status, a header, a parameter)
is compared for itself, so that what one of them loses is not made up for by what another gains.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from domain.schema.canonical import same
from domain.schema.change import Direction
from domain.schema.compare import differences
from domain.schema.difference import Difference, Steps
from domain.schema.judge import Judgement, Terms, joined, judge
from domain.schema.meaning import Engine
from domain.schema.opening import map_of, names_of
from domain.schema.security import security_differences
from domain.schema.standing import digest_standing, lead_alike, standing, with_digests
from domain.values import JSON, Object

_ACCEPTED, _PRODUCED = Direction.accepted, Direction.produced
# Each part with its direction, and the part that says the same in full, where there is one.
_SINGLE = {"request": (_ACCEPTED, "requests"), "response": (_PRODUCED, "responses")}
_MAPS = {"parameters": _ACCEPTED, "requests": _ACCEPTED, "responses": _PRODUCED, "headers": _PRODUCED}
_WORDS = {
    "request": "the request",
    "response": "the response",
    "parameters": "parameter {}",
    "requests": "the request ({})",
    "responses": "the response ({})",
    "headers": "response header {}",
}
_OWN = ("x-security", "x-security-schemes", "x-deprecated", "x-sunset", "$defs")


def judge_operation(old: Object, new: Object, engine: Engine, terms: Terms, subject: str) -> Judgement:
    """Judge the change of an operation's contract, every part in its own direction."""
    old, new = with_digests(_aligned(old, new)), with_digests(new)
    found: dict[Direction | None, list[Difference]] = {_ACCEPTED: [], _PRODUCED: [], None: []}
    for name, direction in _MAPS.items():
        if any(name in _parts(side) for side in (old, new)):
            found[direction] += _map(old, new, name, engine)
    for name, (direction, full) in _SINGLE.items():
        found[direction] += _single(old, new, name, full, engine)
    found[None] += security_differences(old, new)
    found[None] += differences(_rest(old), _rest(new), engine)
    return joined([judge(tuple(each), replace(terms, direction=way), subject) for way, each in found.items()])


def _aligned(old: Object, new: Object) -> Object:
    """The old schema with its path parameters under the names that the new one has at their places."""
    parameters, named = _part(old, "parameters"), _part(new, "parameters")
    names = {_place(each): name for name, each in map_of(named, "properties").items()}
    renamed = {
        name: names.get(_place(each), name) if _place(each) is not None else name
        for name, each in map_of(parameters, "properties").items()
    }
    if all(name == each for name, each in renamed.items()):
        return old
    properties: Object = {renamed[name]: each for name, each in map_of(parameters, "properties").items()}
    required: list[JSON] = [renamed.get(name, name) for name in names_of(parameters.get("required"))]
    part: Object = {**parameters, "properties": properties, "required": required}
    return {**old, "properties": {**_parts(old), "parameters": part}}


def _parts(schema: Object) -> Object:
    return map_of(schema, "properties")


def _place(schema: JSON) -> JSON:
    return schema.get("x-place") if isinstance(schema, dict) else None


def _part(schema: Object, name: str) -> Object:
    return map_of(_parts(schema), name)


def _map(old: Object, new: Object, name: str, engine: Engine) -> Iterator[Difference]:
    """What differs in a part whose properties are entries of their own."""
    place: Steps = ("properties", name, "properties")
    olds, news = (map_of(_part(side, name), "properties") for side in (old, new))
    required = [names_of(_part(side, name).get("required")) for side in (old, new)]
    for entry in sorted(olds.keys() | news.keys()):
        steps = (*place, entry)
        if entry not in news:
            # Whoever sends a media type that nobody takes any more is refused.
            refused = name == "requests"
            gone = Difference(type="property_removed", steps=steps, old=olds[entry], refuses_old=refused)
            yield _told(gone, name, entry)
        elif entry not in olds:
            yield _told(Difference(type="property_added", steps=steps, new=news[entry]), name, entry)
        else:
            words = _WORDS[name].format(entry)
            yield from _entry((old, new), (olds[entry], news[entry]), (steps, words), engine)
    steps = ("properties", name, "required")
    for entry in sorted(required[1] - required[0]):
        yield _told(Difference(type="required_added", steps=steps, new=entry, refuses_old=True), name, entry)
    for entry in sorted(required[0] - required[1] - (olds.keys() - news.keys())):
        yield _told(Difference(type="required_removed", steps=steps, old=entry, refuses_new=True), name, entry)


def _told(difference: Difference, part: str, entry: str = "") -> Difference:
    """The difference that an entry is, with words for it."""
    return replace(difference, part=_WORDS[part].format(entry), lead=len(difference.steps))


def _entry(
    wholes: tuple[Object, Object], entries: tuple[JSON, JSON], at: tuple[Steps, str], engine: Engine
) -> Iterator[Difference]:
    """The differences inside an entry, of which steps and words tell where it stands."""
    steps, words = at
    for each in _remembered(wholes, entries, engine):
        yield replace(each, steps=(*steps, *each.steps), part=words, lead=len(steps))


def _remembered(wholes: tuple[Object, Object], entries: tuple[JSON, JSON], engine: Engine) -> tuple[Difference, ...]:
    """The differences of two entries. Many operations share theirs, so that each pair is compared once."""
    if same(*entries) and lead_alike(entries[0], *wholes):
        return ()
    old, new = map(digest_standing, wholes, entries)
    if old == new:
        return ()
    found = engine.memory.get((old, new)) if engine.memory else None
    if found is None:
        found = differences(standing(wholes[0], entries[0]), standing(wholes[1], entries[1]), engine)
        if engine.memory:
            engine.memory.put((old, new), found)
    return found


def _single(old: Object, new: Object, name: str, full: str, engine: Engine) -> Iterator[Difference]:
    """What differs in a part that readers see: judged where not both sides say the same in full."""
    olds, news = _parts(old), _parts(new)
    in_full = [full in side for side in (olds, news)]
    steps = ("properties", name)
    if name in olds and name in news and not all(in_full):
        yield from _entry((old, new), (olds[name], news[name]), (steps, _WORDS[name]), engine)
    elif name in olds and name not in news and not in_full[0]:
        gone = Difference(type="property_removed", steps=steps, old=olds[name], refuses_old=name == "request")
        yield _told(gone, name)
    before, after = (name in names_of(side.get("required")) and name in _parts(side) for side in (old, new))
    if name == "request" and after and not before:
        yield _told(Difference(type="required_added", steps=("required",), new=name, refuses_old=True), name)
    if name == "request" and before and not after and name in news:
        yield _told(Difference(type="required_removed", steps=("required",), old=name, refuses_new=True), name)


def _rest(schema: Object) -> Object:
    """What the schema says beside the parts of an operation."""
    parts = {*_MAPS, *_SINGLE}
    rest = {name: value for name, value in schema.items() if name not in _OWN}
    properties: Object = {name: each for name, each in map_of(schema, "properties").items() if name not in parts}
    required: list[JSON] = [*sorted(names_of(schema.get("required")) - parts)]
    rest = {name: value for name, value in rest.items() if name not in ("properties", "required")}
    if properties:
        rest["properties"] = properties
        rest["$defs"] = map_of(schema, "$defs")
    return {**rest, "required": required} if required else rest
