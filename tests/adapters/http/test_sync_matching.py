"""Which asset an item of a manifest stands for: moves, swaps, returns, and items that only refer (api.md 2.1)."""

from typing import Any

import pytest

from tests.manifests import manifest, model
from tests.syncs import AUTO, World

OVERWRITE: dict[str, Any] = {"conflict_mode": "overwrite"}


def _named(**aliases: str) -> dict[str, Any]:
    """Models by their names in dbt, with the name of the relation that each makes."""
    return manifest(*(model(name, {"id": "int"}, alias=alias) for name, alias in aliases.items()))


def _ids(world: World) -> dict[str, str]:
    """Asset ids by the item that declares them."""
    return {asset["source"]["item"].split(".")[-1]: asset["id"] for asset in world.assets().values()}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": "a"}, {"a": "z"}),
        ({"a": "a", "b": "b"}, {"a": "b", "b": "a"}),
        ({"a": "a", "b": "b", "c": "c"}, {"a": "b", "b": "c", "c": "a"}),
        ({"a": "a", "b": "b"}, {"a": "b", "b": "z"}),
        ({"a": "a"}, {"a": "z", "b": "a"}),
    ],
    ids=["move", "swap", "ring", "follow", "heir"],
)
def test_items_keep_their_assets_whatever_these_are_named(
    world: World, before: dict[str, str], after: dict[str, str]
) -> None:
    world.sync(_named(**before), **AUTO)
    ids = _ids(world)
    dry = world.sync(_named(**after), dry_run=True, **AUTO)
    done = world.sync(_named(**after), **AUTO)
    moved = [{"from": f"db.main.{before[k]}", "to": f"db.main.{after[k]}"} for k in before if before[k] != after[k]]
    assert done["assets"]["moved_fqns"] == moved == dry["assets"]["moved_fqns"]
    assert (done["assets"]["moved"], done["assets"]["created"]) == (len(moved), len(after) - len(before))
    assert {name: id for name, id in _ids(world).items() if name in before} == ids
    assert {a["source"]["item"].split(".")[-1]: a["fqn"] for a in world.assets().values()} == {
        name: f"db.main.{alias}" for name, alias in after.items()
    }
    assert all(asset["active_contract_version"] == "1.0.0" for asset in world.assets().values())
    assert world.sync(_named(**after), **AUTO)["position"] is None


def test_ignore_moves_nothing_so_a_name_stays_taken(world: World) -> None:
    world.sync(_named(a="a"))
    answer = world.sync(_named(a="z", b="a"), 207)
    assert [(e["fqn"], e["action"]) for e in answer["models"]] == [
        ("db.main.z", "skipped"),
        ("db.main.a", "error"),
    ]
    assert "belongs to another asset" in answer["models"][1]["error"]
    assert (answer["position"], answer["assets"]["skipped"], list(world.assets())) == (None, 2, ["db.main.a"])


def test_who_cannot_move_keeps_its_name_from_the_next(world: World) -> None:
    world.sync(_named(a="a", b="b"))
    made = {"fqn": "db.main.taken", "owner_team_id": world.owner, "environment": world.environment}
    assert world.api.post("/assets", json=made).status_code == 201
    answer = world.sync(_named(a="taken", b="a"), 207, **OVERWRITE)
    # `taken` goes to item a by (a): same source, same id; the asset made by hand stays what it is.
    assert [e["action"] for e in answer["models"]] == ["error", "error"]
    assert sorted(world.assets()) == ["db.main.a", "db.main.b", "db.main.taken"]


def test_a_name_that_is_deleted_in_the_same_sync_is_free(world: World) -> None:
    world.sync(_named(a="a", b="b"))
    ids = _ids(world)
    answer = world.sync(_named(b="a"), auto_delete=True, **OVERWRITE)
    assert (answer["assets"]["deleted_fqns"], answer["assets"]["moved"]) == (["db.main.a"], 1)
    assert {fqn: asset["id"] for fqn, asset in world.assets().items()} == {"db.main.a": ids["b"]}


def test_a_new_item_takes_over_what_has_its_name_whoever_made_it(world: World) -> None:
    made = {"fqn": "db.main.a", "owner_team_id": world.team("hand"), "environment": world.environment}
    id = world.api.post("/assets", json=made).json()["id"]
    skipped = world.sync(_named(a="a"))
    assert (skipped["assets"]["skipped_changed_fqns"], world.asset("db.main.a")["source"]) == (["db.main.a"], None)
    world.sync(_named(a="a"), **OVERWRITE)
    asset = world.asset("db.main.a")
    assert (asset["id"], asset["owner_team_id"]) == (id, world.team("hand"))
    assert asset["source"] == {"kind": "dbt", "key": "shop", "item": "model.shop.a"}
    renamed = manifest(model("other", {"id": "int"}, alias="a"))
    assert world.sync(renamed, auto_delete=True, **OVERWRITE)["assets"]["deleted"] == 0
    assert (world.asset("db.main.a")["id"], world.asset("db.main.a")["source"]["item"]) == (id, "model.shop.other")


@pytest.mark.parametrize("mode", ["ignore", "overwrite", "fail"])
def test_a_deleted_asset_comes_back_as_the_document_has_it(world: World, mode: str) -> None:
    world.sync(_named(a="a"), **AUTO)
    id = world.asset("db.main.a")["id"]
    assert world.api.delete(f"/assets/{id}").status_code == 204
    document = manifest(model("a", {"id": "int", "n": "int"}, alias="z", description="again"))
    answer = world.sync(document, conflict_mode=mode, auto_publish_contracts=True)
    assert (answer["assets"]["restored_fqns"], answer["assets"]["created"]) == (["db.main.z"], 0)
    assert answer["models"][0]["action"] == "restored"
    asset = world.asset("db.main.z")
    assert (asset["id"], asset["description"], asset["active_contract_version"]) == (id, "again", "1.1.0")


def _without_project(*models: dict[str, Any]) -> dict[str, Any]:
    return manifest(*models, metadata={})


def test_a_guessed_project_matches_by_name_only_and_deletes_nothing(world: World) -> None:
    first = world.sync(_without_project(model("a"), model("b")))
    assert first["source"]["key"] == "shop"
    refused = world.sync(_without_project(model("a")), 400, auto_delete=True)
    assert (refused["code"], "project" in refused["detail"]) == ("INVALID_INPUT", True)
    assert world.diff(_without_project(model("a")))["summary"]["deleted"] == 0
    moved = world.sync(_without_project(model("a", alias="z")), **OVERWRITE)
    assert (moved["assets"]["created"], moved["assets"]["moved"]) == (1, 0)
    named = world.sync(_without_project(model("a", alias="z")), project="shop", auto_delete=True, **OVERWRITE)
    assert named["assets"]["deleted_fqns"] == ["db.main.a", "db.main.b"]


def test_the_project_is_found_by_its_hash_and_may_be_overridden(world: World) -> None:
    by_hash = {"project_id": "06d80eb0c50b49a509b49f2424e8c805"}  # md5 of "dog"
    document = manifest(model("a", package_name="dog"), metadata=by_hash)
    assert world.sync(document)["source"]["key"] == "dog"
    macros = manifest(metadata=by_hash, macros={"macro.dog.m": {"package_name": "dog"}})
    assert world.sync(macros, auto_delete=True)["assets"]["deleted_fqns"] == ["db.main.a"]
    assert world.sync(document, project="cat")["source"]["key"] == "cat"
    assert world.sync(manifest(metadata={}), project=None)["source"]["key"] == "default"


# --- items that only refer ------------------------------------------------------------------------------------------


def _raw(columns: dict[str, str], project: str = "lens", **members: Any) -> dict[str, Any]:
    """A project that has `db.main.a` as a source."""
    source = {"name": "a", "source_name": "s", "database": "db", "schema": "main", "package_name": project}
    columns_ = {name: {"name": name, "data_type": kind} for name, kind in columns.items()}
    reader = model("reader", {"n": "int"}, package_name=project, depends_on={"nodes": [f"source.{project}.s.a"]})
    return {
        "metadata": {"project_name": project},
        "nodes": {f"model.{project}.reader": reader},
        "sources": {f"source.{project}.s.a": {**source, "columns": columns_, **members}},
    }


@pytest.mark.parametrize("mode", ["ignore", "overwrite", "fail"])
def test_a_source_changes_nothing_that_another_project_declares(world: World, mode: str) -> None:
    world.sync(_named(a="a"), **AUTO)
    before = world.asset("db.main.a")
    lens = world.team("lens")
    options: dict[str, Any] = {"owner_team_id": lens, "conflict_mode": mode, "auto_register_consumers": True}
    other = world.key("lens", "write")
    answer = world.sync(_raw({"x": "int"}), api=other, auto_publish_contracts=True, **options)
    assert (answer["status"], answer["assets"]["skipped"], answer["assets"]["created"]) == ("success", 1, 1)
    assert [e["action"] for e in answer["models"] if e["fqn"] == "db.main.a"] == ["skipped"]
    assert any(text.startswith("db.main.a: ") for text in answer["warnings"])
    assert {k: v for k, v in world.asset("db.main.a").items() if k != "updated_at"} == {
        k: v for k, v in before.items() if k != "updated_at"
    }
    assert (world.edges("db.main.reader"), world.consumers("db.main.a")) == (["consumes db.main.a"], ["lens"])
    diff = world.diff(_raw({"x": "int"}), owner_team_id=lens)
    entry = next(e for e in diff["models"] if e["fqn"] == "db.main.a")
    assert (diff["status"], entry["change_type"], entry["breaking_changes"]) == ("clean", "unchanged", [])
    assert world.impact(_raw({"x": "int"}))["breaking_changes_count"] == 0


def test_a_source_changes_nothing_that_people_made(world: World) -> None:
    made = {"fqn": "db.main.a", "owner_team_id": world.team("hand"), "environment": world.environment}
    assert world.api.post("/assets", json=made).status_code == 201
    answer = world.sync(_raw({"x": "int"}), **OVERWRITE)
    assert (answer["status"], world.asset("db.main.a")["source"]) == ("success", None)


@pytest.mark.parametrize("mode", ["ignore", "overwrite", "fail"])
def test_the_declaring_project_takes_over_what_was_only_referred_to(world: World, mode: str) -> None:
    lens = world.team("lens")
    world.sync(_raw({"id": "int"}), owner_team_id=lens, auto_register_consumers=True, **AUTO)
    world.register("db.main.a", "fans")
    id = world.asset("db.main.a")["id"]
    answer = world.sync(_named(a="a"), api=world.key("shop", "write"), conflict_mode=mode, auto_publish_contracts=True)
    assert (answer["status"], answer["assets"]["updated"]) == ("success", 1)
    asset = world.asset("db.main.a")
    assert (asset["id"], asset["owner_team_id"], asset["resource_type"]) == (id, world.owner, "model")
    assert (asset["source"]["key"], world.consumers("db.main.a")) == ("shop", ["fans", "lens"])
    again = world.sync(_raw({"id": "int"}), owner_team_id=lens, conflict_mode="overwrite", auto_delete=True)
    assert (again["assets"]["skipped"], world.asset("db.main.a")["source"]["key"]) == (1, "shop")


def test_a_node_of_another_project_without_a_path_only_refers(world: World) -> None:
    world.sync(_named(a="a"), **AUTO)
    mesh = {
        "metadata": {"project_name": "mesh"},
        "nodes": {
            "model.shop.a": model("a", path=""),
            "model.mesh.m": model("m", package_name="mesh", depends_on={"nodes": ["model.shop.a"]}),
        },
    }
    answer = world.sync(mesh, **OVERWRITE)
    assert [(e["fqn"], e["action"]) for e in answer["models"]] == [("db.main.a", "skipped"), ("db.main.m", "created")]
    assert (world.asset("db.main.a")["source"]["key"], world.edges("db.main.m")) == ("shop", ["transforms db.main.a"])


def test_edges_lead_to_other_projects_by_id(world: World) -> None:
    world.sync(_named(a="a"))
    mesh = manifest(
        model("m", package_name="mesh", depends_on={"nodes": ["model.shop.a", "model.shop.nowhere", "model.mesh.m"]}),
        metadata={"project_name": "mesh"},
    )
    answer = world.sync(mesh)
    assert answer["dependencies"] == {
        "synced": 1,
        "removed": 0,
        "unresolved": [{"asset_fqn": "db.main.m", "node_id": "model.shop.nowhere"}],
    }
    assert [text.split(": ")[0] for text in answer["dependency_warnings"]] == ["db.main.m"]
    assert (answer["status"], world.edges("db.main.m")) == ("success", ["transforms db.main.a"])


def test_two_referring_teams_do_not_take_from_each_other(world: World) -> None:
    lens, other = world.team("lens"), world.team("other")
    world.sync(_raw({"id": "int"}), owner_team_id=lens)
    answer = world.sync(
        _raw({"id": "int"}, "more", meta={"muniment": {"owner_team": world.full("other")}}),
        207,
        api=world.key("other", "write"),
        owner_team_id=other,
        **OVERWRITE,
    )
    assert [e["action"] for e in answer["models"] if e["fqn"] == "db.main.a"] == ["error"]
    assert world.asset("db.main.a")["owner_team_id"] == lens
