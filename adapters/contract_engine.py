"""The contract engine with what it needs from outside the domain."""

from adapters.patterns import Patterns
from adapters.proofs import Validators
from domain.schema.kept import Kept
from domain.schema.meaning import Engine

_MOST_PAIRS = 5_000

ENGINE = Engine(Patterns(), Validators(), Kept(_MOST_PAIRS), Kept(_MOST_PAIRS))
