"""How changes of whole descriptions are judged, where OpenAPI says more than JSON Schema does."""

import json
from typing import Any

import pytest

from adapters.contract_engine import ENGINE
from adapters.sources.openapi import Naming, read
from domain.sync.pairs import changes_between
from tests.openapi.worlds import answer, parameter, spec


def _judged(old: Any, new: Any) -> set[tuple[str, str]]:
    before, after = (read(json.dumps(each).encode(), Naming("api", "api")) for each in (old, new))
    assert not before.errors and not after.errors
    changes = changes_between(before, after, ENGINE).values()
    return {(change.type, change.verdict.value) for found in changes for change in found}


def _asked(schema: Any) -> Any:
    return spec({"/u": {"get": {"parameters": [{**parameter("a"), "schema": schema}], "responses": {}}}})


def _answered(schema: Any) -> Any:
    return spec({"/u": {"get": {"responses": {"200": answer(schema)}}}})


def _secured(**scheme: Any) -> Any:
    operation = {"security": [{"key": []}], "responses": {"200": answer({})}}
    return spec({"/u": {"get": operation}}, components={"securitySchemes": {"key": scheme}})


_MORE, _LESS = {"x-extensible-enum": ["a", "b"]}, {"x-extensible-enum": ["a"]}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (_asked(_MORE), _asked(_LESS), {("enum_values_removed", "breaking")}),
        (_asked(_LESS), _asked(_MORE), {("enum_values_added", "safe")}),
        (_answered(_MORE), _answered(_LESS), set()),
        (_answered({"enum": ["a", "b"], **_MORE}), _answered({"enum": ["a", "b"], **_LESS}), set()),
    ],
)
def test_values_that_may_become_more_are_those_that_callers_may_send(old: Any, new: Any, expected: Any) -> None:
    assert _judged(old, new) == expected


@pytest.mark.parametrize("member", ["contentEncoding", "contentMediaType", "contentSchema"])
@pytest.mark.parametrize("document", [_asked, _answered])
def test_how_a_text_holds_something_else_is_undecided_where_it_changes(document: Any, member: str) -> None:
    schemas = [{"properties": {"a": {"type": "string", member: value}}} for value in ({}, {"type": "null"})]
    assert _judged(*map(document, schemas)) == {("undecidable", "unknown")}
    assert _judged(document(schemas[0]), document(schemas[0])) == set()


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ({"type": "http", "scheme": "Basic"}, {"type": "http", "scheme": "basic"}, False),
        ({"type": "http", "scheme": "basic"}, {"type": "http", "scheme": "digest"}, True),
        ({"type": "openIdConnect", "openIdConnectUrl": "a"}, {"type": "openIdConnect", "openIdConnectUrl": "b"}, True),
        (
            {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "a", "scopes": {}}}},
            {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "b", "scopes": {}}}},
            True,
        ),
        ({"type": "apiKey", "in": "header", "name": "k"}, {"type": "apiKey", "in": "query", "name": "k"}, True),
        ({"type": "http", "description": "a"}, {"type": "http", "description": "b"}, False),
    ],
)
def test_a_security_scheme_that_works_in_another_way_is_undecided(old: Any, new: Any, differs: bool) -> None:
    assert _judged(_secured(**old), _secured(**new)) == ({("undecidable", "unknown")} if differs else set())


def test_what_is_written_in_two_ways_says_both() -> None:
    def sent(inner: str, outer: str) -> Any:
        media = {"schema": {"type": "string", "contentEncoding": inner}, "encoding": {"a": {"contentType": outer}}}
        return spec({"/u": {"post": {"requestBody": {"content": {"multipart/form-data": media}}, "responses": {}}}})

    for new in (sent("base32", "x"), sent("base64", "y")):
        assert _judged(sent("base64", "x"), new) == {("undecidable", "unknown")}


def test_a_closed_response_that_gains_a_property_breaks_those_who_check_it() -> None:
    """A property that is new is safe where the response was open; a closed one promised that there is no other."""
    old: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
    new: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    closed = {"additionalProperties": False}
    assert _judged(_answered(old), _answered(new)) == {("property_added", "safe")}
    assert _judged(_answered(old | closed), _answered(new | closed)) == {("property_added", "breaking")}


def _text(**members: Any) -> Any:
    return {"properties": {"a": {"type": "string", **members}}}


_HELD: Any = {"contentSchema": {"type": "null"}}


@pytest.mark.parametrize(
    ("document", "old", "new", "expected"),
    [
        (_asked, _text(), _text(**_HELD), {("constraint_tightened", "breaking")}),
        (_asked, _text(**_HELD), _text(), {("constraint_relaxed", "safe")}),
        (_answered, _text(), _text(**_HELD), {("constraint_tightened", "safe")}),
        (_answered, _text(**_HELD), _text(), {("constraint_relaxed", "breaking")}),
        (_asked, _text(), _text(contentEncoding="base64", **_HELD), {("undecidable", "unknown")}),
    ],
)
def test_what_a_text_holds_is_a_promise_that_goes_or_comes(document: Any, old: Any, new: Any, expected: Any) -> None:
    assert _judged(document(old), document(new)) == expected


def test_a_part_of_a_body_that_is_called_like_a_keyword_is_no_schema_of_a_text() -> None:
    def sent(**encoding: Any) -> Any:
        media = {"schema": {"type": "object"}, "encoding": {"a": {"contentType": "x"}, **encoding}}
        return spec({"/u": {"post": {"requestBody": {"content": {"multipart/form-data": media}}, "responses": {}}}})

    for name in ("contentSchema", "allowEmptyValue"):
        for old, new in ((sent(**{name: {}}), sent()), (sent(), sent(**{name: {}}))):
            assert _judged(old, new) == {("undecidable", "unknown")}


def test_a_parameter_may_be_left_empty_or_no_longer() -> None:
    def may(**members: Any) -> Any:
        return spec({"/u": {"get": {"parameters": [parameter("a", **members)], "responses": {}}}})

    assert _judged(may(), may(allowEmptyValue=True)) == {("constraint_relaxed", "safe")}
    assert _judged(may(allowEmptyValue=True), may()) == {("constraint_tightened", "breaking")}
    assert _judged(may(), may(allowEmptyValue=False)) == set()
    assert _judged(may(), may(allowEmptyValue=True, style="deepObject")) == {("undecidable", "unknown")}
