"""What jobs are done with, freed between them: taking a document apart in memory takes a tenth of reading it."""

from collections import deque

# Larger things are freed at once: memory matters more there. A dbt project of 10,000 models counts 22,000.
MOST_PARTS = 30_000
_spent: deque[object] = deque(maxlen=8)


def spend(value: object, parts: int) -> None:
    """Take what a job will not look at again, made of so many parts."""
    if parts <= MOST_PARTS:
        _spent.append(value)


def clear() -> None:
    """Free it all."""
    _spent.clear()
