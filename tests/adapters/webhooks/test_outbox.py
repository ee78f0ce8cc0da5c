"""Messages in the store: none lost, none doubled, whoever dies when (on both stores)."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from adapters.log.protocol import Log
from adapters.views import prepare, rebuild
from adapters.webhooks.dispatcher import Dispatcher
from adapters.webhooks.outbox import ATTEMPTS, KEPT, LEASE, Claimed, Outbox, Settled
from adapters.webhooks.sending import Attempt
from projections import deliveries as q
from tests.adapters.http.world import asset, made, publish, table, team
from tests.adapters.webhooks.receiver import receiving, until
from tests.conftest import Server

AT = datetime(2026, 11, 25, tzinfo=UTC)


def _row(number: int, webhook: str = "w1") -> tuple[object, ...]:
    at = "2026-11-25T00:00:00.000000Z"
    unsettled = (None, None, None, None, None)
    return (
        f"d{number}",
        webhook,
        "contract.published",
        number,
        "https://x/",
        b"{}",
        "pending",
        0,
        at,
        at,
        *unsettled,
        0,
    )


@pytest.fixture
def filled(log: Log) -> Log:
    prepare(log)
    with log.write() as session:
        outbox = Outbox(session, log.dialect)
        outbox.keep_secret("w1", "canary")
        outbox.add([_row(number) for number in range(5)])
    return log


def _claim(log: Log, limit: int, lease: str, at: datetime) -> list[Claimed]:
    with log.write() as session:
        return Outbox(session, log.dialect).claim("w1", limit, lease, at)


def _settle(log: Log, claimed: Claimed, at: datetime, **attempt: Any) -> None:
    with log.write() as session:
        Outbox(session, log.dialect).settle(Settled(claimed=claimed, attempt=Attempt(**attempt), at=at))


def _statuses(log: Log) -> dict[str, tuple[str, int]]:
    with log.read() as session:
        rows = session.rows(f"SELECT id, status, attempts FROM {q.DELIVERIES.name}")
    return {str(id): (str(status), int(str(attempts))) for id, status, attempts in rows}


def test_a_claim_keeps_others_away_until_its_lease_ends(filled: Log) -> None:
    first = _claim(filled, 2, "a", AT)
    assert [each.message.id for each in first] == ["d0", "d1"] and first[0].message.secret == "canary"
    assert [each.message.id for each in _claim(filled, 9, "b", AT)] == ["d2", "d3", "d4"]
    assert _claim(filled, 9, "c", AT + LEASE - timedelta(seconds=1)) == []
    again = _claim(filled, 2, "c", AT + LEASE)
    assert len(again) == 2
    # The one that lost its lease says nothing more.
    lost = next(each for each in first if each.message.id in {other.message.id for other in again})
    _settle(filled, lost, AT + LEASE, status_code=200)
    assert _statuses(filled)[lost.message.id] == ("pending", 0)


def test_a_lease_begins_when_the_lock_is_given(filled: Log) -> None:
    """The clock shows one time before the wait for the lock, and a much later one from then on."""
    times = iter([AT])
    clock = SimpleNamespace(now=lambda: next(times, AT + 2 * LEASE), seed=lambda: str(uuid4()))
    service: Any = SimpleNamespace(log=filled, clock=clock, settings=SimpleNamespace(webhook_allow_http=False))

    async def exchanges() -> list[Claimed]:
        dispatcher = Dispatcher(service)
        return [*dispatcher._exchange(), *dispatcher._exchange()]

    claimed = [each.message.id for each in asyncio.run(exchanges())]
    assert sorted(claimed) == ["d0", "d1", "d2", "d3", "d4"]


def test_eight_attempts_with_growing_pauses_then_none_until_asked(filled: Log) -> None:
    at, pauses = AT, []
    for number in range(ATTEMPTS):
        (claimed,) = [each for each in _claim(filled, 9, str(number), at) if each.message.id == "d0"]
        _settle(filled, claimed, at, error="answered 500", status_code=500)
        assert _statuses(filled)["d0"] == ("failed" if number < ATTEMPTS - 1 else "dead_lettered", number + 1)
        with filled.read() as session:
            due = session.rows(f"SELECT due FROM {q.DELIVERIES.name} WHERE id = 'd0'")[0][0]
        if due is not None:
            pauses.append((datetime.fromisoformat(str(due)) - at).total_seconds())
            at = datetime.fromisoformat(str(due))
    assert len(pauses) == ATTEMPTS - 1 and pauses == sorted(pauses) and 14 < sum(pauses) / 3600 < 21
    assert "d0" not in [each.message.id for each in _claim(filled, 9, "z", at + timedelta(days=9))]
    with filled.write() as session:
        Outbox(session, filled.dialect).again("d0", at)
    assert _statuses(filled)["d0"] == ("pending", 0)
    assert "d0" in [each.message.id for each in _claim(filled, 9, "y", at)]


def test_the_end_of_a_webhook_and_old_age(filled: Log) -> None:
    first, second = _claim(filled, 2, "a", AT)
    _settle(filled, first, AT, status_code=204)
    with filled.write() as session:
        Outbox(session, filled.dialect).end("w1")
    _settle(filled, second, AT, error="answered 500")
    statuses = _statuses(filled)
    assert statuses.pop("d0") == ("delivered", 1) and set(statuses.values()) == {("dead_lettered", 0)}
    assert _claim(filled, 9, "b", AT + LEASE) == []
    with filled.write() as session:
        assert session.rows(f"SELECT * FROM {q.SECRETS.name}") == []
        Outbox(session, filled.dialect).prune(AT + KEPT - timedelta(hours=1))
    assert len(_statuses(filled)) == 5
    with filled.write() as session:
        Outbox(session, filled.dialect).prune(AT + KEPT + timedelta(hours=1))
    assert _statuses(filled) == {}


def test_a_rebuild_leaves_what_lies_beside_alone(filled: Log) -> None:
    before = _statuses(filled)
    rebuild(filled)
    assert _statuses(filled) == before and len(_claim(filled, 9, "a", AT)) == 5


def test_what_was_claimed_by_a_server_that_was_killed_is_sent_by_the_next(target: Path | str, tmp_path: Path) -> None:
    with receiving(drip=60) as hanging, receiving() as working:
        server = Server(target, tmp_path, workers=2, MUNIMENT_WEBHOOK_ALLOW_HTTP="true")
        try:
            with server.client() as api:
                for receiver in (hanging, working):
                    made(api.post("/webhooks", json={"url": receiver.url, "events": ["contract.published"]}))
                owner = team(api)
                for _ in range(30):
                    publish(api, asset(api, owner), owner, table())
                until(lambda: len(hanging.got) >= 1)
            server.kill()
            hanging._drip = 0
            server.start()
            _let_leases_end(target)
            until(lambda: len({each.headers["webhook-id"] for each in hanging.got}) == 30, 60)
            until(lambda: len({each.headers["webhook-id"] for each in working.got}) == 30, 60)
            with server.client() as api:
                until(lambda: made(api.get("/webhooks/deliveries?status=delivered"))["total"] == 60)
                assert made(api.get("/webhooks/deliveries"))["total"] == 60
        finally:
            server.stop()


def _let_leases_end(target: Path | str) -> None:
    """As if the time of a lease had passed."""
    sql = f"UPDATE {q.DELIVERIES.name} SET due = '2026-01-01T00:00:00.000000Z' WHERE due IS NOT NULL"
    if isinstance(target, Path):
        with sqlite3.connect(target, timeout=30) as connection:
            connection.execute(sql)
        connection.close()
    else:
        with psycopg.connect(target) as pg:
            pg.execute(sql.encode())
