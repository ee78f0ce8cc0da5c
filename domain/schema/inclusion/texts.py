"""Strings: lengths, patterns, formats and named exceptions."""

from typing import TYPE_CHECKING

from domain.schema.inclusion import scalars
from domain.schema.inclusion import terms as t
from domain.schema.inclusion.answers import Answer, Found, Unknown
from domain.schema.inclusion.formats import TEXTS, text_may_have
from domain.schema.inclusion.languages import TooManySteps, Undecided, Wanted

if TYPE_CHECKING:
    from domain.schema.inclusion.search import Search

# What a question about patterns costs that used up the steps of these.
_COST_OF_PATTERNS = 1_000


def text(search: "Search", atoms: list[int]) -> Answer:
    """A string that the atoms allow."""
    wanted, has, lacks = _wanted(search, atoms)
    if lacks and not search.by_format:
        return None
    try:
        found = _with_formats(search, atoms, wanted, has) or _found(search, atoms, wanted)
    except Undecided as undecided:
        search.step(_COST_OF_PATTERNS if isinstance(undecided, TooManySteps) else 1)
        return Unknown(str(undecided))
    if found is None:
        return None
    # Some text that fits otherwise is taken to have a format, or not.
    certain = not lacks and all(text_may_have(name) or found in TEXTS[name] for name in has)
    return Found(found, certain=certain)


def _with_formats(search: "Search", atoms: list[int], wanted: Wanted, has: list[str]) -> str | None:
    """A known text that has the formats and fits; None where none is known."""
    known = [TEXTS[name] for name in has if not text_may_have(name)]
    if not known or scalars.named(search.terms, atoms, t.STRING) is not None:
        return None
    search.step()
    fit = (each for each in known[0] if each not in wanted.but and _fits(search, wanted, each))
    return next(fit, None)


def _wanted(search: "Search", atoms: list[int]) -> tuple[Wanted, list[str], list[str]]:
    """What is asked of a text, the formats that it has to have, and those that it must not have."""
    inside, outside, has, lacks = set[str](), set[str](), list[str](), list[str]()
    shortest = 0
    longest: int | None = None
    for atom in atoms:
        term, negative = search.terms.of(atom), bool(atom & 1)
        match term:
            case t.MinLength(count):
                if negative:
                    longest = count - 1 if longest is None else min(longest, count - 1)
                else:
                    shortest = max(shortest, count)
            case t.MaxLength(count):
                if negative:
                    shortest = max(shortest, count + 1)
                else:
                    longest = count if longest is None else min(longest, count)
            case t.Matches(pattern):
                (outside if negative else inside).add(pattern)
            case t.Format(name):
                (lacks if negative else has).append(name)
            case _:
                pass
    but = frozenset(str(value) for value in scalars.excluded(search.terms, atoms, t.STRING))
    found = Wanted(inside=frozenset(inside), outside=frozenset(outside), shortest=shortest, longest=longest, but=but)
    return found, has, lacks


def _found(search: "Search", atoms: list[int], wanted: Wanted) -> str | None:
    named = scalars.named(search.terms, atoms, t.STRING)
    if named is None:
        search.step(1 + sum(map(len, wanted.inside | wanted.outside)) // 2)
        return example(search, wanted)
    for value in sorted((str(each) for _, each in named), key=lambda each: (len(each), each)):
        if _fits(search, wanted, value):
            return value
    return None


def example(search: "Search", wanted: Wanted) -> str | None:
    """A string of the wanted kind. Raises `Undecided`."""
    if wanted.longest is not None and wanted.longest < wanted.shortest:
        return None
    if wanted.inside & wanted.outside:
        return None
    return search.languages.example(wanted)


def _fits(search: "Search", wanted: Wanted, value: str) -> bool:
    matches = search.languages.matches
    return (
        len(value) >= wanted.shortest
        and (wanted.longest is None or len(value) <= wanted.longest)
        and all(matches(pattern, value) for pattern in wanted.inside)
        and not any(matches(pattern, value) for pattern in wanted.outside)
    )
