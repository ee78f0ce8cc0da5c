"""The contract engine with what it needs from outside the domain."""

from adapters.patterns import Patterns
from adapters.proofs import Validators
from domain.schema.meaning import Engine

ENGINE = Engine(Patterns(), Validators())
