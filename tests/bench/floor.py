"""The floor of reading: one decode of a body into just the Structs that the reader needs, in a process of its own.

Garbage collection is off, so that the floor is as low as msgspec goes whatever the process holds.
"""

import gc
import statistics
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from adapters.sources.dbt_manifest import Manifest
from tests.conftest import ROOT


class Body(msgspec.Struct):
    """The request, as far as the reader needs it."""

    manifest: Manifest


def decode_seconds(file: Path) -> float:
    """How long a first decode of the body in this file takes: the median of three processes."""
    command = [sys.executable, "-m", "tests.bench.floor", str(file)]
    runs = [subprocess.run(command, cwd=ROOT, capture_output=True, check=True) for _ in range(3)]
    return statistics.median(float(run.stdout) for run in runs)


def main() -> None:
    body = Path(sys.argv[1]).read_bytes()
    gc.disable()
    started = time.perf_counter()
    found = msgspec.json.decode(body, type=Body)
    taken = time.perf_counter() - started
    assert found.manifest.nodes
    print(taken)


if __name__ == "__main__":
    main()
