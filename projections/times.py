"""Times as the wire has them: RFC 3339 in UTC with `Z`, microseconds where there are any."""

from datetime import UTC, datetime


def wire_time(at: datetime) -> str:
    """`2026-11-24T03:14:50.123456Z`. Fixed width, so that texts sort as times do."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
