"""Branches that no value satisfies two of: "exactly one" of them is then no more than "any".

That is seen where they are of different types, or name different constants, or have a property that does: which is how
most unions are written. Branches that are apart in other ways are not recognised.
"""

from collections.abc import Iterable

import msgspec

from domain.schema.inclusion import terms as t
from domain.schema.inclusion.terms import Scalar, Terms

_Values = frozenset[tuple[int, Scalar]]
_MOST_REFERENCES = 50


class _Branch(msgspec.Struct, frozen=True):
    """What a branch says plainly: its types, the values it lists if it does, and those of properties."""

    types: int
    listed: _Values | None
    properties: dict[str, _Values]
    required: frozenset[str]


def all_apart(terms: Terms, parts: tuple[int, ...]) -> bool:
    """Whether it is plain that no value satisfies two of the literals."""
    branches = [_branch(terms, part) for part in parts]
    return all(_apart_in(bit, [each for each in branches if each.types & bit]) for bit in t.TYPE_BITS.values())


def _apart_in(types: int, branches: list[_Branch]) -> bool:
    """Whether no value of these types satisfies two of the branches."""
    if len(branches) < 2:
        return True
    if _disjoint(each.listed for each in branches):
        return True
    return types == t.OBJECT and any(_told_by(name, branches) for name in branches[0].properties)


def _told_by(name: str, branches: list[_Branch]) -> bool:
    """Whether a property, which all branches but one require, has other values in each of them."""
    required = sum(name in each.required for each in branches)
    return required >= len(branches) - 1 and _disjoint(each.properties.get(name) for each in branches)


def _disjoint(lists: Iterable[_Values | None]) -> bool:
    seen: set[tuple[int, Scalar]] = set()
    for values in lists:
        if values is None or not seen.isdisjoint(values):
            return False
        seen |= values
    return True


def _branch(terms: Terms, literal: int) -> _Branch:
    properties: dict[str, _Values] = {}
    required: set[str] = set()
    said = _said(terms, literal)
    for term in map(terms.of, said):
        if isinstance(term, t.Required):
            required.add(term.name)
        elif isinstance(term, t.Property):
            values = _listed(terms, _said(terms, term.value))
            properties |= {} if values is None else {term.name: values}
    return _Branch(terms.reach(literal)[0], _listed(terms, said), properties, frozenset(required))


def _listed(terms: Terms, said: list[int]) -> _Values | None:
    """The values that one of the literals lists; None if none does."""
    return next((term.values for term in map(terms.of, said) if isinstance(term, t.Scalars)), None)


def _said(terms: Terms, literal: int) -> list[int]:
    """The positive literals that a literal says all of, through references."""
    pending, found, references = [literal], list[int](), 0
    while pending:
        part = pending.pop()
        term = terms.of(part)
        if part & 1:
            continue
        if isinstance(term, t.All):
            pending.extend(term.parts)
        elif isinstance(term, t.Ref):
            references += 1
            if references <= _MOST_REFERENCES:
                pending.append(terms.definitions[term.target])
        else:
            found.append(part)
    return found
