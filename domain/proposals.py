"""Proposals: a breaking change that waits for the consumers' agreement (api.md 4.2)."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from domain import events as e
from domain.asset import Asset, Proposal
from domain.context import Context
from domain.publishing import Draft, judge_draft
from domain.schema.change import Change, Verdict
from domain.schema.judge import Judgement
from domain.schema.meaning import Engine
from domain.schema.versions import suggest
from domain.values import Object

OPEN = ("pending", "approved")


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds a new proposal: who depends on the asset, which sync opens it, and what it supersedes."""

    affected: tuple[e.AffectedAsset, ...] = ()
    source: e.KeySource | None = None
    supersedes: Proposal | None = None


def open_proposal(
    asset: Asset, draft: Draft, judgement: Judgement, opening: Opening, context: Context
) -> list[e.AssetEvent]:
    """Open a proposal for a breaking draft; the one that it supersedes is withdrawn first, if it was still open."""
    proposal_id = context.new_id("proposal", asset.id)
    active = asset.active_contract
    old = opening.supersedes
    created = e.ProposalCreated(
        proposal_id=proposal_id,
        schema_digest=draft.schema_digest,
        schema_format=draft.schema_format,
        mode=draft.mode,
        direction=draft.direction,
        guarantees=draft.guarantees,
        field_descriptions=draft.field_descriptions,
        field_tags=draft.field_tags,
        proposed_by=draft.published_by,
        proposed_by_user_id=draft.published_by_user_id,
        proposed_version=suggest(active.version if active else None, judgement.change_type, True),
        change_type=judgement.change_type,
        changes=judgement.changes,
        base_contract_id=active.id if active else None,
        expires_at=context.at + timedelta(days=context.expiry_days),
        affected=opening.affected,
        source=opening.source,
        supersedes=old.id if old else None,
        carried=carried_answers(old, judgement.changes) if old else (),
    )
    if old and old.status in OPEN:
        return [e.ProposalWithdrawn(proposal_id=old.id, superseded_by=proposal_id), created]
    return [created]


def carried_answers(old: Proposal, changes: tuple[Change, ...]) -> tuple[e.Acknowledgment, ...]:
    """The answers to `old` that hold for another set of changes too (api.md 4.2, superseding).

    Agreement carries over when nothing breaking or risky is new; a `blocked` only when the sets are equal.
    """
    before, now = _weighty(old.changes), _weighty(changes)
    return tuple(
        msgspec.structs.replace(a, carried_from=a.carried_from or old.id)
        for a in old.acknowledgments
        if (now == before if a.response == "blocked" else now <= before)
    )


def _weighty(changes: tuple[Change, ...]) -> frozenset[str]:
    return frozenset(c.fingerprint for c in changes if c.verdict != Verdict.safe)


def withdraw_open(asset: Asset, source: e.KeySource | None = None) -> list[e.AssetEvent]:
    """Withdraw what is pending or approved: all of it, or only what a sync of `source` opened."""
    return [
        e.ProposalWithdrawn(proposal_id=p.id)
        for p in asset.proposals
        if p.status in OPEN and (source is None or p.created.source == source)
    ]


def rebase_open(
    asset: Asset, contract_id: str, schemas: Mapping[str, Object], base: tuple[Draft, Object], engine: Engine
) -> list[e.AssetEvent]:
    """Set open proposals on the contract just published; what no longer breaks against it is withdrawn.

    An approved one that would now break more than was agreed to is pending again, or withdrawn if another is pending:
    also one before it that has just become so.
    """
    draft, schema = base
    events: list[e.AssetEvent] = []
    pending = asset.pending_proposal is not None
    for proposal in asset.proposals:
        if proposal.status in OPEN:
            wanted = Draft.of_proposal(proposal.created, schemas[proposal.schema_digest])
            judgement = judge_draft(asset, wanted, schema, draft.guarantees, engine)
            event = _rebased(proposal, judgement, contract_id, draft, pending)
            pending = pending or (isinstance(event, e.ProposalRebased) and event.reopened)
            events.append(event)
    return events


def _rebased(
    proposal: Proposal, judgement: Judgement, contract_id: str, draft: Draft, pending: bool
) -> e.ProposalRebased | e.ProposalWithdrawn:
    if judgement.compatible:
        return e.ProposalWithdrawn(proposal_id=proposal.id)
    kept = carried_answers(proposal, judgement.changes)
    reopened = proposal.status == "approved" and not _weighty(judgement.changes) <= _weighty(proposal.changes)
    if reopened and pending:
        return e.ProposalWithdrawn(proposal_id=proposal.id)
    return e.ProposalRebased(
        proposal_id=proposal.id,
        base_contract_id=contract_id,
        change_type=judgement.change_type,
        proposed_version=suggest(draft.version, judgement.change_type, True),
        changes=judgement.changes,
        acknowledgments=tuple(msgspec.structs.replace(a, carried_from=None) for a in kept),
        reopened=reopened,
    )


def judged_again(asset: Asset) -> list[e.AssetEvent]:
    """What the pending proposal becomes once consumers have come, gone or answered (api.md 4.2).

    One `blocked` rejects. All required consumers agreed, and at least one team did: approved. Nobody agreed: waits.
    """
    proposal = asset.pending_proposal
    if proposal is None:
        return []
    if any(a.response == "blocked" for a in proposal.acknowledgments):
        return [e.ProposalRejected(proposal_id=proposal.id)]
    agreed = {a.consumer_team_id for a in proposal.acknowledgments}
    if agreed and asset.required_consumers <= agreed:
        return [e.ProposalApproved(proposal_id=proposal.id)]
    return []
