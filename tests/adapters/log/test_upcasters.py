"""An event that was stored in an older shape is read in today's, by everything that reads the log."""

import json
from typing import Any

import pytest

from adapters.catalog import Catalog
from adapters.clock import SystemClock
from adapters.log import codec
from adapters.log.protocol import Log
from adapters.views import prepare, rebuild
from domain.ids import DIRECTORY

EVENTS = {
    "sqlite": ("muniment_events", "position"),
    "postgresql": ("muniment_events", "notification_id"),
}


def _named(event: dict[str, object]) -> dict[str, object]:
    """Teams once had a `title`; now they have a `name`."""
    return {"name": event["title"], **event} if "title" in event else event


def _store(log: Log, position: int, event: dict[str, Any]) -> None:
    table, key = EVENTS[log.dialect]
    state = {"at": "2026-11-24T03:14:50Z", "end": position, "actor": {"type": "system"}, "event": event}
    row = (position, DIRECTORY, position - 1, event["tag"], json.dumps(state).encode())
    with log.write() as session:
        session.insert(table, [key, "originator_id", "originator_version", "topic", "state"], [row])


def test_an_older_shape_is_read_in_todays(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(log)
    _store(log, 1, {"tag": "team-created", "team_id": "t1", "title": "shop"})
    _store(log, 2, {"tag": "team-created", "team_id": "t2", "name": "finance"})
    _store(log, 3, {"tag": "team-created", "title": "no id"})
    monkeypatch.setitem(codec.UPCASTERS, "team-created", _named)
    directory = Catalog(log, SystemClock()).directory()
    assert directory.by_name == {"shop": "t1", "finance": "t2", "no id": ""}
    rebuild(log)
    with log.read() as session:
        rows = [tuple(row) for row in session.rows("SELECT id, name FROM teams ORDER BY id")]
    assert rows == [("", "no id"), ("t1", "shop"), ("t2", "finance")]
    # What was stored is never rewritten.
    assert b'"title":' in log.states([1])[1].replace(b'": ', b'":')
