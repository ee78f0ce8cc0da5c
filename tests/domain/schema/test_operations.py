"""Contracts of operations: each part in its direction, each entry for itself (api.md 2.7, 4.4)."""

from typing import Any

import msgspec
import pytest

from adapters.contract_engine import ENGINE
from domain.schema.change import Mode
from domain.schema.judge import Judgement, Terms
from domain.schema.operations import judge_operation

TEXT: Any = {"type": "string"}
NUMBER: Any = {"type": "number"}


def _map(required: list[str] | None = None, **entries: Any) -> Any:
    return {"type": "object", "properties": entries, **({"required": required} if required else {})}


def _operation(required: list[str] | None = None, **parts: Any) -> Any:
    extra = {name.replace("_", "-"): parts.pop(name) for name in [*parts] if name.startswith("x_")}
    return {**_map(required, **parts), **extra}


def _judged(old: Any, new: Any, mode: Mode = Mode.backward) -> Judgement:
    return judge_operation(old, new, ENGINE, Terms(mode=mode), "asset")


def _verdicts(old: Any, new: Any) -> list[tuple[str, str, str]]:
    return [(c.type, c.verdict.value, c.path.removeprefix("properties.")) for c in _judged(old, new).changes]


def _body(schema: Any, **more: Any) -> Any:
    return _operation(response=schema, responses=_map(**{"200 application/json": schema, **more}))


ONE, BOTH = {"requests": _map(j=TEXT)}, {"requests": _map(j=TEXT, x=TEXT)}
OPTIONAL, NEEDED = {"parameters": _map(a=TEXT)}, {"parameters": _map(["a"], a=TEXT)}
WRITTEN: Any = {"parameters": _map(a={**TEXT, "x-serialization": {"style": "x"}})}
SAFE, RISKY, BREAKING, UNKNOWN = "safe", "risky", "breaking", "unknown"
KEY: Any = {"x_security": [{"k": ["a"]}]}


def _keys(*alternatives: Any) -> Any:
    return {"x_security": [*alternatives]}


PARTS: list[tuple[Any, Any, dict[str, str]]] = [
    (_body(_map(a=TEXT)), _body(_map()), {"property_removed": BREAKING}),
    (_body(_map()), _body(_map(a=TEXT)), {"property_added": SAFE}),
    (_body(TEXT), _body(TEXT, **{"404": {}}), {"property_added": SAFE}),
    (_body(TEXT, **{"404": {}}), _body(TEXT), {"property_removed": BREAKING}),
    ({"requests": _map(j=_map(a=TEXT))}, {"requests": _map(j=_map())}, {"property_removed": RISKY}),
    (BOTH, ONE, {"property_removed": BREAKING}),
    (ONE, BOTH, {"property_added": SAFE}),
    ({}, NEEDED, {"property_added": SAFE, "required_added": BREAKING}),
    ({}, OPTIONAL, {"property_added": SAFE}),
    (OPTIONAL, {}, {"property_removed": RISKY}),
    (NEEDED, OPTIONAL, {"required_removed": SAFE}),
    ({"headers": _map(["h"], h=TEXT)}, {"headers": _map(h=TEXT)}, {"required_removed": BREAKING}),
    ({"headers": _map(h=TEXT)}, {"headers": _map(h=NUMBER)}, {"type_changed": BREAKING}),
    ({**ONE, "request": TEXT}, {**ONE, "request": TEXT, "required": ["request"]}, {"required_added": BREAKING}),
    (KEY, {}, {"security_relaxed": SAFE}),
    ({}, KEY, {"security_tightened": BREAKING}),
    (KEY, _keys({"k": ["a"]}, {"l": []}), {"security_relaxed": SAFE}),
    (KEY, _keys({"k": ["a", "b"]}), {"security_tightened": BREAKING}),
    (_keys({"k": []}, {"l": []}), _keys({"k": []}), {"security_tightened": BREAKING}),
    ({}, {"x_deprecated": True}, {"deprecation_changed": SAFE}),
    (OPTIONAL, WRITTEN, {"undecidable": UNKNOWN}),
    ({"other": TEXT}, {"other": NUMBER}, {"type_changed": BREAKING}),
]


@pytest.mark.parametrize(("old", "new", "expected"), PARTS)
def test_each_part_in_its_direction(old: Any, new: Any, expected: dict[str, str]) -> None:
    old, new = (each if "type" in each else _operation(**each) for each in (old, new))
    assert {type: verdict for type, verdict, _ in _verdicts(old, new)} == expected
    assert _judged(old, old).changes == ()


def test_what_one_entry_loses_is_not_made_up_for_by_another() -> None:
    old = _operation(responses=_map(**{"200 application/json": _map(a=TEXT)}))
    new = _operation(responses=_map(**{"200 text/json": _map(a=TEXT)}))
    assert [c.path for c in _judged(old, new).breaking] == ["properties.responses.properties.200 application/json"]


def test_an_impossible_part_hides_nothing_in_another() -> None:
    parts = {"200 application/json": _map(a=TEXT), "500 application/json": {"not": {}}}
    old, new = (
        _operation(responses=_map(**parts)),
        _operation(responses=_map(**{**parts, "200 application/json": NUMBER})),
    )
    assert _judged(old, new).breaking


def test_the_short_parts_count_only_where_the_full_ones_are_missing() -> None:
    full = _body(TEXT)
    shown = {**full, "properties": {**full["properties"], "response": NUMBER}}
    assert _verdicts(full, shown) == []
    for new in (_operation(response=NUMBER), _body(NUMBER)):
        assert [c.type for c in _judged(_operation(response=TEXT), new).breaking] == ["type_changed"]


def test_path_parameters_are_compared_by_place() -> None:
    def by(name: str, schema: Any) -> Any:
        return _operation(parameters=_map([name], **{name: {**schema, "x-place": 0}}))

    assert _verdicts(by("path.id", TEXT), by("path.userId", TEXT)) == []
    changed = _verdicts(by("path.id", TEXT), by("path.userId", NUMBER))
    assert changed == [("type_changed", "breaking", "parameters.properties.path.userId")]


def test_definitions_are_compared_where_they_are_reached() -> None:
    def old(name: str, inner: Any) -> Any:
        node = _map(value=inner, next={"$ref": f"#/$defs/{name}"})
        return {**_body({"$ref": f"#/$defs/{name}"}), "$defs": {name: node}}

    assert _verdicts(old("Node", TEXT), old("Knot", TEXT)) == []
    assert [each[:2] for each in _verdicts(old("Node", TEXT), old("Node", NUMBER))] == [("type_changed", "breaking")]


def test_modes() -> None:
    old, new = _body(_map(a=TEXT)), _body(_map())
    assert _judged(old, new, Mode.none).compatible
    assert not _judged(old, new, Mode.full).compatible
    assert not _judged(_operation(), _operation(x_security=[{"k": []}]), Mode.forward).compatible


def test_a_pair_that_was_compared_is_judged_as_it_was() -> None:
    forgetful = msgspec.structs.replace(ENGINE, memory=None)
    for old, new, _ in PARTS:
        old, new = (each if "type" in each else _operation(**each) for each in (old, new))
        anew = judge_operation(old, new, forgetful, Terms(mode=Mode.backward), "asset")
        assert _judged(old, new) == _judged(old, new) == anew
