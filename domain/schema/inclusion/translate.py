"""From JSON Schema, draft 4 to 2020-12 and as OpenAPI writes it, to terms. The one place that knows the keywords."""

from collections.abc import Callable

from domain.schema.canonical import canonical
from domain.schema.inclusion import terms as t
from domain.schema.inclusion.constants import one_of
from domain.schema.inclusion.contents import ANNOTATIONS, Numbering
from domain.schema.inclusion.evaluation import items_of, map_of, unevaluated
from domain.schema.inclusion.references import Document, Outside, Place, rebased
from domain.schema.inclusion.terms import Terms
from domain.values import JSON, Object

_Count = t.MinLength | t.MaxLength | t.MinItems | t.MaxItems | t.MinProperties | t.MaxProperties


_PLAIN = frozenset({"type", "format"})


class Translator:
    """Translates the schemas of one document. `formats` says whether formats assert anything."""

    def __init__(self, terms: Terms, document: Document, numbering: Numbering, *, formats: bool) -> None:
        self.terms = terms
        self.document = document
        self._numbering = numbering
        self._formats = formats
        self.pending: list[tuple[int, Place]] = []
        # Literals of the document's schemas, by the schema (which is kept, so that its id stays its own) and the base.
        self._known: dict[tuple[int, str], tuple[Object, int]] = {}
        self._of_type: dict[tuple[JSON, JSON], int] = {}

    def root(self) -> int:
        """The literal of the whole document, with every definition that it reaches filled in."""
        literal = self.reference(Place())
        self._define()
        return literal

    def within(self, value: JSON, base: str) -> int:
        """The literal of a schema that stands within the document."""
        literal = self.schema(value, base)
        self._define()
        return literal

    def _define(self) -> None:
        """Fill in every definition that is referred to."""
        fresh = False
        while self.pending:
            number, place = self.pending.pop()
            if number not in self.terms.definitions:
                fresh = True
                self.terms.definitions[number] = self.terms.true
                self.terms.definitions[number] = self.schema(self.document.at(place), place.base)
        for number in self.terms.circular() if fresh else ():
            self.terms.definitions[number] = self.terms.literal(
                t.Opaque(f"a reference leads back to itself, and says nothing else (definition {number + 1})")
            )

    def reference(self, place: Place) -> int:
        number = self._numbering.number(self.document, place)
        self.pending.append((number, place))
        return self.terms.literal(t.Ref(number))

    def opaque(self, what: str, content: JSON) -> int:
        """Something that cannot be judged: related to the very same thing alone."""
        return self.terms.literal(t.Opaque(f"{what}: {canonical(content).decode()[:200]}"))

    def schema(self, value: JSON, base: str) -> int:
        """The literal of a schema."""
        if value is True or value is False:
            return self.terms.true if value else self.terms.false
        if not isinstance(value, dict):
            return self.opaque("this is no schema", value)
        if value.keys() - ANNOTATIONS <= _PLAIN:
            return self._plain(value, base)
        key = (id(value), base)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = value, self._translated(value, base)
        return known[1]

    def _plain(self, value: Object, base: str) -> int:
        """The literal of a schema that says no more than type and format, as most do: found once for all of them."""
        key = value.get("type"), value.get("format")
        if not (isinstance(key[0], str) and isinstance(key[1], str | None)):
            return self._translated(value, base)
        known = self._of_type.get(key)
        if known is None:
            known = self._of_type[key] = self._translated(value, base)
        return known

    def _translated(self, value: Object, base: str) -> int:
        base = rebased(value, base, self.document)
        if "$ref" in value and self.document.lone_references:
            return self._followed("$ref", value["$ref"], base)
        value = self.document.known(value)
        parts: list[int] = []
        for read, keywords in _READERS:
            if not keywords.isdisjoint(value):
                parts += read(self, value, base)
        return self.terms.all(parts)

    def _followed(self, keyword: str, reference: JSON, base: str) -> int:
        if not isinstance(reference, str):
            return self.opaque("a reference must be a text", reference)
        try:
            return self.reference(self.document.followed(keyword, reference, base))
        except Outside as outside:
            return self.terms.literal(t.Opaque(str(outside)))

    # --- keywords for any type ---------------------------------------------------------------------------------

    def references(self, schema: Object, base: str) -> list[int]:
        keywords = ("$ref", "$dynamicRef", "$recursiveRef")
        return [self._followed(keyword, schema[keyword], base) for keyword in keywords if keyword in schema]

    def types(self, schema: Object, base: str) -> list[int]:
        if "type" not in schema:
            return []
        stated = schema["type"]
        names = stated if isinstance(stated, list) else [stated]
        mask = t.NULL if schema.get("nullable") is True else 0
        for name in names:
            if not isinstance(name, str) or name not in t.TYPE_BITS:
                return [self.opaque("unknown type", stated)]
            mask |= t.TYPE_BITS[name]
        return [] if mask == t.EVERY else [self.terms.literal(t.Types(mask))]

    def values(self, schema: Object, base: str) -> list[int]:
        parts = []
        if "const" in schema:
            parts.append(one_of(self.terms, [schema["const"]]))
        if "enum" in schema:
            enum = schema["enum"]
            parts.append(
                one_of(self.terms, enum) if isinstance(enum, list) else self.opaque("enum must be a list", enum)
            )
        return parts

    def compositions(self, schema: Object, base: str) -> list[int]:
        parts = []
        combine: dict[str, Callable[[list[int]], int]] = {
            "allOf": self.terms.all,
            "anyOf": self.terms.any,
            "oneOf": self.terms.one,
        }
        for keyword, combined in combine.items():
            if keyword in schema:
                branches = schema[keyword]
                if isinstance(branches, list):
                    parts.append(combined([self.schema(each, base) for each in branches]))
                else:
                    parts.append(self.opaque(f"{keyword} must be a list", branches))
        if "not" in schema:
            parts.append(self.schema(schema["not"], base) ^ 1)
        if "if" in schema:
            condition = self.schema(schema["if"], base)
            for keyword, holds in (("then", condition), ("else", condition ^ 1)):
                if keyword in schema:
                    parts.append(self.terms.any([holds ^ 1, self.schema(schema[keyword], base)]))
        return parts

    # --- numbers and strings -----------------------------------------------------------------------------------

    def numbers(self, schema: Object, base: str) -> list[int]:
        parts = []
        for keyword, kind in (("minimum", t.Least), ("maximum", t.Most)):
            exclusively = "exclusive" + keyword.capitalize()
            flag = schema.get(exclusively)
            if keyword in schema:
                parts.append(self._bound(kind, keyword, schema[keyword], exclusive=flag is True))
            if exclusively not in schema or isinstance(flag, bool):
                continue
            if self.document.flagged_bounds:
                parts.append(self.opaque(f"{exclusively} must be true or false in draft 4", flag))
            else:
                parts.append(self._bound(kind, exclusively, flag, exclusive=True))
        if "multipleOf" in schema:
            of = schema["multipleOf"]
            if _is_number(of) and isinstance(of, int | float) and of > 0:
                parts.append(self.terms.literal(t.Multiple(t.exact(of))))
            else:
                parts.append(self.opaque("multipleOf must be a number over 0", of))
        return parts

    def _bound(self, kind: type[t.Least] | type[t.Most], keyword: str, value: JSON, *, exclusive: bool) -> int:
        if not _is_number(value) or not isinstance(value, int | float):
            return self.opaque(f"{keyword} must be a number", value)
        return self.terms.literal(kind(t.exact(value), exclusive))

    def strings(self, schema: Object, base: str) -> list[int]:
        parts = self._counts(schema, t.MinLength, t.MaxLength)
        if "pattern" in schema:
            pattern = schema["pattern"]
            known = isinstance(pattern, str)
            parts.append(
                self.terms.literal(t.Matches(str(pattern))) if known else self.opaque("pattern must be a text", pattern)
            )
        format = schema.get("format")
        if self._formats and isinstance(format, str):
            parts.append(self.terms.literal(t.Format(format)))
        return parts

    def _counts(self, schema: Object, least: type[_Count], most: type[_Count]) -> list[int]:
        """`min…` and `max…` of something counted, by the names of the terms."""
        parts = []
        for kind in (least, most):
            keyword = kind.__name__[0].lower() + kind.__name__[1:]
            if keyword not in schema:
                continue
            count = schema[keyword]
            if not _is_count(count) or not isinstance(count, int | float):
                parts.append(self.opaque(f"{keyword} must be a whole number", count))
            elif kind is most or count > 0:
                parts.append(self.terms.literal(kind(int(count))))
        return parts

    # --- arrays ------------------------------------------------------------------------------------------------

    def arrays(self, schema: Object, base: str) -> list[int]:
        parts = self._counts(schema, t.MinItems, t.MaxItems)
        prefix, rest = items_of(schema)
        parts += [self.terms.literal(t.ItemAt(n, self.schema(each, base))) for n, each in enumerate(prefix)]
        if rest is not None and rest is not True:
            parts.append(self.terms.literal(t.ItemsFrom(len(prefix), self.schema(rest, base))))
        if schema.get("uniqueItems") is True:
            parts.append(self.terms.literal(t.Unique()))
        elif not isinstance(schema.get("uniqueItems", False), bool):
            parts.append(self.opaque("uniqueItems must be true or false", schema["uniqueItems"]))
        return parts + self._contains(schema, base)

    def _contains(self, schema: Object, base: str) -> list[int]:
        if "contains" not in schema:
            return []
        item, parts = self.schema(schema["contains"], base), []
        least, most = schema.get("minContains", 1), schema.get("maxContains")
        if not _is_count(least) or not (most is None or _is_count(most)):
            return [self.opaque("minContains and maxContains must be whole numbers", [least, most])]
        if isinstance(least, int | float) and least >= 1:
            parts.append(self.terms.literal(t.Contains(int(least), item)))
        if isinstance(most, int | float):
            parts.append(self.terms.literal(t.ContainsMost(int(most), item)))
        return parts

    # --- objects -----------------------------------------------------------------------------------------------

    def objects(self, schema: Object, base: str) -> list[int]:
        make = self.terms.literal
        parts = self._counts(schema, t.MinProperties, t.MaxProperties)
        properties, patterns = map_of(schema, "properties"), map_of(schema, "patternProperties")
        parts += [make(t.Property(name, self.schema(each, base))) for name, each in properties.items()]
        parts += [make(t.PatternProperty(name, self.schema(each, base))) for name, each in patterns.items()]
        others = schema.get("additionalProperties", True)
        if others is not True:
            value = self.schema(others, base)
            parts.append(make(t.OtherProperties(frozenset(properties), frozenset(patterns), value)))
        required = schema.get("required", [])
        for name in required if isinstance(required, list) else []:
            parts.append(
                make(t.Required(name)) if isinstance(name, str) else self.opaque("a name must be a text", name)
            )
        if "propertyNames" in schema:
            parts.append(make(t.Names(self.schema(schema["propertyNames"], base))))
        for keyword in ("properties", "patternProperties", "dependencies", "dependentRequired", "dependentSchemas"):
            if not isinstance(schema.get(keyword, {}), dict):
                parts.append(self.opaque(f"{keyword} must be an object", schema[keyword]))
        # Draft 3 wrote a boolean, on the property itself.
        if not isinstance(required, list | bool):
            parts.append(self.opaque("required must be a list", required))
        return parts + self._dependents(schema, base)

    def _dependents(self, schema: Object, base: str) -> list[int]:
        parts = []
        for keyword in ("dependencies", "dependentRequired", "dependentSchemas"):
            for name, needed in map_of(schema, keyword).items():
                if isinstance(needed, list):
                    then = self.terms.all([self.terms.literal(t.Required(str(each))) for each in needed])
                elif isinstance(needed, str):
                    then = self.terms.literal(t.Required(needed))
                else:
                    then = self.schema(needed, base)
                parts.append(self.terms.any([self.has(name) ^ 1, then]))
        return parts

    def has(self, name: str) -> int:
        """The value is an object with that property."""
        return self.terms.all([self.terms.literal(t.Types(t.OBJECT)), self.terms.literal(t.Required(name))])

    def unevaluated(self, schema: Object, base: str) -> list[int]:
        return unevaluated(self, schema, base)


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and value == int(value)


_READERS: tuple[tuple[Callable[[Translator, Object, str], list[int]], frozenset[str]], ...] = tuple(
    (read, frozenset(keywords.split()))
    for read, keywords in (
        (Translator.references, "$ref $dynamicRef $recursiveRef"),
        (Translator.types, "type"),
        (Translator.values, "const enum"),
        (Translator.compositions, "allOf anyOf oneOf not if"),
        (Translator.numbers, "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"),
        (Translator.strings, "minLength maxLength pattern format"),
        (Translator.arrays, "minItems maxItems items prefixItems additionalItems uniqueItems contains"),
        (
            Translator.objects,
            "minProperties maxProperties properties patternProperties additionalProperties required propertyNames "
            "dependencies dependentRequired dependentSchemas",
        ),
        (Translator.unevaluated, "unevaluatedProperties unevaluatedItems"),
    )
)
