"""Properties side by side: what is plain to see of a new one is what the search would say."""

from random import Random
from typing import Any

import pytest

from adapters.patterns import Patterns
from domain.schema.inclusion.question import Holds, Terminology, inclusion
from domain.schema.inclusion.references import Document
from domain.schema.opening import opened
from domain.schema.properties import _plainly_possible
from tests.domain.schema.pairs import schema

POSSIBLE: list[Any] = [
    True,
    {},
    {"type": "string", "format": "date"},
    {"type": ["string", "null"], "enum": ["a", None]},
    {"type": "object", "properties": {"a": False}, "additionalProperties": False},
    {"type": "array", "items": False, "description": "empty ones"},
    {"type": ["object", "null"], "required": ["a"], "properties": {"a": False}},
]
NOT_PLAINLY: list[Any] = [
    False,
    {"type": []},
    {"type": "string", "enum": [1]},
    {"type": "string", "enum": ["a"], "maxLength": 0},
    {"type": "object", "required": ["a"], "properties": {"a": False}},
    {"type": "array", "items": False, "minItems": 1},
    {"type": ["object", "null"], "not": {"type": "null"}, "required": ["a"]},
    {"type": "null", "enum": [1]},
]


def _plainly(value: Any) -> bool:
    return _plainly_possible(opened(Document(value), value, "").members)


@pytest.mark.parametrize("value", POSSIBLE)
def test_what_an_empty_value_a_text_or_null_satisfies_is_plainly_possible(value: Any) -> None:
    assert _plainly(value)
    assert _plainly({"$ref": "#/$defs/a", "$defs": {"a": value}})


@pytest.mark.parametrize("value", NOT_PLAINLY)
def test_what_may_refuse_these_is_left_to_the_search(value: Any) -> None:
    assert not _plainly(value)


@pytest.mark.parametrize("seed", range(300))
def test_the_search_finds_a_value_of_what_is_plainly_possible(seed: int) -> None:
    value = schema(Random(seed))
    if _plainly(value):
        assert inclusion(value, False, Patterns(), Terminology(formats=True)).holds is not Holds.yes
