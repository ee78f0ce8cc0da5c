"""The audit trail: one row an event. The payload stays in the log, under the row's position."""

from collections.abc import Sequence
from typing import get_args

import msgspec
from sqlalchemy import Index

from domain import events as e
from projections.sql import number, text
from projections.times import wire_time
from projections.view import Kinds, view_table

TABLE = view_table(
    "audit",
    number("position"),
    text("entity_type"),
    text("entity_id"),
    text("action"),
    text("actor_id", nullable=True),
    text("actor_type"),
    text("occurred_at"),
    text("request_id", nullable=True),
    unchanging=True,
)
Index("audit_by_position", TABLE.c.position, unique=True)
Index("audit_by_entity", TABLE.c.entity_type, TABLE.c.entity_id, TABLE.c.position)

# Event ids are UUIDs (version 8, RFC 9562) that carry the position in their last 62 bits.
_PREFIX = "6d756e69-6d65-8e74"
_VARIANT = 0b10 << 62


def event_id(position: int) -> str:
    """The id of the event at a position."""
    tail = f"{_VARIANT | position:016x}"
    return f"{_PREFIX}-{tail[:4]}-{tail[4:]}"


_ACTIONS: dict[type[e.AnyEvent], tuple[str, str]] = {
    e.TeamCreated: ("team.created", "team_id"),
    e.TeamUpdated: ("team.updated", "team_id"),
    e.TeamDeleted: ("team.deleted", "team_id"),
    e.TeamRestored: ("team.restored", "team_id"),
    e.UserCreated: ("user.created", "user_id"),
    e.UserUpdated: ("user.updated", "user_id"),
    e.UserDeactivated: ("user.deleted", "user_id"),
    e.UserReactivated: ("user.reactivated", "user_id"),
    e.AssetsReassigned: ("bulk.assets_reassigned", "bulk_id"),
    e.OwnerAssigned: ("bulk.owner_assigned", "bulk_id"),
    e.ApiKeyCreated: ("api_key.created", "key_id"),
    e.ApiKeyRevoked: ("api_key.revoked", "key_id"),
    e.AssetCreated: ("asset.created", ""),
    e.AssetUpdated: ("asset.updated", ""),
    e.AssetMoved: ("asset.moved", ""),
    e.AssetDeleted: ("asset.deleted", ""),
    e.AssetRestored: ("asset.restored", ""),
    e.DependencyAdded: ("dependency.created", "dependency_id"),
    e.DependencyRemoved: ("dependency.deleted", "dependency_id"),
    e.ContractPublished: ("contract.published", "contract_id"),
    e.ContractDeprecated: ("contract.deprecated", "contract_id"),
    e.ContractGuaranteesUpdated: ("contract.guarantees_updated", "contract_id"),
    e.ContractRetired: ("contract.retired", "contract_id"),
    e.RegistrationCreated: ("registration.created", "registration_id"),
    e.RegistrationUpdated: ("registration.updated", "registration_id"),
    e.RegistrationEnded: ("registration.deleted", "registration_id"),
    e.ProposalCreated: ("proposal.created", "proposal_id"),
    e.ProposalAcknowledged: ("proposal.acknowledged", "proposal_id"),
    e.ProposalObjected: ("proposal.objection_filed", "proposal_id"),
    e.ProposalApproved: ("proposal.approved", "proposal_id"),
    e.ProposalRejected: ("proposal.rejected", "proposal_id"),
    e.ProposalWithdrawn: ("proposal.withdrawn", "proposal_id"),
    e.ProposalExpired: ("proposal.expired", "proposal_id"),
    e.ProposalRebased: ("proposal.rebased", "proposal_id"),
    e.ProposalPublished: ("proposal.published", "proposal_id"),
    e.AuditRunReported: ("audit_run.reported", "audit_run_id"),
    e.SourceSynced: ("dbt.sync_upload", "sync_id"),
    e.WebhookRegistered: ("webhook.created", "webhook_id"),
    e.WebhookDeleted: ("webhook.deleted", "webhook_id"),
}


def described(recorded: e.Recorded) -> tuple[str, str, str]:
    """Entity type, entity id and action of an event (api.md 3.9)."""
    event = recorded.event
    action, member = _ACTIONS[type(event)]
    if isinstance(event, e.SourceSynced):
        return "sync", event.sync_id, action if event.kind == "dbt" else f"{event.kind}.sync"
    if isinstance(event, e.ContractPublished) and event.force_reason is not None:
        action = "contract.force_published"
    if isinstance(event, e.ProposalApproved) and event.forced:
        action = "proposal.force_approved"
    entity_id = getattr(event, member) if member else recorded.stream
    return action.partition(".")[0], str(entity_id), action


class AuditRow(msgspec.Struct, frozen=True):
    id: str
    values: tuple[object, ...]

    def columns(self) -> tuple[object, ...]:
        return self.values


class Audit:
    table = TABLE
    events: Kinds = frozenset(get_args(e.AnyEvent))

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        return (str(recorded.position),)

    def fold(self, key: str, row: AuditRow | None, recorded: e.Recorded) -> AuditRow | None:
        actor = recorded.actor
        return AuditRow(
            key,
            (
                recorded.position,
                *described(recorded),
                actor.id,
                actor.type,
                wire_time(recorded.at),
                recorded.request_id,
            ),
        )

    def load(self, id: str, columns: Sequence[object]) -> AuditRow:
        return AuditRow(id, tuple(columns))
