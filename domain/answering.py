"""What people do with a proposal (api.md 3.8, 4.2): answer it, object, take it back, force, let it expire, publish."""

from collections.abc import Mapping
from typing import TypeAlias, assert_never

from msgspec.structs import replace

from domain import commands as c
from domain import events as e
from domain.asset import Asset, Proposal
from domain.context import Context
from domain.directory import Directory
from domain.errors import Refused, not_found
from domain.proposals import judged_again, rebase_open
from domain.publishing import Draft, Warrant, judge_draft, promised_schema, publish_version, unused
from domain.values import Object

ProposalCommand: TypeAlias = (
    c.AcknowledgeProposal | c.ObjectToProposal | c.WithdrawProposal | c.ForceProposal | c.ExpireProposal
)


def decide(state: Asset, command: ProposalCommand, directory: Directory, context: Context) -> list[e.AssetEvent]:
    """What a command about a proposal leads to. Raises `Refused`."""
    proposal = find(state, command.proposal_id)
    _require_pending(proposal, context, expiring=isinstance(command, c.ExpireProposal))
    match command:
        case c.AcknowledgeProposal():
            return _acknowledge(state, proposal, command, directory, context)
        case c.ObjectToProposal():
            return _object(state, proposal, command, directory, context)
        case c.WithdrawProposal():
            return [e.ProposalWithdrawn(proposal_id=proposal.id, by_person=True)]
        case c.ForceProposal():
            return [e.ProposalApproved(proposal_id=proposal.id, forced=True, forced_reason=command.reason)]
        case c.ExpireProposal():
            return [e.ProposalExpired(proposal_id=proposal.id)]
        case _:
            assert_never(command)


def find(state: Asset, proposal_id: str) -> Proposal:
    """A proposal of the asset, or `PROPOSAL_NOT_FOUND`."""
    found = next((p for p in state.proposals if p.id == proposal_id), None)
    if found is None:
        raise not_found("proposal", proposal_id)
    return found


def _require_pending(proposal: Proposal, context: Context, *, expiring: bool) -> None:
    """Refuse what is settled, and what is overdue: that is as good as expired, though no event says so yet."""
    if proposal.status != "pending":
        raise Refused("PROPOSAL_NOT_PENDING", f"The proposal is not pending: it is {proposal.status}.")
    if proposal.expires_at <= context.at and not expiring:
        raise Refused("PROPOSAL_NOT_PENDING", "The proposal is not pending: it has expired.")


def _require_team(directory: Directory, team_id: str) -> None:
    if directory.team(team_id) is None:
        raise not_found("team", team_id)


def _acknowledge(
    state: Asset, proposal: Proposal, command: c.AcknowledgeProposal, directory: Directory, context: Context
) -> list[e.AssetEvent]:
    team = command.consumer_team_id
    _require_team(directory, team)
    if any(a.consumer_team_id == team for a in proposal.acknowledgments):
        raise Refused("DUPLICATE_ACKNOWLEDGMENT", "The team has already acknowledged this proposal.")
    if not any(r.consumer_team_id == team for r in state.registrations):
        raise Refused("UNAUTHORIZED_TEAM", "The team is not registered on the asset, so it has nothing to answer.")
    answer = e.Acknowledgment(
        acknowledgment_id=context.new_id("acknowledgment", proposal.id, team),
        consumer_team_id=team,
        response=command.response,
        responded_at=context.at,
        user_id=command.user_id,
        migration_deadline=command.migration_deadline,
        notes=command.notes,
    )
    answered = replace(proposal, acknowledgments=(*proposal.acknowledgments, answer))
    after = replace(state, proposals=tuple(answered if p.id == proposal.id else p for p in state.proposals))
    return [e.ProposalAcknowledged(proposal_id=proposal.id, acknowledgment=answer), *judged_again(after)]


def _object(
    state: Asset, proposal: Proposal, command: c.ObjectToProposal, directory: Directory, context: Context
) -> list[e.AssetEvent]:
    _require_team(directory, command.team_id)
    concerned = {affected.owner_team_id for affected in proposal.created.affected}
    concerned.update(r.consumer_team_id for r in state.registrations)
    if command.team_id not in concerned:
        why = "Only affected teams may object: those registered on the asset, or with assets that depend on it."
        raise Refused("FORBIDDEN", why, {"reason": "NOT_AFFECTED_TEAM"})
    if command.team_id in proposal.objectors:
        raise Refused("DUPLICATE_OBJECTION", "The team has already objected to this proposal.")
    objection = e.Objection(
        team_id=command.team_id, reason=command.reason, objected_at=context.at, user_id=command.user_id
    )
    return [e.ProposalObjected(proposal_id=proposal.id, objection=objection)]


def publish(
    state: Asset,
    command: c.PublishProposal,
    schemas: Mapping[str, Object],
    directory: Directory,
    context: Context,
) -> list[e.AssetEvent]:
    """Publish an approved proposal. The first event is the new version's. Raises `Refused`."""
    proposal, active = find(state, command.proposal_id), state.active_contract
    if proposal.status == "published":
        raise Refused("PROPOSAL_NOT_PENDING", "The proposal has already been published.")
    if proposal.status != "approved":
        raise Refused("PROPOSAL_NOT_PENDING", f"Only an approved proposal is published; this one is {proposal.status}.")
    _require_team(directory, command.published_by)
    if (active.id if active else None) != proposal.base_contract_id:
        raise Refused("PROPOSAL_STALE", "The contract that the proposal was made against is no longer active.")
    version = command.version or unused(state, proposal.proposed_version)
    taken = next((contract for contract in state.contracts if contract.version == version), None)
    if taken is not None:
        text = f"Version {version} of this asset already exists."
        raise Refused("VERSION_EXISTS", text, {"existing_contract_id": taken.id})
    draft = Draft.of_proposal(proposal.created, schemas[proposal.schema_digest])
    draft = replace(draft, published_by=command.published_by, published_by_user_id=command.published_by_user_id)
    judgement = None
    if active is not None:
        base = promised_schema(state, schemas)
        judgement = judge_draft(state, draft, base, active.guarantees, context.engine)
    warrant = Warrant(judgement=judgement, proposal_id=proposal.id)
    events = publish_version(state, draft, version, warrant, context)
    contract_id = context.new_id("contract", state.id, version)
    others = replace(state, proposals=tuple(p for p in state.proposals if p.id != proposal.id))
    rebased = rebase_open(others, contract_id, schemas, (replace(draft, version=version), draft.schema), context.engine)
    return [*events, e.ProposalPublished(proposal_id=proposal.id, contract_id=contract_id), *rebased]
