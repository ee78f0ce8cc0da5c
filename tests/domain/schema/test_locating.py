"""Where a change stands in both documents: behind references, in branches, and where there is nothing."""

from typing import Any

import pytest

from adapters.contract_engine import ENGINE
from domain.schema.change import Mode
from domain.schema.comparison import compare
from domain.schema.judge import Terms

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def places(old: Any, new: Any) -> list[tuple[str, str | None, str | None]]:
    return [
        (c.type, c.old_pointer, c.new_pointer) for c in compare(old, new, ENGINE, Terms(mode=Mode.backward)).changes
    ]


def _with(value: Any) -> Any:
    return {"properties": {"a/b": value}}


def _behind(value: Any) -> Any:
    return {"$ref": "#/$defs/x", "$defs": {"x": _with(value)}}


def _doubling(**beside: Any) -> Any:
    """Definitions each of which refers to the next one twice."""
    definitions: dict[str, Any] = {
        f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]} for n in range(40)
    }
    return {"allOf": [{"$ref": "#/$defs/d0"}], **beside, "$defs": {**definitions, "d40": {"minProperties": 1}}}


CASES: dict[str, tuple[Any, Any, list[tuple[str, str | None, str | None]]]] = {
    "the root": (TEXT, NUMBER, [("type_changed", "", "")]),
    "a reference on one side": (
        _behind(TEXT),
        _with(NUMBER),
        [("type_changed", "/$defs/x/properties/a~1b", "/properties/a~1b")],
    ),
    "a branch of allOf": (
        {"allOf": [{"minProperties": 1}, _with(TEXT)]},
        {"minProperties": 1, **_with(NUMBER)},
        [("type_changed", "/allOf/1/properties/a~1b", "/properties/a~1b")],
    ),
    "branches in another order": (
        {"anyOf": [{"title": "A", "type": "null"}, {"title": "B", **_with(TEXT)}]},
        {"anyOf": [{"title": "B", **_with(NUMBER)}, {"title": "A", "type": "null"}]},
        [("type_changed", "/anyOf/1/properties/a~1b", "/anyOf/0/properties/a~1b")],
    ),
    "what is gone": (_with(TEXT), {"properties": {}}, [("property_removed", "/properties/a~1b", None)]),
    "what is new": ({"properties": {}}, _with(TEXT), [("property_added", None, "/properties/a~1b")]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_change_stands_in_both_documents(case: tuple[Any, Any, list[tuple[str, str | None, str | None]]]) -> None:
    old, new, expected = case
    assert places(old, new) == expected


def test_looking_for_a_place_ends_where_definitions_refer_to_each_other_again_and_again() -> None:
    found = places(_doubling(**_with(TEXT)), _doubling())
    assert found == [("property_removed", "/properties/a~1b", None)]
