"""What messages say: ids, names, versions and teams, and nothing that people wrote or are (docs/webhooks.md)."""

from collections.abc import Mapping
from uuid import UUID, uuid5

import msgspec

from domain import events as e
from domain.values import JSON, Object
from domain.webhooks import MessageType
from projections.audit import event_id
from projections.proposals import ProposalBody
from projections.times import wire_time

_NAMESPACE = UUID("6d756e69-6d65-5e74-8000-000000000001")


class AssetKnown(msgspec.Struct, frozen=True, kw_only=True):
    """The asset that an event is about, as it was when the event's append ended, and the teams that rely on it."""

    fqn: str
    environment: str
    owner_team_id: str
    consumers: frozenset[str] = frozenset()


def delivery_id(webhook_id: str, position: int) -> str:
    """The id of the message to a webhook about an event: the same whoever works it out, and whenever."""
    return str(uuid5(_NAMESPACE, f"{webhook_id}\x1f{position}"))


def body_of(type: MessageType, recorded: e.Recorded, asset: AssetKnown, proposal: ProposalBody | None) -> bytes:
    """The JSON that is sent. Its `id` is that of the event in the audit trail: the same for all webhooks."""
    data: Object = {
        "asset_id": recorded.stream,
        "asset_fqn": asset.fqn,
        "environment": asset.environment,
        "owner_team_id": asset.owner_team_id,
        **_of_proposal(proposal),
        **_of_event(recorded.event),
    }
    message: Mapping[str, object] = {
        "id": event_id(recorded.position),
        "type": type,
        "occurred_at": wire_time(recorded.at),
        "position": recorded.position,
        "data": data,
    }
    return msgspec.json.encode(message)


def teams_of(recorded: e.Recorded, asset: AssetKnown, proposal: ProposalBody | None) -> frozenset[str]:
    """The teams that an event concerns: owner, consumers, who published, proposed or answered, who is affected."""
    teams = {asset.owner_team_id, *asset.consumers}
    if isinstance(recorded.event, e.ContractPublished):
        teams.add(recorded.event.published_by)
    if proposal is not None:
        teams.add(proposal.proposed_by)
        teams.update(each.owner_team_id for each in proposal.affected)
        teams.update(each.consumer_team_id for each in proposal.acknowledgments)
    return frozenset(teams)


def _of_proposal(proposal: ProposalBody | None) -> Object:
    if proposal is None:
        return {}
    return {
        "proposal_id": proposal.id,
        "proposed_version": proposal.proposed_version,
        "change_type": proposal.change_type.value,
        "breaking_changes_count": len(proposal.breaking_changes),
        "proposed_by": proposal.proposed_by,
        "expires_at": proposal.expires_at,
    }


def _of_event(event: e.AnyEvent) -> dict[str, JSON]:
    match event:
        case e.ContractPublished():
            return {
                "contract_id": event.contract_id,
                "version": event.version,
                "change_type": event.change_type.value if event.change_type is not None else None,
                "published_by": event.published_by,
                "proposal_id": event.proposal_id,
                "forced": event.force_reason is not None,
            }
        case e.ProposalCreated():
            return {"supersedes": event.supersedes}
        case e.ProposalAcknowledged():
            answer = event.acknowledgment
            deadline = answer.migration_deadline
            return {
                "consumer_team_id": answer.consumer_team_id,
                "response": answer.response,
                "migration_deadline": wire_time(deadline) if deadline is not None else None,
            }
        case e.ProposalWithdrawn():
            return {"superseded_by": event.superseded_by}
        case _:
            return {}
