"""`muniment register` and `keys create`: who relies on what, and who may call."""

import argparse

from adapters.cli.client import Client
from adapters.cli.resources import client_of, told


def source(text: str) -> tuple[str, str]:
    """`KIND:KEY`, as an argument."""
    kind, colon, name = text.partition(":")
    if not (kind and colon and name):
        raise argparse.ArgumentTypeError(f"{text!r} is not KIND:KEY, such as dbt:shop")
    return kind, name


def register(options: argparse.Namespace) -> int:
    """Register a team as a consumer of an asset."""
    client = Client(options.url)
    asset = client.asset(options.fqn, options.environment)
    body = {"asset_id": asset["id"], "consumer_team_id": client.team_id(options.team)}
    made = client.post("/api/v1/registrations", body)
    return told(options, made, f"team {options.team} relies on {options.fqn}")


def key(options: argparse.Namespace) -> int:
    """Create a key, and show it this once."""
    client = client_of(options)
    body: dict[str, object] = {"name": options.name, "team_id": client.team_id(options.team)}
    if options.scope:
        body["scopes"] = options.scope
    if options.source:
        body["sources"] = [{"kind": kind, "key": name} for kind, name in options.source]
    made = client.post("/api/v1/api-keys", body)
    return told(options, made, str(made["key"]))
