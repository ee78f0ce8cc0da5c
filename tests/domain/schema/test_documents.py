"""Schemas taken apart into documents and put together again."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.schema.canonical import canonical
from domain.schema.library import Definitions, Library, take_apart
from domain.schema.shelf import Shelf
from domain.values import JSON, Object

_NAMES = st.sampled_from(["A", "B", "C", "D", "request:A", "a/b", "a~b", "é", "", 'quo"te', "#/x%2Fy"])
_TEXTS = st.text(max_size=5) | st.just('"$ref":"#/$defs/A"') | st.just("long" * 60)


def _ref(name: str) -> str:
    return "#/$defs/" + name.replace("~", "~0").replace("/", "~1").replace("%", "%25")


def _schemas(names: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    leaf = st.one_of(
        st.booleans(),
        _TEXTS.map(lambda text: {"description": text}),
        names.map(lambda name: {"$ref": _ref(name)}),
        names.map(lambda name: {"$ref": _ref(name) + "/properties/x"}),
        st.just({"properties": {"$ref": {"type": "string"}}}),
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.dictionaries(_NAMES, inner, max_size=3).map(lambda held: {"properties": held}),
            st.lists(inner, max_size=3).map(lambda each: {"anyOf": each}),
        ),
        max_leaves=6,
    )


@st.composite
def _wholes(draw: st.DrawFn) -> Object:
    definitions: Object = draw(st.dictionaries(_NAMES, _schemas(_NAMES), max_size=6))
    root: Object = draw(_schemas(_NAMES).filter(lambda schema: isinstance(schema, dict)))
    return {**root, "$defs": definitions}


def _shelf(store: Mapping[str, bytes], *digests: str) -> tuple[Shelf, int]:
    """The documents of some schemas, read from a store, and in how many steps."""
    shelf, steps = Shelf(), 0
    while missing := shelf.missing(digests):
        shelf.put({digest: store[digest] for digest in missing})
        steps += 1
    return shelf, steps


@settings(deadline=None)
@given(_wholes())
def test_what_is_taken_apart_and_put_together_is_the_same(schema: Object) -> None:
    taken = take_apart(schema)
    shelf, steps = _shelf(taken.documents, taken.digest)
    assert canonical(shelf.schema(taken.digest)) == canonical(schema)
    assert steps <= 3
    assert take_apart(shelf.schema(taken.digest)) == taken


@settings(deadline=None)
@given(_wholes())
def test_definitions_taken_apart_together_are_what_they_are_alone(schema: Object) -> None:
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    others: Object = {"Z": {"$ref": "#/$defs/A"}, **definitions}
    shared = Library(others).definitions(definitions)
    assert take_apart({**schema, "$defs": {**shared}}) == take_apart({**schema, "$defs": shared})


def _defs(**definitions: JSON) -> Object:
    return {"$ref": "#/$defs/A", "$defs": definitions}


_LEAF: Object = {"type": "string"}
_TO_B: Object = {"properties": {"b": {"$ref": "#/$defs/B"}}}
_TO_A: Object = {"properties": {"a": {"$ref": "#/$defs/A"}}}


def test_each_definition_is_a_document_and_each_knot_one() -> None:
    assert len(take_apart(_defs(A=_TO_B, B=_LEAF)).documents) == 4  # the root, its list, and one each
    assert len(take_apart(_defs(A=_TO_B, B=_TO_A)).documents) == 2
    assert len(take_apart(_defs(A=_TO_A)).documents) == 2


def test_a_definition_is_known_by_what_it_says_and_reaches_and_not_by_its_name() -> None:
    digests = Library({"A": _TO_B, "B": _LEAF, "C": _TO_B, "D": {"type": "number"}, "E": _LEAF}).digests
    assert digests["A"] == digests["C"] and digests["B"] == digests["E"]
    assert len({*digests.values()}) == 3
    assert Library({"A": _TO_B, "B": {"type": "number"}}).digests["A"] != digests["A"]


def test_a_long_chain_is_read_in_three_steps() -> None:
    chain: Object = {f"N{n}": {"properties": {"x": {"$ref": f"#/$defs/N{n + 1}"}}} for n in range(2_000)}
    chain |= {"N2000": _LEAF, "A": {"$ref": "#/$defs/N0"}}
    taken = take_apart(_defs(**chain))
    shelf, steps = _shelf(taken.documents, taken.digest)
    assert (steps, canonical(shelf.schema(taken.digest))) == (3, canonical(_defs(**chain)))
    assert sum(map(len, taken.documents.values())) < 5 * len(canonical(_defs(**chain)))


def test_a_large_entry_is_a_document_that_parts_and_schemas_share() -> None:
    body: Object = {"type": "object", "description": "long" * 60}
    media: Object = {"type": "object", "properties": {"application/json": body, "text/plain": _LEAF}}
    parts: Object = {"request": body, "requests": media}
    first, second = ({**_defs(A=each), "properties": parts} for each in (_LEAF, _TO_B | {"$defs": {}}))
    taken = [take_apart(schema) for schema in (first, second)]
    assert len(taken[0].documents) == 3
    assert len(taken[0].documents.keys() & taken[1].documents.keys()) == 1
    shelf, _ = _shelf(taken[0].documents, taken[0].digest)
    assert canonical(shelf.schema(taken[0].digest)) == canonical(first)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"$ref": "#/$defs/A", "$defs": {}},
        {"$ref": "#/$defs/A", "$defs": True},
        {"$defs": {"A": {"$ref": "#/properties/x"}}},
        {"$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$anchor": "here"}}},
        {"$ref": "other.json", "$defs": {"A": _LEAF}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "$defs": {"A": _LEAF}},
    ],
)
def test_a_schema_that_depends_on_where_its_parts_stand_stays_whole(schema: Object) -> None:
    assert [*take_apart(schema).documents.values()] == [canonical(schema)]


def test_definitions_of_a_shelf_are_known_by_their_digests() -> None:
    schema = _defs(A=_TO_B, B=_TO_A, C=_LEAF)
    taken = take_apart(schema)
    shelf, _ = _shelf(taken.documents, taken.digest)
    found = shelf.schema(taken.digest)["$defs"]
    assert isinstance(found, Definitions)
    assert isinstance(schema["$defs"], dict)
    assert found.digests == Library(schema["$defs"]).digests
