"""`muniment keys`: who may call. A key's text is shown once, when it is made."""

import argparse

from adapters.cli.printing import counted
from adapters.cli.resources import client_of, told
from adapters.cli.tables import moment, print_members, print_table
from adapters.cli.teams import team_names


def listed(options: argparse.Namespace) -> int:
    """The keys of a team, or all that the caller may see."""
    client = client_of(options)
    wanted: dict[str, str | int] = {"include_revoked": "true"} if options.revoked else {}
    wanted |= {"team_id": client.team_id(options.team)} if options.team else {}
    found = list(client.every("/api/v1/api-keys", wanted, "keys"))
    if options.json:
        return told(options, {"keys": found, "total": len(found)}, "")
    names = team_names(client)
    rows = [
        (
            key["name"],
            key["key_prefix"],
            names.get(str(key["team_id"]), str(key["team_id"])),
            key["scopes"],
            "revoked" if key["revoked_at"] else moment(key["expires_at"]),
            key["id"],
        )
        for key in found
    ]
    print_table((counted(len(found), "key"), "begins with", "team", "scopes", "expires (UTC)", "id"), rows)
    return 0


def show(options: argparse.Namespace) -> int:
    """One key, without its text."""
    key = client_of(options).get(f"/api/v1/api-keys/{options.id}")
    if options.json:
        return told(options, key, "")
    print_members(key, ("name", "id", "key_prefix", "team_id", "scopes", "sources", "created_at", "expires_at"))
    return 0


def revoke(options: argparse.Namespace) -> int:
    """Revoke a key: it is refused from then on."""
    made = client_of(options).send("DELETE", f"/api/v1/api-keys/{options.id}")
    return told(options, made, f"key {made['name']} revoked")
