"""What may happen to a proposal and what may not (api.md 3.8, 4.2): each transition and each refusal."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from domain import commands as c
from domain import events as e
from domain.values import Object
from tests.domain.test_proposals import answer, proposed, table
from tests.spec import ASSET, AT, CONTEXT, FINANCE, SALES, SHOP, Refusal, contract, created, given, registered

ONE = contract("1.0.0", table("a", "b", "c"))
OPEN = (created(), ONE, registered(FINANCE), registered(SALES), proposed("p"))
APPROVED, REJECTED = e.ProposalApproved(proposal_id="p"), e.ProposalRejected(proposal_id="p")
FINAL: dict[str, tuple[e.AssetEvent, ...]] = {
    "approved": (APPROVED,),
    "rejected": (REJECTED,),
    "withdrawn": (e.ProposalWithdrawn(proposal_id="p", by_person=True),),
    "expired": (e.ProposalExpired(proposal_id="p"),),
    "published": (APPROVED, e.ProposalPublished(proposal_id="p", contract_id="contract-2.0.0")),
}
WITHDRAW, EXPIRE = c.WithdrawProposal(proposal_id="p"), c.ExpireProposal(proposal_id="p")
FORCE = c.ForceProposal(proposal_id="p", reason="agreed by phone")
OBJECT = c.ObjectToProposal(proposal_id="p", team_id=FINANCE, reason="we read it")
PUBLISH = c.PublishProposal(proposal_id="p", published_by=SHOP)


def answers(team: str, response: str, **members: object) -> c.AcknowledgeProposal:
    return c.AcknowledgeProposal(proposal_id="p", consumer_team_id=team, response=response, **members)  # type: ignore[arg-type]


def given_by(team: str, response: str) -> e.ProposalAcknowledged:
    """The event of an answer that the command gives."""
    acknowledgment = e.Acknowledgment(
        acknowledgment_id=CONTEXT.new_id("acknowledgment", "p", team),
        consumer_team_id=team,
        response=response,
        responded_at=AT,
    )
    return e.ProposalAcknowledged(proposal_id="p", acknowledgment=acknowledgment)


# --- pending: answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("response", ["approved", "migrating"])
def test_pending_stays_until_the_last_required_team_agreed(response: str) -> None:
    given(*OPEN).when(answers(FINANCE, response)).then(given_by(FINANCE, response))
    half = (*OPEN, answer(FINANCE, response))
    given(*half).when(answers(SALES, response)).then(given_by(SALES, response), APPROVED)


def test_pending_is_rejected_by_one_blocked() -> None:
    given(*OPEN).when(answers(FINANCE, "blocked")).then(given_by(FINANCE, "blocked"), REJECTED)
    agreed = (*OPEN, answer(FINANCE, "approved"))
    given(*agreed).when(answers(SALES, "blocked")).then(given_by(SALES, "blocked"), REJECTED)


def test_a_team_that_comes_while_it_is_pending_is_required_too() -> None:
    late = (created(), ONE, registered(FINANCE), proposed("p"), registered(SALES))
    given(*late).when(answers(FINANCE, "approved")).then(given_by(FINANCE, "approved"))


def test_the_owner_and_those_inactive_are_not_required_and_those_migrating_are() -> None:
    def with_status(status: str) -> tuple[e.AnyEvent, ...]:
        changed = e.RegistrationUpdated(registration_id=f"registration-{SALES}", status=status)
        return (*OPEN, registered(SHOP), changed)

    agreed = given_by(FINANCE, "approved")
    given(*with_status("inactive")).when(answers(FINANCE, "approved")).then(agreed, APPROVED)
    given(*with_status("migrating")).when(answers(FINANCE, "approved")).then(agreed)


def test_an_answer_keeps_what_was_said_with_it() -> None:
    later = AT + timedelta(days=90)
    then = given(*OPEN).when(answers(FINANCE, "migrating", user_id="u", migration_deadline=later, notes="soon"))
    (event,) = then.events
    assert isinstance(event, e.ProposalAcknowledged)
    told = event.acknowledgment
    assert (told.user_id, told.migration_deadline, told.notes, told.responded_at) == ("u", later, "soon", AT)


def test_refusals_of_an_answer_in_their_order() -> None:
    unknown = c.AcknowledgeProposal(proposal_id="q", consumer_team_id="none", response="approved")
    given(*OPEN).when(unknown).then(Refusal("PROPOSAL_NOT_FOUND", "not found"))
    given(*OPEN, REJECTED).when(answers("none", "approved")).then(Refusal("PROPOSAL_NOT_PENDING", "not pending"))
    given(*OPEN).when(answers("none", "approved")).then(Refusal("TEAM_NOT_FOUND", "not found"))
    left = e.RegistrationEnded(registration_id=f"registration-{FINANCE}")
    twice = given(*OPEN, answer(FINANCE, "approved"), left).when(answers(FINANCE, "approved"))
    twice.then(Refusal("DUPLICATE_ACKNOWLEDGMENT", "already acknowledged"))
    given(*OPEN).when(answers(SHOP, "approved")).then(Refusal("UNAUTHORIZED_TEAM"))


# --- pending: the other ways out ------------------------------------------------------------------------------------


def test_pending_is_taken_back_forced_or_let_go() -> None:
    given(*OPEN).when(WITHDRAW).then(e.ProposalWithdrawn(proposal_id="p", by_person=True))
    given(*OPEN).when(FORCE).then(e.ProposalApproved(proposal_id="p", forced=True, forced_reason="agreed by phone"))
    given(*OPEN).when(EXPIRE).then(e.ProposalExpired(proposal_id="p"))


def test_pending_without_anybody_to_ask_waits_for_force_withdrawal_or_expiry() -> None:
    alone = (created(), ONE, proposed("p"))
    ended = e.RegistrationEnded(registration_id=f"registration-{FINANCE}", by_person=True)
    one = (created(), ONE, registered(FINANCE), proposed("p"))
    given(*one).when(c.EndRegistration(registration_id=f"registration-{FINANCE}")).then(ended)
    forced = e.ProposalApproved(proposal_id="p", forced=True)
    given(*alone).when(c.ForceProposal(proposal_id="p")).then(forced)


def test_pending_is_withdrawn_with_its_asset() -> None:
    given(*OPEN).when(c.DeleteAsset()).then(e.ProposalWithdrawn(proposal_id="p"), e.AssetDeleted())
    given(*OPEN, APPROVED).when(c.DeleteAsset()).then(e.ProposalWithdrawn(proposal_id="p"), e.AssetDeleted())
    given(*OPEN, REJECTED).when(c.DeleteAsset()).then(e.AssetDeleted())


def test_pending_is_judged_again_when_a_consumer_leaves_or_steps_back() -> None:
    agreed = (*OPEN, answer(FINANCE, "approved"))
    sales = f"registration-{SALES}"
    ended = e.RegistrationEnded(registration_id=sales, by_person=True)
    given(*agreed).when(c.EndRegistration(registration_id=sales)).then(ended, APPROVED)
    inactive = e.RegistrationUpdated(registration_id=sales, status="inactive")
    given(*agreed).when(c.UpdateRegistration(registration_id=sales, status="inactive")).then(inactive, APPROVED)
    migrating = e.RegistrationUpdated(registration_id=sales, status="migrating")
    given(*agreed).when(c.UpdateRegistration(registration_id=sales, status="migrating")).then(migrating)
    given(*OPEN).when(c.EndRegistration(registration_id=sales)).then(ended)


def test_an_objection_is_kept_and_changes_nothing() -> None:
    objection = e.Objection(team_id=FINANCE, reason="we read it", objected_at=AT)
    filed = e.ProposalObjected(proposal_id="p", objection=objection)
    given(*OPEN).when(OBJECT).then(filed)
    assert given(*OPEN, filed).asset.pending_proposal is not None
    given(*OPEN, filed).when(OBJECT).then(Refusal("DUPLICATE_OBJECTION", "already objected"))


def test_those_whose_assets_depend_on_it_may_object_and_strangers_may_not() -> None:
    stranger = c.ObjectToProposal(proposal_id="p", team_id=SALES, reason="no")
    bare = (created(), ONE, registered(FINANCE))
    then = given(*bare, proposed("p")).when(stranger).then(Refusal("FORBIDDEN", "Only affected teams"))
    assert then.details == {"reason": "NOT_AFFECTED_TEAM"}
    affected = e.AffectedAsset(asset_id="x", asset_fqn="db.x", owner_team_id=SALES, dependency_type="consumes")
    opened = replace(proposed("p"), affected=(affected,))
    assert len(given(*bare, opened).when(stranger).events) == 1
    unknown = c.ObjectToProposal(proposal_id="p", team_id="none", reason="no")
    given(*OPEN).when(unknown).then(Refusal("TEAM_NOT_FOUND", "not found"))


def test_what_is_overdue_is_as_good_as_expired() -> None:
    overdue = proposed("p")
    late = replace(overdue, expires_at=AT)
    history = (created(), ONE, registered(FINANCE), late)
    for command in (answers(FINANCE, "approved"), OBJECT, WITHDRAW, FORCE):
        given(*history).when(command).then(Refusal("PROPOSAL_NOT_PENDING", "expired"))
    given(*history).when(EXPIRE).then(e.ProposalExpired(proposal_id="p"))


# --- what is settled ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", FINAL)
@pytest.mark.parametrize("command", [answers(FINANCE, "approved"), OBJECT, WITHDRAW, FORCE, EXPIRE])
def test_nothing_happens_to_what_is_no_longer_pending(status: str, command: c.WithdrawProposal) -> None:
    given(*OPEN, *FINAL[status]).when(command).then(Refusal("PROPOSAL_NOT_PENDING", f"not pending: it is {status}"))


@pytest.mark.parametrize("status", FINAL)
def test_a_breaking_publication_makes_a_new_proposal_whatever_became_of_the_old_one(status: str) -> None:
    command = c.PublishContract(schema=table("a"), published_by=SHOP)
    (opened,) = given(*OPEN, *FINAL[status]).when(command).events
    assert isinstance(opened, e.ProposalCreated) and opened.proposal_id != "p"
    given(*OPEN).when(command).then(Refusal("DUPLICATE_PROPOSAL", "pending proposal"))


# --- approved: published --------------------------------------------------------------------------------------------


def test_approved_is_published_as_the_version_proposed_and_the_old_one_deprecated() -> None:
    published, deprecated, settled = given(*OPEN, APPROVED).when(PUBLISH).events
    assert isinstance(published, e.ContractPublished)
    assert (published.version, published.proposal_id, published.published_by) == ("2.0.0", "p", SHOP)
    assert published.contract_id == CONTEXT.new_id("contract", ASSET, "2.0.0")
    assert deprecated == e.ContractDeprecated(contract_id="contract-1.0.0")
    assert settled == e.ProposalPublished(proposal_id="p", contract_id=published.contract_id)


def test_any_unused_version_is_fine_and_a_used_one_is_not() -> None:
    smaller = c.PublishProposal(proposal_id="p", published_by=SHOP, version="0.0.1")
    published = given(*OPEN, APPROVED).when(smaller).events[0]
    assert isinstance(published, e.ContractPublished) and published.version == "0.0.1"
    used = c.PublishProposal(proposal_id="p", published_by=SHOP, version="1.0.0")
    then = given(*OPEN, APPROVED).when(used).then(Refusal("VERSION_EXISTS", "already exists"))
    assert then.details == {"existing_contract_id": "contract-1.0.0"}


def test_the_proposed_guarantees_and_the_proposed_mode_are_published() -> None:
    promised: Object = {"nullability": {"a": "never"}}
    opened = replace(proposed("p"), guarantees=promised)
    published = given(created(), ONE, opened, APPROVED).when(PUBLISH).events[0]
    assert isinstance(published, e.ContractPublished)
    assert (published.guarantees, published.mode) == (promised, opened.mode)


@pytest.mark.parametrize(
    ("events", "refusal"),
    [
        ((), Refusal("PROPOSAL_NOT_PENDING", "pending")),
        (FINAL["rejected"], Refusal("PROPOSAL_NOT_PENDING", "rejected")),
        (FINAL["withdrawn"], Refusal("PROPOSAL_NOT_PENDING", "withdrawn")),
        (FINAL["expired"], Refusal("PROPOSAL_NOT_PENDING", "expired")),
        (FINAL["published"], Refusal("PROPOSAL_NOT_PENDING", "already been published")),
    ],
)
def test_only_what_is_approved_is_published_and_only_once(events: tuple[e.AssetEvent, ...], refusal: Refusal) -> None:
    given(*OPEN, *events).when(PUBLISH).then(refusal)


def test_refusals_of_a_publication_in_their_order() -> None:
    unknown = c.PublishProposal(proposal_id="q", published_by="none")
    given(*OPEN).when(unknown).then(Refusal("PROPOSAL_NOT_FOUND", "not found"))
    nobody = c.PublishProposal(proposal_id="p", published_by="none", version="1.0.0")
    given(*OPEN).when(nobody).then(Refusal("PROPOSAL_NOT_PENDING", "pending"))
    given(*OPEN, APPROVED).when(nobody).then(Refusal("TEAM_NOT_FOUND", "not found"))
    used = c.PublishProposal(proposal_id="p", published_by=SHOP, version="1.0.0")
    forced = (contract("2.0.0", table("z")), e.ContractDeprecated(contract_id="contract-1.0.0"))
    given(*OPEN, APPROVED, *forced).when(used).then(Refusal("PROPOSAL_STALE"))
    retired = e.ContractRetired(contract_id="contract-1.0.0")
    given(*OPEN, APPROVED, retired).when(PUBLISH).then(Refusal("PROPOSAL_STALE"))


def test_publishing_one_takes_the_other_open_proposals_along() -> None:
    other = (proposed("q", table("a", "b")),)
    events = given(*OPEN, APPROVED, *other).when(PUBLISH).events
    # Against a version that has lost b and c already, nothing of the other breaks any more.
    assert [type(event).__name__ for event in events] == [
        "ContractPublished",
        "ContractDeprecated",
        "ProposalPublished",
        "ProposalWithdrawn",
    ]
