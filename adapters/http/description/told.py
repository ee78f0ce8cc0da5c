"""What can be said of one route."""

import msgspec

from adapters.http import lists
from adapters.http.wire import Listed


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One operation. Without `answer` it answers 204; `tagged` answers carry an `ETag`."""

    summary: str
    answer: object = None
    media_type: str = "application/json"
    status: tuple[int, ...] = (200,)
    query: type[msgspec.Struct] | None = None
    body: object = None
    body_optional: bool = False
    tagged: bool = False
    errors: tuple[str, ...] = ()


def page(summary: str, entry: object, query: type[msgspec.Struct] = lists.Page, *errors: str) -> Told:
    """A list that takes `limit`, `offset` and `cursor`."""
    return Told(summary=summary, answer=Listed[entry], query=query, errors=errors)  # type: ignore[valid-type]


def one(
    summary: str, answer: object, *errors: str, body: type[msgspec.Struct] | None = None, status: int = 200
) -> Told:
    """An answer that shows one entity, with its `ETag`."""
    return Told(summary=summary, answer=answer, errors=errors, body=body, status=(status,), tagged=True)
