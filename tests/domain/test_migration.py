"""Ways around a breaking change (api.md 3.14): one for each that can be avoided, and each proven by the engine."""

from typing import Any

import pytest

from adapters.contract_engine import ENGINE
from domain.migration import MOST_SINGLE, migration_suggestions
from domain.schema.change import Direction, Mode
from domain.schema.compare import differences
from domain.schema.judge import Judgement, Terms, judge
from domain.values import Object


def _object(required: tuple[str, ...] = (), **properties: Any) -> Object:
    return {"type": "object", "properties": properties, **({"required": [*required]} if required else {})}


TEXT: Object = {"type": "string"}
WHOLE: Object = {"type": "integer"}
REFERS: Object = {"properties": {"a": {"$ref": "#/$defs/A"}}}


def _suggested(base: Object, proposed: Object, direction: Direction | None = None) -> list[Any]:
    terms = Terms(mode=Mode.backward, direction=direction)

    def judged(schema: Object) -> Judgement:
        return judge(differences(base, schema, ENGINE), terms)

    found = migration_suggestions(base, proposed, judged)
    before = len(judged(proposed).breaking)
    for suggestion in found:
        left = len(judged(suggestion.suggested_schema).breaking)
        assert left < before and (suggestion.confidence == "high") == (left == 0)
        assert suggestion.description and suggestion.changes_made
    return found


@pytest.mark.parametrize(
    ("base", "proposed", "strategy", "expected"),
    [
        (_object(a=TEXT, b=TEXT), _object(b=TEXT), "keep_field", _object(a=TEXT, b=TEXT)),
        ({"properties": {"a/b~c": TEXT}}, {"properties": {}}, "keep_field", {"properties": {"a/b~c": TEXT}}),
        (_object(a=TEXT), {"type": "object"}, "keep_field", _object(a=TEXT)),
        (_object(a=_object(x=TEXT)), _object(a=_object()), "keep_field", _object(a=_object(x=TEXT))),
        (_object(a=TEXT), _object(("a",), a=TEXT), "keep_optional", {**_object(a=TEXT), "required": []}),
        (_object(a=TEXT), _object(a=WHOLE), "keep_type", _object(a=TEXT)),
        (_object(a={"maxLength": 5}), _object(a={"maxLength": 3}), "keep_constraint", _object(a={"maxLength": 5})),
        (_object(a=TEXT), _object(a={**TEXT, "pattern": "^x"}), "keep_constraint", _object(a=TEXT)),
        (_object(a={"enum": [1, 2]}), _object(a={"enum": [1]}), "keep_constraint", _object(a={"enum": [1, 2]})),
        (
            {**REFERS, "$defs": {"A": _object(x=TEXT)}},
            {**REFERS, "$defs": {"A": _object(x=WHOLE)}},
            "keep_type",
            {**REFERS, "$defs": {"A": _object(x=TEXT)}},
        ),
    ],
)
def test_each_kind_of_break_has_its_way_around(base: Object, proposed: Object, strategy: str, expected: Object) -> None:
    (suggestion,) = _suggested(base, proposed)
    assert (suggestion.strategy, suggestion.confidence) == (strategy, "high")
    assert suggestion.suggested_schema == expected


def test_what_readers_require_stays_required() -> None:
    (suggestion,) = _suggested(_object(("a",), a=TEXT), _object(a=TEXT), Direction.produced)
    assert suggestion.strategy == "keep_required" and suggestion.suggested_schema["required"] == ["a"]


def test_several_breaks_have_one_each_and_none_alone_is_enough() -> None:
    found = _suggested(_object(a=TEXT, b=TEXT), _object(("c",), b=WHOLE, c=TEXT))
    assert sorted(s.strategy for s in found) == ["keep_field", "keep_optional", "keep_type"]
    assert {s.confidence for s in found} == {"medium"}


def test_very_many_breaks_have_one_for_each_strategy() -> None:
    many: Object = {f"c{n}": TEXT for n in range(MOST_SINGLE + 1)}
    (suggestion,) = _suggested({"type": "object", "properties": many}, _object())
    assert len(suggestion.changes_made) == MOST_SINGLE + 1 and suggestion.suggested_schema == {
        "type": "object",
        "properties": many,
    }


def test_where_nothing_breaks_or_nothing_helps_there_is_none_and_the_proposed_schema_stays_as_it_is() -> None:
    assert _suggested(_object(a=TEXT), _object(a=TEXT, b=TEXT)) == []
    assert _suggested({"type": "object"}, {"type": "array"}) == []
    proposed = _object(a=WHOLE)
    _suggested(_object(a=TEXT), proposed)
    assert proposed == _object(a=WHOLE)
