"""What a change of guarantees means (api.md 3.11)."""

import pytest

from domain.guarantees import as_breaking, changes
from domain.schema.change import Verdict
from domain.values import JSON, Object


def _types(old: Object | None, new: Object | None) -> list[tuple[str, str]]:
    return [(change.type, change.severity) for change in changes(old, new)]


def _unique(column: str, **config: JSON) -> Object:
    return {"type": "unique", "column": column, "config": config}


ADDED: tuple[tuple[Object, str], ...] = (
    ({"nullability": {"a": "never"}}, "not_null"),
    ({"accepted_values": {"a": [1]}}, "accepted_values"),
    ({"freshness": {"max_staleness_minutes": 1}}, "freshness"),
    ({"volume": {"min_rows": 1}}, "volume"),
    ({"custom": [_unique("a")]}, "unique"),
    ({"custom": [{"type": "relationships", "column": "a"}]}, "relationship"),
    ({"custom": [{"type": "dbt_utils.expression_is_true", "column": "a"}]}, "expression"),
    ({"custom": [{"type": "singular", "name": "n"}]}, "custom_guarantee"),
    ({"retention": {"days": 7}}, "custom_guarantee"),
)


@pytest.mark.parametrize(("promise", "name"), ADDED, ids=lambda each: str(each)[:40])
def test_more_is_information_and_less_a_warning(promise: Object, name: str) -> None:
    assert _types(None, promise) == _types({}, promise) == [(f"{name}_added", "info")]
    assert _types(promise, None) == _types(promise, {}) == [(f"{name}_removed", "warning")]
    assert _types(promise, promise) == []


CHANGED: tuple[tuple[Object, Object, list[tuple[str, str]]], ...] = (
    ({"accepted_values": {"a": [1, 2]}}, {"accepted_values": {"a": [2, 1]}}, []),
    ({"accepted_values": {"a": [1]}}, {"accepted_values": {"a": [1, 2]}}, [("accepted_values_expanded", "warning")]),
    ({"accepted_values": {"a": [1, 2]}}, {"accepted_values": {"a": [1]}}, [("accepted_values_contracted", "info")]),
    (
        {"accepted_values": {"a": [1]}},
        {"accepted_values": {"a": [True]}},
        [("accepted_values_contracted", "info"), ("accepted_values_expanded", "warning")],
    ),
    (
        {"freshness": {"max_staleness_minutes": 9}},
        {"freshness": {"max_staleness_minutes": 5}},
        [("freshness_tightened", "info")],
    ),
    (
        {"freshness": {"max_staleness_minutes": 5}},
        {"freshness": {"max_staleness_minutes": 9}},
        [("freshness_relaxed", "warning")],
    ),
    ({"freshness": {"max_staleness_minutes": 5}}, {"freshness": {}}, [("freshness_relaxed", "warning")]),
    ({"freshness": {"by": "x"}}, {"freshness": {"by": "y"}}, [("freshness_relaxed", "warning")]),
    ({"freshness": {"max_staleness_minutes": 5}}, {"freshness": {"max_staleness_minutes": 5.0}}, []),
    ({"volume": {"min_rows": 1}}, {"volume": {"min_rows": 2}}, [("volume_tightened", "info")]),
    ({"volume": {"min_rows": 2}}, {"volume": {"min_rows": 1}}, [("volume_relaxed", "warning")]),
    ({"volume": {"min_rows": 2}}, {"volume": {"min_rows": True}}, [("volume_relaxed", "warning")]),
    ({"volume": {"max_rows": 2}}, {"volume": {"max_rows": 1, "min_rows": 1}}, [("volume_tightened", "info")]),
    (
        {"volume": {"max_rows": 2, "min_rows": 2}},
        {"volume": {"max_rows": 1, "min_rows": 1}},
        [("volume_relaxed", "warning")],
    ),
    ({"custom": [_unique("a")]}, {"custom": [_unique("a", where="x")]}, [("custom_guarantee_changed", "warning")]),
    (
        {"custom": [{"type": "dbt_utils.expression_is_true", "column": "a", "config": {"expression": "> 0"}}]},
        {"custom": [{"type": "dbt_utils.expression_is_true", "column": "a", "config": {"expression": "> 1"}}]},
        [("expression_changed", "warning")],
    ),
    ({"custom": [_unique("a"), _unique("b")]}, {"custom": [_unique("b"), _unique("a")]}, []),
    ({"nullability": {"a": "never"}}, {"nullability": {"a": "sometimes"}}, [("not_null_removed", "warning")]),
    ({"nullability": {"a": "sometimes"}}, {"nullability": {"a": "never"}}, [("not_null_added", "info")]),
    ({"retention": {"days": 7}}, {"retention": {"days": 3}}, [("custom_guarantee_changed", "warning")]),
)


@pytest.mark.parametrize(("old", "new", "expected"), CHANGED, ids=lambda each: str(each)[:60])
def test_what_became_of_a_guarantee(old: Object, new: Object, expected: list[tuple[str, str]]) -> None:
    assert _types(old, new) == expected


def test_under_strict_each_warning_breaks_and_says_where() -> None:
    found = changes({"nullability": {"a": "never"}, "volume": {"min_rows": 1}}, {"volume": {"min_rows": 2}})
    (change,) = as_breaking(found, "asset")
    assert (change.type, change.path, change.pointer) == ("not_null_removed", "nullability.a", "/nullability/a")
    assert (change.verdict, change.old_value, change.new_value) == (Verdict.breaking, "never", None)
    (elsewhere,) = as_breaking(found, "another asset")
    assert elsewhere.fingerprint != change.fingerprint
