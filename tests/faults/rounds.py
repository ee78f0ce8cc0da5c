"""How many rounds, from which seed, and what each row of the fault table reports.

`scripts/torture ROUNDS SEED` sets both; the gate takes 50 rounds and a fresh seed, which it prints.
"""

import os
import secrets
from collections.abc import Callable
from random import Random

from tests.conftest import Server

ROUNDS = int(os.environ.get("TORTURE_ROUNDS", "50"))
SEED = int(os.environ.get("TORTURE_SEED") or secrets.randbits(32))
LINES: list[str] = []
Serve = Callable[..., Server]


def scaled(gate: int) -> int:
    """A number of the gate, in the proportion in which this run has more rounds."""
    return max(1, gate * ROUNDS // 50)


def chance(row: str) -> Random:
    """The randomness of one row, from the seed."""
    return Random(f"{SEED} {row}")


def report(row: str, **counts: object) -> None:
    """Print what a row counted, with the seed that repeats it."""
    line = f"{row}: seed={SEED} " + " ".join(f"{name}={value}" for name, value in counts.items())
    LINES.append(line)
    print(line)
