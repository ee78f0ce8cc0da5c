"""Every single statement of a sync and of a small command fails: the state is the old or the new, never between.

reliability.md, row 14.
"""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from adapters.catalog import Catalog, Outcome
from adapters.clock import SystemClock
from adapters.config import Settings
from adapters.http.app import build
from adapters.http.idempotency import Repetition
from adapters.log import open_log, postgres
from adapters.log.protocol import OutcomeUnknown, Unavailable
from adapters.syncing import Job, sync
from adapters.views import prepare
from domain.events import Actor, TeamCreated
from domain.ids import DIRECTORY
from domain.sync.options import Permission
from tests.conftest import KEY
from tests.faults.audit import Audit
from tests.faults.failing import Countdown, connection_lost, disk_error, postgres_counts, sqlite_counts
from tests.faults.load import Told, document
from tests.faults.rounds import report

# Sends the request of a label, notes what came of it, and says whether that settles it.
Attempt = Callable[[str], bool]


@pytest.fixture
def countdown(target: Path | str, monkeypatch: pytest.MonkeyPatch) -> Countdown:
    """Counts the statements of the store that is tried."""
    if isinstance(target, Path):
        target.parent.mkdir()
        counting = Countdown(disk_error)
        sqlite_counts(monkeypatch, counting)
    else:
        counting = Countdown(connection_lost)
        postgres_counts(monkeypatch, counting)
        monkeypatch.setattr(postgres, "HEAL_SECONDS", 0.05)
    return counting


def _each(attempt: Attempt, name: str, countdown: Countdown, told: Told, audit: Audit, target: Path | str) -> None:
    """Fail each statement before and after it is carried out, once and lastingly; then send the same again."""
    log = open_log(target)
    attempt(f"{name}-0")
    with countdown.failing(0):
        assert attempt(f"{name}-1")
    statements = countdown.count
    tried = 1
    for number in range(1, statements + 1):
        for after, lasting in ((False, False), (True, False), (False, True)):
            tried += 1
            label = f"{name}-{tried}"
            with countdown.failing(number, after=after, lasting=lasting):
                attempt(label)
            audit.check(log)
            assert attempt(label)
    audit.check(log)
    rows = audit.views(log)
    log.close()
    report(
        f"each statement fails, {name}, {log.dialect}",
        statements=statements,
        attempts=tried,
        answers_lost=len(told.lost),
        of_these_landed=audit.landed(),
        view_rows=rows,
    )
    assert statements > 10


def test_each_statement_of_a_small_command_fails(target: Path | str, countdown: Countdown, tmp_path: Path) -> None:
    told = Told()
    database = target if isinstance(target, str) else None
    settings = Settings(data=tmp_path / "data", database=database, bootstrap_key=KEY)
    with TestClient(build(settings), headers={"Authorization": f"Bearer {KEY}"}) as api:
        team = api.post("/api/v1/teams", json={"name": "load"}).json()["id"]

        def attempt(label: str) -> bool:
            body = {"fqn": f"made.{label.replace('-', '_')}", "owner_team_id": team}
            answer = api.post("/api/v1/assets", json=body, headers={"Idempotency-Key": label})
            return told.note(label, answer)

        _each(attempt, "command", countdown, told, Audit(told), target)


def test_each_statement_of_a_sync_fails(target: Path | str, countdown: Countdown, tmp_path: Path) -> None:
    told = Told()
    log = open_log(target)
    prepare(log)
    catalog = Catalog(log, SystemClock())
    body = tmp_path / "body.json"
    team = TeamCreated(team_id="0b3c5d9e-0000-4000-8000-000000000001", name="load")
    catalog.commit(lambda: (Outcome(events={DIRECTORY: (-1, [team])}), None), Actor(type="system"), None)

    def attempt(label: str) -> bool:
        body.write_bytes(document(label, team.team_id))
        try:
            answer = sync(catalog, _job(body, label))
        except OutcomeUnknown:
            return told.unknown(label)
        except Unavailable:
            if label not in told.lost:
                told.refused.add(label)
            return False
        replayed = {"idempotency-replayed": "true"} if answer.replayed else {}
        headers = {"muniment-position": str(answer.position), **replayed}
        return told.note(label, httpx.Response(answer.status, headers=headers))

    _each(attempt, "sync", countdown, told, Audit(told), target)
    log.close()


def _job(body: Path, label: str) -> Job:
    repetition = Repetition(caller="bootstrap", method="POST", path="/sync", name=label, body_digest=label)
    return Job(
        kind="dbt",
        action="sync",
        body=body,
        query=(),
        may_be_bare=False,
        actor=Actor(type="bootstrap"),
        permission=Permission(admin=True),
        request_id=label,
        seed=label,
        expiry_days=30,
        may_write=True,
        repetition=repetition,
    )
