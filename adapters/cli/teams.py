"""`muniment teams` and `inbox`: who there is, and what awaits them."""

import argparse

from adapters.cli.client import Client, entries, part
from adapters.cli.printing import Page, counted, print_json
from adapters.cli.resources import client_of, told
from adapters.cli.tables import moment, print_members, print_table


def listed(options: argparse.Namespace) -> int:
    """All teams, or those whose name contains a text."""
    wanted: dict[str, str | int] = {"name": options.text} if options.text else {}
    found = list(client_of(options).every("/api/v1/teams", wanted))
    if options.json:
        return told(options, {"results": found, "total": len(found)}, "")
    print_table((counted(len(found), "team"), "assets", "id"), [(t["name"], t["asset_count"], t["id"]) for t in found])
    return 0


def show(options: argparse.Namespace) -> int:
    """One team."""
    client = client_of(options)
    team = client.get(f"/api/v1/teams/{client.team_id(options.team)}")
    if options.json:
        return told(options, team, "")
    print_members(team, ("name", "id", "asset_count", "metadata", "created_at", "updated_at"))
    return 0


def create(options: argparse.Namespace) -> int:
    """Create a team."""
    made = client_of(options).post("/api/v1/teams", {"name": options.name})
    return told(options, made, f"team {made['name']} created: {made['id']}")


def rename(options: argparse.Namespace) -> int:
    """Give a team another name."""
    client = client_of(options)
    made = client.send("PATCH", f"/api/v1/teams/{client.team_id(options.team)}", {"name": options.name})
    return told(options, made, f"team {options.team} is {made['name']} now")


def delete(options: argparse.Namespace) -> int:
    """Delete a team; with force also one that owns assets."""
    client = client_of(options)
    id = client.team_id(options.team)
    client.send("DELETE", f"/api/v1/teams/{id}", params={"force": "true"} if options.force else None)
    return told(options, {"id": id}, f"team {options.team} deleted; `muniment teams restore {id}` brings it back")


def restore(options: argparse.Namespace) -> int:
    """Bring a deleted team back, by its id."""
    made = client_of(options).send("POST", f"/api/v1/teams/{options.id}/restore")
    return told(options, made, f"team {made['name']} is back")


def inbox(options: argparse.Namespace) -> int:
    """What awaits a team: proposals to answer, contracts to leave, registrations to confirm."""
    client = client_of(options)
    found = client.get(f"/api/v1/teams/{client.team_id(options.team)}/inbox")
    if options.json:
        print_json(found)
    else:
        _print_inbox(found)
    return 0


def _print_inbox(found: dict[str, object]) -> None:
    page = Page()
    page.line(f"{found['team_name']}: {counted(int(str(found['total'])), 'thing')} to look at", "bold")
    for each in entries(found, "proposals"):
        page.line(f"proposal {each['proposal_id']}: {each['asset_fqn']}, until {moment(each['expires_at'])}")
        summary = each["breaking_changes_summary"]
        page.some("  breaks", [str(text) for text in summary] if isinstance(summary, list) else [])
    for each in entries(found, "deprecated_contracts"):
        instead = f"; {each['active_version']} is active" if each["active_version"] else ""
        page.line(f"contract {each['version']} of {each['asset_fqn']} is {each['status']}{instead}")
    for each in entries(found, "unconfirmed_registrations"):
        source = part(each, "source")
        page.line(f"registration on {each['asset_fqn']}, made by a sync of {source['kind']} {source['key']}")


def team_names(client: Client) -> dict[str, str]:
    """The names of all teams by id."""
    return {str(team["id"]): str(team["name"]) for team in client.every("/api/v1/teams", {})}
