"""`muniment history` and `muniment status`."""

import argparse

import msgspec
from rich.console import Console
from rich.table import Table

from adapters.cli.client import Client, entries


def status(options: argparse.Namespace) -> int:
    """How the server is. Exit code 1 unless it is healthy."""
    answer = Client(options.url).get("/health")
    if options.json:
        print(msgspec.json.encode(answer).decode())
    else:
        checks = answer["checks"]
        assert isinstance(checks, dict)
        views = checks["projections"]
        console = Console()
        console.print(
            f"{answer['status']}, version {answer['version']}, up {answer['uptime_seconds']} s", highlight=False
        )
        console.print(f"log at position {views['head']}, views at {views['position']}", highlight=False)
    return 0 if answer["status"] == "healthy" else 1


def history(options: argparse.Namespace) -> int:
    """The versions and events of one asset."""
    client = Client(options.url)
    asset = client.asset(options.fqn, options.environment)
    events = _events(client, str(asset["id"]))
    if options.json:
        print(msgspec.json.encode({"asset": asset, "events": events}).decode())
        return 0
    table = Table("position", "when (UTC)", "what", "who", "detail", box=None, pad_edge=False)
    for event in events:
        who = event["actor_id"] or event["actor_type"]
        table.add_row(
            str(event["position"]), str(event["occurred_at"])[:19], str(event["action"]), str(who), _detail(event)
        )
    console = Console()
    console.print(f"[bold]{options.fqn}[/bold] (owner {asset['owner_team_name']})", highlight=False)
    console.print(table)
    return 0


def _events(client: Client, asset_id: str) -> list[dict[str, object]]:
    """The asset's own events and those of its contracts, oldest first."""
    paths = [f"/api/v1/audit/entities/asset/{asset_id}/history"]
    contracts = client.get(f"/api/v1/contracts?asset_id={asset_id}&limit=100")
    paths += [f"/api/v1/audit/entities/contract/{entry['id']}/history" for entry in entries(contracts, "results")]
    found = [event for path in paths for event in entries(client.get(path + "?limit=100"), "results")]
    return sorted(found, key=lambda event: int(str(event["position"])))


def _detail(event: dict[str, object]) -> str:
    payload = event["payload"]
    if not isinstance(payload, dict):
        return ""
    if "version" in payload:
        kind = payload.get("change_type") or "first"
        changes = [str(change["message"]) for change in entries(payload, "changes")]
        return f"{payload['version']} ({kind})" + "".join(f"\n{text}" for text in changes)
    if "to_fqn" in payload:
        return f"{payload['from_fqn']} to {payload['to_fqn']}"
    return ", ".join(sorted(name for name in payload if name not in ("tag", "contract_id")))[:60]
