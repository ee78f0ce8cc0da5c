"""What the search asks about regular languages; an adapter answers (`adapters/patterns`)."""

from typing import Protocol

import msgspec


class Undecided(Exception):
    """A pattern that is not understood, or a question that is too large; the message says which."""


class TooManySteps(Undecided):
    """A question whose answer took more steps than there were."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A text of so many characters that every pattern of `inside` and none of `outside` matches, and none of `but`.

    Patterns are those of ECMA 262, and match where any part of the text does.
    """

    inside: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()
    shortest: int = 0
    longest: int | None = None
    but: frozenset[str] = frozenset()


class Languages(Protocol):
    """Answers questions about regular languages within a budget of steps, never of time."""

    def example(self, wanted: Wanted) -> str | None:
        """A short such text, or None: there is none. Raises `Undecided`."""
        ...

    def matches(self, pattern: str, text: str) -> bool:
        """Whether a part of the text is in the pattern's language. Raises `Undecided`."""
        ...
