"""Clients that sync and create assets, and remember outside the server what each of them was told."""

import threading
from itertools import count
from typing import Any

import httpx

from tests.conftest import Server
from tests.manifests import manifest, model, upload

MODELS = 8
_numbers = count(1)


class Told:
    """What the server told its clients, by the label of each request. For several threads."""

    def __init__(self) -> None:
        self.done: dict[str, int] = {}
        self.refused: set[str] = set()
        self.lost: set[str] = set()
        self.found: set[str] = set()
        self.odd: list[str] = []

    def note(self, label: str, answer: httpx.Response) -> bool:
        """Keep an answer, and say whether it settles the request: all do but 503 `UNAVAILABLE`."""
        if answer.status_code == 503 and answer.json()["code"] == "UNAVAILABLE":
            if "nothing was written" not in answer.json()["detail"]:
                return self.unknown(label)
            if label not in self.lost:
                self.refused.add(label)
            return False
        if answer.is_success:
            self.done[label] = int(answer.headers["muniment-position"])
            self._settle(label, "idempotency-replayed" in answer.headers)
        else:
            self.odd.append(f"{label}: {answer.status_code} {answer.text[:300]}")
        return True

    def _settle(self, label: str, replayed: bool) -> None:
        if replayed and label in self.refused:
            self.odd.append(f"{label}: an answer said that nothing was written, and it was")
        if replayed:
            self.found.add(label)
        self.refused.discard(label)

    def unknown(self, label: str) -> bool:
        """Keep that nobody knows yet whether a request was carried out."""
        self.lost.add(label)
        self.refused.discard(label)
        return False


class Load:
    """Threads that send requests until they are stopped: some sync a project each, some create assets.

    A request whose outcome is unknown is sent again under its Idempotency-Key. Assets are created once a sync came
    through, so that a server that has just started is not busy with them alone.
    """

    def __init__(self, server: Server, team: str, told: Told, syncing: int = 1, creating: int = 1) -> None:
        self._server = server
        self._team = team
        self._told = told
        self._stopped = threading.Event()
        self._abandoned = threading.Event()
        self.synced = threading.Event()
        jobs = [(self._sync, f"p{n}") for n in range(syncing)] + [(self._create, f"c{n}") for n in range(creating)]
        self._threads = [threading.Thread(target=self._client, args=job, daemon=True) for job in jobs]
        for thread in self._threads:
            thread.start()

    def stop(self, abandon: bool = False) -> None:
        """Let each client end with the request that it is at; `abandon`: even if it has not come through."""
        self._stopped.set()
        if abandon:
            self._abandoned.set()
        for thread in self._threads:
            thread.join()

    def _client(self, request: Any, name: str) -> None:
        api = self._server.client()
        while not self._stopped.is_set():
            label = f"{name}-{next(_numbers)}"
            while not self._answered(api, request, label) and not self._abandoned.wait(0.05):
                pass
        api.close()

    def _answered(self, api: httpx.Client, request: Any, label: str) -> bool:
        try:
            return self._told.note(label, request(api, label, {"Idempotency-Key": label}))
        except httpx.TransportError:
            return self._told.unknown(label)

    def _sync(self, api: httpx.Client, label: str, headers: dict[str, str]) -> httpx.Response:
        answer = api.post("/sync/dbt/upload", content=document(label, self._team), headers=headers)
        if answer.is_success:
            self.synced.set()
        return answer

    def _create(self, api: httpx.Client, label: str, headers: dict[str, str]) -> httpx.Response:
        self.synced.wait(10)
        body = {"fqn": f"made.{label.replace('-', '_')}", "owner_team_id": self._team}
        return api.post("/assets", json=body, headers=headers)


def document(label: str, team: str) -> bytes:
    """A sync that changes every model of a project: each carries the label, and a chain of them depends on the last."""
    project = label.partition("-")[0]
    models = [
        model(
            f"{project}_m{n}",
            {"id": "int", f"c{n}": "text"},
            description=label,
            depends_on={"nodes": [f"model.shop.{project}_m{n - 1}"] if n else []},
        )
        for n in range(MODELS)
    ]
    whole = manifest(*models)
    whole["metadata"]["project_name"] = project
    options = {"conflict_mode": "overwrite", "auto_publish_contracts": True, "commit": label}
    return upload(whole, owner_team_id=team, **options)


def new_team(server: Server) -> str:
    """The id of a team, made if it is not there yet."""
    with server.client() as api:
        made = api.post("/teams", json={"name": "load"})
        if made.status_code == 201:
            return str(made.json()["id"])
        return str(api.get("/teams", params={"name": "load"}).json()["results"][0]["id"])
