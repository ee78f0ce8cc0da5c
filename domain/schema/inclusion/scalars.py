"""Null, booleans, numbers and strings by name: what `enum` and `const` leave."""

from collections.abc import Iterable

from domain.schema.inclusion import terms as t
from domain.schema.inclusion.terms import Scalar, Terms

Tagged = tuple[int, Scalar]


def among(terms: Terms, atoms: list[int], universe: Iterable[Tagged]) -> set[Tagged]:
    """Those of the universe that the atoms about named values leave."""
    left = set(universe)
    for atom in atoms:
        term = terms.of(atom)
        if isinstance(term, t.Scalars):
            left = left - term.values if atom & 1 else left & term.values
    return left


def named(terms: Terms, atoms: list[int], types: int) -> set[Tagged] | None:
    """The values of these types that are left where some atom lists all that may be; None where none does."""
    lists = [term.values for atom in atoms if isinstance(term := terms.of(atom), t.Scalars) and not atom & 1]
    if not lists:
        return None
    return among(terms, atoms, (value for value in lists[0] if value[0] & types))


def excluded(terms: Terms, atoms: list[int], types: int) -> set[Scalar]:
    """The values of these types that the atoms rule out one by one."""
    out: set[Scalar] = set()
    for atom in atoms:
        term = terms.of(atom)
        if isinstance(term, t.Scalars) and atom & 1:
            out.update(value for type, value in term.values if type & types)
    return out
