"""Diff and impact: what they say, and whom they charge (api.md 2.6)."""

from typing import Any

import pytest

from tests.manifests import depends, manifest, model
from tests.syncs import AUTO, PROPOSE, World

FULL = {"id": "int", "n": "int"}


def _entries(answer: Any) -> dict[str, Any]:
    return {entry["fqn"]: entry for entry in answer.get("models") or answer["results"]}


def _kinds(answer: Any) -> dict[str, str]:
    return {fqn.rpartition(".")[2]: entry["change_type"] for fqn, entry in _entries(answer).items()}


def _adds_up(diff: Any) -> dict[str, int]:
    counts: dict[str, int] = diff["summary"]
    assert sum(counts[k] for k in ("new", "modified", "deleted", "unchanged")) == len(diff["models"])
    assert counts["breaking"] == sum(1 for e in diff["models"] if e["breaking_changes"])
    assert counts["moved"] == sum(1 for e in diff["models"] if e["previous_fqn"])
    return {k: v for k, v in counts.items() if v}


def test_a_diff_tells_new_modified_deleted_and_unchanged(world: World) -> None:
    world.sync(manifest(*(model(name, FULL) for name in "abcde"), model("bare")), **AUTO)
    head = world.head()
    document = manifest(
        model("a", FULL),
        model("b", FULL, description="told"),
        model("c", {"id": "int"}),
        model("d", FULL, depends_on=depends("a")),
        model("f", FULL),
        model("bare", tags=["t"]),
    )
    diff = world.diff(document)
    expected = {"a": "unchanged", "b": "modified", "c": "modified", "d": "modified", "e": "deleted", "f": "new"}
    assert _kinds(diff) == {**expected, "bare": "modified"}
    assert _adds_up(diff) == {"new": 1, "modified": 4, "deleted": 1, "unchanged": 1, "breaking": 2}
    assert (diff["status"], diff["blocking"], world.head()) == ("breaking_changes_detected", True, head)
    schema = {fqn[-1]: e["schema_change_type"] for fqn, e in _entries(diff).items()}
    assert schema == {"a": "none", "b": "none", "c": "breaking", "d": "none", "e": "breaking", "f": None}
    entries = _entries(diff)
    assert [(c["type"], c["path"]) for c in entries["db.main.c"]["breaking_changes"]] == [
        ("property_removed", "properties.n")
    ]
    assert (entries["db.main.c"]["current_version"], entries["db.main.c"]["suggested_version"]) == ("1.0.0", "2.0.0")
    assert (entries["db.main.f"]["asset_id"], entries["db.main.f"]["suggested_version"]) == (None, "1.0.0")
    assert entries["db.main.e"]["breaking_changes"][0]["type"] == "asset_removed"
    assert entries["db.main.e"]["node_id"] == "model.shop.e"
    assert world.diff(document, fail_on_breaking=False)["blocking"] is False


@pytest.mark.parametrize("mode", ["ignore", "overwrite", "fail"])
def test_the_conflict_mode_changes_nothing_in_a_diff_but_what_would_be(world: World, mode: str) -> None:
    world.sync(manifest(model("a", FULL)), **AUTO)
    document = manifest(model("a", {"id": "int"}), model("b"))
    plain, told = world.diff(document), world.diff(document, conflict_mode=mode, auto_publish_contracts=True)
    assert plain.pop("would_be") is None
    would_be = told.pop("would_be")
    assert plain == told
    expected = {"ignore": 207, "overwrite": 207, "fail": 409}  # no owner is given for b
    assert would_be["status_code"] == expected[mode]
    if mode == "fail":
        assert (would_be["code"], would_be["details"]) == ("SYNC_CONFLICT", {"conflicts": ["db.main.a"]})
    else:
        assert (would_be["dry_run"], would_be["conflict_mode"]) == (True, mode)
        withheld = [each["code"] for each in would_be["contracts"]["withheld"]]
        assert withheld == (["BREAKING_CHANGE"] if mode == "overwrite" else [])
    ok = world.diff(manifest(model("a", FULL)), conflict_mode="overwrite")["would_be"]
    assert (ok["status_code"], ok["status"]) == (200, "success")
    guess = world.diff(manifest(model("a"), metadata={}), auto_delete=True)["would_be"]
    assert (guess["status_code"], guess["code"]) == (400, "INVALID_INPUT")


def test_a_diff_needs_no_owner(world: World) -> None:
    document = manifest(
        model("a"), model("b", depends_on=depends("a"), **world.owned("finance")), model("c", depends_on=depends("b"))
    )
    diff = world.diff(document)
    entries = _entries(diff)
    assert (diff["status"], diff["warnings"], diff["meta_errors"]) == ("changes_detected", [], [])
    assert [entries[f"db.main.{n}"]["owner_team"] for n in "abc"] == [None, world.full("finance"), None]
    assert entries["db.main.a"]["consumers_from_refs"] == [world.full("finance")]
    assert world.impact(document)["warnings"] == []


def test_a_preview_of_several_projects_sees_its_own_only(world: World) -> None:
    world.sync(manifest(model("a", FULL)), **AUTO)
    other = manifest(model("x", FULL, package_name="p"), metadata={"project_name": "p"})
    assert _kinds(world.diff(other)) == {"x": "new"}
    assert _kinds(world.diff(manifest())) == {"a": "deleted"}


# --- impact ---------------------------------------------------------------------------------------------------------


def _chain(world: World, columns: dict[str, str | None]) -> dict[str, Any]:
    """a is read by b, b by c, and c by a: a cycle, each of another team."""
    return manifest(
        model("a", columns, depends_on=depends("c")),
        model("b", FULL, depends_on=depends("a"), **world.owned("two")),
        model("c", FULL, depends_on=depends("b"), **world.owned("three")),
        model("bare"),
    )


def test_an_impact_names_who_is_hit_with_the_least_depth(world: World) -> None:
    world.sync(_chain(world, dict(FULL)), auto_register_consumers=True, **AUTO)
    world.register("db.main.b", "fans")
    safe = world.impact(_chain(world, {**FULL, "x": "int"}))
    assert (safe["status"], safe["total_models"], safe["models_with_contracts"]) == ("success", 4, 3)
    assert [_entries(safe)[f"db.main.{n}"]["change_type"] for n in ("a", "b", "bare")] == ["minor", "patch", None]
    impact = world.impact(_chain(world, {"id": "int"}))
    assert (impact["status"], impact["breaking_changes_count"]) == ("breaking_changes_detected", 1)
    hit = _entries(impact)["db.main.a"]
    assert (hit["safe_to_publish"], hit["change_type"], hit["suggested_version"]) == (False, "major", "2.0.0")
    consumers = [(c["team_name"].split()[0], c["depth"], c["pinned_version"]) for c in hit["impacted_consumers"]]
    assert sorted(consumers) == [("fans", 1, None), ("shop", 2, None), ("three", 1, None), ("two", 0, None)]
    assert [(a["fqn"], a["depth"], a["dependency_type"]) for a in hit["impacted_assets"]] == [
        ("db.main.b", 1, "transforms"),
        ("db.main.c", 2, "transforms"),
    ]
    others = [_entries(impact)[f"db.main.{n}"] for n in ("b", "c", "bare")]
    assert all(e["safe_to_publish"] and not e["impacted_consumers"] and not e["impacted_assets"] for e in others)


def test_no_columns_say_nothing_about_the_schema(world: World) -> None:
    world.sync(manifest(model("a", FULL)), **AUTO)
    (result,) = world.impact(manifest(model("a")))["results"]
    assert (result["has_contract"], result["safe_to_publish"], result["change_type"]) == (True, True, None)
    assert (result["breaking_changes"], result["suggested_version"]) == ([], None)


def test_a_deleted_item_with_a_contract_is_hit_too(world: World) -> None:
    reader = model("r", depends_on=depends("a"), **world.owned("finance"))
    world.sync(manifest(model("a", FULL), model("bare"), reader), auto_register_consumers=True, **AUTO)
    after = manifest(model("r", **world.owned("finance")))
    impact, diff = world.impact(after), world.diff(after)
    (gone,) = [e for e in impact["results"] if not e["safe_to_publish"]]
    assert (gone["fqn"], gone["node_id"], gone["change_type"]) == ("db.main.a", "model.shop.a", "major")
    assert [c["team_name"] for c in gone["impacted_consumers"]] == [world.full("finance")]
    assert [a["fqn"] for a in gone["impacted_assets"]] == ["db.main.r"]
    assert _adds_up(diff) == {"modified": 1, "deleted": 2, "breaking": 1}
    entry = _entries(diff)["db.main.a"]
    assert entry["consumers_declared"] == entry["registered_consumers"] == [world.full("finance")]
    (warning,) = diff["warnings"]
    assert warning.startswith("db.main.a: ") and "1" in warning


# --- another target -------------------------------------------------------------------------------------------------


def _target(schema: str, columns: dict[str, str | None]) -> dict[str, Any]:
    names = [f"m{n}" for n in range(8)]
    rest = [
        model(name, FULL, schema=schema, depends_on=depends(before))
        for before, name in zip(names, names[1:], strict=False)
    ]
    return manifest(model("m0", columns, schema=schema), *rest)


def test_a_pull_requests_target_is_judged_as_moved(world: World) -> None:
    world.sync(_target("prod", dict(FULL)), **AUTO)
    diff = world.diff(_target("ci_7", {"id": "int"}))
    assert _adds_up(diff) == {"modified": 1, "unchanged": 7, "breaking": 1, "moved": 8}
    entries = _entries(diff)
    assert entries["db.ci_7.m0"]["previous_fqn"] == "db.prod.m0"
    assert [c["path"] for c in entries["db.ci_7.m0"]["breaking_changes"]] == ["properties.n"]
    impact = world.impact(_target("ci_7", {"id": "int"}))
    assert (impact["breaking_changes_count"], impact["total_models"]) == (1, 8)
    assert world.diff(_target("ci_7", dict(FULL)))["status"] == "clean"
    assert world.diff(_target("ci_7", dict(FULL)), conflict_mode="overwrite")["would_be"]["status_code"] == 409


# --- base -----------------------------------------------------------------------------------------------------------


def _both(world: World, document: Any, base: Any) -> tuple[Any, Any]:
    return world.diff(document, base=base), world.impact(document, base=base)


def test_only_what_differs_from_the_base_is_charged(world: World) -> None:
    """The catalog has gone on: a has a column more, `late` is new there. The pull request knows neither."""
    world.sync(manifest(model("a", {**FULL, "late": "int"}), model("b", FULL), model("late", FULL)), **AUTO)
    base = manifest(model("a", FULL), model("b", FULL), model("unsynced"))
    diff, impact = _both(world, base, base)
    assert (diff["status"], _adds_up(diff)) == ("clean", {"unchanged": 3})
    assert (impact["status"], impact["breaking_changes_count"]) == ("success", 0)
    added = manifest(model("a", {**FULL, "x": "int"}), model("b", FULL), model("unsynced"), model("new"))
    diff, impact = _both(world, added, base)
    assert (diff["status"], diff["blocking"]) == ("changes_detected", False)
    assert _kinds(diff) == {"a": "modified", "b": "unchanged", "unsynced": "unchanged", "new": "new"}
    entry = _entries(diff)["db.main.a"]
    assert [c["path"] for c in entry["changes"]] == ["properties.x"]
    assert (entry["schema_change_type"], entry["suggested_version"]) == ("compatible", "1.1.0")
    assert _entries(impact)["db.main.a"]["change_type"] == "minor"
    dropped = manifest(model("a", {"id": "int"}), model("unsynced"))
    diff, impact = _both(world, dropped, base)
    assert _adds_up(diff) == {"modified": 1, "deleted": 1, "unchanged": 1, "breaking": 2}
    assert [c["path"] for c in _entries(diff)["db.main.a"]["breaking_changes"]] == ["properties.n"]
    assert [e["fqn"] for e in impact["results"] if not e["safe_to_publish"]] == ["db.main.a", "db.main.b"]
    assert world.diff(dropped)["summary"]["breaking"] == 3


def test_meta_errors_of_the_base_are_not_charged(world: World) -> None:
    told: dict[str, Any] = {"meta": {"muniment": {"owner_team": "nobody"}}}
    base, document = manifest(model("a", **told)), manifest(model("a", **told), model("b", **told))
    diff, impact = _both(world, document, base)
    assert diff["meta_errors"] == impact["meta_errors"] == ["db.main.b: owner_team 'nobody' not found"]
    assert world.diff(base, base=base)["blocking"] is False
    assert world.diff(base)["blocking"] is True


def test_a_base_built_into_production_serves_a_document_built_elsewhere(world: World) -> None:
    world.sync(_target("prod", dict(FULL)), **AUTO)
    diff = world.diff(_target("ci_7", {"id": "int"}), base=_target("prod", dict(FULL)))
    assert _adds_up(diff) == {"modified": 1, "unchanged": 7, "breaking": 1, "moved": 8}
    same = world.diff(_target("ci_7", dict(FULL)), base=_target("ci_7", dict(FULL)))
    assert _adds_up(same) == {"unchanged": 8}


@pytest.mark.parametrize("base", [5, [], "x"])
def test_a_base_must_be_a_manifest(world: World, base: Any) -> None:
    answer = world.post("/sync/dbt/diff", manifest(), 422, base=base)
    assert answer["details"]["errors"][0]["field"] == "body.base"
    assert world.post("/sync/dbt/diff", manifest(), 400, base={"nodes": []})["code"] == "INVALID_MANIFEST"


def test_a_preview_says_what_the_sync_then_does(world: World) -> None:
    world.sync(_chain(world, dict(FULL)), **AUTO)
    document = _chain(world, {"id": "int"})
    told = world.diff(document, owner_team_id=world.owner, **PROPOSE)["would_be"]
    done = world.sync(document, **PROPOSE)
    assert told["assets"] == done["assets"]
    assert [e["action"] for e in told["models"]] == [e["action"] for e in done["models"]]
    assert told["proposals"]["created"] == done["proposals"]["created"] == 1
