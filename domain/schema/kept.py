"""What was worked out lately, kept for the next who ask. Nothing may depend on whether it still is."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """So many values by key; when there are too many, all are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        return self._values.get(key)

    def put(self, key: Key, value: Value) -> None:
        if len(self._values) >= self._most:
            self._values.clear()
        self._values[key] = value
