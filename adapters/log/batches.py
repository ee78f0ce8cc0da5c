"""What both stores do with a batch: check it against the streams, and give it positions."""

from collections.abc import Mapping
from datetime import datetime

from adapters.log.protocol import Batch, Conflict
from adapters.log.sharing import stored_forms
from domain.events import Recorded


def concerned(batch: Batch) -> list[str]:
    """The streams that a batch writes or relies on."""
    return list({*(proposed.stream for proposed in batch.events), *batch.unchanged})


def check(batch: Batch, versions: Mapping[str, int]) -> None:
    """Raise `Conflict` unless every stream stands where the batch takes it to stand, and its versions have no holes."""
    reached = dict(versions)
    for stream, version in batch.unchanged.items():
        if reached.get(stream, -1) != version:
            raise Conflict(f"stream {stream} is not at version {version}")
    for proposed in batch.events:
        if proposed.version != reached.get(proposed.stream, -1) + 1:
            raise Conflict(f"stream {proposed.stream} is not at version {proposed.version - 1}")
        reached[proposed.stream] = proposed.version


def positioned(batch: Batch, head: int, last: datetime | None) -> tuple[Recorded, ...]:
    """The batch's events after the head, at a time that is not before the last event's."""
    at = batch.at if last is None or last < batch.at else last
    end = head + len(batch.events)
    forms = stored_forms([each.event for each in batch.events], at, end, batch.actor, batch.request_id)
    return tuple(
        Recorded(
            position=head + n,
            end=end,
            stream=proposed.stream,
            version=proposed.version,
            at=at,
            actor=batch.actor,
            request_id=batch.request_id,
            event=proposed.event,
            stored=stored,
        )
        for n, (proposed, stored) in enumerate(zip(batch.events, forms, strict=True), start=1)
    )
