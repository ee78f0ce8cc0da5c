"""The audit trail (api.md 3.9)."""

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, made, publish, table, team, unique, with_key

MEMBERS = {
    "id", "entity_type", "entity_id", "action", "actor_id", "actor_type", "payload", "occurred_at", "position",
    "request_id",
}  # fmt: skip


class Story:
    """One of each thing that this part of the surface can do, by a key of its own."""

    def __init__(self, admin: httpx.Client) -> None:
        self.admin = admin
        self.before = int(admin.get("/teams").headers["muniment-position"])
        self.team = team(admin)
        created = made(admin.post("/api-keys", json={"name": "k", "team_id": self.team, "scopes": ["write"]}))
        self.key, self.secret = created["id"], created["key"]
        api = with_key(admin, self.secret)
        self.asset, self.other = asset(api, self.team), asset(api, self.team)
        body = {"depends_on_asset_id": self.other}
        self.edge = made(api.post(f"/assets/{self.asset}/dependencies", json=body))["id"]
        self.contract = publish(api, self.asset, self.team, table(a="string"))["contract"]["id"]
        body = {"asset_id": self.asset, "consumer_team_id": self.team}
        self.registration = made(api.post("/registrations", json=body))["id"]
        self.proposal = publish(api, self.asset, self.team, table(b="string"))["proposal"]["id"]
        headers = {"X-Request-ID": "the-request"}
        api.patch(f"/assets/{self.asset}", json={"tags": ["x"], "fqn": unique("db.t")}, headers=headers)
        api.delete(f"/assets/{self.asset}/dependencies/{self.edge}")
        api.delete(f"/assets/{self.asset}")
        api.post(f"/assets/{self.asset}/restore")
        node = {"resource_type": "model", "name": "m", "package_name": "p", "schema": unique("s")}
        manifest = {"metadata": {"project_name": unique("p")}, "nodes": {"model.p.m": node}, "sources": {}}
        made(api.post("/sync/dbt/upload", json={"manifest": manifest}))
        admin.delete(f"/api-keys/{self.key}")
        page = made(admin.get("/audit/events?limit=100"))["results"]
        self.events = [event for event in page if event["position"] > self.before]


@pytest.fixture(scope="module")
def story(each_store: httpx.Client) -> Story:
    return Story(each_store)


def test_every_change_is_an_event_of_its_own(story: Story) -> None:
    s = story
    expected = [
        ("team.created", s.team), ("api_key.created", s.key), ("asset.created", s.asset), ("asset.created", s.other),
        ("dependency.created", s.edge), ("contract.published", s.contract), ("registration.created", s.registration),
        ("proposal.created", s.proposal), ("asset.moved", s.asset), ("asset.updated", s.asset),
        ("dependency.deleted", s.edge), ("proposal.withdrawn", s.proposal), ("asset.deleted", s.asset),
        ("asset.restored", s.asset),
    ]  # fmt: skip
    found = [(event["action"], event["entity_id"]) for event in reversed(s.events)]
    assert found[: len(expected)] == expected
    assert {action for action, _ in found[len(expected) :]} == {"asset.created", "dbt.sync_upload", "api_key.revoked"}
    positions = [event["position"] for event in s.events]
    assert positions == list(range(s.before + len(positions), s.before, -1))


def test_each_event_has_all_members_and_can_be_asked_for(story: Story) -> None:
    for event in story.events:
        assert set(event) == MEMBERS
        kind = "sync" if event["action"] == "dbt.sync_upload" else event["action"].split(".")[0]
        assert event["entity_type"] == kind and isinstance(event["payload"], dict)
        assert made(story.admin.get(f"/audit/events/{event['id']}")) == event
        assert made(story.admin.get(f"/audit/events/{event['id'].upper()}")) == event
    by_key = {(e["actor_type"], e["actor_id"]) for e in story.events if e["entity_type"] not in ("team", "api_key")}
    assert by_key == {("api_key", story.key)}
    bootstrap = {(e["actor_type"], e["actor_id"]) for e in story.events if e["entity_type"] in ("team", "api_key")}
    assert bootstrap == {("bootstrap", None)}
    assert {e["action"] for e in story.events if e["request_id"] == "the-request"} == {"asset.moved", "asset.updated"}
    (made_key,) = [e for e in story.events if e["action"] == "api_key.created"]
    assert "digest" not in made_key["payload"] and story.secret not in str(made_key)


def test_every_filter(story: Story) -> None:
    def expect(query: str, keep: object) -> None:
        assert callable(keep)
        found = made(story.admin.get(f"/audit/events?limit=100&{query}"))["results"]
        mine = [event for event in found if event["position"] > story.before]
        assert mine == [event for event in story.events if keep(event)], query

    middle = story.events[len(story.events) // 2]["occurred_at"]
    expect("", lambda e: True)
    expect("entity_type=proposal", lambda e: e["entity_type"] == "proposal")
    expect(f"entity_id={story.asset.upper()}", lambda e: e["entity_id"] == story.asset)
    expect("action=asset.created", lambda e: e["action"] == "asset.created")
    expect("action=ASSET.created", lambda e: False)
    expect(f"actor_id={story.key}", lambda e: e["actor_id"] == story.key)
    expect("actor_type=bootstrap", lambda e: e["actor_type"] == "bootstrap")
    expect(f"from={middle}", lambda e: e["occurred_at"] >= middle)
    expect(f"to={middle.replace('Z', '%2B00:00')}", lambda e: e["occurred_at"] <= middle)
    expect(
        f"from={middle}&to={middle}&entity_type=asset",
        lambda e: e["occurred_at"] == middle and e["entity_type"] == "asset",
    )
    expect(f"entity_id={GONE}", lambda e: False)


def test_the_history_of_one_entity(story: Story) -> None:
    path = f"/audit/entities/asset/{story.asset}/history"
    found = made(story.admin.get(path))
    assert found["results"] == [e for e in story.events if (e["entity_type"], e["entity_id"]) == ("asset", story.asset)]
    assert made(story.admin.get(f"{path}?limit=1&offset=1"))["results"] == found["results"][1:2]
    assert made(story.admin.get(f"/audit/entities/team/{story.asset}/history"))["total"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("entity_id=x", "query.entity_id"),
        ("actor_id=x", "query.actor_id"),
        ("from=yesterday", "query.from"),
        ("to=1", "query.to"),
        ("to=2026-13-01T00:00:00Z", "query.to"),
        ("from=0001-01-01T00:00:00%2B14:00", "query.from"),
        ("to=9999-12-31T23:59:59-14:00", "query.to"),
        ("action=a%00b", "query.action"),
    ],
)
def test_bad_filters(each_store: httpx.Client, query: str, field: str) -> None:
    assert fields(each_store.get(f"/audit/events?{query}")) == [field]


def test_odd_entity_types(each_store: httpx.Client) -> None:
    assert made(each_store.get(f"/audit/entities/no%20such/{GONE}/history"))["total"] == 0
    assert fields(each_store.get(f"/audit/entities/a%00b/{GONE}/history")) == ["path.entity_type"]


def test_ids_of_events_that_never_were(each_store: httpx.Client) -> None:
    known = made(each_store.get("/audit/events?limit=1"))["results"][0]["id"]
    for id in (GONE, known[:-12] + "f" * 12, "f" * 8 + known[8:], "ffffffff-ffff-ffff-ffff-ffffffffffff"):
        assert each_store.get(f"/audit/events/{id}").status_code == 404
