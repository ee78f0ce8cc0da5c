"""What this process has answered: how many requests of each route with which status, and how long they took."""

import threading
from collections import Counter

Answered = tuple[str, str, int]
# Whatever met no route: wrong keys, wrong paths. Callers choose those, so they get no name of their own.
NO_ROUTE = ("", "")


class Traffic:
    """Counts. One per process; read by a thread while requests are counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[Answered] = Counter()
        self._seconds: dict[tuple[str, str], float] = {}

    def count(self, route: tuple[str, str], status: int, seconds: float) -> None:
        """Count an answer to a route, given as its method and path."""
        with self._lock:
            self._answers[(*route, status)] += 1
            self._seconds[route] = self._seconds.get(route, 0.0) + seconds

    def told(self) -> tuple[list[tuple[Answered, int]], list[tuple[tuple[str, str], float]]]:
        """The answers so far, and the seconds that they took together, in the order of the routes."""
        with self._lock:
            return sorted(self._answers.items()), sorted(self._seconds.items())
