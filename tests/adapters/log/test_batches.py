"""What an append checks, on both stores: versions written, versions relied on, and time (architecture.md 5)."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.log.protocol import Batch, Conflict, Log, Proposed
from domain.events import Actor, TeamCreated, TeamRestored

AT = datetime(2026, 11, 24, tzinfo=UTC)


def _batch(*written: tuple[str, int], at: datetime = AT, **members: object) -> Batch:
    events = tuple(Proposed(stream=s, version=v, event=TeamRestored(team_id=f"{s}{v}")) for s, v in written)
    return Batch(events=events, actor=Actor(type="system"), request_id=None, at=at, **members)  # type: ignore[arg-type]


def _append(log: Log, batch: Batch) -> list[tuple[int, int, str, int]]:
    recorded = log.append(batch, lambda session, events: None)
    return [(r.position, r.end, r.stream, r.version) for r in recorded]


def test_positions_follow_each_other_and_an_append_knows_its_end(log: Log) -> None:
    assert _append(log, _batch(("a", 0), ("b", 0), ("a", 1))) == [(1, 3, "a", 0), (2, 3, "b", 0), (3, 3, "a", 1)]
    assert _append(log, _batch(("b", 1))) == [(4, 4, "b", 1)]
    assert log.versions(["a", "b", "c"]) == {"a": 1, "b": 1}
    assert [r.position for r in log.all()] == [1, 2, 3, 4]
    assert [r.position for r in log.all(after=2)] == [3, 4]


@pytest.mark.parametrize("written", [("a", 0), ("a", 2), ("a", -1), ("b", 1), ("b", -1)])
def test_a_stream_that_is_elsewhere_is_a_conflict_and_nothing_is_written(log: Log, written: tuple[str, int]) -> None:
    _append(log, _batch(("a", 0)))
    with pytest.raises(Conflict):
        _append(log, _batch(("c", 0), written))
    assert (log.head(), log.versions(["c"])) == (1, {})


@pytest.mark.parametrize("relied", [{"a": 0}, {"a": 2}, {"a": -1}, {"b": 0}])
def test_a_stream_relied_on_that_moved_is_a_conflict(log: Log, relied: dict[str, int]) -> None:
    _append(log, _batch(("a", 0), ("a", 1)))
    with pytest.raises(Conflict):
        _append(log, _batch(("c", 0), unchanged=relied))
    assert _append(log, _batch(("c", 0), unchanged={"a": 1, "b": -1})) == [(3, 3, "c", 0)]


def test_time_never_runs_backwards(log: Log) -> None:
    for minutes in (0, 5, -5, 4, 6):
        log.append(_batch((f"s{minutes}", 0), at=AT + timedelta(minutes=minutes)), lambda session, events: None)
    assert [(r.at - AT) // timedelta(minutes=1) for r in log.all()] == [0, 5, 5, 5, 6]


def test_schemas_lie_beside_the_events_once_and_for_ever(log: Log) -> None:
    _append(log, _batch(("a", 0), schemas={"sha256:x": b"{}", "sha256:y": b"true"}))
    _append(log, _batch(("a", 1), schemas={"sha256:x": b"never written"}))
    assert log.schemas(["sha256:x", "sha256:y", "sha256:z"]) == {"sha256:x": b"{}", "sha256:y": b"true"}


def test_what_fails_within_an_append_undoes_it_whole(log: Log) -> None:
    def fail(session: object, events: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        log.append(_batch(("a", 0), schemas={"sha256:x": b"{}"}), fail)
    assert (log.head(), log.schemas(["sha256:x"])) == (0, {})


def test_what_was_written_reads_back_as_it_was(log: Log) -> None:
    event = TeamCreated(team_id="t", name="Ünïcödé \u2028 \U0001f600", metadata={"n": 2**60, "l": [None, 1.5, {}]})
    batch = Batch(
        events=(Proposed(stream="s", version=0, event=event),),
        actor=Actor(type="api_key", id="k", team_id="t"),
        request_id="r",
        at=AT,
    )
    recorded = log.append(batch, lambda session, events: None)
    assert tuple(log.all()) == tuple(log.streams(["s", "none"])["s"]) == recorded
    assert recorded[0].event == event


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE muniment_events SET topic = 'x'",
        "DELETE FROM muniment_events",
        "UPDATE muniment_schemas SET body = NULL",
        "DELETE FROM muniment_schemas",
    ],
)
def test_the_tables_refuse_to_be_rewritten(log: Log, statement: str) -> None:
    _append(log, _batch(("a", 0), schemas={"sha256:x": b"{}"}))
    with pytest.raises(Exception, match="append-only"), log.write() as session:
        session.run(statement)
    assert (log.head(), log.schemas(["sha256:x"])) == (1, {"sha256:x": b"{}"})
