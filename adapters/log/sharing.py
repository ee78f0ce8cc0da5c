"""What the events of an append have in common is stored once, with the last of them.

Those before the last are brief, `{"end":…,"event":{…}}`: time, actor and request are the last one's, which is found by
`end`; the tag is the row's; and of the members in `_COMMON`, those are left out that are as with the first event of the
kind. The last one is whole and has them, by tag, under `common`. An append of one event has nothing to share.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

import msgspec
from msgspec import Raw

from adapters.log.codec import decode, encoded, envelope, topic_of
from domain.events import Actor, AnyEvent, AssetCreated, ContractPublished, Recorded

# Runs of members that stand side by side. They have no defaults, and nothing but texts stands before them: none of it
# can be taken for them, since a quotation mark in a text is written with a backslash.
_COMMON: dict[type[AnyEvent], tuple[tuple[str, ...], ...]] = {
    AssetCreated: (("environment", "owner_team_id", "resource_type"),),
    ContractPublished: (("version",), ("mode", "published_by")),
}
_BRIEF = re.compile(rb'\{"end":(\d+),"event":\{')
_encode = msgspec.json.Encoder().encode
_members = msgspec.json.Decoder(dict[str, Raw])
_by_tag = msgspec.json.Decoder(dict[str, dict[str, Raw]])

# Position, tag and stored form of an event; and what gets them by position.
Stored = tuple[int, str, bytes]
Read = Callable[[Sequence[int]], Sequence[Stored]]


class _Kind(NamedTuple):
    """What the events of a kind may leave out: the beginning of their text, members, and runs of these.

    A run is what gets its members, their values, and how they are written.
    """

    beginning: int
    members: dict[str, object]
    runs: list[tuple[Callable[[AnyEvent], object], object, bytes]]

    @staticmethod
    def of(first: AnyEvent) -> "_Kind":
        """By the first of them."""
        members, runs = {}, []
        for names in _COMMON.get(type(first), ()):
            run = {name: getattr(first, name) for name in names}
            members.update(run)
            values: Callable[[AnyEvent], object] = attrgetter(*names)
            runs.append((values, values(first), b"," + _encode(run)[1:-1]))
        return _Kind(len(_encode({"tag": topic_of(type(first))})), members, runs)


def stored_forms(
    events: Sequence[AnyEvent], at: datetime, end: int, actor: Actor, request_id: str | None
) -> list[bytes]:
    """The stored forms of the events of an append."""
    beginning = b'{"end":%d,"event":{' % end
    kinds: dict[type[AnyEvent], _Kind] = {}
    forms = []
    for event in events[:-1]:
        kind = kinds.get(type(event))
        if kind is None:
            kind = kinds[type(event)] = _Kind.of(event)
        start, _, runs = kind
        text = _encode(event)
        parts = [beginning]
        for values, common, run in runs:
            if values(event) == common:
                place = text.index(run, start)
                parts.append(text[start:place])
                start = place + len(run)
        parts += (text[start:] or b"}", b"}")
        forms.append(b"".join(parts))
    shared = {topic_of(of): kind.members for of, kind in kinds.items() if kind.members}
    return [*forms, *(encoded(envelope(at, end, actor, request_id, shared), event) for event in events[-1:])]


class _Append:
    """What the events of an append share, from what is stored of the last of them."""

    def __init__(self, end: int, last: bytes) -> None:
        members = _members.decode(last)
        self._common = _by_tag.decode(members.pop("common", b"{}"))
        members.pop("event", None)
        self._envelope = _encode({**members, "end": end})[:-1]
        self._beginnings: dict[str, bytes] = {}

    def whole(self, tag: str, rest: bytes) -> bytes:
        """The whole form of one of them."""
        beginning = self._beginnings.get(tag)
        if beginning is None:
            event = _encode({"tag": tag, **self._common.get(tag, {})})[:-1]
            beginning = self._beginnings[tag] = self._envelope + b',"event":' + event
        return b"".join((beginning, b"" if rest[:1] == b"}" else b",", rest))


def whole(found: Sequence[Stored], read: Read) -> dict[int, bytes]:
    """The whole forms of stored events by position. Their members may be in another order. `read` gets others.

    Raises LookupError where the last event of an append is gone: guessing what it said would be worse.
    """
    briefs = [_BRIEF.match(state) for _, _, state in found]
    ends = {int(end): end for end in {brief[1] for brief in briefs if brief}}
    lasts = {position: state for position, _, state in found if position in ends}
    if elsewhere := [*(ends.keys() - lasts.keys())]:
        lasts.update((position, state) for position, _, state in read(elsewhere))
    if missing := ends.keys() - lasts.keys():
        raise LookupError(f"the log lacks event {min(missing)}, which has what its append shares")
    appends = {written: _Append(end, lasts[end]) for end, written in ends.items()}
    return {
        position: appends[brief[1]].whole(tag, state[brief.end() :]) if brief else state
        for (position, tag, state), brief in zip(found, briefs, strict=True)
    }


def recorded_events(rows: Sequence[Sequence[object]], read: Read) -> list[Recorded]:
    """The events of rows of the log: position, stream, version, tag and stored form."""
    found = stored([(position, tag, state) for position, _, _, tag, state in rows])
    forms = whole(found, read)
    return [
        decode(position, str(row[1]), int(str(row[2])), tag, state, forms[position])
        for row, (position, tag, state) in zip(rows, found, strict=True)
    ]


def stored(rows: Iterable[Sequence[object]]) -> list[Stored]:
    """Rows of position, tag and stored form as what they are."""
    return [(int(str(position)), str(tag), as_bytes(state)) for position, tag, state in rows]


def as_bytes(value: object) -> bytes:
    """A value of a column of bytes."""
    assert isinstance(value, bytes)
    return value
