"""A schema as the walk wants to see it: references followed, and `allOf` taken in where that changes nothing."""

import msgspec

from domain.schema.canonical import same
from domain.schema.inclusion.references import Document, Outside, Place, rebased
from domain.values import JSON, Object

# Keywords that mean something else depending on what stands beside them.
LOOKING_AROUND = frozenset(
    "additionalProperties patternProperties unevaluatedProperties unevaluatedItems items prefixItems additionalItems "
    "contains minContains maxContains if then else".split()
)
_MOST_REFERENCES = 50
_MOST_TAKEN_IN = 1_000


class Opened(msgspec.Struct, frozen=True):
    """A schema opened: its members (None for `false` and what is no schema), and the reference that led there."""

    members: Object | None
    base: str
    place: Place | None = None


def opened(document: Document, value: JSON, base: str, *, flat: bool = True) -> Opened:
    """Open a schema of a document; `flat` takes in `allOf`."""
    place: Place | None = None
    for _ in range(_MOST_REFERENCES):
        if value is True:
            return Opened({}, base, place)
        if not isinstance(value, dict):
            return Opened(None, base, place)
        base, value = rebased(value, base, document), document.known(value)
        target = _alone(document, value, base)
        if target is None:
            return Opened(_flat_at(document, value, base, place) if flat else value, base, place)
        place, value, base = target, document.at(target), target.base
    return Opened(None, base, place)


def _alone(document: Document, value: Object, base: str) -> Place | None:
    """Where a schema leads that is nothing but a reference, words aside."""
    reference = value.get("$ref")
    if not isinstance(reference, str):
        return None
    if not document.lone_references and any(speaks(keyword) for keyword in value if keyword != "$ref"):
        return None
    try:
        return document.follow(reference, base)
    except Outside:
        return None


def speaks(keyword: str) -> bool:
    """Whether a keyword may make a difference to documents; one that nobody knows does not."""
    return keyword in _ASSERTIONS or keyword in MEANINGFUL


_ASSERTIONS = LOOKING_AROUND | frozenset(
    "type nullable enum const format multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength "
    "pattern minItems maxItems uniqueItems minProperties maxProperties required properties propertyNames dependencies "
    "dependentRequired dependentSchemas allOf anyOf oneOf not $ref $dynamicRef $recursiveRef".split()
)
MEANINGFUL = frozenset(
    {
        *(
            "x-security",
            "x-deprecated",
            "x-serialization",
            "x-graphql-kind",
            "x-graphql-type",
            "x-graphql-ids",
            "x-graphql-interfaces",
            "x-graphql-directives",
            "x-graphql-uses",
        ),
        "x-graphql-arguments",
    }
)


def _flat_at(document: Document, value: Object, base: str, place: Place | None) -> Object:
    """The flat schema, found once for each definition. One that is part of itself is not taken in there."""
    if place is None:
        return _flat(document, value, base)
    known = document.flat.get(place)
    if known is None:
        document.flat[place] = value
        known = document.flat[place] = _flat(document, value, base)
    return known


def _flat(document: Document, value: Object, base: str) -> Object:
    """The schema with the members of `allOf` and of a reference beside others taken in, if all of them can be."""
    parts = value.get("allOf", [])
    inner: list[JSON] = [*parts] if isinstance(parts, list) else []
    if "$ref" in value and any(speaks(keyword) for keyword in value if keyword != "$ref"):
        inner.append({"$ref": value["$ref"]})
    if not inner or len(inner) > _MOST_TAKEN_IN:
        return value
    merged: Object | None = {k: v for k, v in value.items() if k not in ("allOf", "$ref")}
    for part in inner:
        other = opened(document, part, base)
        if merged is None or other.members is None or other.base != base or not _plain_reference(other.members):
            return value
        merged = _merged(merged, other.members)
    return value if merged is None else merged


def _plain_reference(members: Object) -> bool:
    return "$ref" not in members and "allOf" not in members


def _merged(one: Object, other: Object) -> Object | None:
    """One schema that says what both do, or None if that cannot be said by joining their members."""
    speaking = {keyword for keyword in other if speaks(keyword)}
    if LOOKING_AROUND & (speaking | {keyword for keyword in one if speaks(keyword)}):
        return None
    if any(_read_together(one, other, group) for group in _TOGETHER):
        return None
    joined = dict(one)
    for keyword in speaking:
        if keyword not in one or same(one[keyword], other[keyword]):
            joined[keyword] = other[keyword]
            continue
        value = _joined(keyword, one[keyword], other[keyword])
        if value is None:
            return None
        joined[keyword] = value
    return joined


# Keywords of which one, as a boolean, says how the other is meant (OpenAPI 3.0 and draft 4).
_TOGETHER = (("type", "nullable"), ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))


def _read_together(one: Object, other: Object, group: tuple[str, ...]) -> bool:
    """Whether both schemas say something by these keywords, and not the same, with a boolean among them."""
    parts = [{keyword: schema[keyword] for keyword in group if keyword in schema} for schema in (one, other)]
    flagged = any(isinstance(value, bool) for part in parts for value in part.values())
    return flagged and all(parts) and not same(*parts)


def _joined(keyword: str, one: JSON, other: JSON) -> JSON:
    if keyword == "required" and isinstance(one, list) and isinstance(other, list):
        return [*one, *(name for name in other if name not in one)]
    if keyword == "properties" and isinstance(one, dict) and isinstance(other, dict):
        if all(same(one[name], other[name]) for name in one.keys() & other.keys()):
            return {**one, **other}
    return None


def map_of(schema: Object, keyword: str) -> Object:
    """The members of a keyword that holds an object."""
    value = schema.get(keyword)
    return value if isinstance(value, dict) else {}


def names_of(value: JSON) -> frozenset[str]:
    """The texts of a list."""
    return frozenset(name for name in value if isinstance(name, str)) if isinstance(value, list) else frozenset()
