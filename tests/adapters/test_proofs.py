"""The second opinion on witnesses: it proves, refutes, or has no opinion; it never fetches, and never takes long."""

import logging
from typing import Any

import pytest

from adapters.proofs import Validators

FOURTH, SEVENTH = (f"http://json-schema.org/draft-0{number}/schema#" for number in (4, 7))
TEXT: Any = {"type": "string"}

PROVEN: dict[str, tuple[Any, Any, Any]] = {
    "plain": (TEXT, {"type": "integer"}, "a"),
    "null": ({"type": ["string", "null"]}, TEXT, None),
    "null, as OpenAPI says it": ({"type": "string", "nullable": True}, TEXT, None),
    "booleans": (True, False, 0),
    "a list of items, of an older draft": ({"items": [{"type": "null"}]}, {"items": [{"type": "integer"}]}, [None]),
    "a bound with a flag, of draft 4": ({"minimum": 5}, {"minimum": 5, "exclusiveMinimum": True}, 5),
    "a number that floats would blur": ({"type": "number"}, {"type": "number", "multipleOf": 0.1}, 0.35),
    "content is not asserted": ({"contentMediaType": "application/json"}, {"type": "null"}, "{"),
    "formats are not asserted": ({"type": "string", "format": "date"}, {"type": "null"}, "a"),
}


@pytest.mark.parametrize("case", PROVEN.values(), ids=PROVEN)
def test_a_witness_that_one_side_takes_and_the_other_refuses_is_proven(case: tuple[Any, Any, Any]) -> None:
    inner, outer, witness = case
    assert Validators().proves(inner, outer, witness) is True
    assert Validators().proves(outer, inner, witness) is not True


@pytest.mark.parametrize(
    ("inner", "outer"), [(TEXT, TEXT), (TEXT, {"type": "string", "format": "date"}), ({"type": "null"}, TEXT)]
)
def test_a_witness_that_shows_nothing_is_refuted_and_logged(
    inner: Any, outer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "muniment.engine"):
        assert Validators().proves(inner, outer, "a") is False
    assert "a witness was refuted" in caplog.text


def test_the_dialect_named_holds_where_a_schema_states_none() -> None:
    beside: Any = {"$ref": "#/definitions/a", "maxLength": 1, "definitions": {"a": TEXT}}
    assert Validators().proves(TEXT, beside, "ab") is True
    assert Validators(SEVENTH).proves(TEXT, beside, "ab") is False
    assert Validators(SEVENTH).proves(TEXT, {**beside, "$schema": "http://json-schema.org/draft/2020-12/schema"}, "ab")
    assert Validators(FOURTH).proves({}, {"const": 1}, 2) is False


def _doubling(levels: int) -> Any:
    """A schema with so many definitions, each of which refers to the next one twice."""
    definitions: dict[str, Any] = {
        f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]} for n in range(levels)
    }
    return {"$ref": "#/$defs/d0", "$defs": {**definitions, f"d{levels}": TEXT}}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "http://127.0.0.1:9/schema"},
        {"$ref": "#/$defs/nowhere"},
        {"minimum": "1"},
        {"pattern": "("},
        _doubling(40),
    ],
    ids=["reference outside", "reference to nowhere", "no schema", "no pattern", "too much work"],
)
def test_where_no_validator_can_tell_there_is_no_opinion(schema: Any) -> None:
    assert Validators().proves(schema, {"type": "null"}, "a") is None
    assert Validators().proves({"type": "null"}, schema, "a") is None
