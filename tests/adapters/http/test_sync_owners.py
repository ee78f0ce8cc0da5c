"""Who owns what a sync makes, and for whom a key may act (api.md 1.2, 2.1 "Owner")."""

from typing import Any

import pytest

from tests.adapters.http.world import user
from tests.manifests import depends, manifest, model
from tests.syncs import AUTO, PROPOSE, World

OVERWRITE: dict[str, Any] = {"conflict_mode": "overwrite"}


def test_the_item_names_its_owner_by_name_or_id_else_the_default_has_it(world: World) -> None:
    by_id: dict[str, Any] = {"meta": {"tessera": {"owner_team": world.team("data")}}}
    document = manifest(model("a"), model("b", **world.owned("finance")), model("c", **by_id))
    world.sync(document)
    owners = {fqn: asset["owner_team_id"] for fqn, asset in world.assets().items()}
    expected = [world.owner, world.team("finance"), world.team("data")]
    assert [owners[f"db.main.{name}"] for name in "abc"] == expected


def test_the_item_names_its_responsible_user_by_username_or_email_if_of_the_owner_team(world: World) -> None:
    mark = world.environment
    ada = user(world.api, username=f"ada{mark}", email=f"ada{mark}@x.org", team_id=world.owner)
    user(world.api, username=f"bob{mark}", team_id=world.team("data"))

    def named(reference: str) -> dict[str, Any]:
        return {"meta": {"muniment": {"owner_user": reference}}}

    document = manifest(model("a", **named(f"ada{mark}")), model("b", **named(f"ADA{mark}@x.org")))
    world.sync(document)
    assert [asset["owner_user_id"] for asset in world.assets().values()] == [ada, ada]
    head = world.head()
    world.sync(document)
    assert world.head() == head, "the same document again is an empty plan"
    answer = world.sync(manifest(model("c", **named(f"bob{mark}"))))
    assert answer["ownership_warnings"] == [f"db.main.c: owner_user 'bob{mark}' is of another team"]
    assert world.asset("db.main.c")["owner_user_id"] is None
    world.api.delete(f"/users/{ada}?erase=true")
    answer = world.sync(manifest(model("d", **named(f"ada{mark}"))))
    assert answer["ownership_warnings"] == [f"db.main.d: owner_user 'ada{mark}' not found"]


def test_an_item_without_owner_is_not_made(world: World) -> None:
    document = manifest(model("a"), model("b", **world.owned("finance"), depends_on=depends("a")))
    answer = world.sync(document, 207, owner_team_id=None)
    assert (answer["assets"]["created"], answer["assets"]["skipped"], list(world.assets())) == (1, 1, ["db.main.b"])
    assert [(e["fqn"], e["action"], e["asset_id"]) for e in answer["models"]][0] == ("db.main.a", "error", None)
    assert answer["ownership_warnings"][0].startswith("db.main.a: ")
    assert answer["dependencies"]["unresolved"] == [{"asset_fqn": "db.main.b", "node_id": "model.shop.a"}]


def test_an_owner_that_does_not_exist_is_a_warning_while_a_default_does(world: World) -> None:
    bad: dict[str, Any] = {"meta": {"muniment": {"owner_team": "nobody", "owner_user": "no@one"}}}
    answer = world.sync(manifest(model("a", **bad)))
    assert [text.partition(",")[0] for text in answer["ownership_warnings"]] == [
        "db.main.a: owner_team 'nobody' not found",
        "db.main.a: owner_user 'no@one' not found",
    ]
    assert world.asset("db.main.a")["owner_team_id"] == world.owner
    refused = world.sync(manifest(model("b", **bad)), 207, owner_team_id=None)
    assert (refused["assets"]["created"], refused["assets"]["skipped"]) == (0, 1)
    diff = world.diff(manifest(model("a", **bad)))
    assert diff["meta_errors"] == [
        "db.main.a: owner_team 'nobody' not found",
        "db.main.a: owner_user 'no@one' not found",
    ]
    assert (diff["blocking"], diff["models"][0]["change_type"]) == (True, "unchanged")


@pytest.mark.parametrize("value", [5, "", ["x"], {}], ids=str)
def test_an_unreadable_owner_is_an_ownership_warning(world: World, value: Any) -> None:
    document = manifest(model("a", meta={"muniment": {"owner_team": value}}))
    answer = world.sync(document)
    (text,) = answer["ownership_warnings"]
    assert text.startswith("db.main.a: meta.muniment.owner_team: ")
    assert (answer["warnings"], world.asset("db.main.a")["owner_team_id"]) == ([], world.owner)
    assert world.diff(document)["meta_errors"] == [text]


def test_an_existing_asset_keeps_its_owner_unless_the_item_names_one(world: World) -> None:
    world.sync(manifest(model("a")), **AUTO)
    world.sync(manifest(model("a", {"id": "int"})), owner_team_id=world.team("other"), **AUTO)
    assert world.asset("db.main.a")["owner_team_id"] == world.owner
    assert world.contract("db.main.a")["published_by"] == world.owner
    given = manifest(model("a", {"id": "int"}, **world.owned("other")))
    assert world.sync(given)["assets"]["skipped_changed"] == 0
    assert world.asset("db.main.a")["owner_team_id"] == world.owner
    world.sync(given, **OVERWRITE)
    assert world.asset("db.main.a")["owner_team_id"] == world.team("other")
    world.sync(manifest(model("a", {"id": "int"})), **OVERWRITE)
    assert world.asset("db.main.a")["owner_team_id"] == world.team("other")


def test_contracts_and_proposals_are_each_owners_own(world: World) -> None:
    def document(columns: dict[str, str | None]) -> dict[str, Any]:
        return manifest(model("a", columns), model("b", columns, **world.owned("finance")))

    world.sync(document({"id": "int", "n": "int"}), **AUTO)
    assert world.contract("db.main.a")["published_by"] == world.owner
    assert world.contract("db.main.b")["published_by"] == world.team("finance")
    world.sync(document({"id": "int"}), **PROPOSE)
    assert world.proposals("db.main.b")[0]["proposed_by"] == world.team("finance")


def test_a_key_without_admin_acts_for_its_own_team(world: World) -> None:
    ours, theirs = model("a", {"id": "int"}), model("b", **world.owned("finance"))
    answer = world.sync(manifest(ours, theirs), 207, api=world.key("shop"), owner_team_id=None)
    assert list(world.assets()) == ["db.main.a"]
    assert [e["action"] for e in answer["models"]] == ["created", "error"]
    assert answer["ownership_warnings"][0].startswith("db.main.b: ")
    world.sync(manifest(ours, theirs))
    stolen = world.sync(manifest(theirs, model("a", description="x")), 207, api=world.key("finance"), **OVERWRITE)
    assert [e["action"] for e in stolen["models"]] == ["unchanged", "error"]
    assert world.asset("db.main.a")["description"] is None
    gone = world.sync(manifest(theirs), 207, api=world.key("finance"), owner_team_id=None, auto_delete=True)
    assert (gone["assets"]["deleted"], len(gone["ownership_warnings"])) == (0, 1)
    # Nor may it give its own away, or take by naming an owner.
    given = manifest(model("a", **world.owned("finance")))
    assert world.sync(given, 207, api=world.key("shop"), **OVERWRITE)["assets"]["skipped"] == 1
    assert world.sync(given, 207, api=world.key("finance"), **OVERWRITE)["assets"]["skipped"] == 1


def test_a_key_with_the_source_syncs_for_any_owner(world: World) -> None:
    ci = world.key("shop", sources=[{"kind": "dbt", "key": "shop"}])
    document = manifest(model("a"), model("b", **world.owned("finance")))
    assert world.sync(document, api=ci, owner_team_id=None)["assets"]["created"] == 2
    assert world.sync(manifest(model("b")), api=ci, auto_delete=True, **OVERWRITE)["assets"]["deleted"] == 1
    other = manifest(model("x", package_name="p", **world.owned("finance")), metadata={"project_name": "p"})
    assert world.sync(other, 207, api=ci)["assets"]["skipped"] == 1


def test_previews_are_not_limited_to_the_keys_team(world: World) -> None:
    reader = world.key("finance", "read")
    world.sync(manifest(model("a", {"id": "int", "n": "int"})), **AUTO)
    diff = world.diff(manifest(model("a", {"id": "int"}), model("new", {"x": "int"})), api=reader)
    assert (diff["status"], diff["summary"]["breaking"], diff["summary"]["new"]) == ("breaking_changes_detected", 1, 1)
    assert world.impact(manifest(model("a", {"id": "int"})), api=reader)["breaking_changes_count"] == 1


def test_an_unknown_owner_team_is_404_everywhere(world: World) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    for path in ("upload", "diff", "impact"):
        answer = world.post(f"/sync/dbt/{path}", manifest(model("a")), 404, owner_team_id=nobody)
        assert (answer["code"], "not found" in answer["detail"]) == ("TEAM_NOT_FOUND", True)
    assert world.assets() == {}


def test_scopes(world: World) -> None:
    reader = world.key("shop", "read")
    refused = world.sync(manifest(model("a")), 403, api=reader)
    assert (refused["code"], refused["details"]) == ("INSUFFICIENT_SCOPE", {"required_scope": "write"})
    dry = world.sync(manifest(model("a")), api=reader, dry_run=True)
    assert (dry["dry_run"], dry["assets"]["created"], world.assets()) == (True, 1, {})
