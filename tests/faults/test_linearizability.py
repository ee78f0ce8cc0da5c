"""Real processes on a few hot streams, some of them killed; and that the checker would see it if a log went wrong.

reliability.md, row 4.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.log import open_log
from adapters.log.protocol import Batch, Conflict, Proposed, Within
from adapters.log.sqlite import SqliteLog
from domain.events import Recorded
from tests.conftest import ROOT
from tests.faults.hot_streams import Client, gathered, whole
from tests.faults.linearizability import violations
from tests.faults.rounds import SEED, chance, report, scaled

PROCESSES = 4
THREADS = 4
OPERATIONS = {"sqlite": 900, "postgresql": 600}


def _process(target: Path | str, notes: Path, name: str, operations: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.faults.hot_streams", str(target), str(notes), name]
    return subprocess.Popen([*command, str(SEED), str(operations), str(THREADS)], cwd=ROOT)


def _has_begun(process: subprocess.Popen[bytes], notes: Path) -> None:
    deadline = time.monotonic() + 60
    while not (notes.exists() and notes.stat().st_size > 10_000):
        assert process.poll() is None and time.monotonic() < deadline, "a process that does not begin"
        time.sleep(0.02)


def test_a_log_that_many_processes_use_answers_as_if_one_came_after_the_other(
    target: Path | str, tmp_path: Path
) -> None:
    store = "sqlite" if isinstance(target, Path) else "postgresql"
    if isinstance(target, Path):
        target.parent.mkdir()
    dice = chance(f"hot streams {store}")
    log = open_log(target)
    each = scaled(OPERATIONS[store])
    notes = [tmp_path / f"notes-{n}" for n in range(PROCESSES + 2)]
    running = [_process(target, path, f"w{n}", each) for n, path in enumerate(notes[:PROCESSES])]
    # Two of them die in the middle of something, and others take their place.
    for n in range(2):
        _has_begun(running[0], notes[n])
        time.sleep(dice.uniform(0, 0.3))
        victim = running.pop(0)
        victim.kill()
        victim.wait()
        running.append(_process(target, notes[PROCESSES + n], f"r{n}", each // 2))
    assert [process.wait() for process in running] == [0] * PROCESSES
    appends, reads = gathered(line for path in notes for line in path.read_bytes().splitlines())
    found = violations(appends, reads, whole(log))
    log.close()
    report(
        f"hot streams, {store}",
        operations=len(appends) + len(reads),
        acknowledged=sum(append.outcome == "done" for append in appends),
        conflicts=sum(append.outcome == "conflict" for append in appends),
        unknown=sum(append.outcome == "unknown" for append in appends),
        reads=len(reads),
        violations=len(found),
    )
    assert found == []


class Sound(SqliteLog):
    """The log as it is: what every mutant below is but for one thing."""


class LosesWrites(SqliteLog):
    """Acknowledges now and then what it has not written."""

    calls = 0

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        self.calls += 1
        if self.calls % 20:
            return super().append(batch, within)
        try:
            super().append(batch, lambda session, recorded: _give_up(recorded))
        except _GaveUp as gave_up:
            return gave_up.recorded
        raise AssertionError


class _GaveUp(Exception):
    def __init__(self, recorded: Sequence[Recorded]) -> None:
        self.recorded = tuple(recorded)


def _give_up(recorded: Sequence[Recorded]) -> None:
    raise _GaveUp(recorded)


class ChecksNothing(SqliteLog):
    """Writes after whatever is there, whatever the writer had seen."""

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        while True:
            try:
                return super().append(_moved(self, batch), within)
            except Conflict:
                pass


def _moved(log: SqliteLog, batch: Batch) -> Batch:
    versions = log.versions([proposed.stream for proposed in batch.events])
    events = [Proposed(stream=p.stream, version=versions.get(p.stream, -1) + 1, event=p.event) for p in batch.events]
    return _with(batch, events=tuple(events), unchanged={})


def _with(batch: Batch, events: tuple[Proposed, ...], unchanged: dict[str, int]) -> Batch:
    return Batch(events=events, unchanged=unchanged, actor=batch.actor, request_id=None, at=batch.at)


class ForgetsWhatWasReliedOn(SqliteLog):
    """Checks the streams written, not those that were only read."""

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        return super().append(_with(batch, batch.events, {}), within)


class WritesTwice(SqliteLog):
    """Repeats an append whose answer it believes lost."""

    calls = 0

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        recorded = super().append(batch, within)
        self.calls += 1
        if self.calls % 20 == 0:
            super().append(_moved(self, batch), within)
        return recorded


class RefusesWhatItWrote(SqliteLog):
    """Reports a conflict for a commit that got through: what a careless retry does."""

    calls = 0

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        recorded = super().append(batch, within)
        self.calls += 1
        if self.calls % 20 == 0:
            raise Conflict("retried, and found its own events")
        return recorded


class RefusesForNothing(SqliteLog):
    """Reports a conflict where there is none."""

    calls = 0

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        self.calls += 1
        if self.calls % 20 == 0:
            raise Conflict("out of the blue")
        return super().append(batch, within)


class WritesHalf(SqliteLog):
    """Leaves a batch's last stream out."""

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        return super().append(_with(batch, batch.events[:1], dict(batch.unchanged)), within)


class ReadsTheOld(SqliteLog):
    """Answers reads from what it read first."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._kept: dict[str, list[Recorded]] = {}

    def streams(self, ids: Sequence[str]) -> dict[str, list[Recorded]]:
        fresh = super().streams(ids)
        return {id: self._kept.setdefault(id, fresh.get(id, [])) for id in ids}


class ReadsWithHoles(SqliteLog):
    """Passes over an event when a stream is long."""

    def streams(self, ids: Sequence[str]) -> dict[str, list[Recorded]]:
        return {id: [*events[:2], *events[3:]] for id, events in super().streams(ids).items()}


class ReadsOneByOne(SqliteLog):
    """Reads several streams at different moments."""

    def streams(self, ids: Sequence[str]) -> dict[str, list[Recorded]]:
        found: dict[str, list[Recorded]] = {}
        for id in ids:
            found.update(super().streams([id]))
            time.sleep(0.005)
        return found


class ReadsWhatIsNotWritten(SqliteLog):
    """Shows an append's events before it is known whether they will stay."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._under_way: dict[str, tuple[Recorded, ...]] = {}

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        def shown(session: object, recorded: Sequence[Recorded]) -> None:
            self._under_way = {recorded[0].stream: tuple(recorded[:1])}
            time.sleep(0.001)
            if recorded[-1].position % 10 == 0:
                raise Conflict("thought better of it")

        return super().append(batch, shown)

    def streams(self, ids: Sequence[str]) -> dict[str, list[Recorded]]:
        found = super().streams(ids)
        for id, events in self._under_way.items():
            if id in ids and events[0].version == len(found.get(id, [])):
                found[id] = [*found.get(id, []), *events]
        return found


class AnswersWithAnotherPosition(SqliteLog):
    """Says that an append ended where the log stands now."""

    def append(self, batch: Batch, within: Within) -> tuple[Recorded, ...]:
        return super().append(batch, within)[:1]


MUTANTS = [
    LosesWrites,
    ChecksNothing,
    ForgetsWhatWasReliedOn,
    WritesTwice,
    RefusesWhatItWrote,
    RefusesForNothing,
    WritesHalf,
    ReadsTheOld,
    ReadsWithHoles,
    ReadsOneByOne,
    ReadsWhatIsNotWritten,
    AnswersWithAnotherPosition,
]


def _found(kind: type[SqliteLog], folder: Path) -> list[str]:
    """The violations of a log of this kind that a few threads use."""
    log = kind(folder / "log.db")
    lines: list[bytes] = []
    clients = [
        Client(log, f"t{n}", chance(f"mutant {n}"), lambda asked, answered: lines.append(asked or answered), 4)
        for n in range(4)
    ]
    threads = [threading.Thread(target=client.run, args=(100,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = violations(*gathered(lines), whole(log))
    log.close()
    return found


def test_the_checker_finds_nothing_in_the_log_as_it_is(tmp_path: Path) -> None:
    assert _found(Sound, tmp_path) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda kind: kind.__name__)
def test_the_checker_sees_a_planted_bug(mutant: type[SqliteLog], tmp_path: Path) -> None:
    # Which threads meet is chance: some bugs show only when two do.
    for attempt in range(1, 11):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        if found := _found(mutant, folder):
            report(f"planted: {mutant.__name__}", runs=attempt, violations=len(found), first=repr(found[0]))
            return
    raise AssertionError("not seen in ten runs")
