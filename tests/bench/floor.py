"""The floor of reading: one decode of a body into just the Structs that the reader needs, in a process of its own.

Such a process imports what decoding needs and nothing else: Python's garbage collector, at its own settings, makes up
half of the time, and would look at all that was imported as well.
"""

import gc
import statistics
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from adapters.sources.dbt_manifest import Manifest

ROOT = Path(__file__).resolve().parents[2]
LARGE = 50_000_000


class Body(msgspec.Struct):
    """The request, as far as the reader needs it."""

    manifest: Manifest


class Decode(msgspec.Struct, frozen=True):
    """Seconds with Python's settings of the garbage collector, and with those of the document worker (it is off)."""

    plain: float
    alike: float


def decode_seconds(file: Path) -> Decode:
    """How long a first decode of the body in this file takes: the median of three processes, or one if it is large."""
    rounds = 1 if file.stat().st_size > LARGE else 3
    return Decode(*(statistics.median(_once(file, how) for _ in range(rounds)) for how in Decode.__struct_fields__))


def _once(file: Path, how: str) -> float:
    command = [sys.executable, "-m", "tests.bench.floor", how, str(file)]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)


def main() -> None:
    how, file = sys.argv[1:]
    body = Path(file).read_bytes()
    if how == "alike":
        gc.disable()
    started = time.perf_counter()
    found = msgspec.json.decode(body, type=Body)
    taken = time.perf_counter() - started
    assert found.manifest.nodes
    print(taken)


if __name__ == "__main__":
    main()
