"""The names of actions in the audit trail are those of api.md 3.9, of rebasing and webhooks: clients search by them."""

from projections.audit import _ACTIONS

NAMED = {
    "team": "created updated deleted restored",
    "user": "created updated deleted reactivated",
    "asset": "created updated deleted restored moved",
    "dependency": "created deleted",
    "contract": "published deprecated retired guarantees_updated",
    "registration": "created updated deleted",
    "proposal": "created acknowledged objection_filed approved rejected withdrawn expired published rebased",
    "api_key": "created revoked",
    "dbt": "sync_upload",
    "bulk": "assets_reassigned owner_assigned",
    "audit_run": "reported",
    "webhook": "created deleted",
}


def test_every_event_has_its_action_and_every_action_its_event() -> None:
    """Forced ones (`contract.force_published`, `proposal.force_approved`) and other syncs are told by their payload."""
    assert {action for action, _ in _ACTIONS.values()} == {
        f"{kind}.{verb}" for kind, verbs in NAMED.items() for verb in verbs.split()
    }
