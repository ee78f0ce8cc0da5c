"""Time travel (api.md 1.5): `as_of` as a position or a time, rounded down to the end of an append."""

from datetime import datetime
from urllib.parse import parse_qsl

import msgspec

from adapters.clock import Clock
from adapters.http.call import Call
from adapters.http.problems import invalid
from adapters.reader import Reader
from domain.errors import Refused
from projections import audit_questions as q
from projections.times import in_utc, wire_time


async def moment(reader: Reader, call: Call, clock: Clock) -> Call:
    """The call, set on the moment that it asks for. Raises `INVALID_AS_OF` or `VALIDATION_ERROR`."""
    if "as_of" not in call.query_string and "%" not in call.query_string:
        return call
    wanted = dict(parse_qsl(call.query_string, keep_blank_values=True)).get("as_of")
    if wanted is None:
        return call
    if wanted.isascii() and wanted.isdigit():
        position = int(wanted) if len(wanted) < 19 else call.head + 1
        if position > call.head:
            raise Refused("INVALID_AS_OF", f"The log ends at position {call.head}.")
        rows = await reader.rows(q.END_AT_POSITION.sql(reader.dialect), {"position": position})
    else:
        rows = await reader.rows(q.END_AT_TIME.sql(reader.dialect), {"at": _time(wanted, clock.now())})
    end = rows[0][0]
    return msgspec.structs.replace(call, as_of=min(int(str(end or 0)), call.head), pinned=True)


def _time(text: str, now: datetime) -> str:
    try:
        at = in_utc(msgspec.convert(text.replace(" ", "+"), datetime))
    except (msgspec.ValidationError, OverflowError):
        raise invalid("query.as_of", "must be a log position or an RFC 3339 time") from None
    if at > now:
        raise Refused("INVALID_AS_OF", "That moment lies in the future.")
    return wire_time(at)
