"""The language of the search: assertions about one JSON value, interned, so that equal ones are one number.

A *literal* is a term or its negation, written `2 * term` and `2 * term + 1`; `literal ^ 1` is the opposite. The only
connectives are `All` and `One`: "any of" is the opposite of "all of the opposites".
"""

from fractions import Fraction
from typing import TypeAlias

import msgspec

from domain.schema.knots import knots
from domain.values import JSON

NULL, BOOLEAN, INTEGER, FRACTION, STRING, ARRAY, OBJECT = (1 << n for n in range(7))
NUMBER = INTEGER | FRACTION
EVERY = (1 << 7) - 1
TYPE_BITS = {
    "null": NULL,
    "boolean": BOOLEAN,
    "integer": INTEGER,
    "number": NUMBER,
    "string": STRING,
    "array": ARRAY,
    "object": OBJECT,
}

# Formats of the specifications that say nothing of numbers; others may (`int32`, `double`, those made up).
FORMATS_OF_TEXTS = frozenset(
    "date-time date time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri iri-reference "
    "uuid uri-template json-pointer relative-json-pointer regex byte binary password".split()
)

# So many terms inside each other are looked through for the types that they leave.
_DEEPEST = 50

Scalar: TypeAlias = bool | str | Fraction | None


class Term(msgspec.Struct, frozen=True):
    """The parent of all terms. A term says something about some types of values; values of others satisfy it.

    So the opposite of a term is a value *of those types* that fails it: bounds come in pairs, and are not opposites.
    """


class All(Term, frozen=True):
    """All of the literals hold."""

    parts: tuple[int, ...]


class One(Term, frozen=True):
    """Exactly one of the literals holds."""

    parts: tuple[int, ...]


class Ref(Term, frozen=True):
    """What the definition of that number asserts."""

    target: int


class Opaque(Term, frozen=True):
    """Something that cannot be judged, said in words."""

    what: str


class Types(Term, frozen=True):
    """The value is of one of these types."""

    mask: int


class Scalars(Term, frozen=True):
    """The value is one of these: null, booleans, numbers, strings. Tagged by type, since True is 1 to Python."""

    values: frozenset[tuple[int, Scalar]]


class Least(Term, frozen=True):
    """A number is at least (or, exclusively, over) the bound."""

    bound: Fraction
    exclusive: bool


class Most(Term, frozen=True):
    """A number is at most (or, exclusively, under) the bound."""

    bound: Fraction
    exclusive: bool


class Multiple(Term, frozen=True):
    """A number is a multiple of a positive one."""

    of: Fraction


class MinLength(Term, frozen=True):
    count: int


class MaxLength(Term, frozen=True):
    count: int


class Matches(Term, frozen=True):
    """A part of the string is in the language of the pattern (ECMA 262, unanchored)."""

    pattern: str


class Format(Term, frozen=True):
    """A string, or a number, has a format. What that means is not looked into: a format relates to itself alone."""

    name: str

    @property
    def subjects(self) -> int:
        return STRING if self.name in FORMATS_OF_TEXTS else STRING | NUMBER


class MinItems(Term, frozen=True):
    count: int


class MaxItems(Term, frozen=True):
    count: int


class ItemAt(Term, frozen=True):
    """The item at that index, if there is one, satisfies the literal."""

    index: int
    item: int


class ItemsFrom(Term, frozen=True):
    """Every item from that index on satisfies the literal."""

    index: int
    item: int


class Contains(Term, frozen=True):
    """At least that many items satisfy the literal."""

    count: int
    item: int


class ContainsMost(Term, frozen=True):
    """At most that many items satisfy the literal."""

    count: int
    item: int


class Unique(Term, frozen=True):
    """No two items are equal."""


class Required(Term, frozen=True):
    name: str


class Property(Term, frozen=True):
    """The property, if it is there, satisfies the literal."""

    name: str
    value: int


class PatternProperty(Term, frozen=True):
    """Every property whose name matches satisfies the literal."""

    pattern: str
    value: int


class OtherProperties(Term, frozen=True):
    """Every property that has none of the names and matches none of the patterns satisfies the literal."""

    names: frozenset[str]
    patterns: frozenset[str]
    value: int


class Names(Term, frozen=True):
    """Every property's name satisfies the literal."""

    name: int


class MinProperties(Term, frozen=True):
    count: int


class MaxProperties(Term, frozen=True):
    count: int


def size(term: Term) -> int:
    """How much there is to look at in a term by itself. Lists are gone through faster than terms."""
    match term:
        case Scalars():
            return 1 + len(term.values) // 4
        case OtherProperties():
            return 1 + len(term.names) // 4
        case _:
            return 1


_SUBJECTS: dict[type[Term], int] = {
    **dict.fromkeys((Least, Most, Multiple), NUMBER),
    **dict.fromkeys((MinLength, MaxLength, Matches), STRING),
    **dict.fromkeys((MinItems, MaxItems, ItemAt, ItemsFrom, Contains, ContainsMost, Unique), ARRAY),
    **dict.fromkeys(
        (Required, Property, PatternProperty, OtherProperties, Names, MinProperties, MaxProperties), OBJECT
    ),
}


# Terms that are about one thing, and nearly all that there are.
OF_SIZE_ONE = _SUBJECTS.keys() - {OtherProperties}
# Terms that say of a value what others do.
_SAME_VALUE = frozenset({All, One, Ref})


class Terms:
    """The terms of one question. Definitions are filled in after their references, since they may be recursive."""

    def __init__(self) -> None:
        self._numbers: dict[Term, int] = {}
        self.terms: list[Term] = []
        self.definitions: dict[int, int] = {}
        self._reach: dict[int, tuple[int, int]] = {}
        self.true = self.literal(All(()))
        self.false = self.true ^ 1

    def literal(self, term: Term) -> int:
        """The positive literal of a term."""
        number = self._numbers.get(term)
        if number is None:
            number = self._numbers[term] = len(self.terms)
            self.terms.append(term)
        return 2 * number

    def of(self, literal: int) -> Term:
        return self.terms[literal >> 1]

    def all(self, parts: list[int]) -> int:
        """The conjunction, flattened: in order, each part once."""
        if len(parts) == 1:
            return parts[0]
        flat: dict[int, None] = {}
        for part in parts:
            term = self.of(part)
            if isinstance(term, All) and not part & 1:
                flat.update(dict.fromkeys(term.parts))
            else:
                flat[part] = None
        if any(part ^ 1 in flat for part in flat):
            return self.false
        kept = self._lists_joined(list(flat))
        return kept[0] if len(kept) == 1 else self.literal(All(tuple(sorted(kept))))

    def _lists_joined(self, parts: list[int]) -> list[int]:
        """The parts with those that rule out named values made one: a union of so many constants is a list of them."""
        negative = [part for part in parts if part & 1]
        lists = {part: term.values for part in negative if isinstance(term := self.of(part), Scalars)}
        if len(lists) < 2:
            return parts
        joined = self.literal(Scalars(frozenset[tuple[int, Scalar]]().union(*lists.values()))) ^ 1
        return [*(part for part in parts if part not in lists), joined]

    def any(self, parts: list[int]) -> int:
        """The disjunction."""
        return self.all([part ^ 1 for part in parts]) ^ 1

    def one(self, parts: list[int]) -> int:
        """Exactly one."""
        live = sorted(part for part in parts if part != self.false)
        lists = [term.values for part in live if not part & 1 and isinstance(term := self.of(part), Scalars)]
        if len(lists) == len(live) and sum(map(len, lists)) == len(frozenset[tuple[int, Scalar]]().union(*lists)):
            return self.any(live)
        return live[0] if len(live) == 1 else self.literal(One(tuple(live))) if live else self.false

    def circular(self) -> list[int]:
        """The definitions that are defined by themselves, of the very same value: they mean nothing."""
        names = {number: self._same_value(literal) for number, literal in self.definitions.items()}
        return [number for knot in knots(names) for number in knot if len(knot) > 1 or number in names[number]]

    def _same_value(self, literal: int) -> set[int]:
        """The definitions that a literal says of the same value."""
        found: set[int] = set()
        pending, seen, terms = [literal], {literal}, self.terms
        while pending:
            term = terms[pending.pop() >> 1]
            if isinstance(term, All | One):
                further = {part for part in term.parts if type(terms[part >> 1]) in _SAME_VALUE} - seen
                pending.extend(further)
                seen |= further
            elif isinstance(term, Ref) and term.target in self.definitions:
                found.add(term.target)
        return found

    def scalar(self, value: JSON) -> int:
        """The value is this null, boolean, number or string."""
        return self.literal(Scalars(frozenset((tagged(value),))))

    def reach(self, literal: int, depth: int = 0) -> tuple[int, int]:
        """The types of which some value may satisfy the literal, and those of which every value surely does."""
        known = self._reach.get(literal)
        if known is None:
            if depth > _DEEPEST:
                return EVERY, 0
            self._reach[literal] = (EVERY, 0)  # what holds while a definition leads back to itself
            may, sure = self._reach_of(self.of(literal), depth + 1)
            known = (EVERY & ~sure, EVERY & ~may) if literal & 1 else (may, sure)
            self._reach[literal] = known
        return known

    def _reach_of(self, term: Term, depth: int) -> tuple[int, int]:
        subjects = _SUBJECTS.get(type(term))
        if subjects is not None:
            return EVERY, EVERY & ~subjects
        match term:
            case All():
                may, sure = EVERY, EVERY
                for part in term.parts:
                    part_may, part_sure = self.reach(part, depth)
                    may, sure = may & part_may, sure & part_sure
                return may, sure
            case One():
                may = 0
                for part in term.parts:
                    may |= self.reach(part, depth)[0]
                return may, 0
            case Ref():
                return self.reach(self.definitions[term.target], depth)
            case Types():
                return term.mask, term.mask
            case Scalars():
                may = 0
                for bit, _ in term.values:
                    may |= bit
                return may, 0
            case Opaque():
                return EVERY, 0
            case Format():
                return EVERY, EVERY & ~term.subjects
            case _:
                raise AssertionError(term)


def tagged(value: JSON) -> tuple[int, Scalar]:
    """A scalar with its type. Numbers are exact: `0.1` is one tenth, and 1.0 is the integer 1."""
    if value is None:
        return NULL, None
    if isinstance(value, bool):
        return BOOLEAN, value
    if isinstance(value, str):
        return STRING, value
    assert isinstance(value, int | float)
    number = exact(value)
    return (INTEGER if number.denominator == 1 else FRACTION), number


def exact(value: int | float) -> Fraction:
    """A number as its decimal text says it."""
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


def as_stored(value: Fraction) -> Fraction:
    """The number that a validator may see instead, which keeps large numbers as floats and reads these in full."""
    try:
        return Fraction(float(value)) if exact(float(value)) == value and value.denominator == 1 else value
    except OverflowError:
        return value


def plain(value: Scalar) -> JSON:
    """The JSON value of a scalar. Where a float says the number but is another, it is written as that float."""
    if not isinstance(value, Fraction):
        return value
    return value.numerator if value.denominator == 1 and as_stored(value) == value else float(value)
