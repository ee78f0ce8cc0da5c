"""`muniment webhooks`: who is told of what, and what became of the messages. A secret is shown once."""

import argparse

from adapters.cli.printing import counted
from adapters.cli.resources import client_of, told
from adapters.cli.tables import moment, print_table
from adapters.cli.teams import team_names


def listed(options: argparse.Namespace) -> int:
    """All webhooks."""
    client = client_of(options)
    found = list(client.every("/api/v1/webhooks", {}))
    if options.json:
        return told(options, {"results": found, "total": len(found)}, "")
    names = team_names(client)
    rows = [
        (each["url"], each["events"], each["team_id"] and names.get(str(each["team_id"])), each["id"]) for each in found
    ]
    print_table((counted(len(found), "webhook"), "events", "team", "id"), rows)
    return 0


def create(options: argparse.Namespace) -> int:
    """Register a webhook, and print the secret that signs its messages."""
    client = client_of(options)
    body: dict[str, object] = {"url": options.webhook, "events": options.event}
    body["team_id"] = client.team_id(options.team) if options.team else None
    made = client.post("/api/v1/webhooks", body)
    return told(options, made, f"webhook {made['id']}\nsecret  {made['secret']} (shown this once)")


def delete(options: argparse.Namespace) -> int:
    """Delete a webhook, its secret, and what still waits for it."""
    client_of(options).send("DELETE", f"/api/v1/webhooks/{options.id}")
    return told(options, {"id": options.id}, f"webhook {options.id} deleted")


def deliveries(options: argparse.Namespace) -> int:
    """Messages with what became of them."""
    client = client_of(options)
    found = list(client.every("/api/v1/webhooks/deliveries", {"status": options.status} if options.status else {}))
    if options.json:
        return told(options, {"results": found, "total": len(found)}, "")
    rows = [
        (
            each["event_type"],
            each["status"],
            each["attempts"],
            moment(each["created_at"]),
            each["last_error"],
            each["id"],
        )
        for each in found
    ]
    print_table((counted(len(found), "message"), "status", "attempts", "since (UTC)", "last error", "id"), rows)
    return 0


def redeliver(options: argparse.Namespace) -> int:
    """Send a message again, whatever became of it."""
    made = client_of(options).send("POST", f"/api/v1/webhooks/deliveries/{options.id}/redeliver")
    return told(options, made, f"message {made['id']} is sent again")
