"""Proposals (api.md 3.8): list, get, status."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.catalog import Catalog, Outcome
from adapters.clock import SystemClock
from adapters.log import open_log
from domain import events as e
from tests.adapters.http.conftest import target_of
from tests.adapters.http.world import GONE, asset, fields, made, publish, table, team
from tests.conftest import STORES, Server

PROPOSAL = {
    "id", "asset_id", "proposed_schema", "proposed_guarantees", "compatibility_mode", "proposed_version",
    "base_contract_id", "change_type", "breaking_changes", "status", "proposed_by", "proposed_by_user_id",
    "proposed_at", "resolved_at", "expires_at", "auto_expire", "updated_at", "affected_teams", "affected_assets",
    "objections", "has_objections", "supersedes", "superseded_by",
}  # fmt: skip
STATUS = {
    "proposal_id", "id", "status", "asset_id", "asset_fqn", "change_type", "breaking_changes", "proposed_by",
    "proposed_at", "resolved_at", "expires_at", "auto_expire", "proposed_schema", "proposed_guarantees",
    "affected_teams", "affected_assets", "objections", "has_objections", "consumers", "acknowledgments",
    "pending_consumers", "audit_status", "warnings",
}  # fmt: skip
ENTRY = {
    "id", "asset_id", "asset_fqn", "status", "change_type", "breaking_changes_count", "proposed_by", "proposed_at",
    "expires_at", "acknowledgment_count", "total_consumers",
}  # fmt: skip
CHANGE = {
    "type", "path", "message", "old_value", "new_value", "pointer", "rule", "verdict", "witness", "fingerprint",
}  # fmt: skip


class Desk:
    """Two assets with a proposal each. Two teams rely on the first, the owner and one of these on the second."""

    def __init__(self, api: httpx.Client) -> None:
        self.api, self.owner, self.one, self.two = api, team(api), team(api), team(api)
        self.assets = [asset(api, self.owner), asset(api, self.owner)]
        for id, teams in zip(self.assets, [(self.one, self.two), (self.owner, self.one)], strict=True):
            publish(api, id, self.owner, table(a="string"))
            for consumer in teams:
                made(api.post("/registrations", json={"asset_id": id, "consumer_team_id": consumer}))
        self.dependent = asset(api, self.two)
        made(api.post(f"/assets/{self.dependent}/dependencies", json={"depends_on_asset_id": self.assets[0]}))
        own = asset(api, self.owner)
        made(api.post(f"/assets/{own}/dependencies", json={"depends_on_asset_id": self.assets[0]}))
        self.published = [publish(api, id, self.owner, table(b="string"))["proposal"] for id in self.assets]
        self.ids = [proposal["id"] for proposal in self.published]

    def listed(self, query: str) -> list[int]:
        found = made(self.api.get(f"/proposals?limit=100&{query}"))["results"]
        assert all(set(entry) == ENTRY for entry in found)
        return [self.ids.index(entry["id"]) for entry in found if entry["id"] in self.ids]


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Any]]:
    """A server, and where its log is."""
    folder = tmp_path_factory.mktemp("server")
    target = target_of(request, folder)
    running = Server(target, folder)
    yield running, target
    running.stop()


@pytest.fixture(scope="module")
def desk(store: tuple[Server, Any]) -> Iterator[Desk]:
    with store[0].client() as client:
        yield Desk(client)


def test_the_proposal_the_status_and_the_entry(desk: Desk) -> None:
    got = made(desk.api.get(f"/proposals/{desk.ids[0]}?include_status=false"))
    assert got == desk.published[0] and set(got) == PROPOSAL
    assert (got["status"], got["proposed_version"], got["proposed_by"]) == ("pending", "2.0.0", desk.owner)
    assert (got["auto_expire"], got["objections"], got["has_objections"], got["resolved_at"]) == (True, [], False, None)
    life = datetime.fromisoformat(got["expires_at"]) - datetime.fromisoformat(got["proposed_at"])
    assert abs(life - timedelta(days=30)) < timedelta(minutes=1)
    assert all(set(change) == CHANGE for change in got["breaking_changes"])
    (affected,) = got["affected_assets"]
    assert affected["asset_id"] == desk.dependent and affected["owner_team_id"] == desk.two
    names = {id: made(desk.api.get(f"/teams/{id}"))["name"] for id in (desk.owner, desk.one, desk.two)}
    assert got["affected_teams"] == [{"team_id": desk.two, "team_name": names[desk.two], "assets": [desk.dependent]}]

    status = made(desk.api.get(f"/proposals/{desk.ids[0]}/status"))
    assert made(desk.api.get(f"/proposals/{desk.ids[0]}")) == status and set(status) == STATUS
    assert status["proposal_id"] == status["id"] == desk.ids[0]
    proposer = {"team_id": desk.owner, "team_name": names[desk.owner], "user_id": None, "user_name": None}
    assert status["proposed_by"] == proposer
    assert status["consumers"] == {"total": 2, "acknowledged": 0, "pending": 2, "blocked": 0}
    assert {(c["team_id"], c["team_name"]) for c in status["pending_consumers"]} == {
        (desk.one, names[desk.one]),
        (desk.two, names[desk.two]),
    }
    # The owner's own registration is not one to wait for.
    second = made(desk.api.get(f"/proposals/{desk.ids[1]}"))
    assert [c["team_id"] for c in second["pending_consumers"]] == [desk.one]
    (entry,) = made(desk.api.get(f"/proposals?asset_id={desk.assets[0]}"))["results"]
    assert (entry["breaking_changes_count"], entry["acknowledgment_count"], entry["total_consumers"]) == (1, 0, 2)
    assert fields(desk.api.get(f"/proposals/{desk.ids[0]}?include_status=x")) == ["query.include_status"]


def test_every_filter_newest_first(desk: Desk) -> None:
    assert desk.listed("") == [1, 0]
    assert desk.listed(f"asset_id={desk.assets[0].upper()}") == [0]
    assert desk.listed("status=pending") == [1, 0] and desk.listed("status=approved") == []
    assert desk.listed("change_type=major") == [1, 0] and desk.listed("change_type=minor") == []
    assert desk.listed(f"proposed_by={desk.owner}") == [1, 0] and desk.listed(f"proposed_by={desk.one}") == []
    assert desk.listed(f"consumer_team_id={desk.one.upper()}") == [1, 0]
    assert desk.listed(f"consumer_team_id={desk.two}") == [0]
    assert desk.listed(f"consumer_team_id={desk.owner}") == [1]
    assert desk.listed(f"pending_ack_for={desk.one.upper()}") == [1, 0]
    assert desk.listed(f"pending_ack_for={desk.two}") == [0]
    assert desk.listed(f"pending_ack_for={desk.owner}") == desk.listed(f"pending_ack_for={GONE}") == []
    for name in ("asset_id", "status", "change_type", "proposed_by", "consumer_team_id", "pending_ack_for"):
        assert fields(desk.api.get(f"/proposals?{name}=x")) == [f"query.{name}"]


def test_an_answer_and_a_withdrawal_are_seen(store: tuple[Server, Any]) -> None:
    """Answers come in with the workflow; here they are appended to the log beside the running server."""
    with store[0].client() as client:
        desk = Desk(client)
        given = e.Acknowledgment(
            acknowledgment_id=GONE,
            consumer_team_id=desk.one,
            response="migrating",
            responded_at=datetime.now(UTC),
            notes="soon",
        )
        log = open_log(store[1])
        catalog = Catalog(log, SystemClock())
        state = catalog.asset(desk.assets[0])
        event = e.ProposalAcknowledged(proposal_id=desk.ids[0], acknowledgment=given)
        outcome = Outcome(events={state.id: (state.version, [event])})
        catalog.commit(lambda: (outcome, None), e.Actor(type="system"), None)
        log.close()
        status = made(client.get(f"/proposals/{desk.ids[0]}"))
        assert status["consumers"] == {"total": 2, "acknowledged": 1, "pending": 1, "blocked": 0}
        (answer,) = status["acknowledgments"]
        assert (answer["consumer_team_id"], answer["response"], answer["notes"]) == (desk.one, "migrating", "soon")
        assert desk.listed(f"pending_ack_for={desk.one}") == [1]
        assert desk.listed(f"pending_ack_for={desk.two}") == [0]

        client.delete(f"/assets/{desk.assets[0]}")
        assert desk.listed(f"pending_ack_for={desk.two}") == []
        closed = made(client.get(f"/proposals/{desk.ids[0]}"))
        assert closed["status"] == "withdrawn" and closed["resolved_at"] is not None
        assert desk.listed("status=withdrawn") == [0]
