"""Keywords whose difference is plain to see: types, values, bounds, formats and defaults, side by side."""

from collections.abc import Iterator

from domain.schema.canonical import same, value_key
from domain.schema.difference import Difference, Steps
from domain.values import JSON, Object

_TYPES = ("null", "boolean", "object", "array", "number", "string", "integer")
# Keywords whose larger value takes more (1) or less (-1) documents.
BOUNDS = {
    "minLength": -1,
    "maxLength": 1,
    "minItems": -1,
    "maxItems": 1,
    "minProperties": -1,
    "maxProperties": 1,
    "minimum": -1,
    "maximum": 1,
    "exclusiveMinimum": -1,
    "exclusiveMaximum": 1,
}


def plain_differences(old: Object, new: Object, steps: Steps) -> Iterator[Difference]:
    """The differences in the keywords of this module."""
    yield from _types(old, new, steps)
    yield from _constants(old, new, steps)
    yield from _enums(old, new, steps)
    yield from _formats(old, new, steps)
    yield from _bounds(old, new, steps)
    yield from default_differences(old, new, steps)


def undecided(old: JSON, new: JSON, steps: Steps, *, why: str = "it is not written as the keyword asks") -> Difference:
    return Difference(type="undecidable", steps=steps, old=old, new=new, refuses_old=True, refuses_new=True, why=why)


def types_of(schema: Object) -> frozenset[str] | None:
    """The types that a schema takes, with `integer` and `number` both for `number`; None if it names them oddly."""
    stated = schema.get("type", list(_TYPES))
    names = stated if isinstance(stated, list) else [stated]
    if not all(isinstance(name, str) and name in _TYPES for name in names):
        return None
    types = frozenset(str(name) for name in names)
    types |= {"null"} if schema.get("nullable") is True else set()
    return types | {"integer"} if "number" in types else types


def _types(old: Object, new: Object, steps: Steps) -> Iterator[Difference]:
    before, after = types_of(old), types_of(new)
    if before is None or after is None:
        if not same(old.get("type"), new.get("type")):
            yield undecided(old.get("type"), new.get("type"), (*steps, "type"))
        return
    gone, come = before - after, after - before
    if not gone and not come:
        return
    if gone | come == {"null"}:
        type = "nullable_removed" if gone else "nullable_added"
    else:
        type = "type_changed" if gone and come else "type_narrowed" if gone else "type_widened"
    shown = (old.get("type"), new.get("type"))
    yield Difference(type=type, steps=steps, old=shown[0], new=shown[1], refuses_old=bool(gone), refuses_new=bool(come))


def _constants(old: Object, new: Object, steps: Steps) -> Iterator[Difference]:
    if "const" not in old or "const" not in new:
        yield from _appeared(old, new, "const", steps)
    elif not same(old["const"], new["const"]):
        yield _both("const_changed", (*steps, "const"), old["const"], new["const"])


def _formats(old: Object, new: Object, steps: Steps) -> Iterator[Difference]:
    if "format" not in old or "format" not in new:
        yield from _appeared(old, new, "format", steps)
    elif old["format"] != new["format"]:
        yield _both("constraint_tightened", (*steps, "format"), old["format"], new["format"])


def _both(type: str, steps: Steps, old: JSON, new: JSON) -> Difference:
    return Difference(type=type, steps=steps, old=old, new=new, refuses_old=True, refuses_new=True)


def _appeared(old: Object, new: Object, keyword: str, steps: Steps) -> Iterator[Difference]:
    """A constraint that only one side has."""
    if (keyword in old) == (keyword in new):
        return
    tighter = keyword in new
    yield Difference(
        type="constraint_tightened" if tighter else "constraint_relaxed",
        steps=(*steps, keyword),
        old=old.get(keyword),
        new=new.get(keyword),
        refuses_old=tighter,
        refuses_new=not tighter,
    )


def _enums(old: Object, new: Object, steps: Steps) -> Iterator[Difference]:
    if "enum" not in old or "enum" not in new:
        yield from _appeared(old, new, "enum", steps)
        return
    before, after, place = old["enum"], new["enum"], (*steps, "enum")
    if not isinstance(before, list) or not isinstance(after, list):
        if not same(before, after):
            yield undecided(before, after, place)
        return
    olds, news = {value_key(v): v for v in before}, {value_key(v): v for v in after}
    gone, come = [v for k, v in olds.items() if k not in news], [v for k, v in news.items() if k not in olds]
    if gone:
        yield Difference(type="enum_values_removed", steps=place, old=gone, refuses_old=True)
    if come:
        yield Difference(type="enum_values_added", steps=place, new=come, refuses_new=True)


def _bounds(old: Object, new: Object, steps: Steps) -> Iterator[Difference]:
    old, new = _with_bounds_as_numbers(old), _with_bounds_as_numbers(new)
    for keyword, sense in BOUNDS.items():
        if keyword not in old or keyword not in new:
            yield from _appeared(old, new, keyword, steps)
            continue
        before, after, place = old[keyword], new[keyword], (*steps, keyword)
        if same(before, after):
            continue
        if not _is_number(before) or not _is_number(after):
            yield undecided(before, after, place)
            continue
        assert isinstance(before, int | float) and isinstance(after, int | float)
        wider = (after > before) == (sense > 0)
        yield Difference(
            type="constraint_relaxed" if wider else "constraint_tightened",
            steps=place,
            old=before,
            new=after,
            refuses_old=not wider,
            refuses_new=wider,
        )


def _with_bounds_as_numbers(schema: Object) -> Object:
    """The schema with bounds as since draft 6: draft 4 wrote a boolean beside a bound to exclude it."""
    for keyword in ("minimum", "maximum"):
        exclusive = "exclusive" + keyword.capitalize()
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            rest = {name: value for name, value in schema.items() if name != exclusive}
            schema = {**rest, exclusive: rest.pop(keyword)} if flag and keyword in rest else rest
            schema = {name: value for name, value in schema.items() if name != keyword or not flag}
    return schema


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def default_differences(old: Object, new: Object, steps: Steps) -> Iterator[Difference]:
    """The difference of two defaults."""
    place = (*steps, "default")
    if "default" in old and "default" in new:
        if not same(old["default"], new["default"]):
            yield Difference(type="default_changed", steps=place, old=old["default"], new=new["default"])
    elif "default" in new:
        yield Difference(type="default_added", steps=place, new=new["default"])
    elif "default" in old:
        yield Difference(type="default_removed", steps=place, old=old["default"])
