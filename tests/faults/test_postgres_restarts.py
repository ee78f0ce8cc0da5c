"""PostgreSQL killed and started again under load (reliability.md, row 3)."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from adapters.log import open_log
from tests.conftest import Server
from tests.faults.audit import Audit
from tests.faults.cluster import Cluster
from tests.faults.load import Load, Told, document, new_team
from tests.faults.rounds import Serve, chance, report, scaled

BACK_WITHIN = 10


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    running = Cluster()
    yield running
    running.stop()


def test_the_database_is_killed_and_comes_back(cluster: Cluster, serve: Serve) -> None:
    moments = chance("postgresql restarts")
    told = Told()
    audit = Audit(told)
    server = serve(cluster.url)
    team = new_team(server)
    back: list[float] = []
    for number in range(scaled(5)):
        load = Load(server, team, told, creating=3)
        assert load.synced.wait(20)
        time.sleep(moments.uniform(0, 0.3))
        cluster.kill()
        _is_away(server, team, lasting=4.0 if number == 0 else moments.uniform(0.1, 1))
        cluster.start()
        back.append(_is_back(server, f"after-{number}", team, told))
        load.stop()
        log = open_log(cluster.url)
        audit.check(log)
        log.close()
    server.stop()
    log = open_log(cluster.url)
    rows = audit.views(log)
    log.close()
    report(
        "postmaster killed",
        rounds=len(back),
        acknowledged=len(told.done),
        answers_lost=len(told.lost),
        of_these_landed=audit.landed(),
        found_by_their_key=len(told.found),
        events=audit.head,
        view_rows=rows,
        slowest_return=f"{max(back):.1f}s",
    )


def _is_away(server: Server, team: str, lasting: float) -> None:
    """While the database is gone: not ready, alive, and every request is told so."""
    until = time.monotonic() + lasting
    with httpx.Client(base_url=server.url, timeout=30) as open_paths, server.client() as api:
        asked: list[Callable[[], httpx.Response]] = [
            lambda: open_paths.get("/readyz"),
            lambda: open_paths.get("/health"),
            lambda: open_paths.get("/healthz"),
            lambda: api.get("/assets"),
            lambda: api.post("/assets", json={"fqn": "away.a", "owner_team_id": team}),
            lambda: api.post("/sync/dbt/upload", content=document("away-0", team)),
        ]
        while time.monotonic() < until:
            with ThreadPoolExecutor(len(asked)) as together:
                ready, health, alive, *others = together.map(lambda ask: ask(), asked)
            assert (ready.status_code, ready.json()) == (503, {"status": "not_ready", "database": False})
            assert (health.status_code, health.json()["status"]) == (200, "degraded")
            assert alive.status_code == 200
            for answer in others:
                assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE"), answer.text
                assert answer.headers["content-type"] == "application/problem+json"


def _is_back(server: Server, label: str, team: str, told: Told) -> float:
    """Seconds until the server is ready and carries out a sync, without anybody's help."""
    began = time.monotonic()
    with server.client() as api:
        while httpx.get(f"{server.url}/readyz", timeout=30).status_code != 200:
            assert time.monotonic() - began < BACK_WITHIN
            time.sleep(0.05)
        headers = {"Idempotency-Key": label}
        while not told.note(label, api.post("/sync/dbt/upload", content=document(label, team), headers=headers)):
            assert time.monotonic() - began < BACK_WITHIN
            time.sleep(0.05)
    assert label in told.done
    return time.monotonic() - began
