"""Sources and their syncs (api.md 3.17)."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, fields, key, made, refused, team, with_key
from tests.manifests import manifest, model

SYNC = {
    "id", "position", "occurred_at", "actor_id", "source", "commit", "document_digest", "options", "counts",
}  # fmt: skip
SDL = "type Query { a: String }"


class Story:
    """Five syncs of three sources, one of them in two environments; the fourth changes nothing."""

    def __init__(self, api: httpx.Client) -> None:
        self.api, self.owner = api, team(api)
        self.before = int(api.get("/teams").headers["muniment-position"])
        created = made(api.post("/api-keys", json={"name": "ci", "team_id": self.owner}))
        self.key = created["id"]
        self.mine = with_key(api, created["key"])
        one, two = model("one", {"a": "int"}), model("two", {"a": "int"})
        self.answers = [
            self.dbt(manifest(one, two), commit="abc", auto_publish_contracts=True),
            self.dbt(manifest(one, two), environment="staging"),
            self.sync("/sync/graphql", {"schema": SDL, "service": "shop", "owner_team_id": self.owner}),
            self.dbt(manifest(one, two)),
            self.dbt(manifest(one), auto_delete=True, conflict_mode="overwrite"),
        ]
        self.recorded = [answer for answer in self.answers if answer["position"] is not None]

    def dbt(self, document: dict[str, Any], **options: Any) -> dict[str, Any]:
        return self.sync("/sync/dbt/upload", {"manifest": document, "project": "shop", **options})

    def sync(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return made(self.mine.post(path, json=body))

    def syncs(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = made(self.api.get(f"/syncs{query}"))["results"]
        return found

    def numbers(self, query: str = "") -> list[int]:
        positions = [answer["position"] for answer in self.recorded]
        return [positions.index(sync["position"]) for sync in self.syncs(query)]


@pytest.fixture(scope="module")
def story(own_store: httpx.Client) -> Story:
    return Story(own_store)


def test_each_sync_that_changed_anything_is_listed_newest_first(story: Story) -> None:
    assert story.answers[3]["position"] is None
    assert story.numbers() == [3, 2, 1, 0]
    first = story.syncs()[-1]
    assert set(first) == SYNC
    answer = story.answers[0]
    assert first["source"] == {"kind": "dbt", "key": "shop", "environment": "production"}
    assert (first["commit"], first["actor_id"]) == ("abc", story.key)
    assert first["document_digest"] == answer["source"]["document_digest"]
    assert first["options"]["auto_publish_contracts"] is True
    assert first["counts"]["created"] == answer["assets"]["created"] == 2
    (event,) = made(story.api.get(f"/audit/events?entity_type=sync&entity_id={first['id']}"))["results"]
    assert (event["action"], event["occurred_at"]) == ("dbt.sync_upload", first["occurred_at"])
    assert [sync["commit"] for sync in story.syncs()] == [None, None, None, "abc"]


def test_each_filter(story: Story) -> None:
    assert story.numbers("?kind=dbt") == [3, 1, 0] and story.numbers("?kind=graphql") == [2]
    assert story.numbers("?kind=openapi") == []
    assert story.numbers("?key=shop") == [3, 2, 1, 0] and story.numbers("?key=SHOP") == []
    assert story.numbers("?environment=staging") == [1]
    assert story.numbers("?kind=dbt&key=shop&environment=production") == [3, 0]
    assert story.numbers("?limit=1&offset=1") == [2]
    assert fields(story.api.get("/syncs?kind=rest")) == ["query.kind"]
    assert fields(story.api.get("/syncs?key=a%00b")) == ["query.key"]
    assert fields(story.api.get("/syncs?limit=0")) == ["query.limit"]


def test_one_sync(story: Story) -> None:
    for sync in story.syncs():
        assert made(story.api.get(f"/syncs/{sync['id'].upper()}")) == sync
    assert "not found" in refused(story.api.get(f"/syncs/{GONE}"), 404, "NOT_FOUND")["detail"]
    assert fields(story.api.get("/syncs/x")) == ["path.sync_id"]
    first = story.syncs()[-1]
    refused(story.api.get(f"/syncs/{first['id']}?as_of={story.before}"), 404, "NOT_FOUND")


def test_sources_with_their_assets_and_their_last_sync(story: Story) -> None:
    page = made(story.api.get("/sources"))
    syncs = story.syncs()
    assert page["total"] == 3
    assert page["results"] == [
        {"kind": "dbt", "key": "shop", "environment": "production", "asset_count": 1, "last_sync": syncs[0]},
        {"kind": "dbt", "key": "shop", "environment": "staging", "asset_count": 2, "last_sync": syncs[2]},
        {"kind": "graphql", "key": "shop", "environment": "production", "asset_count": 1, "last_sync": syncs[1]},
    ]
    assert made(story.api.get("/sources?limit=1&offset=1"))["results"] == page["results"][1:2]
    assert fields(story.api.get("/sources?offset=-1")) == ["query.offset"]


def test_sources_and_syncs_of_a_past_moment(story: Story) -> None:
    then = story.recorded[0]["position"]
    (source,) = made(story.api.get(f"/sources?as_of={then}"))["results"]
    assert (source["asset_count"], source["last_sync"]["position"]) == (2, then)
    assert story.numbers(f"?as_of={then}") == [0]
    assert made(story.api.get(f"/sources?as_of={story.before}"))["total"] == 0


def test_any_key_may_read_them(story: Story) -> None:
    reader = with_key(story.api, key(story.api, team(story.api), "read"))
    for path in ("/sources", "/syncs", f"/syncs/{story.syncs()[0]['id']}"):
        assert reader.get(path).status_code == 200
