"""Syncs in tests: a corner of a running catalog of its own (an environment, teams), and requests to it."""

import json
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from adapters.catalog import Catalog, Outcome
from adapters.clock import SystemClock
from adapters.log import open_log
from domain.events import Actor, AssetEvent
from tests.conftest import Server

AUTO: dict[str, Any] = {"conflict_mode": "overwrite", "auto_publish_contracts": True}
PROPOSE: dict[str, Any] = {**AUTO, "auto_create_proposals": True}


class World:
    """One environment of a server, with its own teams, seen through one key."""

    def __init__(self, server: Server, target: Path | str) -> None:
        self.server = server
        self.target = target
        self.api = server.client()
        self.environment = uuid.uuid4().hex[:12]
        self.teams: dict[str, str] = {}
        self.owner = self.team("shop")

    def team(self, name: str) -> str:
        """The id of a team, made if need be. Its real name is `full(name)`, unique among all tests."""
        if name not in self.teams:
            answer = self.api.post("/teams", json={"name": self.full(name)})
            assert answer.status_code == 201, answer.text
            self.teams[name] = answer.json()["id"]
        return self.teams[name]

    def full(self, name: str) -> str:
        return f"{name} {self.environment}"

    def owned(self, name: str) -> dict[str, Any]:
        """`meta` that names a team as owner."""
        self.team(name)
        return {"meta": {"muniment": {"owner_team": self.full(name)}}}

    def key(self, team: str, *scopes: str, **members: Any) -> httpx.Client:
        """A client with a key of that team."""
        body = {"name": "k", "team_id": self.team(team), "scopes": scopes or ("write",), **members}
        answer = self.api.post("/api-keys", json=body)
        assert answer.status_code == 201, answer.text
        return self.server.client(answer.json()["key"])

    def post(self, path: str, document: Any, status: int = 200, api: httpx.Client | None = None, **options: Any) -> Any:
        """The answer to a document request, which must have the status."""
        body = {"manifest": document, "environment": self.environment, **options}
        answer = (api or self.api).post(path, content=json.dumps(body).encode())
        assert answer.status_code == status, (answer.status_code, answer.text[:3000])
        return answer.json()

    def sync(self, document: Any, status: int = 200, api: httpx.Client | None = None, **options: Any) -> Any:
        if "owner_team_id" not in options:
            options["owner_team_id"] = self.owner
        return self.post("/sync/dbt/upload", document, status, api, **options)

    def diff(self, document: Any, **options: Any) -> Any:
        return self.post("/sync/dbt/diff", document, **options)

    def impact(self, document: Any, **options: Any) -> Any:
        return self.post("/sync/dbt/impact", document, **options)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.api.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def assets(self, **query: Any) -> dict[str, Any]:
        """The assets of this environment by name."""
        found = self.get("/assets", environment=self.environment, limit=100, **query)["results"]
        return {asset["fqn"]: asset for asset in found}

    def asset(self, fqn: str) -> Any:
        return self.assets()[fqn]

    def edges(self, fqn: str) -> list[str]:
        """What an asset depends on, as `type name`."""
        lineage = self.get(f"/assets/{self.asset(fqn)['id']}/lineage")
        return sorted(f"{edge['dependency_type']} {edge['asset_fqn']}" for edge in lineage["upstream"])

    def consumers(self, fqn: str) -> list[str]:
        """Short names of the teams registered on an asset."""
        found = self.get("/registrations", asset_id=self.asset(fqn)["id"])["results"]
        names = {id: name for name, id in self.teams.items()}
        return sorted(names[each["consumer_team_id"]] for each in found)

    def contract(self, fqn: str) -> Any:
        """The active contract of an asset, with its schema."""
        return self.get(f"/contracts/{self.asset(fqn)['active_contract_id']}")

    def proposals(self, fqn: str) -> list[Any]:
        """The proposals of an asset, newest first."""
        found: list[Any] = self.get("/proposals", asset_id=self.asset(fqn)["id"])["results"]
        return found

    def head(self) -> int:
        return int(self.api.get("/teams").headers["muniment-position"])

    def events(self, after: int) -> Counter[str]:
        """What happened after a position, as actions with their number."""
        found = self.get("/audit/events", limit=100)["results"]
        return Counter(event["action"] for event in found if event["position"] > after)

    def register(self, fqn: str, team: str) -> Any:
        body = {"consumer_team_id": self.team(team), "asset_id": self.asset(fqn)["id"]}
        answer = self.api.post("/registrations", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def happen(self, fqn: str, *events: AssetEvent) -> None:
        """Append events to an asset's stream: what people do by routes that this test is not about."""
        asset_id, log = self.asset(fqn)["id"], open_log(self.target)
        try:
            catalog = Catalog(log, SystemClock())

            def decide() -> tuple[Outcome, None]:
                version = catalog.any_asset(asset_id).version
                return Outcome(events={asset_id: (version, [*events])}), None

            catalog.commit(decide, Actor(type="bootstrap"), None)
        finally:
            log.close()
