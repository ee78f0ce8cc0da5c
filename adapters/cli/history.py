"""`muniment history`: the life of one asset, append by append: when, by whom, in which sync, and what happened."""

import argparse
from itertools import groupby

from adapters.cli.client import Client, part
from adapters.cli.files import Failed
from adapters.cli.printing import Page, print_json
from adapters.cli.telling import Story


def history(options: argparse.Namespace) -> int:
    """Everything that happened to one asset, oldest first: its own events, and those of what belongs to it."""
    client = Client(options.url)
    asset = client.asset(options.fqn, options.environment)
    events = list(client.every("/api/v1/audit/events", {"asset_id": str(asset["id"])}))[::-1]
    if options.json:
        print_json({"asset": asset, "events": events})
        return 0
    page, names = Page(), Names(client)
    story = Story(events, names)
    gone = ", deleted" if asset["deleted_at"] else ""
    page.line(f"{asset['fqn']}: {asset['resource_type']} of team {asset['owner_team_name']}{gone}", "bold")
    for at, together in groupby(events, key=lambda event: (event["occurred_at"], event["request_id"])):
        group = list(together)
        page.line()
        page.line(f"{str(at[0])[:19].replace('T', ' ')} UTC, {names.actor(group[0])}{names.reason(group[0])}", "bold")
        for event in group:
            for text in story.told(event):
                page.line(f"  {text}")
    return 0


class Names:
    """What the ids in events stand for, asked of the server once each, as of the time of the event."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[str, str] = {}

    def team(self, id: object, at: object) -> str:
        """`team NAME`, also of a team that is gone since."""
        return f"team {self._of(f'/api/v1/teams/{id}', 'name', str(id), at)}"

    def asset(self, id: object, at: object) -> str:
        """The name that an asset had at a time."""
        return self._of(f"/api/v1/assets/{id}", "fqn", str(id), at)

    def actor(self, event: dict[str, object]) -> str:
        """Who did it: a key by its name, where the caller may know that."""
        id = event["actor_id"]
        if id is None:
            return "bootstrap key" if event["actor_type"] == "bootstrap" else "Muniment itself"
        return f"key {self._of(f'/api/v1/api-keys/{id}', 'name', str(id), event['occurred_at'])}"

    def reason(self, event: dict[str, object]) -> str:
        """The sync that an event was part of, if it was."""
        at = str(event["occurred_at"])
        for sync in self._client.every("/api/v1/audit/events", {"entity_type": "sync", "from": at, "to": at}):
            if sync["request_id"] == event["request_id"]:
                payload = part(sync, "payload")
                commit = f" at {payload['commit']}" if payload.get("commit") else ""
                return f", sync of {payload['kind']} {payload['key']}{commit}"
        return ""

    def _of(self, path: str, member: str, otherwise: str, at: object) -> str:
        if path not in self._known:
            try:
                self._known[path] = str(self._client.get(path, {"as_of": str(at)})[member])
            except Failed:
                self._known[path] = otherwise
        return self._known[path]
