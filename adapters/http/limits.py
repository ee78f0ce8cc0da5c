"""Limits that a worker process keeps by itself: calls a minute, and the size of a request's head."""

import math
from collections import deque

from domain.errors import Refused

FAILURES = 120
MAX_URL, MAX_HEADERS = 8 * 1024, 16 * 1024
_MINUTE = 60.0
_NAMES_KEPT = 10_000


class RateLimit:
    """So many calls a minute and name. Each worker process counts for itself."""

    def __init__(self, calls: int) -> None:
        self._calls = calls
        self._times: dict[str, deque[float]] = {}

    def count(self, name: str, now: float) -> None:
        """Count a call at `now` (seconds). Raises `RATE_LIMITED` once there were too many in the minute before."""
        if len(self._times) > _NAMES_KEPT:
            self._times.clear()
        times = self._times.setdefault(name, deque())
        while times and times[0] <= now - _MINUTE:
            times.popleft()
        if len(times) >= self._calls:
            wait = math.ceil(times[0] + _MINUTE - now)
            raise Refused("RATE_LIMITED", f"Too many requests; wait {wait} seconds.", {"retry_after": wait})
        times.append(now)


def check_head(url: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """Refuse a request line or headers beyond all measure."""
    if len(url) > MAX_URL:
        raise Refused("BAD_REQUEST", f"The URL is longer than {MAX_URL} bytes.")
    if sum(len(name) + len(value) for name, value in headers) > MAX_HEADERS:
        raise Refused("BAD_REQUEST", f"The headers are larger than {MAX_HEADERS} bytes.")
