"""`muniment contracts`: what assets promise, version by version."""

import argparse

import msgspec

from adapters.cli.client import Client, entries, part
from adapters.cli.files import Failed, document
from adapters.cli.printing import Page, counted
from adapters.cli.resources import client_of, told
from adapters.cli.tables import moment, print_members, print_table

BREAKS, UNJUDGED = 1, 4
_SHOWN = ("asset_fqn", "version", "status", "id", "compatibility_mode", "direction", "published_at")
_MORE = ("publisher_name", "guarantees", "field_descriptions", "field_tags")


def listed(options: argparse.Namespace) -> int:
    """Contracts, the newest first: of one asset, or of all."""
    client = client_of(options)
    wanted: dict[str, str | int] = {"status": options.status} if options.status else {}
    if options.fqn:
        wanted["asset_id"] = str(client.asset(options.fqn, options.environment)["id"])
    found = list(client.every("/api/v1/contracts", wanted))
    if options.json:
        return told(options, {"results": found, "total": len(found)}, "")
    rows = [(c["asset_fqn"], c["version"], c["status"], moment(c["published_at"]), c["publisher_name"]) for c in found]
    print_table((counted(len(found), "contract"), "version", "status", "published (UTC)", "by"), rows)
    return 0


def show(options: argparse.Namespace) -> int:
    """One version of an asset's contract, the active one unless another is named; its schema comes last."""
    client = client_of(options)
    contract = _version(client, options, options.version)
    if options.json:
        return told(options, contract, "")
    print_members(contract, (*_SHOWN, *_MORE))
    print(msgspec.json.format(msgspec.json.encode(contract["schema"]), indent=2).decode())
    return 0


def publish(options: argparse.Namespace) -> int:
    """Publish a schema from a file. Exit code 1 where it would break somebody: then it is proposed."""
    client = client_of(options)
    asset = client.asset(options.fqn, options.environment)
    team = client.team_id(options.team) if options.team else str(asset["owner_team_id"])
    body = {"schema": msgspec.Raw(document(options.schema))}
    named = {"version": options.version, "compatibility_mode": options.mode, "direction": options.direction}
    body |= {name: value for name, value in named.items() if value}
    query = {"published_by": team} | ({"force": "true", "force_reason": options.force} if options.force else {})
    answer = client.post(f"/api/v1/assets/{asset['id']}/publish", body, query)
    return told(options, answer, _what_came_of_it(options.fqn, answer), 0 if "contract" in answer else BREAKS)


def _what_came_of_it(fqn: str, answer: dict[str, object]) -> str:
    if "contract" in answer:
        return f"{fqn}: contract {part(answer, 'contract')['version']} published"
    if "proposal" not in answer:
        return f"{fqn}: {answer['message']} {part(answer, 'version_suggestion')['suggested_version']}"
    proposal = part(answer, "proposal")
    broken = "".join(f"\n  breaks: {change['message']}" for change in entries(answer, "breaking_changes"))
    return f"{fqn}: {proposal['proposed_version']} proposed, as {proposal['id']}{broken}"


def diff(options: argparse.Namespace) -> int:
    """What differs between two versions. Exit code 1 where the later one breaks, 4 where that cannot be told."""
    client = client_of(options)
    asset = client.asset(options.fqn, options.environment)
    query: dict[str, str | int] = {"from_version": options.old, "to_version": options.new}
    found = client.get(f"/api/v1/assets/{asset['id']}/contracts/diff", query)
    verdicts = {change["verdict"] for change in entries(found, "breaking_changes")}
    code = BREAKS if "breaking" in verdicts else UNJUDGED if verdicts else 0
    if options.json:
        return told(options, found, "", code)
    page = Page()
    for change in entries(found, "all_changes"):
        page.line(f"{change['verdict']}: {change['message']}")
    page.line(f"{found['from_version']} to {found['to_version']}: {found['change_type']}", "bold")
    return code


def retire(options: argparse.Namespace) -> int:
    """Retire a version, so that nothing is promised by it any more."""
    client = client_of(options)
    contract = _version(client, options, options.version)
    made = client.send("POST", f"/api/v1/contracts/{contract['id']}/retire")
    return told(options, made, f"{options.fqn}: contract {made['version']} retired")


def _version(client: Client, options: argparse.Namespace, version: str | None) -> dict[str, object]:
    asset = client.asset(options.fqn, options.environment)
    for contract in client.every("/api/v1/contracts", {"asset_id": str(asset["id"])}):
        if version == contract["version"] or (version is None and contract["status"] == "active"):
            return contract
    raise Failed(f"{options.fqn} has no contract {version}" if version else f"{options.fqn} has no active contract")
