"""Syncs and diffs of generated projects through the real server, beside the floors of the same moment."""

import http.client
import time
from pathlib import Path

import msgspec

from tests.bench.floor import decode_seconds
from tests.bench.projects import TEAMS, manifest, upload
from tests.bench.stores import Fresh, append_seconds
from tests.conftest import KEY, Server

OPTIONS: dict[str, object] = {
    "conflict_mode": "overwrite",
    "auto_publish_contracts": True,
    "auto_register_consumers": True,
}
CHANGED_EVERY = 20


class Run(msgspec.Struct, kw_only=True):
    """One round, in seconds and bytes. `plain` and `alike` are the floors of `floor.Decode`."""

    plain: float
    alike: float
    append: float
    first: float
    again: float
    diff: float
    memory: float


class Bodies(msgspec.Struct, kw_only=True):
    """The requests of one size of project."""

    sync: bytes
    diff: bytes

    @staticmethod
    def of(models: int) -> "Bodies":
        changed = manifest(models, changed_every=CHANGED_EVERY)
        return Bodies(sync=upload(manifest(models), **OPTIONS), diff=upload(changed))


class Client:
    """One connection to the server, with the bootstrap key. `position` is the log position of the last answer."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.position = 0

    def request(self, method: str, path: str, body: bytes = b"") -> tuple[float, dict[str, object]]:
        """Seconds from the first byte sent to the last one received, and the answer. It has to be a success."""
        started = time.perf_counter()
        self._connection.request(method, "/api/v1" + path, body, {"Authorization": f"Bearer {KEY}"})
        answer = self._connection.getresponse()
        text = answer.read()
        taken = time.perf_counter() - started
        assert answer.status < 300, text[:500]
        self.position = int(answer.headers["Muniment-Position"])
        return taken, msgspec.json.decode(text)

    def post(self, path: str, body: bytes) -> tuple[float, dict[str, object]]:
        return self.request("POST", path, body)


def owner(client: Client) -> str:
    """Make the teams; the id of the one that owns what names nobody."""
    ids = [client.post("/teams", msgspec.json.encode({"name": name}))[1]["id"] for name in TEAMS]
    return str(ids[0])


def ready(server: Server) -> tuple[Client, str]:
    """A client of a server that has done its first work, with the owner of what comes."""
    client = Client(server.port)
    team = owner(client)
    for document in (manifest(100), manifest(100, changed_every=5)):
        client.post("/sync/dbt/upload", upload(document, owner_team_id=team, environment="warm-up", **OPTIONS))
    client.post("/sync/dbt/diff", upload(document, environment="warm-up"))
    return client, team


def measure(server: Server, target: Path | str, fresh: Fresh, bodies: Bodies, folder: Path) -> Run:
    """One round on a server with an empty store."""
    file = folder / "body.json"
    file.write_bytes(bodies.sync)
    decode = decode_seconds(file)
    client, team = ready(server)
    body = bodies.sync[:-1] + b',"owner_team_id":"%s"}' % team.encode()
    before = client.position
    first, _ = client.post("/sync/dbt/upload", body)
    again, same = client.post("/sync/dbt/upload", body)
    assert same["position"] is None
    diff, found = client.post("/sync/dbt/diff", bodies.diff)
    assert found["status"] == "breaking_changes_detected"
    return Run(
        plain=decode.plain,
        alike=decode.alike,
        memory=peak_memory(server.process.pid),
        append=append_seconds(target, fresh(), before),
        first=first,
        again=again,
        diff=diff,
    )


def peak_memory(group: int) -> int:
    """The peaks of resident memory of all processes of a group, added up, in bytes (Linux)."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[2]) == group:
                lines = (stat.parent / "status").read_text().splitlines()
                total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total
