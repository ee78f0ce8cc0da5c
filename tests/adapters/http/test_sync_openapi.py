"""OpenAPI syncs over HTTP: names, contracts, previews, bad input (api.md 2.7)."""

import copy
from typing import Any

import pytest

from tests.adapters.http.test_sync_answers import DIFF, IMPACT, NUMBER, SYNC, TEXT, has_shape
from tests.conftest import Server
from tests.openapi.worlds import Apis, answer, operation, parameter, spec
from tests.syncs import AUTO, PROPOSE

_DBT_ONLY = (
    "node_id",
    "resource_type",
    "owner_team",
    "consumers_declared",
    "consumers_from_refs",
    "registered_consumers",
)
_ABOUT = {"api_title": TEXT, "api_version": TEXT}


def _shaped(shape: dict[str, Any], items: str, **more: Any) -> dict[str, Any]:
    """The shape of a dbt answer as one of OpenAPI."""
    entry = {k: v for k, v in shape[items][0].items() if k not in _DBT_ONLY}
    kept = {
        k: v for k, v in shape.items() if not k.endswith("models") and not k.startswith("models") and k != "meta_errors"
    }
    name = "endpoints" if items == "models" else items
    return {**kept, name: [{**entry, "path": TEXT, "method": TEXT}], **_ABOUT, **more}


@pytest.fixture
def apis(shared_server: Server) -> Apis:
    return Apis(shared_server, shared_server.target)


def _users() -> dict[str, Any]:
    return spec(
        {
            "/users/{id}": {"parameters": [parameter("id", "path", required=True)], "get": operation(tags=["people"])},
            "/users": {
                "post": operation(requestBody={"content": answer({"$ref": "#/components/schemas/User"})["content"]})
            },
        }
    )


def _changed(document: Any, *steps: str, **members: Any) -> Any:
    changed = copy.deepcopy(document)
    place = changed
    for step in steps:
        place = place[step]
    for name, value in members.items():
        if value is None:
            del place[name]
        else:
            place[name] = value
    return changed


def test_an_operation_becomes_an_asset_with_a_contract(apis: Apis) -> None:
    done = apis.sync(_users(), **AUTO)
    has_shape(done, _shaped(SYNC, "models", endpoints_processed=NUMBER))
    assert [entry["fqn"] for entry in done["endpoints"]] == ["api.users.{id}.get", "api.users.post"]
    assert (done["endpoints_processed"], done["api_title"], done["contracts"]["published"]) == (2, "Users", 2)
    asset = apis.asset("api.users.{id}.get")
    assert (asset["resource_type"], asset["tags"]) == ("api_endpoint", ["people"])
    assert asset["metadata"]["path"] == "/users/{id}"
    schema = apis.contract("api.users.post")["schema"]
    assert schema["properties"]["request"] == {"$ref": "#/$defs/request:User"}
    assert [*schema["$defs"]["request:User"]["properties"]] == ["friends", "name", "secret"]
    assert [*schema["$defs"]["User"]["properties"]] == ["friends", "id", "name"]
    assert schema["$defs"]["User"]["properties"]["name"] == {"type": ["string", "null"]}
    assert schema["required"] == ["response"]
    again = apis.sync(_users(), **AUTO)
    assert (again["position"], again["assets"]["unchanged"]) == (None, 2)


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (lambda s: _changed(s, "components", "schemas", "User", "properties", name=None), {"property_removed"}),
        (lambda s: _changed(s, "paths", "/users/{id}", "get", "responses", "200", content={}), {"property_removed"}),
        (
            lambda s: _changed(s, "paths", "/users/{id}", "get", parameters=[parameter("x", required=True)]),
            {"required_added"},
        ),
        (lambda s: _changed(s, "paths", "/users/{id}", "get", security=[{"key": []}]), {"security_tightened"}),
        (lambda s: _changed(s, "paths", **{"/users/{id}": None}), {"asset_removed"}),
    ],
)
def test_a_break_is_the_same_in_diff_impact_dry_run_and_sync(apis: Apis, change: Any, rules: set[str]) -> None:
    apis.sync(_users(), **AUTO)
    apis.register("api.users.{id}.get", "readers")
    broken = change(_users())
    diff, impact = apis.diff(broken), apis.impact(broken)
    has_shape(diff, _shaped(DIFF, "models"))
    has_shape(impact, _shaped(IMPACT, "results", total_endpoints=NUMBER, endpoints_with_contracts=NUMBER))
    (entry,) = [e for e in diff["endpoints"] if e["fqn"] == "api.users.{id}.get"]
    (result,) = [e for e in impact["results"] if e["fqn"] == "api.users.{id}.get"]
    assert {c["type"] for c in entry["breaking_changes"]} >= rules
    assert entry["breaking_changes"] == result["breaking_changes"]
    assert [team["team_name"] for team in result["impacted_consumers"]] == [apis.full("readers")]
    assert (diff["blocking"], diff["status"]) == (True, "breaking_changes_detected")
    told, done = apis.sync(broken, dry_run=True, **PROPOSE), apis.sync(broken, **PROPOSE)
    assert [e["action"] for e in told["endpoints"]] == [e["action"] for e in done["endpoints"]]
    if rules != {"asset_removed"}:
        assert "api.users.{id}.get" in [each["asset_fqn"] for each in done["proposals"]["details"]]


@pytest.mark.parametrize(
    "change",
    [
        lambda s: _changed(s, "components", "schemas", "User", "properties", more={"type": "string"}),
        lambda s: _changed(s, "paths", "/users/{id}", "get", parameters=[parameter("x")]),
        lambda s: _changed(s, "paths", "/users/{id}", "get", "responses", **{"404": answer()}),
        lambda s: _changed(s, "paths", "/users/{id}", "get", deprecated=True),
    ],
)
def test_what_nobody_minds_is_published(apis: Apis, change: Any) -> None:
    apis.sync(_users(), **AUTO)
    assert apis.diff(change(_users()))["blocking"] is False
    assert apis.sync(change(_users()), **AUTO)["contracts"]["published"] >= 1


def test_a_new_name_of_a_path_parameter_is_a_move_and_no_change(apis: Apis) -> None:
    apis.sync(_users(), **AUTO)
    before = apis.asset("api.users.{id}.get")["id"]
    renamed = _changed(_users(), "paths", **{"/users/{id}": None})
    renamed["paths"]["/users/{userId}"] = {
        "get": operation(parameter("userId", "path", required=True), tags=["people"])
    }
    diff = apis.diff(renamed)
    assert (diff["summary"]["moved"], diff["summary"]["modified"], diff["status"]) == (1, 0, "clean")
    done = apis.sync(renamed, **AUTO)
    assert done["assets"]["moved_fqns"] == [{"from": "api.users.{id}.get", "to": "api.users.{userId}.get"}]
    assert apis.asset("api.users.{userId}.get")["id"] == before
    retyped = _changed(renamed, "paths", "/users/{userId}", "get")
    retyped["paths"]["/users/{userId}"]["get"]["parameters"][0]["schema"] = {"type": "integer"}
    assert apis.diff(retyped)["blocking"] is True


def test_an_operation_that_cannot_be_read_is_unknown_and_left_alone(apis: Apis) -> None:
    apis.sync(_users(), **AUTO)
    schema = {"$ref": "https://elsewhere.example/user.json"}
    odd = _changed(_users(), "paths", "/users/{id}", "get", responses={"200": answer(schema)})
    diff, impact = apis.diff(odd), apis.impact(odd)
    (entry,) = [e for e in diff["endpoints"] if e["fqn"] == "api.users.{id}.get"]
    assert [c["verdict"] for c in entry["breaking_changes"]] == ["unknown"]
    assert "#/paths/~1users~1{id}/get/responses/200" in diff["parse_errors"][0]
    assert [r["fqn"] for r in impact["results"] if not r["safe_to_publish"]] == ["api.users.{id}.get"]
    done = apis.sync(odd, 207, auto_delete=True, **PROPOSE)
    assert (done["parse_errors"], done["assets"]["deleted"]) == (diff["parse_errors"], 0)
    assert apis.contract("api.users.{id}.get")["version"] == "1.0.0"


def test_paths_gone_behind_a_reference_are_unknown_too(apis: Apis) -> None:
    apis.sync(_users(), **AUTO)
    odd = _changed(_users(), "paths", **{"/users/{id}": {"$ref": "users.yaml"}})
    done = apis.sync(odd, 207, auto_delete=True, **AUTO)
    assert done["assets"]["deleted"] == 0
    assert [r["fqn"] for r in apis.impact(odd)["results"] if not r["safe_to_publish"]] == ["api.users.{id}.get"]


@pytest.mark.parametrize(
    ("document", "status", "code"),
    [
        (None, 422, "VALIDATION_ERROR"),
        ([], 422, "VALIDATION_ERROR"),
        ({}, 400, "INVALID_OPENAPI_SPEC"),
        ({"swagger": "2.0", "paths": {}}, 400, "INVALID_OPENAPI_SPEC"),
        ({"asyncapi": "3.0.0"}, 400, "INVALID_OPENAPI_SPEC"),
        ({"openapi": "4.0.0"}, 400, "INVALID_OPENAPI_SPEC"),
        ({"openapi": "3.1.0", "paths": []}, 400, "INVALID_OPENAPI_SPEC"),
    ],
)
@pytest.mark.parametrize("action", ["", "/diff", "/impact"])
def test_unusable_documents(apis: Apis, document: Any, status: int, code: str, action: str) -> None:
    refused = apis.send(action, document, status, owner_team_id=apis.owner)
    assert refused["code"] == code
    assert refused["details"]["errors"]


@pytest.mark.parametrize(
    "document", [{"openapi": 3.0}, {"openapi": "3.1.0", "paths": None}, {"openapi": "3.2.0", "paths": {}}]
)
def test_what_a_reader_can_do_without(apis: Apis, document: Any) -> None:
    done = apis.sync(document)
    assert (done["api_title"], done["api_version"], done["endpoints"]) == ("", "", [])


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"owner_team_id": None}, "body.owner_team_id"),
        ({"prefix": "a..b"}, "body.prefix"),
        ({"prefix": "api\n"}, "body.prefix"),
        ({"service": "x" * 201}, "body.service"),
        ({"default_guarantees": []}, "body.default_guarantees"),
    ],
)
def test_bad_options(apis: Apis, options: dict[str, Any], field: str) -> None:
    assert [each["field"] for each in apis.sync(_users(), 422, **options)["details"]["errors"]] == [field]


def test_what_another_service_declared_is_not_missed(apis: Apis) -> None:
    apis.sync(_users(), prefix="a", **AUTO)
    other = spec({"/x": {"get": operation()}})
    assert apis.diff(other, prefix="b")["summary"]["deleted"] == 0
    assert apis.diff(other, prefix="c", service="a")["summary"]["deleted"] == 2


def test_with_a_base_only_what_differs_from_it_is_charged(apis: Apis) -> None:
    apis.sync(_users(), **AUTO)
    broken = _changed(_users(), "components", "schemas", "User", "properties", name=None)
    assert apis.diff(broken, base=broken)["blocking"] is False
    assert apis.impact(broken, base=_users())["breaking_changes_count"] == 2


def test_guarantees_are_those_of_the_operation_over_the_default_ones(apis: Apis) -> None:
    stated = {"freshness": {"max_staleness_minutes": 5}, "volume": 3}
    document = spec({"/x": {"get": operation(**{"x-muniment": stated})}})
    done = apis.sync(document, default_guarantees={"freshness": {}, "nullability": {"id": "never"}}, **AUTO)
    guarantees = apis.contract("api.x.get")["guarantees"]
    stated = {name: value for name, value in guarantees.items() if value is not None}
    assert stated == {"freshness": {"max_staleness_minutes": 5}, "nullability": {"id": "never"}}
    assert any("x-muniment.volume" in text for text in done["warnings"])


DAYS = [("2020-01-31", False), ("2999-01-01", True), ("soon", True), (None, True)]


@pytest.mark.parametrize(("sunset", "breaks"), DAYS)
def test_a_removal_after_the_day_announced_is_risky(apis: Apis, sunset: str | None, breaks: bool) -> None:
    members = {"x-sunset": sunset} if sunset else {}
    old = operation(deprecated=True, **members)
    apis.sync(spec({"/x": {"get": old}, "/y": {"get": operation()}}), **AUTO)
    left = spec({"/y": {"get": operation()}})
    diff, impact = apis.diff(left), apis.impact(left)
    (gone,) = [entry for entry in diff["endpoints"] if entry["change_type"] == "deleted"]
    assert [change["verdict"] for change in gone["changes"]] == ["breaking" if breaks else "risky"]
    assert (diff["blocking"], impact["breaking_changes_count"]) == (breaks, int(breaks))
