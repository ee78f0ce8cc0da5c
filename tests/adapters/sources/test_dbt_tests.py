"""Tests, constraints and freshness of a manifest: what of them becomes a guarantee (api.md 2.5)."""

import json
from typing import Any

import pytest

from adapters.sources import dbt
from domain.sync.spec import AssetSpec
from tests.manifests import depends, manifest, model

COLUMNS = {"id": "int", "status": "text"}


def _test(name: str | None, **members: Any) -> dict[str, Any]:
    metadata = {"test_metadata": {"name": name, "kwargs": members.pop("kwargs", {}), **members.pop("metadata", {})}}
    node = {"resource_type": "test", "name": "t", "package_name": "shop", "depends_on": depends("a")}
    return {**node, **(metadata if name else {}), **members}


def _specs(*tests: dict[str, Any], **members: Any) -> dict[str, AssetSpec]:
    document = manifest(model("a", COLUMNS, **members), model("b", COLUMNS))
    document["nodes"] |= {f"test.shop.t{n}.{n}": test for n, test in enumerate(tests)}
    return {spec.fqn[-1]: spec for spec in dbt.read(json.dumps(document).encode()).specs}


NOT_NULL = {"kwargs": {"column_name": "id"}}
ACCEPTED = {"column_name": "status", "values": ["a", 1, None]}
ROWS: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "not_null": (_test("not_null", **NOT_NULL), {"nullability": {"id": "never"}}),
    "column of the test": (_test("not_null", column_name="id"), {"nullability": {"id": "never"}}),
    "kwargs beat the column of the test": (
        _test("not_null", column_name="status", **NOT_NULL),
        {"nullability": {"id": "never"}},
    ),
    "accepted_values": (_test("accepted_values", kwargs=ACCEPTED), {"accepted_values": {"status": ["a", 1, None]}}),
    "arguments one level deeper": (
        _test("accepted_values", kwargs={"column_name": "status", "arguments": {"values": ["x"]}}),
        {"accepted_values": {"status": ["x"]}},
    ),
    "unique": (
        _test("unique", kwargs={"column_name": "id", "model": "m"}),
        {"custom": [{"type": "unique", "column": "id", "config": {"column_name": "id", "model": "m"}}]},
    ),
    "namespace": (
        _test("in_range", metadata={"namespace": "dbt_utils"}, kwargs={"min": 1}, column_name="id"),
        {"custom": [{"type": "dbt_utils.in_range", "column": "id", "config": {"min": 1}}]},
    ),
    "a namespace's not_null is its own": (
        _test("not_null", metadata={"namespace": "p"}, **NOT_NULL),
        {"custom": [{"type": "p.not_null", "column": "id", "config": {"column_name": "id"}}]},
    ),
    "other": (_test("positive"), {"custom": [{"type": "positive", "column": None, "config": {}}]}),
    "warn": (
        _test("not_null", config={"severity": "WARN"}, **NOT_NULL),
        {
            "custom": [
                {"type": "not_null", "column": "id", "config": {"column_name": "id"}, "severity": "WARN", "where": None}
            ]
        },
    ),
    "where": (
        _test("accepted_values", config={"severity": "error", "where": "x > 1"}, kwargs=ACCEPTED),
        {
            "custom": [
                {
                    "type": "accepted_values",
                    "column": "status",
                    "config": ACCEPTED,
                    "severity": "error",
                    "where": "x > 1",
                }
            ]
        },
    ),
    "disabled": (_test("not_null", config={"enabled": False}, **NOT_NULL), None),
    "singular": (
        _test(None, description="why", raw_code="select 1", compiled_code=None, compiled_sql="select 2"),
        {"custom": [{"type": "singular", "name": "0", "description": "why", "sql": "select 1"}]},
    ),
    "values that are no list": (
        _test("accepted_values", kwargs={"column_name": "id", "values": "x"}),
        {"custom": [{"type": "accepted_values", "column": "id", "config": {"column_name": "id", "values": "x"}}]},
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_each_kind_of_test(name: str) -> None:
    test, expected = ROWS[name]
    spec = _specs(test)["a"]
    assert spec.guarantees == expected
    assert spec.metadata.get("guarantees") == expected
    assert ("guarantees" in spec.metadata) == (expected is not None)
    required = ["id"] if expected and "nullability" in expected else []
    assert spec.schema and spec.schema["required"] == required


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ({"compiled_code": "1", "raw_code": "2", "compiled_sql": "3", "raw_sql": "4"}, "1"),
        ({"raw_code": "2", "compiled_sql": "3", "raw_sql": "4"}, "2"),
        ({"compiled_sql": "3", "raw_sql": "4"}, "3"),
        ({"raw_sql": "4"}, "4"),
        ({}, None),
    ],
)
def test_the_sql_of_a_singular_test(codes: dict[str, str], expected: str | None) -> None:
    guarantees = _specs(_test(None, **codes))["a"].guarantees
    assert guarantees == {"custom": [{"type": "singular", "name": "0", "description": None, "sql": expected}]}


BOTH = {"nodes": ["model.shop.a", "model.shop.b"]}
OWNERS = [
    ("attached", {"attached_node": "model.shop.b"}, "not_null", {}, "b"),
    ("attached to nothing here", {"attached_node": "model.shop.z"}, "not_null", {}, ""),
    ("both", {}, "not_null", {}, "ab"),
    ("relationships by ref", {}, "relationships", {"model": "{{ get_where_subquery(ref('b')) }}"}, "b"),
    ("relationships by package", {}, "relationships", {"model": '{{ ref("shop", "b") }}'}, "b"),
    ("relationships attached", {"attached_node": "model.shop.a"}, "relationships", {"model": "ref('b')"}, "a"),
    ("relationships that cannot be told", {}, "relationships", {"model": "{{ x }}"}, "ab"),
    ("relationships without a model", {}, "relationships", {}, "ab"),
    ("another test's model tells nothing", {}, "unique", {"model": "{{ ref('b') }}"}, "ab"),
]


@pytest.mark.parametrize(
    ("members", "name", "kwargs", "owners"), [row[1:] for row in OWNERS], ids=[r[0] for r in OWNERS]
)
def test_whom_a_test_belongs_to(members: dict[str, Any], name: str, kwargs: dict[str, Any], owners: str) -> None:
    kwargs = {"column_name": "id", **kwargs}
    specs = _specs(_test(name, depends_on=BOTH, kwargs=kwargs, **members))
    assert "".join(key for key, spec in sorted(specs.items()) if spec.guarantees) == owners


def test_a_relationship_belongs_to_the_version_that_it_names() -> None:
    versions = {f"model.shop.v.v{n}": model("v", COLUMNS, alias=f"v_v{n}") for n in (1, 2)}
    test = _test(
        "relationships", depends_on={"nodes": [*versions]}, kwargs={"model": "ref('v', v=2)", "column_name": "id"}
    )
    document = manifest()
    document["nodes"] = {**versions, "test.shop.t.1": test}
    specs = {spec.item: spec.guarantees for spec in dbt.read(json.dumps(document).encode()).specs}
    assert [bool(specs[id]) for id in versions] == [False, True]


def test_a_source_named_in_a_relationship() -> None:
    document = manifest(model("a", COLUMNS))
    document["sources"]["source.shop.raw.b"] = {"name": "b", "schema": "raw", "columns": {"id": {}}}
    ids = {"nodes": ["model.shop.a", "source.shop.raw.b"]}
    kwargs = {"model": "{{ get_where_subquery(source('raw', 'b')) }}", "column_name": "id"}
    document["nodes"]["test.shop.t.1"] = _test("relationships", depends_on=ids, kwargs=kwargs)
    specs = {spec.item: spec.guarantees for spec in dbt.read(json.dumps(document).encode()).specs}
    assert (specs["model.shop.a"], bool(specs["source.shop.raw.b"])) == (None, True)


UNIQUE = {"type": "unique", "column": "id", "config": {}}
CONSTRAINTS = [
    (
        {"constraints": [{"type": "primary_key", "columns": ["id"]}]},
        {"nullability": {"id": "never"}, "custom": [UNIQUE]},
    ),
    ({"constraints": [{"type": "not_null", "columns": ["id"]}]}, {"nullability": {"id": "never"}}),
    ({"constraints": [{"type": "unique", "columns": ["id"]}]}, {"custom": [UNIQUE]}),
    (
        {"constraints": [{"type": "primary_key", "columns": ["id", "status"]}]},
        {"nullability": {"id": "never", "status": "never"}},
    ),
    ({"constraints": [{"type": "check", "columns": None}, {"type": None}]}, None),
    ({"constraints": None}, None),
]


@pytest.mark.parametrize(("members", "expected"), CONSTRAINTS)
def test_constraints_of_a_model(members: dict[str, Any], expected: Any) -> None:
    assert _specs(**members)["a"].guarantees == expected


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["not_null"], {"nullability": {"id": "never"}}),
        (["primary_key"], {"nullability": {"id": "never"}, "custom": [UNIQUE]}),
        (["unique"], {"custom": [UNIQUE]}),
        (["check", None], None),
    ],
)
def test_constraints_of_a_column(kinds: list[str | None], expected: Any) -> None:
    column = {"name": "id", "constraints": [{"type": kind} for kind in kinds]}
    spec = dbt.read(json.dumps(manifest({**model("a"), "columns": {"id": column}})).encode()).specs[0]
    assert spec.guarantees == expected
    assert spec.schema and spec.schema["required"] == (["id"] if expected and "nullability" in expected else [])


def test_a_constraint_that_a_test_says_already_and_the_order_of_custom() -> None:
    spec = _specs(
        _test("zeta"),
        _test("unique", kwargs={"column_name": "id"}),
        constraints=[{"type": "unique", "columns": ["id"]}, {"type": "unique", "columns": ["status"]}],
    )["a"]
    assert spec.guarantees and [(c["type"], c.get("column")) for c in spec.guarantees["custom"]] == [  # type: ignore[union-attr, index, call-overload]
        ("zeta", None),
        ("unique", "id"),
        ("unique", "status"),
    ]


LIMIT = {"count": 2, "period": "hour"}
FRESHNESS: list[tuple[dict[str, Any], Any]] = [
    (
        {"freshness": {"error_after": LIMIT}, "loaded_at_field": "at"},
        {"max_staleness_minutes": 120, "measured_by": "at"},
    ),
    (
        {"freshness": {"warn_after": {"count": 1, "period": "day"}, "error_after": None}, "loaded_at_field": "at"},
        {"max_staleness_minutes": 1440, "measured_by": "at"},
    ),
    (
        {"freshness": {"warn_after": {"count": 1, "period": "minute"}, "error_after": LIMIT}, "loaded_at_field": "at"},
        {"max_staleness_minutes": 120, "measured_by": "at"},
    ),
    ({"freshness": {"error_after": LIMIT}}, None),
    ({"freshness": {"error_after": {"count": None, "period": None}}, "loaded_at_field": "at"}, None),
    ({"freshness": None, "loaded_at_field": "at"}, None),
    (
        {
            "freshness": {"error_after": LIMIT},
            "loaded_at_field": "at",
            "meta": {"muniment": {"freshness": {"max_staleness_minutes": 7, "note": "x"}}},
        },
        {"max_staleness_minutes": 7, "note": "x"},
    ),
]


@pytest.mark.parametrize(("members", "expected"), FRESHNESS)
def test_freshness_of_a_source(members: dict[str, Any], expected: Any) -> None:
    document = {"sources": {"source.shop.raw.b": {"name": "b", **members}}}
    (spec,) = dbt.read(json.dumps(document).encode()).specs
    assert (spec.guarantees or {}).get("freshness") == expected
    assert spec.resource_type == "source"
