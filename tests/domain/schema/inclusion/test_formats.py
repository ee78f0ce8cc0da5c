"""Witnesses where formats are said: texts that have the format, and values refused for more than their format."""

from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from adapters.patterns import Patterns
from domain.schema.inclusion.formats import TEXTS
from domain.schema.inclusion.question import Holds, Inclusion, Terminology, inclusion


def asked(inner: Any, outer: Any) -> Inclusion:
    return inclusion(inner, outer, Patterns(), Terminology(formats=True))


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts])
def test_a_text_said_to_have_a_format_has_it(name: str, text: str) -> None:
    assert Draft202012Validator({"format": name}, validate_formats=True).is_valid(text)


def test_a_witness_has_the_format_that_it_has_to_have() -> None:
    day = {"type": "string", "format": "date"}
    found = asked(day, {**day, "maxLength": 5})
    assert (found.holds, found.witness, found.certain) == (Holds.no, "2020-01-31", True)
    assert asked({**day, "pattern": "^2021"}, False).witness == "2021-06-01"
    small = {"type": "integer", "format": "int32"}
    assert asked(small, {"type": "string"}).certain
    assert not asked({**small, "minimum": 3_000_000_000}, {"type": "string"}).certain


def test_a_format_that_no_known_text_has_proves_nothing() -> None:
    found = asked({"type": "string", "format": "date", "maxLength": 3}, {"type": "null"})
    assert (found.holds, found.certain) == (Holds.no, False)


def test_a_value_refused_for_more_than_its_format_is_preferred() -> None:
    old, new = {"type": ["string", "null"]}, {"type": "string", "format": "date"}
    assert (asked(old, new).witness, asked(old, new).certain) == (None, True)
    longer = asked({"type": "string"}, {**new, "maxLength": 3})
    assert (longer.holds, len(longer.witness), longer.certain) == (Holds.no, 4, True)  # type: ignore[arg-type]
    numbers = asked({"type": "number"}, {"type": "number", "format": "x", "maximum": 7})
    assert (numbers.holds, numbers.certain) == (Holds.no, True)


@pytest.mark.parametrize("type", ["string", "number", "integer"])
def test_what_differs_in_a_format_alone_is_not_certain(type: str) -> None:
    found = asked({"type": type}, {"type": type, "format": "odd"})
    assert (found.holds, found.certain) == (Holds.no, False)
