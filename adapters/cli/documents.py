"""`muniment sync`, `diff` and `impact`."""

import argparse
from collections.abc import Mapping

import msgspec
from rich.console import Console
from rich.table import Table

from adapters.cli.client import Client, Failed, entries

FLAGS = (
    "auto_publish_contracts",
    "auto_create_proposals",
    "auto_delete",
    "auto_register_consumers",
    "delete_consumed",
    "accept_moves",
    "publish_unconsumed",
)
_STATED = ("conflict_mode", "compatibility_mode", "commit", "expected_deletions", "project", "environment")
BREAKS = 1


def _documents(options: argparse.Namespace) -> dict[str, str]:
    named = {"manifest": options.manifest, "catalog": options.catalog, "base": getattr(options, "base", None)}
    return {name: path for name, path in named.items() if path is not None}


def sync(options: argparse.Namespace) -> int:
    """Send a manifest. Exit code 1 where something that was asked for could not be done."""
    client = Client(options.url)
    stated: dict[str, object] = {name: getattr(options, name) for name in _STATED if getattr(options, name) is not None}
    stated |= {flag: True for flag in (*FLAGS, "dry_run") if getattr(options, flag)}
    if options.team:
        stated["owner_team_id"] = client.team_id(options.team)
    answer = client.upload("/api/v1/sync/dbt/upload", _documents(options), stated)
    if options.json:
        print(msgspec.json.encode(answer).decode())
    else:
        _show_sync(answer)
    return 0 if answer["status"] == "success" else BREAKS


def _show_sync(answer: Mapping[str, object]) -> None:
    console = Console()
    assets, contracts = _part(answer, "assets"), _part(answer, "contracts")
    source = _part(answer, "source")
    verb = "would change" if answer["dry_run"] else "changed"
    head = "nothing new in the log" if answer["position"] is None else f"log position {answer['position']}"
    console.print(f"[bold]dbt {source['key']}[/bold] ({source['environment']}): {verb}; {head}", highlight=False)
    table = Table("assets", "", box=None, show_header=False, pad_edge=False)
    for name in ("created", "updated", "unchanged", "moved", "restored", "deleted", "skipped"):
        if assets[name]:
            table.add_row(f"  assets {name}", str(assets[name]))
    table.add_row("  contracts published", str(contracts["published"]))
    table.add_row("  proposals created", str(_part(answer, "proposals")["created"]))
    table.add_row("  consumers registered", str(_part(answer, "registrations")["created"]))
    table.add_row("  edges added", str(_part(answer, "dependencies")["synced"]))
    console.print(table)
    for held in entries(contracts, "withheld"):
        console.print(
            f"  withheld {held['asset_fqn']}: {held['reason']} ({held['code']})", style="yellow", markup=False
        )
    for name in ("ownership_warnings", "registration_warnings", "dependency_warnings", "warnings", "parse_errors"):
        found = answer[name]
        for line in found if isinstance(found, list) else []:
            console.print(f"  note: {line}", style="yellow", markup=False, highlight=False)


def _part(answer: Mapping[str, object], name: str) -> dict[str, object]:
    part = answer[name]
    if not isinstance(part, dict):
        raise Failed(f"the server's answer has no {name}")
    return part


def _preview(options: argparse.Namespace, action: str) -> tuple[dict[str, object], dict[str, object]]:
    """The answer of a diff or impact, and the impact's results by item (to name who is hit)."""
    client = Client(options.url)
    stated = {name: getattr(options, name) for name in ("project", "environment") if getattr(options, name) is not None}
    answer = client.upload(f"/api/v1/sync/dbt/{action}", _documents(options), stated)
    if action == "impact" or options.json:
        return answer, {}
    hit = client.upload("/api/v1/sync/dbt/impact", _documents(options), stated)
    return answer, {str(entry["node_id"]): entry for entry in entries(hit, "results")}


def diff(options: argparse.Namespace) -> int:
    """Show what a manifest would change. Exit code 1 where the answer says `blocking`."""
    answer, hit = _preview(options, "diff")
    if options.json:
        print(msgspec.json.encode(answer).decode())
    else:
        _show_diff(answer, hit)
    return BREAKS if answer["blocking"] else 0


def _show_diff(answer: Mapping[str, object], hit: Mapping[str, object]) -> None:
    console = Console()
    counts = _part(answer, "summary")
    line = ", ".join(f"{counts[name]} {name}" for name in ("new", "modified", "deleted", "unchanged", "moved"))
    console.print(f"[bold]{answer['status']}[/bold]: {line}; {counts['breaking']} breaking", highlight=False)
    for entry in entries(answer, "models"):
        if entry["change_type"] != "unchanged" or entry["breaking_changes"]:
            console.print(f"  {entry['change_type']}: {entry['fqn']}", markup=False, highlight=False)
        _show_breaking(console, entry, hit.get(str(entry["node_id"])))
    for name in ("meta_errors", "warnings", "parse_errors"):
        found = answer[name]
        for text in found if isinstance(found, list) else []:
            console.print(f"  {name.removesuffix('s').replace('_', ' ')}: {text}", style="yellow", markup=False)


def _show_breaking(console: Console, entry: Mapping[str, object], hit: object) -> None:
    for change in entries(entry, "breaking_changes"):
        console.print(f"    breaks {change['path'] or entry['fqn']}: {change['message']}", style="red", markup=False)
    if not isinstance(hit, dict):
        return
    for team in entries(hit, "impacted_consumers"):
        console.print(f"    hits team {team['team_name']}", style="red", markup=False)
    for asset in entries(hit, "impacted_assets"):
        console.print(f"    reaches {asset['fqn']} ({asset['depth']} steps on)", markup=False, highlight=False)


def impact(options: argparse.Namespace) -> int:
    """Show what would break and whom it hits. Exit code 1 where something does."""
    answer, _ = _preview(options, "impact")
    if options.json:
        print(msgspec.json.encode(answer).decode())
    else:
        console = Console()
        counts = f"{answer['breaking_changes_count']} of {answer['total_models']} items would break somebody"
        console.print(f"[bold]{answer['status']}[/bold]: {counts}", highlight=False)
        for entry in entries(answer, "results"):
            if not entry["safe_to_publish"]:
                console.print(f"  {entry['fqn']}", markup=False, highlight=False)
                _show_breaking(console, entry, entry)
    return BREAKS if answer["breaking_changes_count"] else 0
