"""Proposals (api.md 4.2): who must agree, what carries over, what a compatible publication does to them."""

from datetime import timedelta

import msgspec
import pytest

from adapters.contract_engine import ENGINE
from domain import events as e
from domain.asset import Asset, Proposal, replay
from domain.proposals import Opening, carried_answers, judged_again, open_proposal, rebase_open, withdraw_open
from domain.publishing import Draft, judge_draft
from domain.schema.canonical import digest
from domain.schema.change import ChangeKind, Mode
from domain.values import Object
from tests.spec import ASSET, AT, CONTEXT, FINANCE, SALES, SCHEMAS, SHOP, contract, created, given, registered

SOURCE = e.KeySource(kind="dbt", key="shop")


def table(*columns: str) -> Object:
    return {"type": "object", "properties": {column: {"type": "string"} for column in columns}}


def draft(schema: Object) -> Draft:
    SCHEMAS[digest(schema)] = schema
    return Draft(schema=schema, schema_digest=digest(schema), mode=Mode.backward, published_by=SHOP)


def proposed(id: str, schema: Object | None = None, source: e.KeySource | None = None) -> e.ProposalCreated:
    """A proposal of a schema against the version 1.0.0 of `table("a", "b", "c")`."""
    asset = replay(ASSET, [created(), contract("1.0.0", table("a", "b", "c"))])
    wanted = draft(schema or table("a"))
    judgement = judge_draft(asset, wanted, table("a", "b", "c"), None, ENGINE)
    return e.ProposalCreated(
        proposal_id=id,
        schema_digest=wanted.schema_digest,
        mode=Mode.backward,
        proposed_by=SHOP,
        proposed_version="2.0.0",
        change_type=ChangeKind.major,
        expires_at=AT + timedelta(days=30),
        base_contract_id="contract-1.0.0",
        changes=judgement.changes,
        source=source,
    )


def answer(team: str, response: str, id: str = "p") -> e.ProposalAcknowledged:
    given_answer = e.Acknowledgment(
        acknowledgment_id=f"{team} {response}", consumer_team_id=team, response=response, responded_at=AT
    )
    return e.ProposalAcknowledged(proposal_id=id, acknowledgment=given_answer)


def _asset(*events: e.AssetEvent) -> Asset:
    return given(created(), contract("1.0.0", table("a", "b", "c")), *events).asset


def test_one_blocked_rejects_and_all_who_are_required_approve() -> None:
    start = (registered(FINANCE), registered(SALES), registered(SHOP), proposed("p"))
    assert judged_again(_asset(*start)) == []
    assert judged_again(_asset(*start, answer(FINANCE, "approved"))) == []
    both = (answer(FINANCE, "approved"), answer(SALES, "migrating"))
    assert judged_again(_asset(*start, *both)) == [e.ProposalApproved(proposal_id="p")]
    blocked = (answer(FINANCE, "approved"), answer(SALES, "blocked"))
    assert judged_again(_asset(*start, *blocked)) == [e.ProposalRejected(proposal_id="p")]


def test_a_team_that_leaves_is_no_longer_waited_for_and_one_that_comes_is() -> None:
    start = (registered(FINANCE), registered(SALES), proposed("p"), answer(FINANCE, "approved"))
    left = e.RegistrationEnded(registration_id=f"registration-{SALES}")
    assert judged_again(_asset(*start, left)) == [e.ProposalApproved(proposal_id="p")]
    late = (registered(FINANCE), proposed("p"), registered(SALES), answer(FINANCE, "approved"))
    assert judged_again(_asset(*late)) == []


def test_nobody_approves_nothing() -> None:
    assert judged_again(_asset(proposed("p"))) == []
    left = e.RegistrationEnded(registration_id=f"registration-{SALES}")
    assert judged_again(_asset(registered(SALES), proposed("p"), left)) == []
    assert judged_again(_asset(registered(SALES))) == []


@pytest.mark.parametrize(
    "closing",
    [
        e.ProposalApproved(proposal_id="p"),
        e.ProposalRejected(proposal_id="p"),
        e.ProposalWithdrawn(proposal_id="p"),
        e.ProposalExpired(proposal_id="p"),
        e.ProposalPublished(proposal_id="p", contract_id="c"),
    ],
)
def test_what_is_closed_is_not_judged_again(closing: e.AssetEvent) -> None:
    asset = _asset(registered(FINANCE), proposed("p"), closing, answer(FINANCE, "approved"))
    assert asset.pending_proposal is None
    assert judged_again(asset) == []


def _superseding(old: Object, new: Object, *answers: e.ProposalAcknowledged) -> tuple[str, ...]:
    asset = _asset(proposed("p", old), *answers)
    judgement = judge_draft(asset, draft(new), table("a", "b", "c"), None, ENGINE)
    return tuple(a.response for a in carried_answers(asset.proposals[0], judgement.changes))


def test_agreement_carries_over_to_what_breaks_no_more_and_a_block_to_what_breaks_the_same() -> None:
    agreed, migrating, blocked = answer(FINANCE, "approved"), answer(SALES, "migrating"), answer(SALES, "blocked")
    assert _superseding(table("a"), table("a", "b"), agreed, migrating) == ("approved", "migrating")
    assert _superseding(table("a"), table("a", "b"), agreed, blocked) == ("approved",)
    assert _superseding(table("a"), table("a", "z"), agreed, blocked) == ("approved", "blocked")
    assert _superseding(table("a", "b"), table("a"), agreed, blocked) == ()


def test_a_new_proposal_withdraws_the_open_one_that_it_supersedes() -> None:
    asset = _asset(proposed("p", table("a"), SOURCE), answer(FINANCE, "approved"))
    judgement = judge_draft(asset, draft(table("a", "b")), table("a", "b", "c"), None, ENGINE)
    opening = Opening(source=SOURCE, supersedes=asset.proposals[0])
    withdrawn, opened = open_proposal(asset, draft(table("a", "b")), judgement, opening, CONTEXT)
    new = CONTEXT.new_id("proposal", ASSET)
    assert withdrawn == e.ProposalWithdrawn(proposal_id="p", superseded_by=new)
    assert isinstance(opened, e.ProposalCreated)
    assert (opened.proposal_id, opened.supersedes, opened.base_contract_id) == (new, "p", "contract-1.0.0")
    assert (opened.proposed_version, opened.expires_at) == ("2.0.0", AT + timedelta(days=30))
    assert [(a.consumer_team_id, a.carried_from) for a in opened.carried] == [(FINANCE, "p")]
    rejected = _asset(proposed("p"), e.ProposalRejected(proposal_id="p")).proposals[0]
    events = open_proposal(asset, draft(table("a", "b")), judgement, Opening(supersedes=rejected), CONTEXT)
    assert [type(event) for event in events] == [e.ProposalCreated]


def _rebased(asset: Asset, schema: Object) -> list[e.AssetEvent]:
    wanted = Draft(schema=schema, schema_digest=digest(schema), mode=Mode.backward, published_by=SHOP, version="1.1.0")
    return rebase_open(asset, "contract-1.1.0", SCHEMAS, (wanted, schema), ENGINE)


def test_a_compatible_version_takes_open_proposals_along() -> None:
    asset = _asset(registered(FINANCE), proposed("p", table("a")), answer(FINANCE, "approved"))
    (event,) = _rebased(asset, {**table("a", "b", "c"), "minProperties": 0})
    assert isinstance(event, e.ProposalRebased)
    assert (event.base_contract_id, event.proposed_version) == ("contract-1.1.0", "2.0.0")
    later = replay(
        ASSET, [created(), proposed("p"), msgspec.structs.replace(event, proposed_version="4.0.0")]
    ).proposals[0]
    assert (later.base_contract_id, later.proposed_version) == ("contract-1.1.0", "4.0.0")
    assert {c.path for c in event.changes if c.incompatible} == {"properties.b", "properties.c"}


def test_answers_are_kept_where_nothing_new_breaks() -> None:
    asset = _asset(registered(FINANCE), proposed("p", table("a")), answer(FINANCE, "approved"))
    (kept,) = _rebased(asset, table("a", "b", "c"))
    assert isinstance(kept, e.ProposalRebased) and len(kept.acknowledgments) == 1
    (asked_again,) = _rebased(asset, table("a", "b", "c", "d"))
    assert isinstance(asked_again, e.ProposalRebased) and asked_again.acknowledgments == ()


def test_what_no_longer_breaks_is_withdrawn_and_what_was_approved_never_breaks_more_than_was_agreed() -> None:
    asset = _asset(proposed("p", table("a")), e.ProposalApproved(proposal_id="p"))
    assert _rebased(asset, table("a")) == [e.ProposalWithdrawn(proposal_id="p")]
    assert [type(event) for event in _rebased(asset, table("a", "b", "c"))] == [e.ProposalRebased]
    # Nobody agreed to lose column d: the proposal is pending again, or withdrawn if another one is.
    (again,) = _rebased(asset, table("a", "b", "c", "d"))
    assert isinstance(again, e.ProposalRebased) and again.reopened
    assert replay(ASSET, [created(), proposed("p"), e.ProposalApproved(proposal_id="p"), again]).pending_proposal
    two = _asset(proposed("p", table("a")), e.ProposalApproved(proposal_id="p"), proposed("q", table("b")))
    assert _rebased(two, table("a", "b", "c", "d"))[0] == e.ProposalWithdrawn(proposal_id="p")


def test_of_two_that_were_approved_only_the_first_is_pending_again() -> None:
    approved = [e.ProposalApproved(proposal_id=id) for id in ("p", "q")]
    asset = _asset(proposed("p", table("a")), approved[0], proposed("q", table("a")), approved[1])
    again, other = _rebased(asset, table("a", "b", "c", "d"))
    assert isinstance(again, e.ProposalRebased) and again.reopened
    assert other == e.ProposalWithdrawn(proposal_id="q")


def test_withdrawing_looks_at_what_is_open_and_at_its_source() -> None:
    asset = _asset(proposed("p1"), e.ProposalExpired(proposal_id="p1"), proposed("p2", None, SOURCE))
    assert withdraw_open(asset) == withdraw_open(asset, SOURCE) == [e.ProposalWithdrawn(proposal_id="p2")]
    assert withdraw_open(asset, e.KeySource(kind="dbt", key="other")) == []


def test_the_fate_of_a_proposal() -> None:
    def fate(*events: e.AssetEvent) -> Proposal:
        return _asset(proposed("p"), proposed("q"), *events).proposals[0]

    assert fate().status == "pending"
    assert fate(e.ProposalApproved(proposal_id="p"), e.ProposalPublished(proposal_id="p", contract_id="c")).status == (
        "published"
    )
    assert fate(e.ProposalWithdrawn(proposal_id="p", by_person=True)).by_person
    assert fate(e.ProposalWithdrawn(proposal_id="q")).status == "pending"
