"""Many at once on a few streams of one log: what `linearizability` checks. Also run as a process of its own."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec

from adapters.log import open_log
from adapters.log.protocol import Batch, Conflict, Log, Proposed, Unavailable
from domain.events import Actor, AssetUpdated
from tests.faults.linearizability import Append, Outcome, Read, Stored

STREAMS = [f"stream-{n}" for n in range(50)]
Note = Callable[[bytes, bytes], None]


def batch(label: str, expected: dict[str, int], relied: dict[str, int]) -> Batch:
    """One event a stream, each with the label."""
    return Batch(
        events=tuple(
            Proposed(stream=stream, version=version + 1, event=AssetUpdated(description=label))
            for stream, version in expected.items()
        ),
        unchanged=relied,
        actor=Actor(type="system"),
        request_id=None,
        at=datetime.now(UTC),
    )


def labels(log: Log, streams: list[str]) -> dict[str, list[str]]:
    """The labels of some streams' events, read in one go."""
    found = log.streams(streams)
    return {stream: [str(getattr(r.event, "description", "")) for r in found.get(stream, [])] for stream in streams}


def whole(log: Log) -> list[Stored]:
    """The log as it is in the end."""
    return [Stored(r.position, r.stream, r.version, str(getattr(r.event, "description", ""))) for r in log.all()]


class Client:
    """Reads and appends by turns. `note` gets an append when it is asked, and every operation when it is answered."""

    def __init__(self, log: Log, name: str, dice: Random, note: Note, streams: int = len(STREAMS)) -> None:
        self._log = log
        self._streams = STREAMS[:streams]
        self._name = name
        self._dice = dice
        self._note = note

    def run(self, operations: int) -> None:
        known: dict[str, int] = {}
        for number in range(operations):
            streams = self._dice.sample(self._streams, 3)
            if number % 3 == 0 or not known:
                known = self._read(streams)
            else:
                self._append(f"{self._name}-{number}", known)

    def _read(self, streams: list[str]) -> dict[str, int]:
        asked = time.monotonic_ns()
        seen = labels(self._log, streams)
        self._note(b"", msgspec.json.encode(("read", Read(asked=asked, answered=time.monotonic_ns(), seen=seen))))
        return {stream: len(events) - 1 for stream, events in seen.items()}

    def _append(self, label: str, known: dict[str, int]) -> None:
        """To one or two of the streams that were read, at times relying on the third; now and then too late."""
        names = list(known)
        expected = {name: known[name] for name in names[: self._dice.choice([1, 1, 2])]}
        relied = {names[2]: known[names[2]]} if self._dice.random() < 0.3 else {}
        asked = time.monotonic_ns()
        before = Append(label=label, asked=asked, answered=asked, expected=expected, relied=relied, outcome="unknown")
        self._note(msgspec.json.encode(("append", before)), b"")
        outcome: Outcome = "unknown"
        position = None
        try:
            position = self._log.append(batch(label, expected, relied), lambda session, recorded: None)[-1].position
            outcome = "done"
        except Conflict:
            outcome = "conflict"
        except Unavailable:
            pass
        after = msgspec.structs.replace(before, answered=time.monotonic_ns(), outcome=outcome, position=position)
        self._note(b"", msgspec.json.encode(("append", after)))


def gathered(lines: Iterable[bytes]) -> tuple[list[Append], list[Read]]:
    """The operations of notes: what was asked and never answered stays unknown."""
    appends: dict[str, Append] = {}
    reads: list[Read] = []
    for line in lines:
        kind, body = msgspec.json.decode(line, type=tuple[str, msgspec.Raw])
        if kind == "read":
            reads.append(msgspec.json.decode(body, type=Read))
        else:
            append = msgspec.json.decode(body, type=Append)
            appends[append.label] = append
    return list(appends.values()), reads


def main(target: str, notes: str, name: str, seed: str, operations: str, threads: str) -> None:
    """A process with some clients, whose notes outlive it: each is written at once to a file."""
    log = open_log(Path(target) if target.startswith("/") else target)
    file = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(asked: bytes, answered: bytes) -> None:
        os.write(file, (asked or answered) + b"\n")

    clients = [Client(log, f"{name}.{n}", Random(f"{seed} {name} {n}"), note) for n in range(int(threads))]
    running = [threading.Thread(target=client.run, args=(int(operations),)) for client in clients]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
