"""The floor of reading: one decode of a body into just the Structs that the reader needs, in a process of its own.

Python's garbage collector makes up much of it, at its own settings. The targets are about the floor under the settings
of the document worker, so that both sides of a ratio run alike; the one under Python's own is told beside it.
"""

import gc
import statistics
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from adapters.documents import GARBAGE_THRESHOLD
from adapters.sources.dbt_manifest import Manifest
from tests.conftest import ROOT

LARGE = 50_000_000


class Body(msgspec.Struct):
    """The request, as far as the reader needs it."""

    manifest: Manifest


class Decode(msgspec.Struct, frozen=True):
    """Seconds with the garbage collector as the document worker sets it, and as Python does."""

    alike: float
    plain: float


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
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)
    started = time.perf_counter()
    found = msgspec.json.decode(body, type=Body)
    taken = time.perf_counter() - started
    assert found.manifest.nodes
    print(taken)


if __name__ == "__main__":
    main()
