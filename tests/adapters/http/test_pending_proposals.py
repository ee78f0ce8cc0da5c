"""What awaits a team's answer (api.md 3.8): `GET /proposals/pending/{team_id}`."""

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, made, publish, refused, table, team

ENTRY = {
    "proposal_id", "asset_id", "asset_fqn", "proposed_by_team", "proposed_at", "expires_at",
    "breaking_changes_summary", "total_consumers", "acknowledged_count", "your_team_status",
}  # fmt: skip


class Desk:
    """Three assets with a proposal each: two teams rely on each, the owner too."""

    def __init__(self, api: httpx.Client) -> None:
        self.api, self.owner, self.one, self.two = api, team(api), team(api), team(api)
        self.assets = [asset(api, self.owner) for _ in range(3)]
        for id in self.assets:
            publish(api, id, self.owner, table(a="string", b="string"))
            for consumer in (self.owner, self.one, self.two):
                self.register(id, consumer)
        self.proposals = [publish(api, id, self.owner, table(c="string"))["proposal"] for id in self.assets]

    def register(self, asset_id: str, team_id: str) -> str:
        body = {"asset_id": asset_id, "consumer_team_id": team_id}
        id: str = made(self.api.post("/registrations", json=body))["id"]
        return id

    def pending(self, team_id: str, query: str = "") -> list[int]:
        got = made(self.api.get(f"/proposals/pending/{team_id}{query}"))
        assert set(got) == {"pending_proposals", "total", "limit", "offset"}
        assert all(set(entry) == ENTRY for entry in got["pending_proposals"])
        ids = [proposal["id"] for proposal in self.proposals]
        return [ids.index(entry["proposal_id"]) for entry in got["pending_proposals"]]


@pytest.fixture(scope="module")
def desk(each_store: httpx.Client) -> Desk:
    return Desk(each_store)


def test_each_entry_tells_what_is_asked(desk: Desk) -> None:
    got = made(desk.api.get(f"/proposals/pending/{desk.one.upper()}"))
    assert (got["total"], got["limit"], got["offset"]) == (3, 20, 0)
    entry, proposal = got["pending_proposals"][0], desk.proposals[2]
    assert entry == {
        "proposal_id": proposal["id"],
        "asset_id": desk.assets[2],
        "asset_fqn": made(desk.api.get(f"/assets/{desk.assets[2]}"))["fqn"],
        "proposed_by_team": made(desk.api.get(f"/teams/{desk.owner}"))["name"],
        "proposed_at": proposal["proposed_at"],
        "expires_at": proposal["expires_at"],
        "breaking_changes_summary": [change["message"] for change in proposal["breaking_changes"]],
        "total_consumers": 2,
        "acknowledged_count": 0,
        "your_team_status": "AWAITING_RESPONSE",
    }
    assert len(entry["breaking_changes_summary"]) == 2


def test_pages_newest_first(desk: Desk) -> None:
    assert desk.pending(desk.one) == [2, 1, 0]
    assert desk.pending(desk.one, "?limit=2") == [2, 1]
    assert desk.pending(desk.one, "?limit=2&offset=2") == [0]
    assert desk.pending(desk.one, "?offset=9") == []
    assert made(desk.api.get(f"/proposals/pending/{desk.one}?offset=9"))["total"] == 3
    for query in ("limit=0", "limit=101", "limit=x", "offset=-1", "offset=1.5"):
        name = query.split("=")[0]
        assert fields(desk.api.get(f"/proposals/pending/{desk.one}?{query}")) == [f"query.{name}"]


def test_the_owner_and_teams_that_do_not_rely_on_it_are_not_asked(desk: Desk) -> None:
    assert desk.pending(desk.owner) == desk.pending(team(desk.api)) == []


def test_what_was_answered_settled_or_left_is_gone(each_store: httpx.Client) -> None:
    api, desk = each_store, Desk(each_store)
    before = int(api.get("/teams").headers["muniment-position"])
    answer = {"consumer_team_id": desk.one, "response": "migrating"}
    made(api.post(f"/proposals/{desk.proposals[0]['id']}/acknowledge", json=answer))
    made(api.post(f"/proposals/{desk.proposals[1]['id']}/withdraw"))
    assert desk.pending(desk.one) == [2] and desk.pending(desk.two) == [2, 0]
    (_, waiting) = made(api.get(f"/proposals/pending/{desk.two}"))["pending_proposals"]
    assert (waiting["total_consumers"], waiting["acknowledged_count"]) == (2, 1)
    query = f"/registrations?asset_id={desk.assets[2]}&consumer_team_id={desk.one}"
    registration = made(api.get(query))["results"][0]["id"]
    made(api.patch(f"/registrations/{registration}", json={"status": "inactive"}))
    assert desk.pending(desk.one) == []
    api.delete(f"/assets/{desk.assets[2]}")
    assert desk.pending(desk.two) == [0]
    assert desk.pending(desk.one, f"?as_of={before}") == [2, 1, 0]


def test_unknown_teams(api: httpx.Client) -> None:
    assert "not found" in refused(api.get(f"/proposals/pending/{GONE}"), 404, "TEAM_NOT_FOUND")["detail"]
    for word in ("x", "status"):
        assert fields(api.get(f"/proposals/pending/{word}")) == ["path.team_id"]
