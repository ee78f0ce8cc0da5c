"""SQLite's log is on the disk before a write is acknowledged: seen in the system calls (reliability.md, row 2)."""

import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import Server
from tests.faults.load import document, new_team
from tests.faults.processes import document_worker
from tests.faults.rounds import Serve, report, scaled

CALLS = "pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg"
_LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(.*)$")


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: the order on disk is not checked")
def test_the_log_is_synced_before_each_answer(tmp_path: Path, serve: Serve) -> None:
    server = serve(tmp_path / "muniment.db")
    team = new_team(server)
    calls = tmp_path / "calls"
    tracer = _traced(server, calls)
    acknowledged = 0
    with server.client() as api:
        for number in range(scaled(100)):
            if number % 10 == 0:
                answer = api.post("/sync/dbt/upload", content=document(f"p-{number}", team))
            else:
                answer = api.post("/assets", json={"fqn": f"made.a{number}", "owner_team_id": team})
            assert answer.is_success
            acknowledged += 1
    tracer.send_signal(signal.SIGINT)
    tracer.wait(20)
    answers, synced, early = _read(calls.read_text(errors="replace"))
    report("order on disk, sqlite", acknowledged=acknowledged, answers_traced=answers, syncs_of_the_log=synced)
    assert answers == acknowledged
    assert synced >= acknowledged
    assert early == []


def _traced(server: Server, calls: Path) -> subprocess.Popen[bytes]:
    """strace on the web process and its document worker, once it is attached."""
    pids = [str(server.process.pid), str(document_worker(server).pid)]
    command = ["strace", "-f", "-y", "-s", "16", "-e", f"trace={CALLS}", "-o", str(calls)]
    tracer = subprocess.Popen([*command, *(f"-p{pid}" for pid in pids)], stderr=subprocess.PIPE)
    assert tracer.stderr is not None
    attached = 0
    deadline = time.monotonic() + 20
    while attached < len(pids):
        line = tracer.stderr.readline().decode()
        if "Operation not permitted" in line or not line:
            pytest.skip("strace may not attach to processes here: the order on disk is not checked")
        assert time.monotonic() < deadline
        attached += "attached" in line
    return tracer


def _read(calls: str) -> tuple[int, int, list[str]]:
    """Answers of success, completed syncs of the log, and answers that came before the log was synced.

    `clean` says that all that was written to the write-ahead log since the last answer has been synced, and something
    was.
    """
    answers, synced, clean = 0, 0, False
    early: list[str] = []
    syncing: set[str] = set()
    for line in calls.splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        pid, name, rest = found.groups()
        if name == "pwrite64" and "-wal>" in rest:
            clean = False
        elif name in ("fdatasync", "fsync"):
            begun = "-wal>" in rest and "unfinished" in rest
            ended = ("-wal>" in rest and "= 0" in rest) or (pid in syncing and "resumed" in rest and "= 0" in rest)
            syncing = syncing | {pid} if begun else syncing - {pid} if ended else syncing
            synced, clean = synced + ended, clean or ended
        elif '"HTTP/1.1 20' in rest:
            answers += 1
            early += [] if clean else [line]
            clean = False
    return answers, synced, early
