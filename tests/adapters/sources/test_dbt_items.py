"""Which nodes of a manifest are items, and what they are named (api.md 2.5)."""

import json
from typing import Any

import pytest

from adapters.sources import dbt
from domain.sync.spec import AssetSpec, Document, EdgeSpec
from tests.manifests import depends, manifest, model


def _read(document: Any, **options: Any) -> Document:
    return dbt.read(json.dumps(document).encode(), **options)


def _one(node: dict[str, Any], id: str = "model.shop.a") -> AssetSpec:
    (spec,) = _read({"metadata": {"project_name": "shop"}, "nodes": {id: node}}).specs
    return spec


KINDS = [
    ("model", {}, True),
    ("seed", {}, True),
    ("snapshot", {}, True),
    ("model", {"config": {"materialized": "ephemeral"}}, True),
    ("model", {"config": {"enabled": False}}, False),
    ("model", {"config": {"enabled": None}}, True),
    ("model", {"meta": {"muniment": {"skip": True}}}, False),
    ("model", {"config": {"meta": {"tessera": {"skip": True}}}}, False),
    ("model", {"meta": {"muniment": {"skip": False}}}, True),
    ("test", {}, False),
    ("analysis", {}, False),
    ("operation", {}, False),
    ("unit_test", {}, False),
    ("exposure", {}, False),
    (None, {}, False),
]


@pytest.mark.parametrize(("kind", "members", "counts"), KINDS)
def test_what_is_an_item(kind: str | None, members: dict[str, Any], counts: bool) -> None:
    document = manifest({**model("a"), "resource_type": kind, **members}, disabled={"model.shop.z": [model("z")]})
    specs = _read(document).specs
    assert [(s.item, s.resource_type) for s in specs] == ([("model.shop.a", kind)] if counts else [])


@pytest.mark.parametrize("kind", ["source", None, "model"])
def test_every_source_is_an_item(kind: str | None) -> None:
    (spec,) = _read({"sources": {"source.shop.raw.b": {"name": "b", "resource_type": kind}}}).specs
    assert (spec.resource_type, spec.refers, spec.metadata["dbt_source_id"]) == ("source", True, "source.shop.raw.b")


NAMES = [
    ({"database": "DB", "schema": "Main", "name": "Orders"}, "db.main.orders"),
    ({"database": None, "schema": "Main", "name": "Orders"}, "main.orders"),
    ({"database": "", "schema": None, "name": "orders"}, "orders"),
    ({"database": "a.b", "schema": "c", "name": "d.e"}, "a%2Eb.c.d%2Ee"),
    ({"schema": "s", "name": "orders", "alias": "orders_v2"}, "s.orders_v2"),
    ({"schema": "s", "name": "orders", "alias": None}, "s.orders"),
    ({"schema": "s", "name": "orders", "identifier": "ORDERS_RAW"}, "s.orders_raw"),
    ({"schema": "S P", "name": 'a"b'}, 's p.a"b'),
]


@pytest.mark.parametrize(("members", "fqn"), NAMES)
def test_names(members: dict[str, Any], fqn: str) -> None:
    assert _one({"resource_type": "model", **members}).fqn == fqn


def test_versions_of_a_model_have_names_of_their_own() -> None:
    nodes = {f"model.shop.v.v{n}": model("v", alias=f"v_v{n}", version=n) for n in (1, 2, 3)}
    document = _read({"nodes": nodes})
    assert [spec.fqn for spec in document.specs] == ["db.main.v_v1", "db.main.v_v2", "db.main.v_v3"]
    assert document.errors == ()


def test_names_that_differ_only_in_case_are_one() -> None:
    document = _read(manifest(model("Orders"), model("orders")))
    assert [(spec.item, spec.fqn) for spec in document.specs] == [("model.shop.Orders", "db.main.orders")]
    (error,) = document.errors
    assert (error.item, error.fqn, "model.shop.Orders" in error.message) == (
        "model.shop.orders",
        "db.main.orders",
        True,
    )


@pytest.mark.parametrize("kind", ["model", "seed", "snapshot"])
def test_a_node_beats_a_source_of_the_same_name_and_takes_its_edges(kind: str) -> None:
    node = {**model("a"), "resource_type": kind}
    reader = model("r", depends_on={"nodes": ["source.shop.raw.a"]})
    document = {
        "nodes": {f"{kind}.shop.a": node, "model.shop.r": reader},
        "sources": {"source.shop.raw.a": {"database": "DB", "schema": "MAIN", "name": "x", "identifier": "A"}},
    }
    read = _read(document)
    assert [spec.item for spec in read.specs] == [f"{kind}.shop.a", "model.shop.r"]
    assert [edge.item for edge in read.specs[1].upstream] == [f"{kind}.shop.a"]
    assert (read.errors, len(read.warnings)) == ((), 1)
    assert read.warnings[0].startswith("db.main.a: ")


def test_of_two_sources_with_one_name_the_smaller_id_wins() -> None:
    sources = {f"source.shop.{n}.a": {"schema": "raw", "name": "a"} for n in ("z", "b")}
    read = _read({"sources": sources})
    assert ([spec.item for spec in read.specs], [e.item for e in read.errors]) == (
        ["source.shop.b.a"],
        ["source.shop.z.a"],
    )


def test_fields() -> None:
    node = model(
        "a",
        {"id": "int"},
        description="told",
        tags=["x", "y"],
        fqn=["shop", "a"],
        config={"materialized": "table"},
        depends_on=depends("b"),
        meta={"muniment": {"tags": ["y", "z"]}},
    )
    document = _read(manifest(node, model("b")))
    spec = document.specs[0]
    assert (spec.description, spec.tags) == ("told", ("x", "y", "z"))
    assert spec.metadata == {
        "dbt_node_id": "model.shop.a",
        "resource_type": "model",
        "description": "told",
        "tags": ["x", "y", "z"],
        "dbt_fqn": ["shop", "a"],
        "path": "a.sql",
        "depends_on": ["db.main.b"],
        "columns": {"id": {"description": "", "data_type": "int"}},
        "materialized": "table",
        "project": "shop",
    }
    assert spec.upstream == (EdgeSpec(item="model.shop.b", type="transforms"),)
    bare = document.specs[1]
    assert (bare.description, bare.tags, bare.metadata["tags"], bare.metadata["dbt_fqn"]) == (None, (), [], [])


@pytest.mark.parametrize(
    ("members", "tags"),
    [
        ({"tags": ["a"], "meta": {"tags": ["b"]}}, ("a",)),
        ({"tags": [], "meta": {"tags": ["b"]}}, ("b",)),
        ({"tags": "one"}, ("one",)),
        ({"tags": None, "meta": None}, ()),
        ({"tags": None, "meta": {"tags": "x"}}, ()),
        ({"meta": {"muniment": {"tags": ["o"]}, "tags": ["b"]}}, ("b", "o")),
    ],
)
def test_tags(members: dict[str, Any], tags: tuple[str, ...]) -> None:
    assert _one({**model("a"), **members}).tags == tags


FOREIGN = [
    ({"package_name": "shop", "path": ""}, False),
    ({"package_name": "other", "path": ""}, True),
    ({"package_name": "other", "path": None}, True),
    ({"package_name": "other", "path": "models/a.sql"}, False),
    ({"package_name": None, "path": ""}, False),
]


@pytest.mark.parametrize(("members", "refers"), FOREIGN)
def test_a_node_of_another_project_without_a_file_only_refers(members: dict[str, Any], refers: bool) -> None:
    assert _one({**model("a"), **members}).refers is refers


def test_an_unreadable_test_is_told_and_is_no_item() -> None:
    document = manifest(model("a", {"id": "int"}))
    document["nodes"]["test.shop.t"] = {"resource_type": "test", "test_metadata": 5}
    read = _read(document)
    assert ([s.item for s in read.specs], read.errors, len(read.parse_errors)) == (["model.shop.a"], (), 1)
    assert read.parse_errors[0].startswith("nodes.test.shop.t: ")


# --- options in meta ------------------------------------------------------------------------------------------------

GOOD: list[tuple[str, Any, str, Any]] = [
    ("owner_team", " data ", "owner_team", "data"),
    ("owner_user", "a@b.c", "owner_user", "a@b.c"),
    ("compatibility_mode", "FULL", "compatibility_mode", "full"),
    ("guarantee_mode", "strict", "guarantee_mode", "strict"),
    ("semver_mode", "enforce", "semver_mode", "enforce"),
    ("tags", ["t"], "tags", ("t",)),
    ("freshness", {"max_staleness_minutes": 5}, "guarantees", {"freshness": {"max_staleness_minutes": 5}}),
    ("volume", {"max_row_delta_pct": 0.5}, "guarantees", {"volume": {"max_row_delta_pct": 0.5}}),
]


@pytest.mark.parametrize(("name", "value", "field", "expected"), GOOD, ids=[row[0] for row in GOOD])
@pytest.mark.parametrize("place", ["meta.muniment", "config.meta.muniment", "meta.tessera", "config.meta.tessera"])
def test_options_stand_in_four_places(place: str, name: str, value: Any, field: str, expected: Any) -> None:
    node: Any = model("a")
    inner = node
    for step in place.split("."):
        inner[step] = {}
        inner = inner[step]
    inner[name] = value
    spec = _one(node)
    assert (getattr(spec, field), spec.problems, spec.owner_problems) == (expected, (), ())


def test_the_first_place_wins_option_by_option() -> None:
    node = model(
        "a",
        meta={"muniment": {"owner_team": "1"}, "tessera": {"owner_team": "3", "guarantee_mode": "ignore"}},
        config={"meta": {"muniment": {"owner_team": "2", "semver_mode": "suggest"}}},
    )
    spec = _one(node)
    assert (spec.owner_team, spec.semver_mode, spec.guarantee_mode) == ("1", "suggest", "ignore")
    table = {"name": "b", "meta": {"tessera": {"owner_team": "t"}}, "source_meta": {"muniment": {"owner_team": "s"}}}
    assert _read({"sources": {"source.shop.raw.b": table}}).specs[0].owner_team == "t"
    del table["meta"]
    assert _read({"sources": {"source.shop.raw.b": table}}).specs[0].owner_team == "s"


BAD = [
    ("consumers", "team"),
    ("consumers", [{"purpose": "x"}]),
    ("consumers", [5]),
    ("consumers", [{"team": "x", "purpose": 5}]),
    ("freshness", {"max_staleness_minutes": 0}),
    ("freshness", {"max_staleness_minutes": True}),
    ("freshness", {"max_staleness_minutes": 1, "measured_by": 5}),
    ("freshness", {}),
    ("volume", {"min_rows": -1}),
    ("volume", {"max_rows": 1.5}),
    ("volume", {"max_row_delta_pct": "x"}),
    ("volume", []),
    ("compatibility_mode", "both"),
    ("guarantee_mode", "Strict"),
    ("semver_mode", 1),
    ("tags", "x"),
    ("tags", [1]),
    ("skip", "true"),
]


@pytest.mark.parametrize(("name", "value"), BAD, ids=str)
def test_a_wrong_option_is_told_by_node_and_key_and_left_out(name: str, value: Any) -> None:
    spec = _one(model("a", meta={"muniment": {name: value}}))
    (problem,) = spec.problems
    assert problem.startswith(f"meta.muniment.{name}: ") and problem.endswith("(model.shop.a)")
    left = (spec.consumers, spec.guarantees, spec.compatibility_mode, spec.guarantee_mode, spec.semver_mode, spec.tags)
    assert left == ((), None, None, None, None, ())


def test_options_that_nobody_knows_are_remarks_and_null_is_none() -> None:
    spec = _one(model("a", meta={"muniment": {"owner_teem": "x", "owner_team": None}}))
    assert (spec.remarks, spec.problems) == (("meta.muniment.owner_teem: no such option (model.shop.a)",), ())
    assert _one(model("a", meta={"muniment": "x"})).problems == ("meta.muniment: must be an object (model.shop.a)",)
