"""Times as the wire has them: RFC 3339 in UTC with `Z`, to the microsecond."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=64)
def wire_time(at: datetime) -> str:
    """`2026-11-24T03:14:50.123456Z`. Fixed width in every year, so that texts sort as times do."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def in_utc(at: datetime) -> datetime:
    """A time in UTC; one without an offset is taken as such. OverflowError beyond the years 1 to 9999."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
