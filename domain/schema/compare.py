"""A structural walk over two schemas: what differs, and which side may refuse the other's documents.

Table-shaped schemas (objects of named, typed properties, nested or in arrays) are compared in full. Whatever else
differs is `undecidable`: reported at its place, and breaking. Source of the rules: api.md 4.4.
"""

import msgspec

from domain.schema.canonical import canonical, same, value_key
from domain.schema.emptiness import is_empty
from domain.values import JSON, Object

MAX_DEPTH = 64

_ANNOTATIONS = frozenset({"title", "description", "$comment", "examples", "deprecated", "$id", "$anchor"})
_DEFAULT_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = ("null", "boolean", "object", "array", "number", "string", "integer")
# Keywords whose larger value takes more (1) or less (-1) documents.
_BOUNDS = {
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
_HANDLED = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "format", "enum", "const", "default", *_BOUNDS}
)
# Keywords whose meaning depends on the properties and items beside them.
_LOOKING_AROUND = ("patternProperties", "unevaluatedProperties", "unevaluatedItems", "prefixItems", "additionalItems")


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One place where two schemas differ.

    `refuses_old`: some document that the old schema takes may be refused by the new one; `refuses_new`: the reverse.
    """

    type: str
    steps: tuple[str, ...]
    old: JSON = None
    new: JSON = None
    refuses_old: bool = False
    refuses_new: bool = False

    @property
    def path(self) -> str:
        return ".".join(self.steps)

    @property
    def pointer(self) -> str:
        return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in self.steps)


def differences(old: JSON, new: JSON) -> tuple[Difference, ...]:
    """What differs between two schemas, in no particular order."""
    found: list[Difference] = []
    if _has_references(old) or _has_references(new):
        _undecided(found, (), "$ref", old, new)
    else:
        _compare(old, new, (), found)
    return tuple(found)


def _has_references(schema: JSON) -> bool:
    """Whether a definition is pointed at; following these is the full engine's work."""
    text = canonical(schema)
    return b'"$ref":' in text or b'"$dynamicRef":' in text or b'"$recursiveRef":' in text


def _undecided(found: list[Difference], steps: tuple[str, ...], keyword: str, old: JSON, new: JSON) -> None:
    if canonical(old) != canonical(new):
        found.append(
            Difference(
                type="undecidable",
                steps=(*steps, keyword) if keyword else steps,
                old=old,
                new=new,
                refuses_old=True,
                refuses_new=True,
            )
        )


def _plain(schema: JSON) -> JSON:
    """A schema as the walk sees it: `true` as `{}`, annotations and unknown extensions left out at this level."""
    if schema is True:
        return {}
    if not isinstance(schema, dict):
        return schema
    return {k: v for k, v in schema.items() if k not in _ANNOTATIONS and not _is_extension(k) and not _is_default(k, v)}


def _is_default(keyword: str, value: JSON) -> bool:
    """Whether the dialect stated is the one that holds anyway. Another one gives keywords another meaning."""
    return keyword == "$schema" and isinstance(value, str) and value.rstrip("#") == _DEFAULT_DIALECT


def _is_extension(keyword: str) -> bool:
    return keyword.startswith("x-") and keyword not in _MEANINGFUL


_MEANINGFUL = frozenset(
    {"x-security", "x-deprecated", "x-graphql-kind", "x-graphql-type", "x-graphql-interfaces", "x-graphql-arguments"}
)


def _compare(old: JSON, new: JSON, steps: tuple[str, ...], found: list[Difference]) -> None:
    before, after = _plain(old), _plain(new)
    if same(before, after):
        return
    if not isinstance(before, dict) or not isinstance(after, dict) or len(steps) > MAX_DEPTH:
        _undecided(found, steps, "", before, after)
        return
    for keyword in sorted((before.keys() | after.keys()) - _HANDLED):
        _undecided(found, steps, keyword, before.get(keyword), after.get(keyword))
    _compare_types(before, after, steps, found)
    _compare_values(before, after, steps, found)
    _compare_bounds(before, after, steps, found)
    _compare_defaults(before, after, steps, found)
    if _looks_around(before, after):
        for keyword in ("properties", "required", "additionalProperties", "items"):
            _undecided(found, steps, keyword, before.get(keyword), after.get(keyword))
        return
    _compare_objects(before, after, steps, found)
    if "items" in before or "items" in after:
        _compare(before.get("items", {}), after.get("items", {}), (*steps, "items"), found)


def _looks_around(*schemas: Object) -> bool:
    """Whether a keyword is there that gives another meaning to what stands, or no longer stands, beside it."""
    return any(keyword in schema for schema in schemas for keyword in _LOOKING_AROUND)


def _types(schema: Object) -> frozenset[str] | None:
    """The types that a schema takes, with `integer` and `number` both for `number`; None if it names them oddly."""
    stated = schema.get("type", list(_TYPES))
    names = stated if isinstance(stated, list) else [stated]
    if not all(isinstance(name, str) and name in _TYPES for name in names):
        return None
    types = frozenset(str(name) for name in names)
    return types | {"integer"} if "number" in types else types


def _compare_types(old: Object, new: Object, steps: tuple[str, ...], found: list[Difference]) -> None:
    before, after = _types(old), _types(new)
    if before is None or after is None:
        _undecided(found, steps, "type", old.get("type"), new.get("type"))
        return
    if before == after:
        return
    gone, come = before - after, after - before
    shown: tuple[JSON, JSON] = (old.get("type"), new.get("type"))
    if gone | come == {"null"}:
        type = "nullable_removed" if gone else "nullable_added"
    else:
        type = "type_changed" if gone and come else "type_narrowed" if gone else "type_widened"
    found.append(
        Difference(type=type, steps=steps, old=shown[0], new=shown[1], refuses_old=bool(gone), refuses_new=bool(come))
    )


def _compare_values(old: Object, new: Object, steps: tuple[str, ...], found: list[Difference]) -> None:
    """`const`, `enum` and `format`."""
    if "const" in old and "const" in new:
        if not same(old["const"], new["const"]):
            found.append(_both("const_changed", (*steps, "const"), old["const"], new["const"]))
    else:
        _appeared(old, new, "const", steps, found)
    _compare_enums(old, new, steps, found)
    if "format" in old and "format" in new and old["format"] != new["format"]:
        found.append(_both("constraint_tightened", (*steps, "format"), old["format"], new["format"]))
    else:
        _appeared(old, new, "format", steps, found)


def _both(type: str, steps: tuple[str, ...], old: JSON, new: JSON) -> Difference:
    return Difference(type=type, steps=steps, old=old, new=new, refuses_old=True, refuses_new=True)


def _appeared(old: Object, new: Object, keyword: str, steps: tuple[str, ...], found: list[Difference]) -> None:
    """A constraint that only one side has."""
    if (keyword in old) == (keyword in new):
        return
    tighter = keyword in new
    found.append(
        Difference(
            type="constraint_tightened" if tighter else "constraint_relaxed",
            steps=(*steps, keyword),
            old=old.get(keyword),
            new=new.get(keyword),
            refuses_old=tighter,
            refuses_new=not tighter,
        )
    )


def _compare_enums(old: Object, new: Object, steps: tuple[str, ...], found: list[Difference]) -> None:
    if "enum" not in old or "enum" not in new:
        _appeared(old, new, "enum", steps, found)
        return
    before, after = old["enum"], new["enum"]
    if not isinstance(before, list) or not isinstance(after, list):
        _undecided(found, steps, "enum", before, after)
        return
    olds, news = {value_key(v): v for v in before}, {value_key(v): v for v in after}
    gone, come = [v for k, v in olds.items() if k not in news], [v for k, v in news.items() if k not in olds]
    place = (*steps, "enum")
    if gone:
        found.append(Difference(type="enum_values_removed", steps=place, old=gone, refuses_old=True))
    if come:
        found.append(Difference(type="enum_values_added", steps=place, new=come, refuses_new=True))


def _compare_bounds(old: Object, new: Object, steps: tuple[str, ...], found: list[Difference]) -> None:
    for keyword, sense in _BOUNDS.items():
        before, after = old.get(keyword), new.get(keyword)
        if same(before, after) and (keyword in old) == (keyword in new):
            continue
        if keyword not in old or keyword not in new:
            _appeared(old, new, keyword, steps, found)
        elif _is_number(before) and _is_number(after) and isinstance(before, int | float):
            assert isinstance(after, int | float)
            wider = (after > before) == (sense > 0)
            found.append(
                Difference(
                    type="constraint_relaxed" if wider else "constraint_tightened",
                    steps=(*steps, keyword),
                    old=before,
                    new=after,
                    refuses_old=not wider,
                    refuses_new=wider,
                )
            )
        else:
            _undecided(found, steps, keyword, before, after)


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compare_defaults(old: Object, new: Object, steps: tuple[str, ...], found: list[Difference]) -> None:
    place = (*steps, "default")
    if "default" in old and "default" in new:
        if not same(old["default"], new["default"]):
            found.append(Difference(type="default_changed", steps=place, old=old["default"], new=new["default"]))
    elif "default" in new:
        found.append(Difference(type="default_added", steps=place, new=new["default"]))
    elif "default" in old:
        found.append(Difference(type="default_removed", steps=place, old=old["default"]))


def _compare_objects(old: Object, new: Object, steps: tuple[str, ...], found: list[Difference]) -> None:
    """Named properties, what is required of them, and whether others may stand beside them."""
    olds, news = old.get("properties", {}), new.get("properties", {})
    if not isinstance(olds, dict) or not isinstance(news, dict) or not _simple(old) or not _simple(new):
        for keyword in ("properties", "required", "additionalProperties"):
            _undecided(found, steps, keyword, old.get(keyword), new.get(keyword))
        return
    _compare_openness(old, new, steps, found)
    for name in olds.keys() | news.keys():
        place = (*steps, "properties", name)
        if name in olds and name in news:
            _compare(olds[name], news[name], place, found)
        elif name in news and name in _names(old.get("required")):
            # Not new: documents had to have it, with any value (or could not be at all, if no other name may stand).
            _compare(not is_closed(old), news[name], place, found)
        elif name in news:
            found.append(_added(place, news[name], closed=is_closed(old)))
        else:
            found.append(_removed(place, olds[name], old, new))
    _compare_required(old, new, steps, found)


def _simple(schema: Object) -> bool:
    required = schema.get("required", [])
    return _plain(schema.get("additionalProperties", True)) in ({}, False) and isinstance(required, list)


def is_closed(schema: Object) -> bool:
    """Whether only named properties may stand in the object."""
    return schema.get("additionalProperties") is False


def _compare_openness(old: Object, new: Object, steps: tuple[str, ...], found: list[Difference]) -> None:
    if is_closed(old) == is_closed(new):
        return
    found.append(
        Difference(
            type="constraint_tightened" if is_closed(new) else "constraint_relaxed",
            steps=(*steps, "additionalProperties"),
            old=old.get("additionalProperties"),
            new=new.get("additionalProperties"),
            refuses_old=is_closed(new),
            refuses_new=is_closed(old),
        )
    )


def _added(place: tuple[str, ...], schema: JSON, *, closed: bool) -> Difference:
    """A new property. Into an open object it is safe by name, unless nothing satisfies it."""
    return Difference(type="property_added", steps=place, new=schema, refuses_old=is_empty(schema), refuses_new=closed)


def _removed(place: tuple[str, ...], schema: JSON, old: Object, new: Object) -> Difference:
    """A property gone: an open object still takes what it held, a closed one does not. By name it is safe forward."""
    was_required = place[-1] in _names(old.get("required"))
    return Difference(
        type="property_removed",
        steps=place,
        old=schema,
        refuses_old=is_closed(new),
        refuses_new=was_required or is_empty(schema),
    )


def _compare_required(old: Object, new: Object, steps: tuple[str, ...], found: list[Difference]) -> None:
    before, after = _names(old.get("required")), _names(new.get("required"))
    gone_properties = _names(list(_keys(old))) - _names(list(_keys(new)))
    for name in sorted(after - before):
        found.append(Difference(type="required_added", steps=(*steps, "required"), new=name, refuses_old=True))
    for name in sorted(before - after - gone_properties):
        found.append(Difference(type="required_removed", steps=(*steps, "required"), old=name, refuses_new=True))


def _keys(schema: Object) -> Object:
    properties = schema.get("properties", {})
    return properties if isinstance(properties, dict) else {}


def _names(value: JSON) -> frozenset[str]:
    return frozenset(name for name in value if isinstance(name, str)) if isinstance(value, list) else frozenset()
