"""GETs against a server that holds a large catalog, beside a bare application under the same load."""

import statistics
import subprocess
import sys
import time

import httpx
import msgspec

from tests.bench.load import Load
from tests.bench.syncs import Client
from tests.conftest import ROOT, Server, free_port

SECONDS = 2.0
RATE = 200.0


class Reads(msgspec.Struct, kw_only=True):
    """Medians: rates as shares of the bare rate of the same round.

    `page` is of a client that goes through a list, as others have before: the server keeps rendered what was asked
    for lately. `anew` is of pages that are more than it keeps, so that each is read from its rows.
    """

    bare: float
    one: float
    page: float
    anew: float


class Bare:
    """The bare application, served as ours is."""

    def __init__(self) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "uvicorn", "tests.bench.bare:app", "--port", str(self.port)]
        command += ["--log-level", "warning", "--no-access-log"]
        self._process = subprocess.Popen(command, cwd=ROOT)
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/")
                return
            except httpx.HTTPError:
                assert self._process.poll() is None
                time.sleep(0.05)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def reader_key(client: Client, team: str) -> str:
    """A key that may only read, as a dashboard has."""
    body = msgspec.json.encode({"name": "bench", "team_id": team, "scopes": ["read"]})
    return str(client.post("/api-keys", body)[1]["key"])


def asset_paths(client: Client) -> list[str]:
    """Paths of a hundred assets."""
    results = client.request("GET", "/assets?limit=100&resource_type=model")[1]["results"]
    assert isinstance(results, list)
    return [f"/api/v1/assets/{asset['id']}" for asset in results]


def measure(server: Server, client: Client, key: str, rounds: int) -> Reads:
    """Rates of one asset and of pages of 50, each beside the bare rate of the same round."""
    works = {"one": asset_paths(client), "page": _pages(range(0, 1000, 50)), "anew": _pages(range(0, 500, 2))}
    bare = Bare()
    rates: list[float] = []
    shares: dict[str, list[float]] = {name: [] for name in works}
    try:
        for _ in range(rounds):
            rates.append(_rate(bare.port, ["/"], key))
            for name, paths in works.items():
                shares[name].append(_rate(server.port, paths, key) / rates[-1])
    finally:
        bare.stop()
    return Reads(bare=statistics.median(rates), **{name: statistics.median(each) for name, each in shares.items()})


def _pages(offsets: range) -> list[str]:
    return [f"/api/v1/assets?limit=50&offset={offset}" for offset in offsets]


def _rate(port: int, paths: list[str], key: str) -> float:
    return Load("closed", port, SECONDS, paths, key).result()["rate"]


def latencies_during(server: Server, key: str, body: bytes) -> dict[str, float]:
    """Latencies of GETs at a fixed rate while a sync with this body runs, in seconds."""
    client = Client(server.port)
    load = Load("open", server.port, RATE, asset_paths(client), key)
    time.sleep(0.5)
    client.post("/sync/dbt/upload", body)
    return load.result()
