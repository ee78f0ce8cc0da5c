"""The document worker dies, or the server above its workers: the service heals, and nobody lingers."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import psutil
import pytest

from adapters.log import open_log
from tests.conftest import ROOT, Server, free_port
from tests.faults.audit import Audit
from tests.faults.load import Load, Told, new_team
from tests.faults.processes import children, document_worker
from tests.faults.rounds import Serve, chance, report, scaled


def test_the_document_worker_is_killed_during_syncs(target: Path | str, serve: Serve) -> None:
    store = "sqlite" if isinstance(target, Path) else "postgresql"
    moments = chance(f"worker {store}")
    told = Told()
    audit = Audit(told)
    server = serve(target)
    team = new_team(server)
    rounds = scaled(4)
    log = open_log(target)
    for _ in range(rounds):
        load = Load(server, team, told, syncing=2)
        assert load.synced.wait(20)
        time.sleep(moments.uniform(0, 0.2))
        document_worker(server).kill()
        load.synced.clear()
        assert load.synced.wait(20), "no sync came through after the worker's death"
        load.stop()
        audit.check(log)
    audit.views(log)
    log.close()
    server.stop()
    report(
        f"document worker killed, {store}",
        rounds=rounds,
        acknowledged=len(told.done),
        answers_lost=len(told.lost),
        of_these_landed=audit.landed(),
    )
    assert told.lost <= told.done.keys(), "what was lost with the worker was sent again, and done once"


def test_a_start_without_the_database_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "adapters.launch", "serve", "--port", str(free_port())]
    database = "postgresql://nobody@127.0.0.1:1/nowhere"
    environment = {**os.environ, "MUNIMENT_DATA": str(tmp_path), "MUNIMENT_DATABASE": database}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 3
    assert "the PostgreSQL database cannot be used" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_no_process_outlives_a_killed_server(tmp_path: Path, workers: int, serve: Serve) -> None:
    server = serve(tmp_path / "muniment.db", workers)
    new_team(server)
    below = children(server)
    assert len(below) >= workers
    server.process.kill()
    server.process.wait()
    _, left = psutil.wait_procs(below, timeout=20)
    assert not left
    server.start()
    assert httpx.get(server.url + "/health").json()["status"] == "healthy"
    server.stop()


def test_two_servers_may_start_at_once_on_a_store_that_is_not_there_yet(target: Path | str, serve: Serve) -> None:
    servers: list[Server] = []
    threads = [threading.Thread(target=lambda: servers.append(serve(target, 2))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(servers) == 2
    for server in servers:
        new_team(server)
        server.stop()
