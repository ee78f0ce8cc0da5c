"""Whether a description keeps what was promised (api.md 3.14): `POST /compat/check-compat`."""

import json
from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, key, made, publish, refused, team, unique, with_key

ANSWER = {"is_breaking", "spec_format", "total_endpoints", "checked", "new_endpoints", "results", "parse_errors"}
RESULT = {
    "fqn", "is_breaking", "change_type", "breaking_changes", "non_breaking_changes", "current_version",
    "compatibility_mode",
}  # fmt: skip
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def _openapi(*paths: str, **fields: Any) -> dict[str, Any]:
    """A description whose operations all answer an object with these fields."""
    schema = {"type": "object", "properties": fields}
    answer = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {path: {"get": {"responses": answer}} for path in paths},
    }


def _introspected(fields: dict[str, str]) -> dict[str, Any]:
    """An introspection result whose query has these fields, each of a scalar type."""
    scalars = sorted({"String", "Int", *fields.values()})
    listed: list[dict[str, Any]] = [
        {
            "name": name,
            "args": [],
            "type": {"kind": "SCALAR", "name": kind, "ofType": None},
            "isDeprecated": False,
            "deprecationReason": None,
        }
        for name, kind in fields.items()
    ]
    query = {"kind": "OBJECT", "name": "Query", "fields": listed, "interfaces": []}
    types = [query, *({"kind": "SCALAR", "name": name} for name in scalars)]
    empty: dict[str, Any] = {"mutationType": None, "subscriptionType": None, "directives": []}
    return {"__schema": {"queryType": {"name": "Query"}, "types": types, **empty}}


class Desk:
    """An API and a schema that were synced, with an environment of their own."""

    def __init__(self, api: httpx.Client) -> None:
        self.api, self.owner, self.environment, self.prefix = api, team(api), unique("env"), unique("svc")
        common = {"owner_team_id": self.owner, "auto_publish_contracts": True, "environment": self.environment}
        spec = _openapi("/a", "/b", x=TEXT, y=TEXT)
        made(api.post("/sync/openapi", json={**common, "spec": spec, "prefix": self.prefix}))
        sdl = "type Query { a: String b: String }"
        made(api.post("/sync/graphql", json={**common, "schema": sdl, "prefix": self.prefix + "gq"}))

    def send(self, content: Any, format: str = "openapi", query: str = "", **more: Any) -> httpx.Response:
        text = content if isinstance(content, str) else json.dumps(content)
        body = {"spec_content": text, "spec_format": format, "environment": self.environment, **more}
        more.setdefault("service_name", self.prefix if format == "openapi" else self.prefix + "gq")
        return self.api.post(f"/compat/check-compat{query}", json={**body, **more})

    def check(self, content: Any, format: str = "openapi", query: str = "", **more: Any) -> dict[str, Any]:
        answer = self.send(content, format, query, **more)
        got = made(answer)
        assert answer.status_code == 200 and set(got) == ANSWER
        assert all(set(result) == RESULT for result in got["results"])
        assert got["spec_format"] == format
        return got


@pytest.fixture(scope="module")
def desk(each_store: httpx.Client) -> Desk:
    return Desk(each_store)


def _counts(got: dict[str, Any]) -> tuple[bool, int, int, int]:
    return got["is_breaking"], got["total_endpoints"], got["checked"], got["new_endpoints"]


def test_every_operation_against_its_contract(desk: Desk) -> None:
    head = desk.api.get("/teams").headers["muniment-position"]
    same = desk.check(_openapi("/a", "/b", x=TEXT, y=TEXT))
    assert _counts(same) == (False, 2, 2, 0) and same["parse_errors"] == []
    assert [r["change_type"] for r in same["results"]] == ["patch", "patch"]
    assert all((r["current_version"], r["compatibility_mode"]) == ("1.0.0", "backward") for r in same["results"])
    wider = desk.check(_openapi("/a", x=TEXT, y=TEXT, z=TEXT))
    assert _counts(wider) == (False, 1, 1, 0)
    assert wider["results"][0]["change_type"] == "minor" and wider["results"][0]["non_breaking_changes"]
    broken = desk.check(_openapi("/a", "/c", x=TEXT))
    assert _counts(broken) == (True, 2, 1, 1)
    hit, new = broken["results"]
    assert (hit["is_breaking"], hit["change_type"]) == (True, "major")
    assert hit["fqn"].startswith(desk.prefix + ".") and len(hit["breaking_changes"]) >= 1
    assert new == {
        "fqn": new["fqn"], "is_breaking": False, "change_type": "new", "breaking_changes": [],
        "non_breaking_changes": [], "current_version": None, "compatibility_mode": None,
    }  # fmt: skip
    assert desk.api.get("/teams").headers["muniment-position"] == head


def test_in_another_environment_or_under_another_name_everything_is_new(desk: Desk) -> None:
    spec = _openapi("/a", "/b", x=WHOLE)
    assert _counts(desk.check(spec, environment=unique("env"))) == (False, 2, 0, 2)
    assert _counts(desk.check(spec, service_name=unique("other"))) == (False, 2, 0, 2)


def test_a_mode_in_the_place_of_each_contracts_own(desk: Desk) -> None:
    got = desk.check(_openapi("/a", x=TEXT), query="?compatibility_mode_override=none")
    assert _counts(got) == (False, 1, 1, 0)
    assert (got["results"][0]["compatibility_mode"], got["results"][0]["change_type"]) == ("none", "major")
    assert got["results"][0]["non_breaking_changes"]
    for none in ("up", "null", "%00"):
        refused = desk.send(_openapi("/a"), query=f"?compatibility_mode_override={none}")
        assert fields(refused) == ["query.compatibility_mode_override"]


def test_yaml_is_read_as_json_is(desk: Desk) -> None:
    yaml = """
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a:
    get:
      responses:
        '200':
          description: ''
          content: {application/json: {schema: {type: object, properties: {x: {type: string}}}}}
"""
    assert _counts(desk.check(yaml)) == (True, 1, 1, 0)


def test_graphql_as_sdl_and_as_introspection(desk: Desk) -> None:
    both = _introspected({"a": "String", "b": "String"})
    for format, keeping, breaking in (
        ("graphql_sdl", "type Query { a: String b: String }", "type Query { a: String }"),
        ("graphql", both, _introspected({"a": "String"})),
        ("graphql", {"data": both}, _introspected({"a": "Int", "b": "String"})),
    ):
        assert _counts(desk.check(keeping, format)) == (False, 1, 1, 0)
        got = desk.check(breaking, format)
        assert _counts(got) == (True, 1, 1, 0)
        assert got["results"][0]["fqn"] == desk.prefix + "gq.Query"


def test_with_a_named_asset_the_first_operation_alone_counts(each_store: httpx.Client) -> None:
    desk = Desk(each_store)
    fqn = desk.check(_openapi("/b", x=TEXT, y=TEXT))["results"][0]["fqn"]
    got = desk.check(_openapi("/elsewhere", "/b", x=TEXT), asset_fqn=fqn)
    assert _counts(got) == (True, 1, 1, 0) and got["results"][0]["fqn"] == fqn
    assert _counts(desk.check(_openapi("/elsewhere", x=TEXT, y=TEXT), asset_fqn=fqn)) == (False, 1, 1, 0)


def test_an_asset_that_is_no_operation_is_compared_with_the_response_alone(each_store: httpx.Client) -> None:
    desk = Desk(each_store)
    table = asset(each_store, desk.owner, fqn=unique("db.t"), environment=desk.environment)
    fqn = made(each_store.get(f"/assets/{table}"))["fqn"]
    fresh = desk.check(_openapi("/a", x=WHOLE), asset_fqn=fqn)
    assert _counts(fresh) == (False, 1, 0, 1) and fresh["results"][0]["fqn"] == fqn
    publish(each_store, table, desk.owner, {"type": "object", "properties": {"x": TEXT}})
    assert _counts(desk.check(_openapi("/any", x=TEXT), asset_fqn=fqn)) == (False, 1, 1, 0)
    broken = desk.check(_openapi("/any", x=WHOLE), asset_fqn=fqn)
    assert broken["is_breaking"] and broken["results"][0]["breaking_changes"][0]["path"] == "properties.x"
    silent = {"openapi": "3.1.0", "info": {}, "paths": {"/a": {"get": {"responses": {"204": {"description": ""}}}}}}
    assert desk.check(silent, asset_fqn=fqn)["is_breaking"], "an object of any kind is not what was promised"
    each_store.delete(f"/assets/{table}")
    refused(desk.send(_openapi("/a"), asset_fqn=fqn), 404, "ASSET_NOT_FOUND")


def test_unknown_assets(desk: Desk) -> None:
    for fqn in ("no.such", "", "x" * 1000):
        detail = refused(desk.send("nonsense", asset_fqn=fqn), 404, "ASSET_NOT_FOUND")["detail"]
        assert "not found" in detail


_BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{c}: &{c} [{','.join(['*' + p] * 10)}]\n" for p, c in zip("abcde", "bcdef", strict=True)
)


@pytest.mark.parametrize(
    ("content", "format"),
    [
        ("{", "openapi"),
        ("a: [", "openapi"),
        ("- a\n- b\n", "openapi"),
        ("hello", "openapi"),
        ("[]", "openapi"),
        ("{}", "openapi"),
        ('{"swagger": "2.0"}', "openapi"),
        ('{"openapi": "3.1.0", "paths": []}', "openapi"),
        ("a: .nan", "openapi"),
        (_BOMB, "openapi"),
        ("long: &l " + "x" * 50_000 + "\nmany: [" + ",".join(["*l"] * 50) + "]\n", "openapi"),
        ('{"a":' * 5000, "openapi"),
        ("[" * 5000, "openapi"),
        ("type Query { a: String }", "graphql"),
        ("{}", "graphql"),
        ('{"data": {}}', "graphql"),
        ('{"__schema": {"types": 1}}', "graphql"),
        ("{ not json", "graphql"),
        ('{"openapi": "3.1.0", "paths": {"/a": {}, "/a": {}}}', "openapi"),
        ('{"__schema": {}, "__schema": {}}', "graphql"),
        ('{"__schema": {}}', "graphql_sdl"),
        ("type Query {", "graphql_sdl"),
        ("type A { a: B }", "graphql_sdl"),
    ],
)
def test_texts_that_are_no_description(desk: Desk, content: str, format: str) -> None:
    body = refused(desk.send(content, format), 400, "INVALID_SCHEMA")
    errors = body["details"]["errors"]
    assert errors and all(isinstance(error, str) for error in errors)


def test_what_cannot_be_read_of_a_description_is_told(desk: Desk) -> None:
    spec = _openapi("/a", x=TEXT, y=TEXT)
    spec["paths"]["/bad"] = {"get": {"responses": []}}
    got = desk.check(spec)
    assert got["parse_errors"] and all(isinstance(error, str) for error in got["parse_errors"])
    assert got["total_endpoints"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"spec_format": "openapi"}, "body.spec_content"),
        ({"spec_content": "{}"}, "body.spec_format"),
        ({"spec_content": "", "spec_format": "openapi"}, "body.spec_content"),
        ({"spec_content": None, "spec_format": "openapi"}, "body.spec_content"),
        ({"spec_content": {}, "spec_format": "openapi"}, "body.spec_content"),
        ({"spec_content": "x" * 5_000_001, "spec_format": "openapi"}, "body.spec_content"),
        ({"spec_content": "{}", "spec_format": "raml"}, "body.spec_format"),
        ({"spec_content": "{}", "spec_format": "openapi", "asset_fqn": 1}, "body.asset_fqn"),
        ({"spec_content": "{}", "spec_format": "openapi", "asset_fqn": "x" * 1001}, "body.asset_fqn"),
        ({"spec_content": "{}", "spec_format": "openapi", "service_name": "a b"}, "body.service_name"),
        ({"spec_content": "{}", "spec_format": "openapi", "service_name": ""}, "body.service_name"),
        ({"spec_content": "{}", "spec_format": "openapi", "environment": ""}, "body.environment"),
        ({"spec_content": "{}", "spec_format": "openapi", "environment": "x" * 51}, "body.environment"),
        ({"spec_content": "{}", "spec_format": "openapi", "environment": None}, "body.environment"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_requests_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post("/compat/check-compat", json=body)) == [field]


def test_a_key_that_may_read_is_enough(desk: Desk) -> None:
    reader = with_key(desk.api, key(desk.api, team(desk.api), "read"))
    body = {"spec_content": json.dumps(_openapi("/a")), "spec_format": "openapi", "asset_fqn": None}
    got = made(reader.post("/compat/check-compat", json=body))
    assert got["results"][0]["fqn"].startswith("api.") and GONE not in json.dumps(got)
