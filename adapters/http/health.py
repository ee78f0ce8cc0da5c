"""Health (api.md 1.6): the five paths that need no key."""

import time
from collections.abc import Awaitable, Callable

import msgspec

from adapters.config import version
from adapters.http.call import Answer
from adapters.http.service import Service
from adapters.log import HEAD
from adapters.log.protocol import Unavailable
from projections.keys import POSITION_ONLY

Check = Callable[[Service, float], Awaitable[Answer]]


async def _number(service: Service, sql: str) -> int | None:
    """The one number that a statement gives; None where the store cannot be reached."""
    try:
        rows = await service.reader.rows(sql, {})
    except Unavailable:
        return None
    return int(str(rows[0][0])) if rows else None


async def health(service: Service, started: float) -> Answer:
    before = time.perf_counter()
    position = await _number(service, POSITION_ONLY.sql(service.reader.dialect))
    latency = round((time.perf_counter() - before) * 1000, 3)
    head = await _number(service, HEAD[service.reader.dialect]) if position is not None else None
    database = "healthy" if position is not None else "unhealthy"
    views = "healthy" if position is not None and position == head else "unhealthy"
    body = {
        "status": "healthy" if database == views == "healthy" else "degraded",
        "version": version(),
        "uptime_seconds": round(time.monotonic() - started, 3),
        "checks": {
            "database": {"status": database, "latency_ms": latency},
            "projections": {"status": views, "position": position, "head": head},
        },
    }
    return Answer(body=msgspec.json.encode(body))


async def ready(service: Service, started: float) -> Answer:
    up = await _number(service, POSITION_ONLY.sql(service.reader.dialect)) is not None
    body = {"status": "ready" if up else "not_ready", "database": up}
    return Answer(status=200 if up else 503, body=msgspec.json.encode(body))


async def live(service: Service, started: float) -> Answer:
    return Answer(body=b'{"status":"alive"}')


HEALTH: dict[str, Check] = {
    "/health": health,
    "/health/ready": ready,
    "/readyz": ready,
    "/health/live": live,
    "/healthz": live,
}
