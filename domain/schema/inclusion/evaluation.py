"""What the keywords of a schema have evaluated, for `unevaluatedProperties` and `unevaluatedItems`.

Which properties and items count as evaluated depends on which branches of a composition hold. Each case is spelled out
with its conditions, as long as these are few; then no annotation is left to follow.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from domain.schema.inclusion import terms as t
from domain.schema.inclusion.references import Outside, rebased
from domain.values import JSON, Object

if TYPE_CHECKING:
    from domain.schema.inclusion.translate import Translator

_MOST_CASES = 64
_MOST_PARTS = 2_000
_DEEPEST = 8


def unevaluated(translator: "Translator", schema: Object, base: str) -> list[int]:
    """The literals of `unevaluatedProperties` and `unevaluatedItems` of a schema."""
    parts = []
    for keyword in ("unevaluatedProperties", "unevaluatedItems"):
        if keyword in schema and schema[keyword] is not True:
            value, terms = translator.schema(schema[keyword], base), translator.terms
            cases = _Reader(translator, keyword).cases(schema, base, 0)
            if cases is None:
                parts.append(translator.opaque(f"{keyword} beside compositions of so many cases", schema))
            else:
                parts.append(
                    terms.any([terms.all([*case.given, case.leaves(translator, keyword, value)]) for case in cases])
                )
    return parts


class _Reader:
    """Finds the cases of one keyword: `unevaluatedProperties` or `unevaluatedItems`."""

    def __init__(self, translator: "Translator", keyword: str) -> None:
        self._translator = translator
        self._document = translator.document
        self._keyword = keyword
        self._left = _MOST_PARTS

    def cases(self, schema: JSON, base: str, depth: int) -> "_Cases":
        """What is evaluated by a schema in each case that may arise; None if these are too many to spell out."""
        if not isinstance(schema, dict):
            return [_Evaluated()]
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return None
        base = rebased(schema, base, self._document)
        schema = self._document.known(schema)
        found: _Cases = [self._own(schema, base, depth)]
        for branch, branch_base in self._always(schema, base):
            found = _product(found, self.cases(branch, branch_base, depth + 1))
        for keyword in ("anyOf", "oneOf"):
            branches = schema.get(keyword, [])
            for branch in branches if isinstance(branches, list) else []:
                inner = self.cases(branch, base, depth + 1)
                found = _product(found, _either(inner, self._translator.schema(branch, base)))
        return self._conditions(found, schema, base, depth)

    def _own(self, schema: Object, base: str, depth: int) -> "_Evaluated":
        below = depth > 0 and self._keyword in schema
        if self._keyword == "unevaluatedProperties":
            return _Evaluated(
                names=frozenset(map_of(schema, "properties")),
                patterns=frozenset(map_of(schema, "patternProperties")),
                everything=below or "additionalProperties" in schema,
            )
        prefix, rest = items_of(schema)
        contained = (self._translator.schema(schema["contains"], base),) if "contains" in schema else ()
        return _Evaluated(prefix=len(prefix), contained=contained, everything=below or rest is not None)

    def _always(self, schema: Object, base: str) -> list[tuple[JSON, str]]:
        """The schemas that hold of the same value whenever this one does."""
        branches = schema.get("allOf", [])
        found = [(each, base) for each in branches] if isinstance(branches, list) else []
        for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            reference = schema.get(keyword)
            if isinstance(reference, str):
                try:
                    place = self._document.followed(keyword, reference, base)
                except Outside:
                    continue
                found.append((self._document.at(place), place.base))
        return found

    def _conditions(self, found: "_Cases", schema: Object, base: str, depth: int) -> "_Cases":
        """`if`, `then`, `else` and dependent schemas."""
        if "if" in schema:
            holds = self._translator.schema(schema["if"], base)
            condition, then, other = (
                self.cases(schema.get(keyword, True), base, depth + 1) for keyword in ("if", "then", "else")
            )
            found = _product(found, _joined(_given(_product(condition, then), holds), _given(other, holds ^ 1)))
        for name, each in map_of(schema, "dependentSchemas").items():
            there = self._translator.has(name)
            inner = _given(self.cases(each, base, depth + 1), there)
            found = _product(found, _joined(inner, [_Evaluated(given=(there ^ 1,))]))
        return found


class _Evaluated(msgspec.Struct, frozen=True):
    """What has been evaluated of a value if the literals of `given` hold of it."""

    given: tuple[int, ...] = ()
    names: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    prefix: int = 0
    contained: tuple[int, ...] = ()
    everything: bool = False

    def with_(self, other: "_Evaluated") -> "_Evaluated":
        return _Evaluated(
            given=(*self.given, *other.given),
            names=self.names | other.names,
            patterns=self.patterns | other.patterns,
            prefix=max(self.prefix, other.prefix),
            contained=(*self.contained, *other.contained),
            everything=self.everything or other.everything,
        )

    def leaves(self, translator: "Translator", keyword: str, value: int) -> int:
        """What is not evaluated satisfies the literal."""
        terms = translator.terms
        if self.everything:
            return terms.true
        if keyword == "unevaluatedProperties":
            return terms.literal(t.OtherProperties(self.names, self.patterns, value))
        return terms.literal(t.ItemsFrom(self.prefix, terms.any([*self.contained, value])))


_Cases: TypeAlias = list[_Evaluated] | None


def _product(left: _Cases, right: _Cases) -> _Cases:
    if left is None or right is None or len(left) * len(right) > _MOST_CASES:
        return None
    return [one.with_(other) for one in left for other in right]


def _joined(left: _Cases, right: _Cases) -> _Cases:
    return None if left is None or right is None else [*left, *right]


def _given(scenarios: _Cases, literal: int) -> _Cases:
    return None if scenarios is None else [each.with_(_Evaluated(given=(literal,))) for each in scenarios]


def _either(scenarios: _Cases, holds: int) -> _Cases:
    """A branch that holds, with what it evaluates, or does not."""
    return _joined(_given(scenarios, holds), [_Evaluated(given=(holds ^ 1,))])


def items_of(schema: Object) -> tuple[Sequence[JSON], JSON]:
    """The schemas of the first items, and of all after them; None where nothing is said."""
    items, prefix = schema.get("items"), schema.get("prefixItems")
    if isinstance(items, list):
        return items, schema.get("additionalItems")
    return (prefix if isinstance(prefix, list) else []), items


def map_of(schema: Object, keyword: str) -> Object:
    value = schema.get(keyword)
    return value if isinstance(value, dict) else {}
