"""Webhooks: registered for a team that is there, told of once deleted no more (api.md 3.16)."""

import pytest

from domain import commands as c
from domain import events as e
from domain import webhooks
from domain.errors import Refused
from tests.spec import CONTEXT, SHOP, given

URL, ID = "https://hooks.example/a", "webhook-1"
COMMAND = c.RegisterWebhook(url=URL, events=("contract.published",), team_id=SHOP)
REGISTERED = e.WebhookRegistered(webhook_id=ID, url=URL, events=("contract.published",), team_id=SHOP)


def test_a_webhook_is_registered_for_a_team_that_is_there() -> None:
    directory = given().directory
    id = CONTEXT.new_id("webhook")
    made = webhooks.register(COMMAND, directory, CONTEXT)
    assert made == e.WebhookRegistered(webhook_id=id, url=URL, events=COMMAND.events, team_id=SHOP)
    with pytest.raises(Refused) as refused:
        webhooks.register(c.RegisterWebhook(url=URL, events=COMMAND.events, team_id="none"), directory, CONTEXT)
    assert refused.value.code == "TEAM_NOT_FOUND"


def test_a_webhook_is_deleted_once() -> None:
    alive = webhooks.replay(ID, [REGISTERED])
    assert (alive.version, webhooks.delete(alive)) == (0, e.WebhookDeleted(webhook_id=ID))
    gone = webhooks.replay(ID, [REGISTERED, e.WebhookDeleted(webhook_id=ID)])
    for state in (gone, webhooks.replay(ID, [])):
        with pytest.raises(Refused) as refused:
            webhooks.delete(state)
        assert refused.value.code == "WEBHOOK_NOT_FOUND"


@pytest.mark.parametrize(("forced", "type"), [(False, "proposal.approved"), (True, "proposal.force_approved")])
def test_a_forced_approval_is_told_of_as_one(forced: bool, type: str) -> None:
    assert webhooks.message_type(e.ProposalApproved(proposal_id="p", forced=forced)) == type
