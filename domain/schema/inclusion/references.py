"""Where references lead within one schema document: pointers, `$id`, `$anchor`. Nothing outside is ever looked at."""

import re
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import unquote, urldefrag, urljoin

import msgspec

from domain.schema.inclusion.dialects import flagged_bounds, stood_alone, unknown_keywords
from domain.values import JSON, Object

# Keywords that hold a schema, a list of schemas, and a map of schemas.
ONE_SCHEMA = frozenset(
    "additionalItems additionalProperties contains contentSchema else if items not propertyNames then "
    "unevaluatedItems unevaluatedProperties".split()
)
SCHEMA_LISTS = frozenset("allOf anyOf oneOf prefixItems items".split())
SCHEMA_MAPS = frozenset(
    "$defs definitions dependentSchemas dependencies patternProperties properties x-graphql-arguments".split()
)
# A pointer from the root in which nothing is escaped: nearly every reference there is.
_PLAIN = re.compile(r"#/[\w$.\-]+(?:/[\w$.\-]+)*", re.ASCII)


class Place(msgspec.Struct, frozen=True):
    """A schema within its document: the pointer's steps, and the base URI that holds there."""

    steps: tuple[str, ...] = ()
    base: str = ""


class Outside(Exception):
    """A reference that does not lead to a place of the document; the message says which."""


class _Names:
    """Places by the names that a document gives them: URIs and, apart, its dynamic anchors."""

    def __init__(self) -> None:
        self.named: dict[str, Place] = {}
        self.dynamic: dict[str, list[Place]] = {}
        self.recursive = 0

    def add(self, schema: Object, place: Place, lone_references: bool) -> None:
        id = _own_id(schema, lone_references)
        if id is not None:
            self.named.setdefault(place.base, place)
            fragment = id.partition("#")[2]
            if fragment:
                self.named.setdefault(f"{place.base}#{fragment}", place)
        self.recursive += schema.get("$recursiveAnchor") is True
        for keyword in ("$anchor", "$dynamicAnchor"):
            anchor = schema.get(keyword)
            if isinstance(anchor, str):
                self.named.setdefault(f"{place.base}#{anchor}", place)
                if keyword == "$dynamicAnchor":
                    self.dynamic.setdefault(anchor, []).append(place)


class Document:
    """One schema document with its named places. `dialect` stands in where the document names none."""

    def __init__(self, root: JSON, dialect: str = "") -> None:
        self.root = root
        stated = root.get("$schema") if isinstance(root, dict) else None
        self.dialect = stated if isinstance(stated, str) else dialect
        self.lone_references = stood_alone(self.dialect)
        self.flagged_bounds = flagged_bounds(self.dialect)
        self._unknown = unknown_keywords(self.dialect)
        # Definitions with `allOf` taken in, as far as they were looked at.
        self.flat: dict[Place, Object] = {}
        # Where plain references from the root lead, as far as they were followed.
        self._plain: dict[str, Place] = {}

    @cached_property
    def _names(self) -> "_Names":
        """What `$id` and anchors name. Looked for when the first reference asks: most schemas have none."""
        names = _Names()
        for schema, place in self.schemas():
            names.add(schema, place, self.lone_references)
        return names

    def follow(self, reference: str, base: str) -> Place:
        """The place that a reference means. Raises `Outside`."""
        known = self._plain.get(reference) if base == "" else None
        if known is not None:
            return known
        if base == "" and _PLAIN.fullmatch(reference):
            place = self._plain[reference] = self._descend(Place(), tuple(reference[2:].split("/")), reference)
            return place
        try:
            joined = base + reference if reference.startswith("#") else urljoin(base, reference)
            target, fragment = urldefrag(joined)
        except ValueError:
            raise Outside(f"the reference {reference!r} is no URI reference") from None
        if target == "":
            start = Place(base="")
        elif target in self._names.named:
            start = self._names.named[target]
        elif target == base:
            start = Place(base=base)
        else:
            raise Outside(f"the reference {reference!r} leads out of the document")
        fragment = unquote(fragment)
        if not fragment:
            return start
        if not fragment.startswith("/"):
            named = self._names.named.get(f"{start.base}#{fragment}")
            if named is None:
                raise Outside(f"the reference {reference!r} leads nowhere")
            return named
        steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in fragment[1:].split("/"))
        return self._descend(start, steps, reference)

    def followed(self, keyword: str, reference: str, base: str) -> Place:
        """The place that `$ref`, `$recursiveRef` or `$dynamicRef` means. Raises `Outside`.

        A dynamic reference is followed where no more than one anchor of its name may be meant.
        """
        place = self.follow(reference, base)
        if keyword == "$ref":
            return place
        anchor = reference.rpartition("#")[2]
        several = len(self._names.dynamic.get(anchor, [])) if keyword == "$dynamicRef" else self._names.recursive
        if several > 1:
            raise Outside(f"several places may be meant by the dynamic reference {reference!r}")
        return place

    def _descend(self, start: Place, steps: tuple[str, ...], reference: str) -> Place:
        value, base = self.at(start), start.base
        for step in steps:
            if isinstance(value, dict) and step in value:
                value = value[step]
            elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(value):
                value = value[int(step)]
            else:
                raise Outside(f"the reference {reference!r} leads nowhere")
            id = _own_id(value, self.lone_references) if isinstance(value, dict) else None
            base = _based(id, base)
        if not isinstance(value, dict | bool):
            raise Outside(f"the reference {reference!r} leads to no schema")
        return Place((*start.steps, *steps), base)

    def schemas(self) -> Iterator[tuple[Object, Place]]:
        """Every schema of the document, by the keywords that hold schemas."""
        stack: list[tuple[JSON, Place]] = [(self.root, Place())]
        while stack:
            value, outer = stack.pop()
            if not isinstance(value, dict):
                continue
            place = Place(outer.steps, rebased(value, outer.base, self))
            yield value, place
            for keyword, inner in value.items():
                steps = (*place.steps, keyword)
                if isinstance(inner, dict) and keyword in SCHEMA_MAPS:
                    stack.extend((each, Place((*steps, name), place.base)) for name, each in inner.items())
                elif isinstance(inner, list) and keyword in SCHEMA_LISTS:
                    stack.extend((each, Place((*steps, str(n)), place.base)) for n, each in enumerate(inner))
                elif isinstance(inner, dict) and keyword in ONE_SCHEMA:
                    stack.append((inner, Place(steps, place.base)))

    def known(self, schema: Object) -> Object:
        """A schema without the keywords that its dialect does not know."""
        if self._unknown.isdisjoint(schema):
            return schema
        return {keyword: value for keyword, value in schema.items() if keyword not in self._unknown}

    def at(self, place: Place) -> JSON:
        """What stands at a place."""
        value = self.root
        for step in place.steps:
            value = value[step] if isinstance(value, dict) else value[int(step)] if isinstance(value, list) else None
        return value


def _own_id(schema: Object, lone_references: bool) -> str | None:
    if lone_references and "$ref" in schema:
        return None
    id = schema.get("$id", schema.get("id") if lone_references else None)
    return id if isinstance(id, str) else None


def _based(id: str | None, base: str) -> str:
    try:
        return base if id is None else urldefrag(urljoin(base, id))[0]
    except ValueError:
        return base  # an id that is no URI names nothing


def rebased(schema: Object, base: str, document: Document) -> str:
    """The base URI inside a schema that may have an `$id` of its own."""
    return _based(_own_id(schema, document.lone_references), base)
