"""Conflict modes, deletion and the guards of a sync (api.md 2.2, 2.3)."""

from typing import Any

import pytest

from tests.manifests import depends, manifest, model
from tests.syncs import AUTO, PROPOSE, World

ALL_FLAGS: dict[str, Any] = {
    "auto_publish_contracts": True,
    "auto_create_proposals": True,
    "auto_register_consumers": True,
    "publish_unconsumed": True,
}


def _shop(columns: dict[str, str | None], **members: Any) -> dict[str, Any]:
    return manifest(model("a", columns, **members), model("b", {"n": "int"}, depends_on=depends("a")))


def test_ignore_leaves_what_exists_alone_whatever_the_flags_say(world: World) -> None:
    world.sync(_shop({"id": "int"}), auto_publish_contracts=True)
    before, edges = world.assets(), world.edges("db.main.b")
    changed = _shop({"other": "text"}, description="new", tags=["t"], **world.owned("thief"))
    changed["nodes"]["model.shop.b"]["depends_on"] = depends()
    changed["nodes"]["model.shop.c"] = model("c", {"n": "int"}, depends_on=depends("a"), **world.owned("reader"))
    answer = world.sync(changed, **ALL_FLAGS)
    assert (answer["status"], answer["assets"]["skipped"], answer["assets"]["created"]) == ("success", 2, 1)
    assert answer["assets"]["skipped_changed_fqns"] == ["db.main.a", "db.main.b"]
    assert [e["action"] for e in answer["models"]] == ["skipped_changed", "skipped_changed", "created"]
    assert [d["asset_fqn"] for d in answer["contracts"]["details"]] == ["db.main.c"]
    assert (answer["proposals"]["created"], answer["contracts"]["withheld"]) == (0, [])
    assert {fqn: asset for fqn, asset in world.assets().items() if fqn in before} == before
    assert (world.edges("db.main.b"), world.edges("db.main.c")) == (edges, ["transforms db.main.a"])
    # The new dependent registers itself upstream; b's edge counts for nothing new.
    assert world.consumers("db.main.a") == ["reader"]
    same = world.sync(_shop({"id": "int"}))
    assert (same["assets"]["skipped"], same["assets"]["skipped_changed"]) == (2, 0)


def test_overwrite_sets_to_the_document_and_counts_what_did_not_differ(world: World) -> None:
    world.sync(_shop({"id": "int"}))
    answer = world.sync(_shop({"id": "int"}, description="new"), **AUTO)
    assert (answer["assets"]["updated"], answer["assets"]["unchanged"]) == (2, 0)  # both got contracts
    answer = world.sync(_shop({"id": "int"}, description="newer"), **AUTO)
    assert (answer["assets"]["updated"], answer["assets"]["unchanged"]) == (2, 1)
    assert [e["action"] for e in answer["models"]] == ["updated", "unchanged"]
    again = world.sync(_shop({"id": "int"}, description="newer"), **AUTO)
    assert (again["assets"]["updated"], again["assets"]["unchanged"], again["position"]) == (2, 2, None)


def test_fail_lists_every_conflict_and_writes_nothing(world: World) -> None:
    world.sync(_shop({"id": "int"}))
    head = world.head()
    document = manifest(model("a"), model("b"), model("new"))
    for dry_run in (False, True):
        refused = world.sync(document, 409, conflict_mode="fail", dry_run=dry_run)
        assert (refused["code"], refused["details"]["conflicts"]) == ("SYNC_CONFLICT", ["db.main.a", "db.main.b"])
    assert (world.head(), "db.main.new" in world.assets()) == (head, False)
    assert world.sync(manifest(model("new")), conflict_mode="fail")["assets"]["created"] == 1


@pytest.mark.parametrize("mode", ["ignore", "overwrite", "fail"])
def test_auto_delete_looks_at_the_same_source_and_environment_only(world: World, mode: str) -> None:
    other = manifest(model("x", package_name="other"), metadata={"project_name": "other"})
    world.sync(_shop({"id": "int"}))
    world.sync(other)
    elsewhere = world.environment + "2"
    world.sync(manifest(model("a"), model("q")), environment=elsewhere)
    kept = world.sync(manifest(model("c")), conflict_mode=mode)
    assert (kept["assets"]["deleted"], len(world.assets())) == (0, 4)
    answer = world.sync(manifest(model("d")), conflict_mode=mode, auto_delete=True)
    assert answer["assets"]["deleted_fqns"] == ["db.main.a", "db.main.b", "db.main.c"]
    gone = [e for e in answer["models"] if e["action"] == "deleted"]
    assert [(e["node_id"], e["resource_type"]) for e in gone][0] == ("model.shop.a", "model")
    assert sorted(world.assets()) == ["db.main.d", "db.main.x"]
    assert world.get("/assets", environment=elsewhere)["total"] == 2


def test_an_unreadable_or_beaten_item_is_not_deleted(world: World) -> None:
    world.sync(manifest(model("a"), model("b"), model("c")))
    answer = world.sync(manifest(model("a", tags=5), model("b"), model("c", alias="b")), 207, auto_delete=True)
    assert (answer["assets"]["deleted"], answer["assets"]["skipped"]) == (0, 3)
    assert (len(answer["parse_errors"]), "tags" in answer["parse_errors"][0]) == (1, True)
    assert [e["action"] for e in answer["models"]] == ["skipped", "error", "error"]


def _many(count: int, schema: str = "main", database: str = "db") -> list[dict[str, Any]]:
    return [model(f"m{n}", {"id": "int"}, schema=schema, database=database) for n in range(count)]


def test_mass_delete_is_refused_unless_the_number_is_expected(world: World) -> None:
    world.sync(manifest(*_many(11)))
    refused = world.sync(manifest(*_many(5)), 409, auto_delete=True)
    assert (refused["code"], refused["details"]["count"], len(refused["details"]["assets"])) == ("MASS_DELETE", 6, 6)
    assert "expected_deletions" in refused["detail"]
    assert world.sync(manifest(*_many(5)), 409, auto_delete=True, expected_deletions=5, dry_run=True)["code"]
    assert world.sync(manifest(*_many(5)), auto_delete=True, expected_deletions=6)["assets"]["deleted"] == 6
    # Five are a few, whatever share they are.
    assert world.sync(manifest(), auto_delete=True)["assets"]["deleted"] == 5


def test_half_of_a_source_may_go(world: World) -> None:
    world.sync(manifest(*_many(12)))
    assert world.sync(manifest(*_many(6)), auto_delete=True)["assets"]["deleted"] == 6


TARGETS = {
    "schema": ([("db", "main")] * 6, [("db", "ci")] * 6, True),
    "database": ([("db", f"s{n}") for n in range(6)], [("ci", f"s{n}") for n in range(6)], True),
    "prefix": ([("db", f"main{n}") for n in range(6)], [("db", f"ci_me{n}") for n in range(6)], True),
    "few": ([("db", "main")] * 5, [("db", "ci")] * 5, False),
    "different": ([("db", "main")] * 6, [("db", "ci")] * 5 + [("db", "other")], False),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_run_against_another_target_is_refused(world: World, name: str) -> None:
    before, after, guarded = TARGETS[name]

    def document(places: list[tuple[str, str]]) -> dict[str, Any]:
        return manifest(*(model(f"m{n}", database=d, schema=s) for n, (d, s) in enumerate(places)))

    world.sync(document(before))
    assert world.sync(document(after))["position"] is None
    answer = world.sync(document(after), 409 if guarded else 200, conflict_mode="overwrite")
    if guarded:
        assert (answer["code"], len(answer["details"]["moves"])) == ("TARGET_MISMATCH", 6)
        assert "accept_moves" in answer["detail"]
        answer = world.sync(document(after), conflict_mode="overwrite", accept_moves=True)
    assert answer["assets"]["moved"] == len(before)


def test_an_asset_with_consumers_is_not_deleted_unless_that_is_meant(world: World) -> None:
    world.sync(manifest(model("a", {"id": "int"}), model("b")), **AUTO)
    world.register("db.main.a", "reader")
    kept = world.sync(manifest(model("b")), 207, auto_delete=True)
    (withheld,) = kept["contracts"]["withheld"]
    assert (withheld["code"], withheld["asset_fqn"]) == ("HAS_CONSUMERS", "db.main.a")
    assert kept["contract_warnings"][0].startswith("db.main.a: ")
    assert (kept["assets"]["deleted"], "db.main.a" in world.assets()) == (0, True)
    done = world.sync(manifest(model("b")), auto_delete=True, delete_consumed=True)
    assert done["assets"]["deleted_fqns"] == ["db.main.a"]


def test_the_owners_own_registration_keeps_nothing_from_deletion(world: World) -> None:
    world.sync(manifest(model("a"), model("b")))
    world.register("db.main.a", "shop")
    assert world.sync(manifest(model("b")), auto_delete=True)["assets"]["deleted"] == 1


def test_deletion_withdraws_the_open_proposal(world: World) -> None:
    world.sync(manifest(model("a", {"id": "int", "n": "int"}), model("b")), **AUTO)
    world.sync(manifest(model("a", {"id": "int"}), model("b")), **PROPOSE)
    (proposal,) = world.proposals("db.main.a")
    world.sync(manifest(model("b")), auto_delete=True)
    assert world.get(f"/proposals/{proposal['id']}")["status"] == "withdrawn"


def test_edges_of_syncs_follow_the_document_and_those_of_people_stay(world: World) -> None:
    world.sync(_shop({"id": "int"}))
    ids = {fqn: asset["id"] for fqn, asset in world.assets().items()}
    world.sync(manifest(model("c")))
    body = {"depends_on_asset_id": world.asset("db.main.c")["id"], "dependency_type": "references"}
    assert world.api.post(f"/assets/{ids['db.main.b']}/dependencies", json=body).status_code == 201
    nothing = world.sync(manifest(model("a", {"id": "int"}), model("b", {"n": "int"})), conflict_mode="overwrite")
    assert (nothing["dependencies"]["synced"], nothing["dependencies"]["removed"]) == (0, 1)
    assert world.edges("db.main.b") == ["references db.main.c"]
    back = world.sync(_shop({"id": "int"}), conflict_mode="overwrite")
    assert (back["dependencies"]["synced"], back["dependencies"]["removed"]) == (1, 0)
    stands = world.sync(_shop({"id": "int"}), conflict_mode="overwrite")
    assert (stands["dependencies"]["synced"], stands["position"]) == (0, None)


def test_edge_types_and_edges_to_oneself(world: World) -> None:
    nodes = {"nodes": ["model.shop.a", "seed.shop.s", "source.shop.raw.r", "model.shop.me", "model.shop.a"]}
    document = manifest(model("a"), model("me", depends_on=nodes))
    document["nodes"]["seed.shop.s"] = {"resource_type": "seed", "name": "s", "schema": "main", "path": "s.csv"}
    document["sources"]["source.shop.raw.r"] = {"name": "r", "schema": "raw", "identifier": "R_1"}
    answer = world.sync(document)
    assert answer["dependencies"]["unresolved"] == []
    assert world.edges("db.main.me") == ["consumes main.s", "consumes raw.r_1", "transforms db.main.a"]
    assert world.asset("db.main.me")["metadata"]["depends_on"] == ["db.main.a", "main.s", "raw.r_1"]


# --- metadata: three-way merge --------------------------------------------------------------------------------------


def test_metadata_of_people_stays_and_that_of_the_document_goes(world: World) -> None:
    document = _shop({"id": "int", "old": "int"})
    world.sync(document, **AUTO)
    asset = world.asset("db.main.a")
    metadata = dict(asset["metadata"], note="people's", path="people's")
    metadata["columns"] = {**metadata["columns"], "id": {**metadata["columns"]["id"], "pii": True, "data_type": "x"}}
    metadata["columns"]["extra"] = {"why": "people's"}
    metadata["guarantees"] = {"freshness": {"max_staleness_minutes": 5}}
    assert world.api.patch(f"/assets/{asset['id']}", json={"metadata": metadata}).status_code == 200
    diff = {e["fqn"]: e for e in world.diff(document)["models"]}
    assert diff["db.main.a"]["change_type"] == "modified"  # people wrote what the document writes too
    world.sync(_shop({"id": "int"}), **PROPOSE)
    merged = world.asset("db.main.a")["metadata"]
    assert (merged["note"], merged["path"]) == ("people's", "a.sql")
    assert merged["columns"] == {
        "id": {"description": "", "data_type": "int", "pii": True},
        "extra": {"why": "people's"},
    }
    assert merged["guarantees"] == {"freshness": {"max_staleness_minutes": 5}}
    (proposal,) = world.proposals("db.main.a")
    wanted = world.get(f"/proposals/{proposal['id']}", include_status="false")["proposed_guarantees"]
    assert wanted == {"freshness": {"max_staleness_minutes": 5}}
    assert world.sync(_shop({"id": "int"}), **PROPOSE)["position"] is None
    fields = {e["fqn"]: e["schema_change_type"] for e in world.diff(_shop({"id": "int"}))["models"]}
    assert fields == {"db.main.a": "breaking", "db.main.b": "none"}


def test_an_edge_to_what_the_same_sync_deletes_is_unresolved_at_once(world: World) -> None:
    world.sync(_shop({"id": "int"}))
    left = manifest(model("b", {"n": "int"}, depends_on=depends("a")))
    answer = world.sync(left, auto_delete=True, conflict_mode="overwrite")
    assert answer["dependencies"] == {
        "synced": 0,
        "removed": 1,
        "unresolved": [{"asset_fqn": "db.main.b", "node_id": "model.shop.a"}],
    }
    assert world.sync(left, auto_delete=True, conflict_mode="overwrite")["position"] is None
