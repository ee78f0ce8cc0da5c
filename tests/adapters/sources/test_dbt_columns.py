"""Columns of a manifest: types, catalogs, tags, spellings (api.md 2.5)."""

import json
from typing import Any

import pytest

from adapters.sources import dbt
from adapters.sources.dbt_columns import mapped
from domain.schema.library import take_apart
from domain.sync.spec import AssetSpec
from tests.manifests import manifest, model

STRINGS = """string, text, varchar, nvarchar, char, nchar, bpchar, character, character varying, varchar2, clob, citext,
bytes, binary, varbinary, bytea, blob"""
INTEGERS = """int, integer, bigint, smallint, tinyint, mediumint, byteint, int2, int4, int8, int16, int32, int64, 
int128, hugeint, uint8, uint16, uint32, uint64, uint128, utinyint, usmallint, uinteger, ubigint, serial, bigserial,
long, short"""
NUMBERS = """number, numeric, decimal, dec, bignumeric, bigdecimal, float, float4, float8, float32, float64, double,
double precision, real, money"""
MOMENTS = """datetime, datetime2, datetimeoffset, smalldatetime, timestamp, timestamptz, timestamp_ntz, timestamp_ltz,
timestamp_tz, timestamp with time zone, timestamp without time zone, timestamp with local time zone"""
INTEGER, OBJECT, ARRAY = {"type": "integer"}, {"type": "object"}, {"type": "array"}
MOMENT = {"type": "string", "format": "date-time"}
TIME = {"type": "string", "format": "time"}
ANYTHING = {"type": ["object", "array", "string", "number", "boolean", "null"]}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


TYPES: list[tuple[str, dict[str, Any]]] = [
    *((name, {"type": "string"}) for name in _names(STRINGS)),
    *((name, INTEGER) for name in _names(INTEGERS)),
    *((name, {"type": "number"}) for name in _names(NUMBERS)),
    *((name, MOMENT) for name in _names(MOMENTS)),
    ("uuid", {"type": "string", "format": "uuid"}),
    ("boolean", {"type": "boolean"}),
    ("bool", {"type": "boolean"}),
    ("date", {"type": "string", "format": "date"}),
    *((name, TIME) for name in ("time", "timetz", "time with time zone", "time without time zone", "TIME(6)")),
    *((name, OBJECT) for name in ("object", "struct", "map", "record", "row", "struct<a int64, b string>")),
    *((name, OBJECT) for name in ("map<string, int>", "ROW(a int, b int)", "MAP(varchar, integer)")),
    ("array", ARRAY),
    ("list", ARRAY),
    ("ARRAY(VARCHAR)", ARRAY),
    ("array<int>", {**ARRAY, "items": INTEGER}),
    ("int[]", {**ARRAY, "items": INTEGER}),
    ("varchar(10)[]", {**ARRAY, "items": {"type": "string"}}),
    ("array<array<date>>", {**ARRAY, "items": {**ARRAY, "items": {"type": "string", "format": "date"}}}),
    ("array<struct<a int64>>", {**ARRAY, "items": OBJECT}),
    ("array<geography>", {**ARRAY, "items": {}}),
    *((name, ANYTHING) for name in ("json", "jsonb", "variant", "super")),
    *((name, {}) for name in ("geography", "interval", "bit", "list<int>", "???", "array<int", "int[3]", "()", " ")),
    ("DECIMAL(38, 0)", {"type": "number"}),
    ("Character  Varying (20)", {"type": "string"}),
    ("timestamp(6) with time zone", MOMENT),
    ("numeric((1))", {"type": "number"}),
]


@pytest.mark.parametrize(("name", "shape"), TYPES, ids=[row[0] for row in TYPES])
def test_data_types(name: str, shape: dict[str, Any]) -> None:
    assert dict(mapped(name)) == shape == dict(mapped(name.upper()))


def _spec(document: dict[str, Any], catalog: dict[str, Any] | None = None) -> AssetSpec:
    text = None if catalog is None else json.dumps(catalog).encode()
    (spec,) = dbt.read(json.dumps(document).encode(), catalog=text).specs
    return spec


def _properties(spec: AssetSpec) -> dict[str, Any]:
    assert spec.schema is not None
    found = spec.schema["properties"]
    assert isinstance(found, dict)
    return found


def test_the_schema_has_the_manifests_order_and_spelling() -> None:
    spec = _spec(manifest(model("a", {"Zip": "TEXT", "age": None, "Id": "int"})))
    assert spec.schema == {
        "type": "object",
        "properties": {"Zip": {"type": "string"}, "age": {}, "Id": {"type": "integer"}},
        "required": [],
    }
    assert list(_properties(spec)) == ["Zip", "age", "Id"]
    assert spec.untyped == frozenset({"age"})
    assert spec.metadata["columns"] == {
        "Zip": {"description": "", "data_type": "TEXT"},
        "age": {"description": "", "data_type": None},
        "Id": {"description": "", "data_type": "int"},
    }
    assert _spec(manifest(model("a"))).schema is None


def test_names_that_differ_in_case_are_columns_of_their_own() -> None:
    spec = _spec(
        manifest(model("a", {"ID": "int", "id": "text"}, constraints=[{"type": "not_null", "columns": ["id"]}]))
    )
    assert _properties(spec) == {"ID": {"type": "integer"}, "id": {"type": "string"}}
    assert spec.schema and spec.schema["required"] == ["id"]
    other = _spec(manifest(model("a", {"Id": "int"}, constraints=[{"type": "not_null", "columns": ["ID"]}])))
    assert other.schema and other.schema["required"] == ["Id"]


def test_descriptions_and_tags_of_columns() -> None:
    columns: dict[str, Any] = {
        "a": {"description": "told", "meta": {"tags": ["m"], "muniment": {"tags": ["o"]}}, "tags": ["t"]},
        "b": {"meta": {"tessera": {"tags": ["o"]}}, "tags": ["t"]},
        "c": {"config": {"meta": {"muniment": {"tags": ["c"]}}, "tags": ["x"]}},
        "d": {"config": {"tags": ["x"]}},
        "e": {"tags": "one"},
        "f": {"meta": {"tags": 5}, "description": "", "tags": None},
        "g": None,
    }
    spec = _spec(manifest({**model("a"), "columns": columns}))
    assert spec.field_descriptions == {"$.properties.a": "told"}
    assert _properties(spec)["a"] == {"description": "told"}
    assert {path.rpartition(".")[2]: tags for path, tags in spec.field_tags.items()} == {
        "a": ["m"],
        "b": ["o"],
        "c": ["c"],
        "d": ["x"],
        "e": ["one"],
    }


def _catalog(**types: Any) -> dict[str, Any]:
    columns = {name.upper(): {"name": name.upper(), "type": kind} for name, kind in types.items()}
    return {"nodes": {"model.shop.a": {"columns": columns}}, "sources": {}}


def test_a_catalog_fills_types_in_and_a_declared_one_wins() -> None:
    spec = _spec(
        manifest(model("a", {"id": None, "n": "text", "x": None})), _catalog(id="BIGINT", n="int", other="int")
    )
    assert _properties(spec) == {"id": {"type": "integer"}, "n": {"type": "string"}, "x": {}}
    assert spec.untyped == frozenset({"x"})


def test_columns_that_only_the_catalog_has_are_taken_where_none_is_declared() -> None:
    spec = _spec(manifest(model("a")), _catalog(id="BIGINT", n="TEXT"))
    assert _properties(spec) == {"ID": {"type": "integer"}, "N": {"type": "string"}}
    assert spec.untyped == frozenset()


@pytest.mark.parametrize(
    "catalog",
    [
        {"nodes": None},
        {"nodes": {"model.shop.a": None}},
        {"nodes": {"model.shop.a": {"columns": None}}},
        {"nodes": {"model.shop.a": {"columns": {"ID": None}}}},
        {"nodes": {"model.shop.a": {"columns": {"ID": {"type": None, "name": None}}}}},
        {"nodes": {"other": {"columns": {}}}, "metadata": None, "errors": None},
    ],
)
def test_nulls_in_a_catalog_are_as_if_empty(catalog: dict[str, Any]) -> None:
    assert _properties(_spec(manifest(model("a", {"id": None})), catalog)) == {"id": {}}


def test_a_schema_is_stored_as_the_documents_that_it_would_be_taken_apart_into() -> None:
    document = manifest(model("a", {"$defs": "int", "a": "text", "definitions": None}), model("b"))
    with_columns, without = dbt.read(json.dumps(document).encode()).specs
    assert with_columns.schema is not None and without.schema is None
    taken = take_apart(with_columns.schema)
    assert (with_columns.schema_digest, with_columns.documents) == (taken.digest, (taken.documents,))
    assert (without.schema_digest, without.documents) == (None, ())
