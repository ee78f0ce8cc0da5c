"""Faults to plant in the engine: a hunter that finds none of them is none."""

from collections.abc import Callable
from typing import Any

from domain.schema.inclusion import arrays, numbers, objects, search, terms, texts


def _exclusive_bounds_taken_in() -> None:
    numbers._Range.at_least = _without_exclusive(numbers._Range.at_least)  # type: ignore[method-assign]
    numbers._Range.at_most = _without_exclusive(numbers._Range.at_most)  # type: ignore[method-assign]


def _without_exclusive(method: Any) -> Any:
    return lambda self, bound, exclusive: method(self, bound, exclusive=False)


def _no_two_items_are_equal() -> None:
    arrays._with_a_pair = lambda search, places: None


def _patterns_of_names_ignored() -> None:
    original = objects._take
    objects._take = lambda search, found, atom: (
        None if isinstance(search.terms.of(atom), terms.PatternProperty) and atom & 1 else original(search, found, atom)
    )


def _exactly_one_is_any() -> None:
    terms.Terms.one = terms.Terms.any  # type: ignore[method-assign]


def _branches_all_apart() -> None:
    search.all_apart = lambda terms, parts: True  # type: ignore[attr-defined]


def _arrays_one_too_short() -> None:
    original = arrays._of_length
    arrays._of_length = lambda search, demands, length: None if length > 1 else original(search, demands, length)


def _lengths_off_by_one() -> None:
    original = texts._wanted

    def shifted(search: Any, atoms: Any) -> Any:
        wanted, *formats = original(search, atoms)
        longest = None if wanted.longest is None else wanted.longest - 1
        return type(wanted)(
            **{**{f: getattr(wanted, f) for f in wanted.__struct_fields__}, "longest": longest}
        ), *formats

    texts._wanted = shifted


def _names_of_properties_ignored() -> None:
    objects._named = lambda search, demands, name: name not in demands.absent


def _integers_are_all_numbers() -> None:
    terms.TYPE_BITS["integer"] = terms.NUMBER


def _choices_dropped_too_early() -> None:
    original = search._State._sure
    search._State._sure = lambda self, literal: original(self, literal) or literal % 7 == 3  # type: ignore[method-assign]


def _others_allowed() -> None:
    original = objects._take
    objects._take = lambda search, found, atom: (
        None if isinstance(search.terms.of(atom), terms.OtherProperties) and atom & 1 else original(search, found, atom)
    )


FAULTS: dict[str, Callable[[], None]] = {
    "exclusive-bounds": _exclusive_bounds_taken_in,
    "unique-items": _no_two_items_are_equal,
    "pattern-properties": _patterns_of_names_ignored,
    "one-of": _exactly_one_is_any,
    "branches-apart": _branches_all_apart,
    "short-arrays": _arrays_one_too_short,
    "lengths": _lengths_off_by_one,
    "property-names": _names_of_properties_ignored,
    "integers": _integers_are_all_numbers,
    "choices": _choices_dropped_too_early,
    "additional-properties": _others_allowed,
}
