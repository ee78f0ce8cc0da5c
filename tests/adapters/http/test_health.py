"""Health (api.md 1.6)."""

import shutil
import tempfile
from pathlib import Path

import httpx

from tests.adapters.http.world import team
from tests.conftest import Server


def test_a_healthy_server(each_store: httpx.Client) -> None:
    team(each_store)
    root = str(each_store.base_url).removesuffix("/api/v1/")
    head = int(each_store.get("/teams").headers["muniment-position"])
    answer = httpx.get(root + "/health")
    body = answer.json()
    assert answer.status_code == 200 and set(body) == {"status", "version", "uptime_seconds", "checks"}
    assert body["status"] == "healthy" and isinstance(body["version"], str) and body["uptime_seconds"] >= 0
    database, views = body["checks"]["database"], body["checks"]["projections"]
    assert set(database) == {"status", "latency_ms"} and database["status"] == "healthy"
    assert views == {"status": "healthy", "position": head, "head": head}
    for path in ("/health/ready", "/readyz"):
        assert (httpx.get(root + path).status_code, httpx.get(root + path).json()) == (
            200,
            {"status": "ready", "database": True},
        )
    for path in ("/health/live", "/healthz"):
        assert (httpx.get(root + path).status_code, httpx.get(root + path).json()) == (200, {"status": "alive"})


def test_readiness_is_refused_when_the_log_is_gone() -> None:
    folder = Path(tempfile.mkdtemp())
    running = Server(folder / "data" / "muniment.db", folder)
    try:
        # What the reader finds is no database any more.
        for file in (folder / "data").glob("muniment.db*"):
            file.write_bytes(b"not a database" * 1000)
        for path in ("/health/ready", "/readyz"):
            answer = httpx.get(running.url + path)
            assert (answer.status_code, answer.json()) == (503, {"status": "not_ready", "database": False})
        body = httpx.get(running.url + "/health").json()
        assert (body["status"], body["checks"]["database"]["status"]) == ("degraded", "unhealthy")
        assert httpx.get(running.url + "/healthz").status_code == 200
        with running.client() as client:
            assert client.get("/teams").json()["code"] == "UNAVAILABLE"
            assert client.post("/teams", json={"name": "x"}).json()["code"] == "UNAVAILABLE"
    finally:
        running.stop()
        shutil.rmtree(folder)
