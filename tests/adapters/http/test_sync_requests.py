"""The forms of a dbt request: bare manifests, options in the query, members that nobody knows (api.md 1.1, 2.4)."""

import json
from typing import Any

import pytest

from tests.manifests import manifest, model
from tests.syncs import World


def _bare(world: World, document: Any, path: str = "/sync/dbt", **query: Any) -> Any:
    params = {"owner_team_id": world.owner, "environment": world.environment, **query}
    answer = world.api.post(path, params=params, content=json.dumps(document).encode())
    return {"code": answer.status_code, **answer.json()}


@pytest.mark.parametrize("document", [manifest(model("a")), {"sources": {"source.shop.r.a": {"name": "a"}}}])
def test_the_older_form_takes_the_bare_manifest(world: World, document: Any) -> None:
    answer = _bare(world, document)
    assert (answer["code"], answer["assets"]["created"], answer["environment"]) == (200, 1, world.environment)
    assert (answer["warnings"], answer["conflict_mode"]) == ([], "ignore")


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("TRUE", True), ("1", True), ("False", False), ("0", False)]
)
def test_options_in_the_query(world: World, text: str, value: bool) -> None:
    answer = _bare(world, manifest(model("a", {"id": "int"})), conflict_mode="overwrite", auto_publish_contracts=text)
    assert (answer["conflict_mode"], answer["contracts"]["published"]) == ("overwrite", int(value))


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"auto_delete": "yes"}, 422, "query.auto_delete"),
        ({"owner_team_id": "x"}, 422, "query.owner_team_id"),
        ({"expected_deletions": "many"}, 422, "query.expected_deletions"),
        ({"commit": "\0"}, 422, "query.commit"),
        ({"expected_deletions": "null"}, 422, "query.expected_deletions"),
        ({"expected_deletions": "1.0"}, 422, "query.expected_deletions"),
        ({"conflict_mode": "merge"}, 400, None),
    ],
)
def test_bad_options_in_the_query(world: World, query: dict[str, str], status: int, field: str | None) -> None:
    answer = _bare(world, manifest(model("a")), **query)
    assert answer["status"] == status
    if field:
        assert [each["field"] for each in answer["details"]["errors"]] == [field]


def test_the_older_form_takes_the_newer_body_too(world: World) -> None:
    answer = world.post("/sync/dbt", manifest(model("a")), owner_team_id=world.owner)
    assert (answer["assets"]["created"], answer["warnings"]) == (1, [])
    assert world.post("/sync/dbt", None, 422)["details"]["errors"][0]["field"] == "body.manifest"


def test_a_bad_option_in_the_query_is_refused_beside_members_too(world: World) -> None:
    body = {"manifest": manifest(model("a")), "owner_team_id": world.owner, "environment": world.environment}
    for query, status in (({"auto_delete": "yes"}, 422), ({"conflict_mode": "merge"}, 400)):
        assert world.api.post("/sync/dbt", params=query, json=body).status_code == status
        assert world.api.post("/sync/dbt/upload", params=query, json={**body, "dry_run": True}).status_code == 200


def test_the_newer_form_does_not_take_the_bare_manifest(world: World) -> None:
    answer = _bare(world, manifest(model("a")), path="/sync/dbt/upload")
    assert answer["details"]["errors"][0]["field"] == "body.manifest"


def test_unknown_members_and_parameters_are_named(world: World) -> None:
    answer = world.sync(manifest(model("a")), auto_publish=True, base={}, fail_on_breaking=True)
    assert [text for text in answer["warnings"] if "unknown" in text] == answer["warnings"]
    assert all(
        any(name in text for text in answer["warnings"]) for name in ("auto_publish", "base", "fail_on_breaking")
    )
    query = _bare(world, manifest(model("b")), auto_publish="1")
    assert (query["assets"]["created"], len(query["warnings"]), "auto_publish" in query["warnings"][0]) == (1, 1, True)
    body = {"manifest": manifest(model("c")), "owner_team_id": world.owner, "environment": world.environment}
    params = {"conflict_mode": "overwrite"}
    for path in ("/sync/dbt/upload", "/sync/dbt", "/sync/dbt/diff"):
        told = world.api.post(path, params=params, content=json.dumps(body).encode()).json()
        assert any("conflict_mode" in text for text in told["warnings"]), path
    assert any("auto_delete" in text for text in world.impact(manifest(), auto_delete=True)["warnings"])
    assert world.diff(manifest(), auto_delete=True, commit="x", dry_run=True)["warnings"] == []


def test_the_commit_and_the_options_are_kept_with_the_sync(world: World) -> None:
    options: dict[str, Any] = {"commit": "8f3c2a1", "auto_publish_contracts": True, "conflict_mode": "overwrite"}
    answer = world.sync(manifest(model("a", {"id": "int"})), **options)
    (event,) = [e for e in world.get("/audit/events", action="dbt.sync_upload", limit=1)["results"]]
    payload = event["payload"]
    assert (event["position"], event["entity_type"]) == (answer["position"], "sync")
    assert (payload["commit"], payload["environment"]) == ("8f3c2a1", world.environment)
    assert payload["document_digest"] == answer["source"]["document_digest"]
    assert payload["options"] == {**options, "owner_team_id": world.owner}
    assert payload["counts"]["created"] == 1


def test_the_environment_keeps_names_apart(world: World) -> None:
    world.sync(manifest(model("a")))
    other = world.sync(manifest(model("a")), environment=world.environment + "2", conflict_mode="fail")
    assert (other["assets"]["created"], other["source"]["environment"]) == (1, world.environment + "2")


def test_another_media_type_is_refused(world: World) -> None:
    answer = world.api.post("/sync/dbt/upload", content=b"{}", headers={"Content-Type": "text/yaml"})
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    body = json.dumps({"manifest": {}}).encode()
    assert (
        world.api.post("/sync/dbt/diff", content=body, headers={"Content-Type": "application/json"}).status_code == 200
    )
