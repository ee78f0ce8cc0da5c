"""How much work a validator has with a schema: it follows every reference again wherever it stands, without memory.

Definitions that refer to each other twice make it take as many steps as there are ways through them.
"""

from domain.schema.inclusion.references import Document, Outside
from domain.schema.kept import Kept
from domain.schema.standing import named_at
from domain.values import JSON

MOST_STEPS = 200_000
_SAME_VALUE = frozenset(
    "$ref $dynamicRef $recursiveRef allOf anyOf oneOf not if then else dependentSchemas dependencies".split()
)
# What definitions cost at any depth, by name and digest: many schemas share them.
_shared: Kept[tuple[str, str], int] = Kept(10_000)
_NO_SCHEMAS = frozenset("$defs definitions const enum default examples example required type".split())


def affordable(schema: JSON, witness: JSON) -> bool:
    """Whether validating the witness takes no more than so many steps."""
    # Whether any witness may be checked is quickly seen, where definitions do not lead back to themselves.
    return (
        _Costs(schema, shrinks=False).of(schema, 1) <= MOST_STEPS
        or _Costs(schema).of(schema, _depth(witness)) <= MOST_STEPS
    )


def _depth(value: JSON) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


class _Costs:
    """`shrinks`: a value is less deep than what it is part of. Else all are taken to be as deep."""

    def __init__(self, root: JSON, *, shrinks: bool = True) -> None:
        self._document = Document(root)
        self._less = int(shrinks)
        self._known: dict[tuple[int, int], int] = {}

    def of(self, schema: JSON, depth: int) -> int:
        """The steps for a value of that depth, at most."""
        if not isinstance(schema, dict) or depth == 0:
            return 1
        key = (id(schema), depth)
        if key not in self._known:
            self._known[key] = MOST_STEPS + 1  # what holds where a definition leads back to itself
            self._known[key] = min(MOST_STEPS + 1, self._sum(schema, depth))
        return self._known[key]

    def _sum(self, schema: dict[str, JSON], depth: int) -> int:
        steps = 1
        for keyword, value in schema.items():
            if keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
                steps += self._referred(value, depth)
            elif keyword not in _NO_SCHEMAS:
                steps += self._within(value, depth if keyword in _SAME_VALUE else depth - self._less)
        return steps

    def _within(self, value: JSON, depth: int) -> int:
        """What a keyword holds: a schema, a list or a map of them."""
        if isinstance(value, list):
            return sum(self._within(each, depth) for each in value)
        return self.of(value, depth) + (
            sum(self.of(each, depth) for each in value.values() if isinstance(each, dict))
            if isinstance(value, dict)
            else 0
        )

    def _referred(self, reference: JSON, depth: int) -> int:
        try:
            place = self._document.follow(reference, "") if isinstance(reference, str) else None
        except Outside:
            place = None
        if place is None:
            return 1
        named = None if self._less else named_at(self._document, place)
        known = _shared.get(named) if named else None
        if known is None:
            known = self.of(self._document.at(place), depth)
            if named:
                _shared.put(named, known)
        return known
