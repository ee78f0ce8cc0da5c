"""Two clients sync different versions of one project at once: as if one had come after the other, on both stores.

A lock held from outside keeps both from writing until both have planned on the same state, so that one of them has to
plan again.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec
import psutil
import psycopg

from adapters.log import open_log
from adapters.log.postgres import LOCK
from adapters.log.protocol import Log
from domain.events import AssetCreated, Recorded
from tests.conftest import Server
from tests.faults.load import new_team
from tests.faults.processes import spawned
from tests.faults.rounds import Serve, chance, report, scaled
from tests.manifests import manifest, model, upload

FLAGS = {"conflict_mode": "overwrite", "auto_publish_contracts": True, "auto_create_proposals": True}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")


def test_two_syncs_at_once_are_one_after_the_other(target: Path | str, serve: Serve) -> None:
    store = "sqlite" if isinstance(target, Path) else "postgresql"
    dice = chance(f"races {store}")
    server = serve(target, workers=2)
    team = new_team(server)
    clients = _on_different_processes(server)
    log = open_log(target)
    for number, api in enumerate(clients):  # Wakes both document workers: planning takes no time from now on.
        assert _sync(api, _base(), team, f"first-{number}").status_code == 200
    rounds = scaled(20)
    for number in range(rounds):
        versions = [_version(dice, name) for name in "ab"]
        raced, alone = f"raced-{number}", f"alone-{number}"
        for environment in (raced, alone):
            assert _sync(clients[0], _base(), team, environment).status_code == 200
        with _held(target) as once_both_wait, ThreadPoolExecutor(2) as pool:
            sent = [pool.submit(_sync, c, v, team, raced) for c, v in zip(clients, versions, strict=True)]
            once_both_wait()
        answers = [future.result() for future in sent]
        order = sorted((0, 1), key=lambda n: answers[n].json()["position"])
        for n in order:
            _same(answers[n], _sync(clients[0], versions[n], team, alone))
        assert _story(log, raced) == _story(log, alone)
    log.close()
    server.stop()
    again = server.said.read_text().count("lost a race")
    report(f"two syncs at once, {store}", rounds=rounds, planned_again=again)
    assert again > 0


def _base() -> dict[str, Any]:
    return manifest(*(model(f"m{n}", {"id": "int", "x": "text"}, description="base") for n in range(6)))


def _version(dice: Random, name: str) -> dict[str, Any]:
    """The project as one client has it: each model left, described, widened, narrowed or dropped, and a new one."""
    models = [model(f"new_{name}", {"id": "int"})]
    for n in range(6):
        change = dice.choice(["left", "described", "widened", "narrowed", "dropped"])
        columns: dict[str, str | None] = {"id": "int", "x": "text"}
        if change == "widened":
            columns[f"by_{name}"] = "int"
        if change == "narrowed":
            del columns["x"]
        if change != "dropped":
            models.append(model(f"m{n}", columns, description=f"by {name}" if change == "described" else "base"))
    # Both always touch one model, so that the one who comes second always has planned on a state that is gone.
    return manifest(*models, model("shared", {"id": "int"}, description=f"by {name}"))


def _sync(api: httpx.Client, document: dict[str, Any], team: str, environment: str) -> httpx.Response:
    options = {"owner_team_id": team, "environment": environment, "auto_delete": True, "expected_deletions": None}
    return api.post("/sync/dbt/upload", content=upload(document, **options, **FLAGS))


def _on_different_processes(server: Server) -> list[httpx.Client]:
    """Two clients whose connections are held by the two web processes."""
    supervisor = psutil.Process(server.process.pid)
    deadline = time.monotonic() + 20
    found: dict[int, httpx.Client] = {}
    while len(found) < 2:
        assert time.monotonic() < deadline
        api = server.client()
        stream = api.get("/teams").extensions["network_stream"]
        port = stream.get_extra_info("client_addr")[1]
        for web in spawned(supervisor):
            if any(c.raddr and c.raddr.port == port for c in web.net_connections("tcp")):
                found.setdefault(web.pid, api)
    return list(found.values())


@contextmanager
def _held(target: Path | str) -> Iterator[Callable[[], None]]:
    """Hold the writer lock; gives what lets it go once two others wait for it, or have had the time to."""
    if isinstance(target, Path):
        holder = sqlite3.connect(target, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        yield lambda: _let_go(holder)
        holder.close()
    else:
        with psycopg.connect(target, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            yield lambda: _release(connection)


def _let_go(holder: sqlite3.Connection) -> None:
    # SQLite does not tell who waits. Should this be too short once, that round has no race and is not counted.
    time.sleep(0.25)
    holder.execute("ROLLBACK")


def _release(connection: psycopg.Connection[Any]) -> None:
    deadline = time.monotonic() + 20
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s"
    # Now and then a server also waits to write down which keys were used.
    while connection.execute(waiting, (LOCK,)).fetchone() not in ((2,), (3,), (4,)):
        assert time.monotonic() < deadline, "two syncs should wait for the lock"
    connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _same(raced: httpx.Response, alone: httpx.Response) -> None:
    """The answer in the race is the answer to the same sync in the same order without one."""
    assert raced.status_code == alone.status_code
    assert raced.json()["position"] is not None
    assert _plain(raced.content) == _plain(alone.content)


def _plain(body: bytes) -> Any:
    """JSON without what differs between two environments: their names, ids, digests, times, positions."""
    text = _TIME.sub("TIME", _DIGEST.sub("DIGEST", _ID.sub("ID", body.decode())))
    return _sorted(
        msgspec.json.decode(re.sub(r'"position":\d+', '"position":0', re.sub(r"(raced|alone)-\d+", "E", text)))
    )


def _sorted(value: Any) -> Any:
    """What goes by the order of random ids, what a sync deletes, comes in another order in another environment."""
    if isinstance(value, dict):
        return {name: _sorted(member) for name, member in value.items()}
    if isinstance(value, list):
        return sorted(map(_sorted, value), key=msgspec.json.encode)
    return value


def _story(log: Log, environment: str) -> dict[str, list[Any]]:
    """All that happened in an environment: per asset and sync, in order, without ids."""
    streams: dict[str, list[Recorded]] = {}
    for recorded in log.all():
        streams.setdefault(recorded.stream, []).append(recorded)
    story: dict[str, list[Any]] = {}
    for events in streams.values():
        first = events[0].event
        if getattr(first, "environment", None) == environment:
            name = first.fqn if isinstance(first, AssetCreated) else "source"
            story[name] = [_plain(msgspec.json.encode(recorded.event)) for recorded in events]
    return story
