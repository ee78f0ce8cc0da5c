"""`muniment assets`: what the catalog holds."""

import argparse

from adapters.cli.printing import counted
from adapters.cli.resources import client_of, told
from adapters.cli.tables import print_members, print_table

_SHOWN = ("fqn", "id", "resource_type", "description", "owner_team_name", "owner_user_name", "tags", "source")
_CONTRACT = ("active_contract_version", "guarantee_mode", "semver_mode", "metadata", "created_at", "updated_at")


def listed(options: argparse.Namespace) -> int:
    """List assets by name: type, active contract and owner of each."""
    client = client_of(options)
    wanted: dict[str, str | int] = {"environment": options.environment}
    wanted |= {"fqn": options.text} if options.text else {}
    wanted |= {"owner": client.team_id(options.team)} if options.team else {}
    wanted |= {"tag": options.tag} if options.tag else {}
    found = list(client.every("/api/v1/assets", wanted))
    if options.json:
        return told(options, {"results": found, "total": len(found)}, "")
    print_table(
        (counted(len(found), "asset"), "type", "contract", "owner"),
        [(a["fqn"], a["resource_type"], a["active_contract_version"], a["owner_team_name"]) for a in found],
    )
    return 0


def show(options: argparse.Namespace) -> int:
    """One asset."""
    asset = client_of(options).asset(options.fqn, options.environment)
    if options.json:
        return told(options, asset, "")
    print_members(asset, (*_SHOWN, *_CONTRACT, *(("deleted_at",) if asset["deleted_at"] else ())))
    return 0


def create(options: argparse.Namespace) -> int:
    """Create an asset."""
    client = client_of(options)
    body: dict[str, object] = {"fqn": options.fqn, "environment": options.environment}
    body |= {"owner_team_id": client.team_id(options.team), **_given(options)}
    made = client.post("/api/v1/assets", body)
    return told(options, made, f"asset {made['fqn']} created: {made['id']}")


def update(options: argparse.Namespace) -> int:
    """Change what is said of an asset."""
    client = client_of(options)
    body = _given(options)
    body |= {"owner_team_id": client.team_id(options.team)} if options.team else {}
    body |= {"fqn": options.name} if options.name else {}
    made = client.send("PATCH", _path(options), body)
    return told(options, made, f"asset {made['fqn']} changed")


def delete(options: argparse.Namespace) -> int:
    """Delete an asset; its contracts stay readable."""
    client_of(options).send("DELETE", _path(options))
    return told(options, {"fqn": options.fqn}, f"asset {options.fqn} deleted; `muniment assets restore` brings it back")


def restore(options: argparse.Namespace) -> int:
    """Bring a deleted asset back."""
    made = client_of(options).send("POST", f"{_path(options)}/restore")
    return told(options, made, f"asset {made['fqn']} is there")


def _given(options: argparse.Namespace) -> dict[str, object]:
    """The members that a person gave."""
    named = {"description": options.description, "resource_type": options.type, "tags": options.tag}
    return {name: value for name, value in named.items() if value is not None}


def _path(options: argparse.Namespace) -> str:
    return f"/api/v1/assets/{client_of(options).asset(options.fqn, options.environment)['id']}"
