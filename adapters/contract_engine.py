"""The contract engine with what it needs from outside the domain."""

from adapters.patterns import Patterns
from adapters.proofs import Validators
from domain.schema.difference import Difference
from domain.schema.meaning import Engine

_MOST_PAIRS = 5_000


class Compared:
    """The pairs of schemas that this process compared lately; when there are too many, all are forgotten."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[Difference, ...]] = {}

    def get(self, pair: tuple[str, str]) -> tuple[Difference, ...] | None:
        return self._found.get(pair)

    def put(self, pair: tuple[str, str], found: tuple[Difference, ...]) -> None:
        if len(self._found) >= _MOST_PAIRS:
            self._found.clear()
        self._found[pair] = found


ENGINE = Engine(Patterns(), Validators(), Compared())
