"""Events to bytes and back. The stored form is JSON: an envelope and the event under its tag."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TypeAlias

import msgspec
from msgspec import Raw

from adapters.log.tolerance import event_type, filled
from domain.events import Actor, AnyEvent, Recorded

Upcaster: TypeAlias = Callable[[dict[str, object]], dict[str, object]]

# From a tag to what brings any older stored form of its event to today's, and leaves today's as it is. Kept for ever.
UPCASTERS: dict[str, Upcaster] = {}


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored around an event beside its stream, version and position."""

    at: datetime
    end: int
    actor: Actor
    request: str | None = None


class State(Envelope, frozen=True, kw_only=True):
    """What is stored of an event."""

    event: AnyEvent


class _Loose(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime = datetime.min.replace(tzinfo=UTC)
    end: int = 0
    actor: dict[str, object] = {}
    request: str | None = None
    event: Raw = Raw(b"{}")


_decoder = msgspec.json.Decoder(State)
_loose = msgspec.json.Decoder(_Loose)
_encoder = msgspec.json.Encoder()


def encode(recorded: Recorded) -> bytes:
    """The stored form of an event."""
    return encoded(envelope(recorded.at, recorded.end, recorded.actor, recorded.request_id), recorded.event)


def envelope(
    at: datetime, end: int, actor: Actor, request_id: str | None, common: Mapping[str, Mapping[str, object]] = {}
) -> bytes:
    """The beginning of the stored form, up to the event. `common` is what others of the append leave out."""
    members = _encoder.encode(Envelope(at=at, end=end, actor=actor, request=request_id))[:-1]
    return members + (b',"common":' + _encoder.encode(common) if common else b"") + b',"event":'


def encoded(beginning: bytes, event: AnyEvent) -> bytes:
    """The stored form of an event with this beginning."""
    return b"".join((beginning, _encoder.encode(event), b"}"))


def topic(event: AnyEvent) -> str:
    """The tag under which an event is stored."""
    return topic_of(type(event))


@cache
def topic_of(kind: type[AnyEvent]) -> str:
    """The tag under which events of a kind are stored."""
    return str(kind.__struct_config__.tag)


def decode(position: int, stream: str, version: int, tag: str, state: bytes, whole: bytes = b"") -> Recorded:
    """The event of a row of the log. Members that are missing get neutral values, unknown ones are passed over.

    `whole` is the stored form with what the append shares, where that is not in it.
    """
    text = whole or state
    if tag in UPCASTERS:
        text = state = _upcast(UPCASTERS[tag], text)
    try:
        kept = _decoder.decode(text)
    except msgspec.ValidationError:
        kept = _tolerant(position, tag, text)
        state = _encoder.encode(kept)
    return Recorded(
        position=position,
        end=kept.end,
        stream=stream,
        version=version,
        at=kept.at,
        actor=kept.actor,
        request_id=kept.request,
        event=kept.event,
        stored=state,
    )


def _upcast(upcaster: Upcaster, state: bytes) -> bytes:
    raw = msgspec.json.decode(state)
    return _encoder.encode({**raw, "event": upcaster(raw.get("event", {}))})


def _tolerant(position: int, tag: str, state: bytes) -> State:
    loose = _loose.decode(state)
    kind = event_type(tag)
    event = msgspec.convert({**filled(kind, msgspec.json.decode(loose.event)), "tag": tag}, kind)
    actor = msgspec.convert({"type": "unknown", **loose.actor}, Actor)
    return State(at=loose.at, end=loose.end or position, actor=actor, request=loose.request, event=event)


def event_members(state: bytes) -> dict[str, Raw]:
    """The members of an event as they were stored, in the order in which they are declared."""
    members = msgspec.json.decode(_loose.decode(state).event, type=dict[str, Raw])
    declared = ("tag", *event_type(msgspec.json.decode(members["tag"])).__struct_fields__)
    return {**{name: members[name] for name in declared if name in members}, **members}
