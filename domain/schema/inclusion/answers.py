"""What the search answers."""

from typing import TypeAlias

import msgspec

from domain.values import JSON


class Found(msgspec.Struct, frozen=True):
    """A value that satisfies the question; `certain` unless that hangs on a format which it may have, or not."""

    value: JSON
    certain: bool = True


class Unknown(msgspec.Struct, frozen=True):
    """The question could not be decided; `why` says what stood in the way."""

    why: str


# A value, what stood in the way of finding one, or None: there is none.
Answer: TypeAlias = Found | Unknown | None


class OutOfSteps(Exception):
    """The budget is used up."""
