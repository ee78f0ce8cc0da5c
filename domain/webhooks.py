"""Webhooks: who is told of what. Which events make a message, and the decisions about a webhook itself."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from domain import commands as c
from domain import events as e
from domain.context import Context
from domain.directory import Directory
from domain.errors import not_found
from domain.teams import known_team

MessageType: TypeAlias = Literal[
    "proposal.created",
    "proposal.acknowledged",
    "proposal.approved",
    "proposal.rejected",
    "proposal.force_approved",
    "proposal.withdrawn",
    "proposal.expired",
    "contract.published",
]
Told: TypeAlias = (
    e.ProposalCreated
    | e.ProposalAcknowledged
    | e.ProposalApproved
    | e.ProposalRejected
    | e.ProposalWithdrawn
    | e.ProposalExpired
    | e.ContractPublished
)
_TYPES: dict[type[Told], MessageType] = {
    e.ProposalCreated: "proposal.created",
    e.ProposalAcknowledged: "proposal.acknowledged",
    e.ProposalApproved: "proposal.approved",
    e.ProposalRejected: "proposal.rejected",
    e.ProposalWithdrawn: "proposal.withdrawn",
    e.ProposalExpired: "proposal.expired",
    e.ContractPublished: "contract.published",
}


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook as decisions need it. `version` is that of its stream, -1 before its first event."""

    id: str
    version: int = -1
    alive: bool = False


def replay(id: str, events: Iterable[e.AnyEvent]) -> Webhook:
    """The webhook that these events, all of its stream, lead to."""
    state = Webhook(id=id)
    for event in events:
        state = Webhook(id=id, version=state.version + 1, alive=isinstance(event, e.WebhookRegistered))
    return state


def register(command: c.RegisterWebhook, directory: Directory, context: Context) -> e.WebhookRegistered:
    """Tell this address of these events from here on. Raises `Refused` where there is no such team."""
    if command.team_id is not None:
        known_team(directory, command.team_id)
    return e.WebhookRegistered(
        webhook_id=context.new_id("webhook"), url=command.url, events=command.events, team_id=command.team_id
    )


def delete(state: Webhook) -> e.WebhookDeleted:
    """End a webhook. Raises `Refused` where there is none."""
    return e.WebhookDeleted(webhook_id=known(state).id)


def known(state: Webhook) -> Webhook:
    """The webhook, or `WEBHOOK_NOT_FOUND`."""
    if not state.alive:
        raise not_found("webhook", state.id)
    return state


def message_type(event: Told) -> MessageType:
    """The type of the message that tells of an event. A forced approval has one of its own."""
    if isinstance(event, e.ProposalApproved) and event.forced:
        return "proposal.force_approved"
    return _TYPES[type(event)]
