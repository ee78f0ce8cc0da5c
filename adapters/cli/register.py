"""`muniment team`, `register` and `key`: who there is, who relies on what, and who may call."""

import argparse

from adapters.cli.client import Client
from adapters.cli.printing import print_json


def team(options: argparse.Namespace) -> int:
    """Create a team."""
    made = Client(options.url).post("/api/v1/teams", {"name": options.name})
    if options.json:
        print_json(made)
    else:
        print(f"team {made['name']} created: {made['id']}")
    return 0


def register(options: argparse.Namespace) -> int:
    """Register a team as a consumer of an asset."""
    client = Client(options.url)
    asset = client.asset(options.fqn, options.environment)
    body = {"asset_id": asset["id"], "consumer_team_id": client.team_id(options.team)}
    made = client.post("/api/v1/registrations", body)
    if options.json:
        print_json(made)
    else:
        print(f"team {options.team} relies on {options.fqn}")
    return 0


def key(options: argparse.Namespace) -> int:
    """Create a key, and show it this once."""
    client = Client(options.url)
    body: dict[str, object] = {"name": options.name, "team_id": client.team_id(options.team)}
    if options.scope:
        body["scopes"] = options.scope
    if options.source:
        body["sources"] = [{"kind": kind, "key": name} for kind, name in options.source]
    made = client.post("/api/v1/api-keys", body)
    if options.json:
        print_json(made)
    else:
        print(made["key"])
    return 0
