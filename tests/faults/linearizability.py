"""A checker: did a log that many used at once behave as if they had come one after the other?

An operation is noted with the moments at which it was asked and answered, on a clock that all processes share. Since
every append says at which version it stands, no search is needed: one pass per rule (reliability.md, "What taught us").
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

Outcome = Literal["done", "conflict", "unknown"]


class Append(msgspec.Struct, frozen=True, kw_only=True):
    """Events, one a stream: `expected` is the version before each, `relied` what other streams had to stand at.

    `position` is the answer's, of its last event; None where there was no answer or a conflict.
    """

    label: str
    asked: int
    answered: int
    expected: dict[str, int]
    relied: dict[str, int] = {}
    outcome: Outcome
    position: int | None = None


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A read of some streams in one go: for each the labels of its events, in order."""

    asked: int
    answered: int
    seen: dict[str, list[str]]


class Stored(msgspec.Struct, frozen=True):
    """An event of the log as it is in the end."""

    position: int
    stream: str
    version: int
    label: str


NEVER = 2**63


def violations(appends: Sequence[Append], reads: Sequence[Read], log: Sequence[Stored]) -> list[str]:
    """What no log that answers one at a time could have done; empty if nothing."""
    streams: dict[str, list[Stored]] = {}
    for stored in log:
        streams.setdefault(stored.stream, []).append(stored)
    return [
        *_shape(log, streams),
        *_answers(appends, log),
        *_conflicts(appends, streams),
        *_relied(appends, log),
        *_prefixes(reads, streams),
        *_real_time(appends, reads, streams),
    ]


def _shape(log: Sequence[Stored], streams: dict[str, list[Stored]]) -> Iterable[str]:
    """Positions and versions without holes."""
    if [stored.position for stored in log] != list(range(1, len(log) + 1)):
        yield "positions have holes or come twice"
    for stream, events in streams.items():
        if [stored.version for stored in events] != list(range(len(events))):
            yield f"{stream}: versions have holes or come twice"


def _answers(appends: Sequence[Append], log: Sequence[Stored]) -> Iterable[str]:
    """An acknowledged append stands whole at expected + 1, once; a refused one nowhere; an unknown one whole or not."""
    found: dict[str, list[Stored]] = {}
    for stored in log:
        found.setdefault(stored.label, []).append(stored)
    for append in appends:
        there = found.pop(append.label, [])
        wanted = {stream: version + 1 for stream, version in append.expected.items()}
        whole = len(there) == len(wanted) and {s.stream: s.version for s in there} == wanted
        if append.outcome == "conflict" and there:
            yield f"{append.label}: refused, and there all the same"
        elif append.outcome == "done" and not whole:
            yield f"{append.label}: acknowledged, and not there as asked"
        elif append.outcome == "unknown" and there and not whole:
            yield f"{append.label}: there in part, or elsewhere"
        elif append.outcome == "done" and append.position != there[-1].position:
            yield f"{append.label}: answered with another position"
    yield from (f"{label}: nobody asked for it" for label in found)


def _conflicts(appends: Sequence[Append], streams: dict[str, list[Stored]]) -> Iterable[str]:
    """A refusal needs a reason: a stream that may have stood elsewhere at some moment of the request."""
    by_label = {append.label: append for append in appends}
    for append in (a for a in appends if a.outcome == "conflict"):
        if not any(
            _may_have_moved(by_label, streams.get(stream, []), version, append)
            for stream, version in {**append.expected, **append.relied}.items()
        ):
            yield f"{append.label}: refused without a reason"


def _may_have_moved(by_label: dict[str, Append], events: list[Stored], version: int, refused: Append) -> bool:
    if version >= len(events):
        return True
    before = by_label.get(events[version].label) if version >= 0 else None
    after = by_label.get(events[version + 1].label) if version + 1 < len(events) else None
    late = before is not None and _end(before) > refused.asked
    return late or (after is not None and after.asked < refused.answered)


def _relied(appends: Sequence[Append], log: Sequence[Stored]) -> Iterable[str]:
    """What an append relied on stood where it said when it was written."""
    relying = {append.label: append for append in appends if append.relied}
    versions: dict[str, int] = {}
    for stored in log:
        append = relying.get(stored.label)
        if append and any(versions.get(stream, -1) != version for stream, version in append.relied.items()):
            yield f"{stored.label}: what it relied on had changed"
        versions[stored.stream] = stored.version


def _prefixes(reads: Sequence[Read], streams: dict[str, list[Stored]]) -> Iterable[str]:
    """Every read is the beginning of what the stream is in the end, and all of it of one moment."""
    for read in reads:
        began, ended = 0, NEVER
        for stream, labels in read.seen.items():
            events = streams.get(stream, [])
            if [stored.label for stored in events[: len(labels)]] != labels:
                yield f"{stream}: a read that is not a beginning of it"
                continue
            began = max(began, events[len(labels) - 1].position if labels else 0)
            ended = min(ended, events[len(labels)].position if len(labels) < len(events) else NEVER)
        if began >= ended:
            yield "a read of several streams at different moments"


def _end(append: Append) -> int:
    return append.answered if append.outcome == "done" else NEVER


def _real_time(appends: Sequence[Append], reads: Sequence[Read], streams: dict[str, list[Stored]]) -> Iterable[str]:
    """What was answered before something else was asked comes before it: for each stream, and for all positions.

    Each operation proves that its stream had reached a length. Sorted by time, one that was asked later must not show
    less. A read may not show what was asked for only after it had been answered.
    """
    asked = {append.label: append.asked for append in appends}
    answered: list[tuple[int, str, int]] = []
    starts: list[tuple[int, str, int]] = []
    for append in (a for a in appends if a.outcome == "done"):
        marks = [(stream, version + 2) for stream, version in append.expected.items()]
        marks.append(("", append.position or 0))
        answered += [(append.answered, stream, reached) for stream, reached in marks]
        starts += [(append.asked, stream, reached - 1) for stream, reached in marks]
    for read in reads:
        for stream, labels in read.seen.items():
            answered.append((read.answered, stream, len(labels)))
            starts.append((read.asked, stream, len(labels)))
            if any(asked.get(label, 0) > read.answered for label in labels):
                yield f"{stream}: a read that shows what was asked for later"
    yield from _too_low(sorted(answered), sorted(starts))


def _too_low(answered: list[tuple[int, str, int]], starts: list[tuple[int, str, int]]) -> Iterable[str]:
    floors: dict[str, int] = {}
    at = 0
    for moment, stream, length in starts:
        while at < len(answered) and answered[at][0] < moment:
            _, known, reached = answered[at]
            floors[known] = max(floors.get(known, 0), reached)
            at += 1
        if length < floors.get(stream, 0):
            yield f"{stream or 'positions'}: an operation that came before what had been answered before it"
