"""What a decision needs from outside: the moment, who acts, and randomness, all given as values."""

from datetime import datetime
from hashlib import sha256

import msgspec

from domain.events import Actor
from domain.schema.meaning import Engine


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """The circumstances of a command.

    `at` is in UTC. `seed` is random and never used twice; ids that a command needs derive from it, so that planning
    the same command again gives the same ids. `engine` judges schemas. `expiry_days` is the life of a proposal.
    """

    at: datetime
    actor: Actor
    seed: str
    engine: Engine
    expiry_days: int = 30

    def new_id(self, *parts: str) -> str:
        """A UUID (form of version 4) for the thing named by `parts`, the same for the same seed and parts."""
        h = sha256("\x1f".join((self.seed, *parts)).encode("utf-8", "surrogatepass")).hexdigest()
        variant = "89ab"[int(h[16], 16) & 3]
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{variant}{h[17:20]}-{h[20:32]}"
