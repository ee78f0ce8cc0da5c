"""GraphQL schemas over HTTP: sync, diff and impact (api.md 2.3, 2.6, 2.8)."""

import json
import time
from typing import Any

import pytest
from graphql import build_schema, introspection_from_schema

from tests.conftest import Server
from tests.graphql_schemas import GraphqlWorld
from tests.syncs import AUTO, PROPOSE

SHOP = """
"A person who buys"
type User implements Node { id: ID! name: String role: Role! orders(first: Int = 10): [Order!]! }
type Order { id: ID! total: Money! }
type Query { user(id: ID!): User search: Found }
interface Node { id: ID! }
union Found = User | Order
enum Role { ADMIN BUYER }
input NewOrder { user: ID! note: String = "none" }
scalar Money
"""


@pytest.fixture
def world(shared_server: Server) -> GraphqlWorld:
    return GraphqlWorld(shared_server, shared_server.target)


def _by_type(entries: list[Any]) -> dict[str, Any]:
    return {entry["type_name"]: entry for entry in entries}


def test_every_type_becomes_an_asset_with_a_contract(world: GraphqlWorld) -> None:
    done = world.sync(SHOP, **AUTO)
    assert (done["status"], done["types_processed"], done["assets"]["created"]) == ("success", 7, 7)
    assert {"kind": "graphql", "key": "graphql", "environment": world.environment}.items() <= done["source"].items()
    types = _by_type(done["types"])
    assert {name: entry["kind"] for name, entry in types.items()} == {
        "User": "object",
        "Order": "object",
        "Query": "object",
        "Node": "interface",
        "Found": "union",
        "Role": "enum",
        "NewOrder": "input",
    }
    assert set(types["User"]) == {
        *("fqn", "action", "asset_id", "contract_id", "proposal_id", "error", "type_name", "kind"),
    }
    asset = world.asset("graphql.User")
    assert (asset["resource_type"], asset["description"]) == ("graphql_type", "A person who buys")
    assert asset["metadata"] == {
        "type_name": "User",
        "kind": "object",
        "description": "A person who buys",
        "directives": [],
        "interfaces": ["Node"],
    }
    assert world.contract("graphql.User")["schema"] == {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "name": {"type": ["string", "null"]},
            "role": {"type": "string", "x-graphql-type": "Role"},
            "orders": {"type": "array", "items": {"type": "object", "x-graphql-type": "Order"}},
        },
        "required": ["id", "role", "orders"],
        "x-graphql-arguments": {
            "orders": {
                "type": "object",
                "properties": {"first": {"type": ["integer", "null"], "default": 10}},
                "required": [],
                "additionalProperties": False,
            }
        },
        "x-graphql-ids": ["id"],
        "x-graphql-kind": "object",
        "x-graphql-interfaces": ["Node"],
    }
    directions = {name: world.contract(f"graphql.{name}")["direction"] for name in types}
    assert directions["User"] == directions["Node"] == "produced"
    assert (directions["NewOrder"], directions["Role"], directions["Found"]) == ("accepted", None, None)
    assert world.edges("graphql.User") == ["references graphql.Order", "references graphql.Role"]
    assert world.edges("graphql.Query") == ["references graphql.Found", "references graphql.User"]
    assert world.edges("graphql.Found") == ["references graphql.Order", "references graphql.User"]


def test_the_same_schema_again_appends_nothing(world: GraphqlWorld) -> None:
    world.sync(SHOP, **AUTO)
    head = world.head()
    again = world.sync(SHOP, **AUTO)
    assert (again["position"], again["assets"]["unchanged"], world.head()) == (None, 7, head)
    introspected = json.dumps({"data": introspection_from_schema(build_schema(SHOP))})
    other_form = world.diff(introspected)
    assert (other_form["status"], other_form["summary"]["unchanged"]) == ("clean", 7)


BREAKS = SHOP.replace("name: String ", "").replace("ADMIN BUYER", "ADMIN").replace("[Order!]!", "[Order!]")


def test_diff_impact_and_sync_agree_on_what_breaks(world: GraphqlWorld) -> None:
    world.sync(SHOP, **AUTO)
    world.register("graphql.Order", "readers")
    world.register("graphql.User", "readers")
    diff, impact = world.diff(BREAKS), world.impact(BREAKS)
    dry = world.sync(BREAKS, **PROPOSE, dry_run=True)
    assert set(diff) == {"status", "summary", "blocking", "types", "warnings", "parse_errors", "would_be"}
    assert (diff["status"], diff["blocking"], diff["summary"]["breaking"]) == ("breaking_changes_detected", True, 2)
    entry = _by_type(diff["types"])["User"]
    assert set(entry) == {
        *("fqn", "type_name", "kind", "change_type", "has_schema", "schema_change_type", "breaking_changes"),
        *("changes", "previous_fqn", "asset_id", "current_version", "suggested_version"),
    }
    told = {(change["type"], change["path"]) for change in entry["breaking_changes"]}
    assert told == {
        ("property_removed", "properties.name"),
        ("nullable_added", "properties.orders"),
        ("required_removed", "required"),
    }
    assert (impact["total_types"], impact["types_with_contracts"], impact["breaking_changes_count"]) == (7, 7, 2)
    result = _by_type(impact["results"])["User"]
    assert result["breaking_changes"] == entry["breaking_changes"]
    assert [each["team_name"] for each in result["impacted_consumers"]] == [world.full("readers")]
    assert {each["fqn"] for each in result["impacted_assets"]} == {"graphql.Found", "graphql.Query"}
    done = world.sync(BREAKS, **PROPOSE)
    for answer in (dry, done):
        assert {each["asset_fqn"] for each in answer["proposals"]["details"]} == {"graphql.User", "graphql.Role"}


def test_a_type_that_went_breaks_its_consumers_and_is_deleted_on_demand(world: GraphqlWorld) -> None:
    world.sync(SHOP, **AUTO)
    world.register("graphql.Node", "readers")
    without = SHOP.replace("interface Node { id: ID! }", "").replace("implements Node ", "")
    diff, impact = world.diff(without), world.impact(without)
    gone = _by_type(diff["types"])["Node"]
    assert (gone["change_type"], gone["kind"]) == ("deleted", "interface")
    assert [change["type"] for change in gone["breaking_changes"]] == ["asset_removed"]
    assert _by_type(impact["results"])["Node"]["impacted_consumers"][0]["team_name"] == world.full("readers")
    assert world.sync(without, conflict_mode="overwrite")["assets"]["deleted"] == 0
    held = world.sync(without, 207, conflict_mode="overwrite", auto_delete=True)
    assert (held["assets"]["deleted"], held["contracts"]["withheld"][-1]["code"]) == (0, "HAS_CONSUMERS")
    done = world.sync(without, **PROPOSE, auto_delete=True, delete_consumed=True)
    assert done["assets"]["deleted_fqns"] == ["graphql.Node"]


def test_sources_do_not_touch_each_other(world: GraphqlWorld) -> None:
    world.sync(SHOP, **AUTO)
    other = world.sync("type User { id: ID! }", **AUTO, prefix="billing", auto_delete=True)
    assert (other["assets"]["created"], other["assets"]["deleted"], other["source"]["key"]) == (1, 0, "billing")
    assert _by_type(world.diff("type User { id: ID! }", prefix="billing")["types"]).keys() == {"User"}


def test_with_a_base_only_what_differs_from_it_is_charged(world: GraphqlWorld) -> None:
    world.sync(SHOP, **AUTO)
    behind = SHOP.replace("name: String ", "")
    assert world.diff(behind)["summary"]["breaking"] == 1
    charged = world.diff(behind, base=behind)
    assert (charged["summary"]["breaking"], charged["status"]) == (0, "clean")
    mine = world.diff(behind.replace("ADMIN BUYER", "ADMIN"), base=behind)
    assert [each["type_name"] for each in mine["types"] if each["breaking_changes"]] == ["Role"]


def test_conflict_modes(world: GraphqlWorld) -> None:
    world.sync(SHOP, **AUTO)
    assert world.sync(BREAKS)["assets"]["skipped_changed"] == 2
    refused = world.sync(SHOP, 409, conflict_mode="fail")
    assert refused["code"] == "SYNC_CONFLICT" and len(refused["details"]["conflicts"]) == 7


def test_default_guarantees_and_an_owner_are_taken(world: GraphqlWorld) -> None:
    fresh = {"freshness": {"max_staleness_minutes": 5}}
    world.sync("type A { a: Int }", **AUTO, default_guarantees=fresh)
    assert world.contract("graphql.A")["guarantees"]["freshness"] == fresh["freshness"]
    refused = world.post("/sync/graphql", "type A { a: Int }", 422)
    assert refused["details"]["errors"][0]["field"] == "body.owner_team_id"


@pytest.mark.parametrize("path", ["/sync/graphql", "/sync/graphql/diff", "/sync/graphql/impact"])
@pytest.mark.parametrize(
    ("schema", "status", "told"),
    [
        ("", 422, "body.schema"),
        (None, 422, "body.schema"),
        ({"a": 1}, 422, "body.schema"),
        (7, 422, "body.schema"),
        ("type A { a: }", 400, "line 1, column 13: type A { a: }"),
        ("type A {\n  a: Nowhere!\n}", 400, "line 2, column 6: a: Nowhere!"),
        ("type A { a: Int }\ntype A { b: Int }", 400, "line 1, column 6: type A { a: Int }; line 2, column 6"),
        ("type A { a: " + "[" * 100_000, 400, "nested deeper than 100 levels (line 1"),
        ("query { a }", 400, "no definition of a schema"),
        ('{"data": {}}', 400, "no __schema"),
        ('{"data": {}, "data": {}}', 400, "line 1 column 14: the key 'data' stands twice"),
        ("a " * 600_000, 400, "line 1, column 1"),
    ],
    ids=["empty", "null", "object", "number", "syntax", "unknown", "twice", "deep", "query", "json", "doubled", "long"],
)
def test_bad_schemas_are_refused_by_name_and_place(
    world: GraphqlWorld, path: str, schema: Any, status: int, told: str
) -> None:
    head, started = world.head(), time.monotonic()
    refused = world.post(path, schema, status, owner_team_id=world.owner)
    # 2 seconds on a quiet machine; what this guards against takes minutes.
    assert (world.head(), time.monotonic() - started < 8) == (head, True)
    assert refused["code"] == ("VALIDATION_ERROR" if status == 422 else "INVALID_GRAPHQL_SCHEMA")
    errors = refused["details"]["errors"]
    assert told in (errors[0]["field"] if status == 422 else errors[0])


def test_a_schema_beyond_16_mib_is_refused_and_only_comments_are_fine(world: GraphqlWorld) -> None:
    refused = world.post("/sync/graphql/diff", "#" * (16 * 2**20 + 1), 422)
    assert refused["details"]["errors"][0]["field"] == "body.schema"
    assert world.sync("# nothing yet\n", **AUTO)["types_processed"] == 0


def test_a_prefix_that_is_no_name_is_refused(world: GraphqlWorld) -> None:
    refused = world.post("/sync/graphql/diff", "type A { a: Int }", 422, prefix="a..b")
    assert refused["details"]["errors"][0]["field"] == "body.prefix"


def test_an_item_that_cannot_be_stored_is_an_error_entry(world: GraphqlWorld) -> None:
    done = world.sync('type A { a: Int }\n"nul \\u0000"\ntype B { b: Int }', 207, **AUTO)
    assert [(each["type_name"], each["action"]) for each in done["types"]] == [("A", "created"), ("B", "error")]
    assert "NUL" in done["parse_errors"][0]


def test_a_directive_that_a_schema_declares_no_longer_breaks_the_query_type(world: GraphqlWorld) -> None:
    declared = SHOP + "directive @cached(seconds: Int!) on FIELD | QUERY"
    world.sync(declared, **AUTO)
    assert world.contract("graphql.Query")["schema"]["x-graphql-directives"] == {
        "cached": {
            "allows": ["FIELD", "QUERY"],
            "arguments": {
                "type": "object",
                "properties": {"seconds": {"type": "integer"}},
                "required": ["seconds"],
                "additionalProperties": False,
            },
        }
    }
    assert world.diff(declared)["status"] == "clean"
    diff = world.diff(SHOP)
    broken = {entry["fqn"]: entry["breaking_changes"] for entry in diff["types"] if entry["breaking_changes"]}
    assert {fqn: [change["message"] for change in changes] for fqn, changes in broken.items()} == {
        "graphql.Query": ["Directive @cached is no longer declared."]
    }


def test_a_schema_of_directives_alone_has_an_asset_that_holds_them(world: GraphqlWorld) -> None:
    done = world.sync("directive @tag on OBJECT directive @team on OBJECT", **AUTO)
    assert [(each["fqn"], each["kind"]) for each in done["types"]] == [("graphql.@schema", "schema")]
    diff = world.diff("directive @tag on OBJECT")
    assert (diff["summary"]["breaking"], diff["types"][0]["breaking_changes"][0]["type"]) == (1, "directive_removed")
    assert world.sync("# nothing at all", service="other", **AUTO)["types"] == []


def test_a_schema_lives_through_its_releases_on_either_store(server: Server) -> None:
    world = GraphqlWorld(server, server.target)
    first = world.sync(SHOP + "directive @cached on FIELD", **AUTO)
    assert (first["contracts"]["published"], first["dependencies"]["synced"]) == (7, 6)
    assert world.sync(SHOP + "directive @cached on FIELD", **AUTO)["position"] is None
    world.register("graphql.Found", "readers")
    without = BREAKS.replace("input NewOrder", "input Other")
    impact = {entry["fqn"]: entry for entry in world.impact(without)["results"] if not entry["safe_to_publish"]}
    assert impact.keys() == {"graphql.NewOrder", "graphql.Query", "graphql.Role", "graphql.User"}
    hit = impact["graphql.User"]
    assert [(each["team_name"], each["depth"]) for each in hit["impacted_consumers"]] == [(world.full("readers"), 1)]
    done = world.sync(without, auto_delete=True, **PROPOSE)
    assert (done["assets"]["deleted_fqns"], done["assets"]["created"]) == (["graphql.NewOrder"], 1)
    proposed = {each["asset_fqn"] for each in done["proposals"]["details"]}
    assert proposed == {"graphql.Query", "graphql.Role", "graphql.User"}
    again = world.sync(without, auto_delete=True, **PROPOSE)
    assert (again["position"], len(again["proposals"]["pending"])) == (None, 3)
    restored = world.sync(SHOP + "directive @cached on FIELD", auto_delete=True, **PROPOSE)
    assert (restored["assets"]["restored_fqns"], restored["proposals"]["pending"]) == (["graphql.NewOrder"], [])
