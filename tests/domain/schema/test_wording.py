"""What people read of a change: the place by its name in their document, and what was there before and after."""

from typing import Any

import pytest

from adapters.contract_engine import ENGINE
from domain.schema.change import Mode
from domain.schema.comparison import compare
from domain.schema.judge import Terms
from domain.schema.operations import judge_operation

TEXT: Any = {"type": "string"}


def table(**columns: Any) -> Any:
    return {"type": "object", "properties": columns}


def operation(**parts: Any) -> Any:
    extra = {name.replace("_", "-"): parts.pop(name) for name in [*parts] if name.startswith("x_")}
    return {**table(**{name: table(**entries) for name, entries in parts.items()}), **extra}


SCHEMAS: dict[str, tuple[Any, Any, str]] = {
    "dropped": (table(a={"maximum": 1}), table(a={}), "`maximum` of property a was dropped; it was 1."),
    "new": (table(a={}), table(a={"pattern": "^x"}), "`pattern` of property a is new: ^x."),
    "relaxed": (table(a={"maximum": 1}), table(a={"maximum": 2}), "`maximum` of property a was relaxed from 1 to 2."),
    "another format": (
        table(a={"format": "float"}),
        table(a={"format": "double"}),
        "`format` of property a changed from float to double.",
    ),
    "a branch more": (
        table(a={"oneOf": [{"type": "null"}, {"type": "boolean"}]}),
        table(a={"oneOf": [{"type": "null"}, {"type": "string"}, {"type": "integer"}]}),
        "The alternatives for property a changed (oneOf: without boolean; now with integer, string).",
    ),
    "a condition": (table(a={}), table(a={"not": TEXT}), "The conditions on property a changed."),
    "an item": (
        table(a={"items": TEXT}),
        table(a={"items": {"type": "integer"}}),
        "The type of an item of property a changed from string to integer.",
    ),
    "not judged": (
        table(a={"pattern": "a(?=b)"}),
        table(a={"pattern": "b(?=c)"}),
        "What changed in property a cannot be judged: the pattern 'a(?=b)' is not understood at character 3.",
    ),
}


@pytest.mark.parametrize("case", SCHEMAS.values(), ids=SCHEMAS)
def test_a_change_of_a_schema_is_told_in_a_sentence(case: tuple[Any, Any, str]) -> None:
    old, new, words = case
    messages = [change.message for change in compare(old, new, ENGINE, Terms(mode=Mode.backward)).changes]
    assert words in messages


OPERATIONS: dict[str, tuple[Any, Any, str]] = {
    "a property of an answer": (
        operation(responses={"200 application/json": table(a=TEXT, b=TEXT)}),
        operation(responses={"200 application/json": table(a=TEXT)}),
        "Property b of the response (200 application/json) was removed.",
    ),
    "an item of an answer": (
        operation(responses={"200 application/json": {"type": "array", "items": TEXT}}),
        operation(responses={"200 application/json": {"type": "array", "items": {"type": "integer"}}}),
        "The type of an item of the response (200 application/json) changed from string to integer.",
    ),
    "an answer": (
        operation(responses={"200 application/json": {}, "404": {}}),
        operation(responses={"200 application/json": {}}),
        "The response (404) was removed.",
    ),
    "a parameter": (
        operation(parameters={"query.limit": {"maximum": 3}}),
        operation(parameters={"query.limit": {"maximum": 2}}),
        "`maximum` of parameter query.limit was tightened from 3 to 2.",
    ),
    "a parameter that is required": (
        operation(parameters={"query.limit": {}}),
        {**table(parameters={**table(**{"query.limit": {}}), "required": ["query.limit"]})},
        "Parameter query.limit became required.",
    ),
    "a property of a request that is required": (
        operation(requests={"application/json": table(a=table(b={}))}),
        operation(requests={"application/json": table(a={**table(b={}), "required": ["b"]})}),
        "Property a.b of the request (application/json) became required.",
    ),
    "a header": (
        operation(headers={"200 X-Rate": TEXT}),
        operation(headers={}),
        "Response header 200 X-Rate was removed.",
    ),
    "security": (
        operation(x_security=[{"key": ["a"]}]),
        operation(x_security=[{"key": ["a", "b"]}]),
        'What callers showed before is no longer enough: security was [{"key":["a"]}] and is [{"key":["a","b"]}].',
    ),
    "deprecation": (
        operation(),
        operation(x_deprecated=True, **{"x_sunset": "2030-01-01"}),
        "Deprecation changed: not deprecated became deprecated, to end on 2030-01-01.",
    ),
}


@pytest.mark.parametrize("case", OPERATIONS.values(), ids=OPERATIONS)
def test_a_change_of_an_operation_names_the_part_as_its_callers_know_it(case: tuple[Any, Any, str]) -> None:
    old, new, words = case
    assert words in [
        change.message for change in judge_operation(old, new, ENGINE, Terms(mode=Mode.backward), "").changes
    ]
