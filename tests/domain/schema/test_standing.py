"""Comparing by digest: what is known to be equal is not compared, and the answer is the same."""

from random import Random
from typing import Any

import msgspec
import pytest

from adapters.contract_engine import ENGINE
from domain.schema.change import Mode
from domain.schema.compare import differences
from domain.schema.difference import Difference
from domain.schema.judge import Terms
from domain.schema.kept import Kept
from domain.schema.library import Library
from domain.schema.operations import judge_operation
from domain.schema.standing import digest_standing, standing, with_digests
from domain.values import Object
from tests.domain.schema.pairs import changed, schema

_NAMES = ("A", "B", "C", "D", "E")


def _graph(random: Random) -> dict[str, Any]:
    """Definitions that refer to each other, recursively too."""
    return {name: _with_references(random, schema(random)) for name in _NAMES}


def _with_references(random: Random, made: Any) -> Any:
    if not isinstance(made, dict):
        return made
    to = {"$ref": f"#/$defs/{random.choice(_NAMES)}"}
    place = random.choice(["properties", "items", "anyOf", "allOf", "oneOf", "not", "additionalProperties"])
    if place == "properties":
        return {**made, "properties": {**made.get("properties", {}), "next": to}}
    return {**made, place: [to, {"type": "null"}] if place in ("anyOf", "oneOf", "allOf") else to}


def _root(definitions: Any) -> Object:
    return {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": definitions}


@pytest.mark.parametrize("seed", range(150))
def test_differences_are_the_same_with_digests_and_without(seed: int) -> None:
    random = Random(seed)
    old = _graph(random)
    name = random.choice(_NAMES)
    new = {**old, name: _with_references(random, changed(random, old[name]))}
    plain = differences(_root(old), _root(new), ENGINE)
    assert {*map(repr, plain)} == {*map(repr, differences(with_digests(_root(old)), with_digests(_root(new)), ENGINE))}


class _Counting(Kept[tuple[str, str], tuple[Difference, ...]]):
    """A memory that tells how many pairs were compared."""

    compared = 0

    def put(self, key: tuple[str, str], value: tuple[Difference, ...]) -> None:
        self.compared += 1
        super().put(key, value)


def _operation(user: Any, error: Any, limit: str) -> Any:
    responses = {"200 application/json": {"$ref": "#/$defs/User"}, "400 application/json": {"$ref": "#/$defs/Error"}}
    parameters = {"query.limit": {"type": limit}}
    parts = {"responses": {"properties": responses}, "parameters": {"properties": parameters}}
    return {"type": "object", "properties": parts, "$defs": {"User": user, "Error": error}}


def test_entries_that_reach_only_equals_are_not_compared_and_others_once() -> None:
    memory, text = _Counting(10), {"type": "string"}
    engine = msgspec.structs.replace(ENGINE, memory=memory)
    old = _operation({"properties": {"name": text}}, {"properties": {"code": text}}, "integer")
    new = _operation({"properties": {"name": text}}, {"properties": {"code": {"type": "number"}}}, "integer")
    for _ in range(2):
        judged = judge_operation(old, new, engine, Terms(mode=Mode.backward), "asset")
        assert [change.path.split(".")[3] for change in judged.changes] == ["400 application/json"]
    assert memory.compared == 1


def test_an_entry_stands_with_what_it_reaches_and_is_known_by_it() -> None:
    definitions: Object = {"A": {"$ref": "#/$defs/B"}, "B": {"type": "string"}, "C": {"type": "number"}}
    whole = with_digests({"$defs": definitions})
    entry: Object = {"$ref": "#/$defs/A"}
    assert standing(whole, entry) == {"$ref": "#/$defs/A", "$defs": {"A": definitions["A"], "B": definitions["B"]}}
    others = [with_digests({"$defs": {**definitions, name: {"type": "null"}}}) for name in ("B", "C")]
    digests = [digest_standing(each, entry) for each in (whole, *others)]
    assert digests[0] == digests[2] != digests[1]


def test_definitions_that_depend_on_where_they_stand_are_never_taken_for_equal() -> None:
    definitions: Object = {"A": {"$ref": "#/properties/x"}, "B": {"$ref": "#/$defs/A"}, "C": {}}
    assert Library(definitions).digests.keys() == {"C"}
    old: Object = {"properties": {"x": {"type": "string"}}, "items": {"$ref": "#/$defs/B"}, "$defs": definitions}
    new: Object = {**old, "properties": {"x": {"type": "number"}}}
    found = differences(with_digests(old), with_digests(new), ENGINE)
    assert {each.steps[0] for each in found} == {"properties", "items"}
