"""Times as the wire has them: RFC 3339 in UTC with `Z`, microseconds where there are any."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=64)
def wire_time(at: datetime) -> str:
    """`2026-11-24T03:14:50.123456Z`. Fixed width, so that texts sort as times do.

    All events of an append have one time, and each view writes it into each of its rows.
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
