"""From a breaking change to a settled one (api.md 3.7, 3.8, 4.2): every step over HTTP, with its refusals."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from adapters.catalog import Catalog
from adapters.expiry import expire_overdue
from adapters.log import open_log
from domain.answering import decide
from domain.commands import AcknowledgeProposal
from domain.errors import Refused
from domain.events import Actor, ProposalExpired
from tests.conftest import Server, client_of

NOBODY = "00000000-0000-4000-8000-000000000000"
OLD = {"type": "object", "properties": {"id": {"type": "integer"}, "total": {"type": "number"}}}
NEW = {"type": "object", "properties": {"id": {"type": "integer"}}}


class Story:
    """An asset of one team with a contract, two consumers, and a breaking change proposed."""

    def __init__(self, api: httpx.Client) -> None:
        self.api = api
        self.owner, self.finance, self.sales, self.stranger = (self.team() for _ in range(4))
        asset = {"fqn": f"db.a{uuid4().hex}", "owner_team_id": self.owner}
        self.asset: str = api.post("/assets", json=asset).json()["id"]
        self.contract = self.publish(OLD)["contract"]
        self.registrations = {team: self.register(team) for team in (self.finance, self.sales)}
        self.proposal: str = self.publish(NEW)["proposal"]["id"]

    def team(self) -> str:
        return str(self.api.post("/teams", json={"name": uuid4().hex}).json()["id"])

    def register(self, team: str) -> str:
        body = {"asset_id": self.asset, "consumer_team_id": team}
        return str(self.api.post("/registrations", json=body).json()["id"])

    def publish(self, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
        answer = self.api.post(
            f"/assets/{self.asset}/publish", params={"published_by": self.owner}, json={"schema": schema, **more}
        )
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def act(self, action: str, body: object = None, **params: str) -> httpx.Response:
        path = f"/proposals/{self.proposal}/{action}"
        return self.api.post(path, json=body, params=params) if body is not None else self.api.post(path, params=params)

    def answer(self, team: str, response: str, **more: Any) -> httpx.Response:
        return self.act("acknowledge", {"consumer_team_id": team, "response": response, **more})

    @property
    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"/proposals/{self.proposal}").json()
        return found

    def audit(self) -> list[str]:
        events = self.api.get("/audit/events", params={"asset_id": self.asset, "limit": 100}).json()["results"]
        return [str(event["action"]) for event in reversed(events)]

    def key(self, team: str) -> httpx.Client:
        made = self.api.post("/api-keys", json={"name": "k", "team_id": team}).json()["key"]
        return client_of(self.api.base_url, made)


@pytest.fixture
def story(each_store: httpx.Client) -> Story:
    return Story(each_store)


def _code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


def test_all_agree_and_the_version_is_published(story: Story) -> None:
    deadline = "2020-01-01T00:00:00Z"
    first = story.answer(story.finance, "migrating", migration_deadline=deadline, notes="soon")
    assert first.status_code == 201
    shown = first.json()
    assert set(shown) == {
        "id", "proposal_id", "consumer_team_id", "acknowledged_by_user_id", "response", "migration_deadline", "notes",
        "responded_at",
    }  # fmt: skip
    assert (shown["response"], shown["migration_deadline"], shown["notes"]) == ("migrating", deadline, "soon")
    status = story.status
    assert (status["status"], status["consumers"]) == (
        "pending", {"total": 2, "acknowledged": 1, "pending": 1, "blocked": 0},
    )  # fmt: skip
    early = story.act("publish", {"published_by": story.owner})
    assert _code(early) == (400, "PROPOSAL_NOT_PENDING") and "pending" in early.json()["detail"]
    assert story.answer(story.sales, "approved").status_code == 201
    assert (story.status["status"], story.status["resolved_at"] is not None) == ("approved", True)
    done = story.act("publish", {"published_by": story.owner})
    assert done.status_code == 200
    assert set(done.json()) == {"action", "proposal_id", "contract", "deprecated_contract_id"}
    assert (done.json()["action"], done.json()["deprecated_contract_id"]) == ("published", story.contract["id"])
    contract = done.json()["contract"]
    assert (contract["version"], contract["status"], contract["schema"]) == ("2.0.0", "active", NEW)
    assert story.api.get(f"/contracts/{story.contract['id']}").json()["status"] == "deprecated"
    again = story.act("publish", {"published_by": story.owner})
    assert _code(again) == (400, "PROPOSAL_NOT_PENDING") and "already been published" in again.json()["detail"]
    assert story.audit()[-6:] == [
        "proposal.acknowledged", "proposal.acknowledged", "proposal.approved", "contract.published",
        "contract.deprecated", "proposal.published",
    ]  # fmt: skip


def test_one_that_blocks_rejects(story: Story) -> None:
    assert story.answer(story.sales, "blocked").status_code == 201
    assert (story.status["status"], story.status["consumers"]["blocked"]) == ("rejected", 1)
    late = story.answer(story.finance, "approved")
    assert _code(late) == (400, "PROPOSAL_NOT_PENDING") and "not pending" in late.json()["detail"]
    # What is rejected is final: the same change makes a new proposal.
    assert story.publish(NEW)["proposal"]["id"] != story.proposal


def test_refusals_of_an_answer_come_in_their_order(story: Story) -> None:
    api, answered = story.api, {"consumer_team_id": story.finance, "response": "approved"}
    assert _code(api.post(f"/proposals/{NOBODY}/acknowledge", json=answered)) == (404, "PROPOSAL_NOT_FOUND")
    assert _code(story.answer(NOBODY, "approved")) == (404, "TEAM_NOT_FOUND")
    assert _code(story.answer(story.stranger, "approved")) == (403, "UNAUTHORIZED_TEAM")
    assert story.answer(story.finance, "approved").status_code == 201
    twice = story.answer(story.finance, "blocked")
    assert _code(twice) == (409, "DUPLICATE_ACKNOWLEDGMENT") and "already acknowledged" in twice.json()["detail"]
    assert story.answer(story.sales, "perhaps").status_code == 422
    assert story.answer(story.sales, "approved", notes="x" * 2001).status_code == 422
    with story.key(story.stranger) as other:
        path = f"/proposals/{story.proposal}/acknowledge"
        refused = other.post(path, json={"consumer_team_id": story.sales, "response": "approved"})
    assert _code(refused) == (403, "UNAUTHORIZED_TEAM")
    assert story.status["status"] == "pending"


def test_objections_are_filed_and_block_nothing(story: Story) -> None:
    filed = story.act("object", {"reason": "  we read it  "}, objector_team_id=story.finance, objector_user_id=NOBODY)
    assert filed.status_code == 201
    shown = filed.json()
    assert set(shown) == {"action", "proposal_id", "asset_fqn", "objection", "total_objections", "note"}
    assert (shown["action"], shown["total_objections"]) == ("objection_filed", 1)
    objection = shown["objection"]
    assert (objection["reason"], objection["team_id"]) == ("we read it", story.finance)
    assert (objection["objected_by_user_id"], objection["objected_by_user_name"]) == (NOBODY, None)
    twice = story.act("object", {"reason": "again"}, objector_team_id=story.finance)
    assert _code(twice) == (409, "DUPLICATE_OBJECTION") and "already objected" in twice.json()["detail"]
    stranger = story.act("object", {"reason": "no"}, objector_team_id=story.stranger)
    assert _code(stranger) == (403, "FORBIDDEN") and "Only affected teams" in stranger.json()["detail"]
    assert stranger.json()["details"] == {"reason": "NOT_AFFECTED_TEAM"}
    assert _code(story.act("object", {"reason": "no"}, objector_team_id=NOBODY)) == (404, "TEAM_NOT_FOUND")
    assert story.act("object", {"reason": "  "}, objector_team_id=story.sales).status_code == 422
    assert story.act("object", {"reason": "no"}).status_code == 422
    assert (story.status["has_objections"], story.status["status"]) == (True, "pending")


def test_withdraw_force_and_expire_are_for_those_entitled(story: Story) -> None:
    with story.key(story.finance) as finance, story.key(story.owner) as owner:
        for action in ("withdraw", "force", "expire"):
            assert _code(finance.post(f"/proposals/{story.proposal}/{action}")) == (403, "UNAUTHORIZED_TEAM")
        forced = owner.post(f"/proposals/{story.proposal}/force", json={"reason": "agreed by phone"})
    assert (forced.status_code, forced.json()["status"]) == (200, "approved")
    assert story.audit()[-1] == "proposal.force_approved"
    assert _code(story.act("withdraw")) == (400, "PROPOSAL_NOT_PENDING")
    assert (
        story.act("publish", {"published_by": story.owner, "version": "7.0.0"}).json()["contract"]["version"] == "7.0.0"
    )


@pytest.mark.parametrize(("action", "status"), [("withdraw", "withdrawn"), ("expire", "expired")])
def test_a_proposal_is_taken_back_or_let_go(story: Story, action: str, status: str) -> None:
    done = story.act(action, actor_id=story.owner)
    assert (done.status_code, done.json()["status"], done.json()["id"]) == (200, status, story.proposal)
    assert _code(story.act(action)) == (400, "PROPOSAL_NOT_PENDING")
    assert story.audit()[-1] == f"proposal.{status}"


def test_publishing_refuses_strangers_stale_bases_and_used_versions(story: Story) -> None:
    assert story.act("force").status_code == 200
    assert _code(story.act("publish", {"published_by": NOBODY})) == (404, "TEAM_NOT_FOUND")
    used = story.act("publish", {"published_by": story.owner, "version": "1.0.0"})
    assert _code(used) == (409, "VERSION_EXISTS")
    assert story.act("publish", {"published_by": story.owner, "version": "one"}).status_code == 422
    forced = {"published_by": story.owner, "force": "true", "force_reason": "it has to be now"}
    assert story.api.post(f"/assets/{story.asset}/publish", params=forced, json={"schema": NEW}).status_code == 201
    assert _code(story.act("publish", {"published_by": story.owner})) == (409, "PROPOSAL_STALE")


def test_registrations_change_and_end_and_proposals_are_judged_again(story: Story) -> None:
    api = story.api
    path = f"/registrations/{story.registrations[story.sales]}"
    assert story.answer(story.finance, "approved").status_code == 201
    changed = api.patch(path, json={"status": "migrating", "pinned_version": "1.0.0"})
    assert (changed.status_code, changed.json()["status"], changed.json()["pinned_version"]) == (
        200,
        "migrating",
        "1.0.0",
    )
    assert story.status["status"] == "pending", "those who migrate are asked too"
    assert api.patch(path, json={"pinned_version": None}).json()["pinned_version"] is None
    assert api.patch(path, json={"status": None}).json()["status"] == "migrating"
    assert api.patch(path, json={"status": "gone"}).status_code == 422
    with story.key(story.finance) as other:
        assert _code(other.patch(path, json={"status": "inactive"})) == (403, "UNAUTHORIZED_TEAM")
    assert api.patch(path, json={"status": "inactive"}).status_code == 200
    assert story.status["status"] == "approved"
    assert api.delete(path).status_code == 204
    assert _code(api.get(path)) == (404, "REGISTRATION_NOT_FOUND")
    assert _code(api.delete(path)) == (404, "REGISTRATION_NOT_FOUND")
    assert (
        api.post("/registrations", json={"asset_id": story.asset, "consumer_team_id": story.sales}).status_code == 201
    )


def test_nobody_left_who_agreed_leaves_it_pending(story: Story) -> None:
    for team in (story.finance, story.sales):
        assert story.api.delete(f"/registrations/{story.registrations[team]}").status_code == 204
    assert (story.status["status"], story.status["consumers"]["total"]) == ("pending", 0)


class Later:
    """The clock of forty days from now."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=40)

    def seed(self) -> str:
        return uuid4().hex


def test_what_is_overdue_is_as_good_as_expired(server: Server, target: Path | str) -> None:
    story = Story(server.client())
    assert story.api.post("/proposals/expire-pending").json() == {"expired_count": 0, "expired_proposal_ids": []}
    log = open_log(target)
    catalog, actor = Catalog(log, Later()), Actor(type="system")
    context = catalog.context(actor, "seed")
    late = AcknowledgeProposal(proposal_id=story.proposal, consumer_team_id=story.finance, response="approved")
    with pytest.raises(Refused, match="has expired"):
        decide(catalog.asset(story.asset), late, catalog.directory(), context)
    ids, recorded = catalog.commit(lambda: expire_overdue(catalog, context), actor, None)
    assert (ids, [type(one.event) for one in recorded]) == ([story.proposal], [ProposalExpired])
    assert catalog.commit(lambda: expire_overdue(catalog, context), actor, None)[0] == []
    log.close()
    assert (story.status["status"], story.audit()[-1]) == ("expired", "proposal.expired")


def test_a_compatible_version_takes_the_open_proposal_along(story: Story) -> None:
    assert story.answer(story.finance, "approved").status_code == 201
    same = story.publish({**OLD, "description": "in other words"})
    assert same["action"] == "published"
    proposal = story.api.get(f"/proposals/{story.proposal}", params={"include_status": "false"}).json()
    assert (proposal["base_contract_id"], proposal["status"]) == (same["contract"]["id"], "pending")
    assert story.status["consumers"]["acknowledged"] == 1, "nothing new breaks: the answer stands"
    assert story.audit()[-1] == "proposal.rebased"

    more = {**OLD, "properties": {**OLD["properties"], "note": {"type": "string"}}}  # type: ignore[dict-item]
    story.publish(more)
    status = story.status
    assert [change["path"] for change in status["breaking_changes"]] == ["properties.note", "properties.total"]
    assert status["consumers"]["acknowledged"] == 0, "nobody agreed to lose what has come since"

    story.publish(NEW, compatibility_mode="none")
    assert (story.status["status"], story.audit()[-1]) == ("withdrawn", "proposal.withdrawn")
