"""Metadata: what a source writes goes with the source, what people write stays, at every depth (api.md 2.1)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sync.merge import merged
from domain.values import JSON, Object

CASES: tuple[tuple[str, Object, Object, Object, Object], ...] = (
    ("what the source drops goes", {"a": 1}, {"a": 1, "b": 2}, {}, {"b": 2}),
    ("what people wrote stays", {}, {"b": 2}, {"a": 1}, {"b": 2, "a": 1}),
    ("where both wrote, the document wins", {"a": 1}, {"a": 2}, {"a": 3}, {"a": 3}),
    ("also where only people had changed it", {"a": 1}, {"a": 2}, {"a": 1}, {"a": 1}),
    ("what people took away comes back", {"a": 1}, {}, {"a": 1}, {"a": 1}),
    (
        "at every depth",
        {"g": {"volume": 1, "gone": 1}},
        {"g": {"volume": 1, "gone": 1, "freshness": {"by": "us"}}},
        {"g": {"volume": 2}},
        {"g": {"volume": 2, "freshness": {"by": "us"}}},
    ),
    ("inside an object that the source dropped", {"g": {"x": 1}}, {"g": {"x": 1, "y": 2}}, {}, {"g": {"y": 2}}),
    ("in the place of a value that the source dropped", {"g": 1}, {"g": {"y": 2}}, {}, {"g": {"y": 2}}),
    ("an object wins over a value", {}, {"g": 1}, {"g": {"y": 2}}, {"g": {"y": 2}}),
    ("a value wins over an object", {"g": {"x": 1}}, {"g": {"x": 1, "y": 2}}, {"g": 1}, {"g": 1}),
    ("lists are values", {"l": [1]}, {"l": [1, 2]}, {"l": [3]}, {"l": [3]}),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_merging(case: tuple[str, Object, Object, Object, Object]) -> None:
    _, base, current, new, expected = case
    assert merged(base, current, new) == expected


def _objects() -> st.SearchStrategy[Object]:
    keys = st.sampled_from("abc")
    leaves: st.SearchStrategy[JSON] = st.sampled_from([None, 1, "x", [1]])
    inner = st.recursive(leaves, lambda children: st.dictionaries(keys, children, max_size=3), max_leaves=6)
    return st.dictionaries(keys, inner, max_size=3)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(_objects(), _objects(), _objects())
def test_the_same_document_again_changes_nothing(base: Object, current: Object, new: Object) -> None:
    once = merged(base, current, new)
    assert merged(new, once, new) == once
    assert all(once.get(key) == value for key, value in new.items() if not isinstance(value, dict))
    assert all(key in once for key in current if key not in base)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(_objects(), _objects())
def test_without_people_the_document_is_all(base: Object, new: Object) -> None:
    assert merged(base, base, new) == new
