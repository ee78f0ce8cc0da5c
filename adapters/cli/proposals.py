"""`muniment proposals`: breaking changes that wait for those who are hit."""

import argparse

from adapters.cli.client import Client, entries, part
from adapters.cli.files import Failed
from adapters.cli.printing import Page, counted
from adapters.cli.resources import client_of, told
from adapters.cli.tables import moment, print_table

_ID_LENGTH = 36


def listed(options: argparse.Namespace) -> int:
    """Proposals, the newest first: those that await a team's answer, or of one status, or all."""
    client = client_of(options)
    wanted: dict[str, str | int] = {"status": options.status} if options.status else {}
    wanted |= {"pending_ack_for": client.team_id(options.team)} if options.team else {}
    found = list(client.every("/api/v1/proposals", wanted))
    if options.json:
        return told(options, {"results": found, "total": len(found)}, "")
    rows = [
        (
            p["asset_fqn"],
            p["status"],
            p["breaking_changes_count"],
            f"{p['acknowledgment_count']}/{p['total_consumers']}",
        )
        + (moment(p["expires_at"]), p["id"])
        for p in found
    ]
    print_table((counted(len(found), "proposal"), "status", "breaks", "answers", "expires (UTC)", "id"), rows)
    return 0


def show(options: argparse.Namespace) -> int:
    """One proposal: what it breaks, who has answered, who has not."""
    client = client_of(options)
    found = client.get(f"/api/v1/proposals/{_id(client, options, 'pending')}/status")
    if options.json:
        return told(options, found, "")
    page = Page()
    page.line(f"{found['asset_fqn']}: {found['status']}, until {moment(found['expires_at'])}", "bold")
    page.line(
        f"proposed by {part(found, 'proposed_by')['team_name']}, {moment(found['proposed_at'])} UTC: {found['id']}"
    )
    for change in entries(found, "breaking_changes"):
        page.line(f"  breaks: {change['message']}")
    for each in entries(found, "acknowledgments"):
        page.line(f"{each['consumer_team_name']}: {each['response']}{_noted(each['notes'])}")
    for each in entries(found, "pending_consumers"):
        page.line(f"{each['team_name']}: has not answered")
    for each in entries(found, "objections"):
        page.line(f"{each['team_name']} objects{_noted(each['reason'])}")
    return 0


def _answers(proposal: dict[str, object]) -> str:
    return f"{proposal['acknowledgment_count']}/{proposal['total_consumers']}"


def _noted(text: object) -> str:
    return f": {text}" if text else ""


def acknowledge(options: argparse.Namespace) -> int:
    """A consumer's answer: approved, migrating or blocked."""
    client = client_of(options)
    body = {"consumer_team_id": client.team_id(options.team), "response": options.response, "notes": options.notes}
    answer = client.post(_path(client, options, "pending", "acknowledge"), body)
    return told(options, answer, f"{options.team}: {options.response}")


def object_(options: argparse.Namespace) -> int:
    """An objection of a team that is affected; it blocks nothing."""
    client = client_of(options)
    query = {"objector_team_id": client.team_id(options.team)}
    answer = client.post(_path(client, options, "pending", "object"), {"reason": options.reason}, query)
    return told(options, answer, f"{options.team} objects")


def withdraw(options: argparse.Namespace) -> int:
    """Take a proposal back."""
    return _settled(options, "withdraw", {})


def force(options: argparse.Namespace) -> int:
    """Approve a proposal over its consumers' heads, for a reason that stays on record."""
    return _settled(options, "force", {"reason": options.reason})


def expire(options: argparse.Namespace) -> int:
    """Let a proposal expire now."""
    return _settled(options, "expire", {})


def _settled(options: argparse.Namespace, action: str, body: dict[str, object]) -> int:
    client = client_of(options)
    answer = client.post(_path(client, options, "pending", action), body)
    return told(options, answer, f"proposal {answer['id']}: {answer['status']}")


def publish(options: argparse.Namespace) -> int:
    """Publish what was approved, as a new version."""
    client = client_of(options)
    id = _id(client, options, "approved")
    owner = part(client.get(f"/api/v1/proposals/{id}"), "proposed_by")["team_id"]
    team = client.team_id(options.team) if options.team else owner
    answer = client.post(f"/api/v1/proposals/{id}/publish", {"published_by": team, "version": options.version})
    contract = part(answer, "contract")
    return told(options, answer, f"{contract['asset_fqn']}: contract {contract['version']} published")


def _path(client: Client, options: argparse.Namespace, status: str, action: str) -> str:
    return f"/api/v1/proposals/{_id(client, options, status)}/{action}"


def _id(client: Client, options: argparse.Namespace, status: str) -> str:
    """The id itself, or that of the asset's newest proposal of the status."""
    reference: str = options.proposal
    if len(reference) == _ID_LENGTH and reference.count("-") == 4:
        return reference
    asset = client.asset(reference, options.environment)
    found = client.get("/api/v1/proposals", {"asset_id": str(asset["id"]), "status": status, "limit": 1})
    if not found["total"]:
        raise Failed(f"{reference} has no {status} proposal; `muniment proposals` lists them all")
    return str(entries(found, "results")[0]["id"])
