"""What a validator's work with a schema is held to be."""

from typing import Any

import pytest

from adapters import proof_costs
from adapters.proof_costs import affordable


def _doubling(levels: int) -> Any:
    """Definitions of which each names the next twice, of the same value."""
    names = [f"#/$defs/{n}" for n in range(levels)]
    definitions = {str(n): {"allOf": [{"$ref": each}, {"$ref": each}]} for n, each in enumerate(names[1:])}
    return {"$ref": "#/$defs/0", "$defs": {**definitions, str(levels - 1): {"type": "integer"}}}


def test_ways_that_double_at_each_step_are_not_followed() -> None:
    assert affordable(_doubling(6), 1)
    assert not affordable(_doubling(40), 1)


def test_definitions_that_lead_back_to_themselves_cost_as_much_as_the_value_is_deep() -> None:
    child = {"$ref": "#/$defs/node"}
    node: Any = {"$ref": "#/$defs/node", "$defs": {"node": {"properties": {"left": child, "right": child}}}}
    assert affordable(node, {"left": {"right": {}}})
    deep: Any = {}
    for _ in range(40):
        deep = {"left": deep}
    assert not affordable(node, deep)


@pytest.mark.parametrize("most", [5, 20, 50])
def test_what_is_affordable_at_any_depth_is_so_at_each(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_costs, "MOST_STEPS", most)
    costs = proof_costs._Costs  # noqa: SLF001
    for levels in range(2, 8):
        schema = _doubling(levels)
        anyhow = costs(schema, shrinks=False).of(schema, 1)
        assert all(costs(schema).of(schema, depth) <= anyhow for depth in (1, 2, 3))
