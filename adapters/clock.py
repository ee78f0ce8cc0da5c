"""The one place that asks for the time and for randomness."""

import secrets
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time in UTC and gives random seeds."""

    def now(self) -> datetime: ...

    def seed(self) -> str: ...


class SystemClock:
    """The machine's clock, and its source of randomness."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def seed(self) -> str:
        return secrets.token_hex(16)
