"""Real OpenAPI descriptions and GraphQL schemas through the real server, beside the floors of the same moment.

The floor of a first sync is to decode the document and to append its own bytes (for GraphQL: graphql-core's parse
alone). Each is measured in a process of its own, with the garbage collector off as in the document worker.
"""

import gc
import gzip
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
from graphql import parse
from graphql.utilities import strip_ignored_characters

from adapters.log import open_log
from adapters.log.sqlite import EVENTS
from tests.bench.stores import POSITION, Fresh, Target
from tests.bench.syncs import Client, owner, peak_memory
from tests.conftest import ROOT, Server
from tests.corpora import FOLDER

_SYNC = {"conflict_mode": "overwrite", "auto_publish_contracts": True}


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """A document, and the release after it if there is one, as files of the corpora."""

    kind: str
    name: str
    files: tuple[str, ...]

    def texts(self) -> list[bytes]:
        return [gzip.decompress((FOLDER.parent / self.kind / file).read_bytes()) for file in self.files]


_REST = "series_github_rest/octokit-openapi-"
SERIES = [
    Series(kind="openapi", name="GitHub REST", files=(f"{_REST}18.0.0.json.gz", f"{_REST}18.2.0.json.gz")),
    Series(kind="openapi", name="Stripe", files=("stripe/spec3_2020.json.gz",)),
    Series(
        kind="graphql",
        name="GitHub GraphQL",
        files=("series_github/01_2024-06-12_8c83402d.graphql.gz", "series_github/02_2024-06-13_4b94ff47.graphql.gz"),
    ),
]


class Run(msgspec.Struct, kw_only=True):
    """One round, in seconds and bytes. What takes a second release is 0 where there is none.

    `again` is the identical sync at once, `anew` after the worker has read something else. `stored` and `further` are
    the bytes of events and schemas of the first version and of the next release, `minified` those of the document.
    """

    floor: float
    append: float
    first: float
    again: float
    anew: float
    diff: float
    stored: float
    further: float
    minified: float
    memory: float
    document: float


def measure(series: Series, target: Target, fresh: Fresh, folder: Path) -> Run:
    """One round on a server with an empty store."""
    texts = series.texts()
    floor, minified = _floor(series, texts[0], folder)
    server = Server(target, folder)
    try:
        client = Client(server.port)
        path, team = f"/sync/{series.kind}", owner(client)
        client.post(path, _body(series, _SMALL[series.kind], team, environment="warm-up"))
        bodies = [_body(series, text, team) for text in texts]
        before, idle = _stored(target), peak_memory(server.process.pid)
        first, done = client.post(path, bodies[0])
        assert done["status"] == "success", done["parse_errors"]
        stored = _stored(target)
        again, same = client.post(path, bodies[0])
        diff, _ = client.post(f"{path}/diff", _body(series, texts[-1])) if texts[1:] else (0.0, {})
        client.post(f"{path}/diff", _body(series, _SMALL[series.kind], environment="warm-up"))
        anew, once_more = client.post(path, bodies[0])
        assert same["position"] is None and once_more["position"] is None
        memory = peak_memory(server.process.pid) - idle
        if texts[1:]:
            client.post(path, bodies[1])
        further = _stored(target) - stored
    finally:
        server.stop()
    return Run(
        floor=floor, append=_append_seconds(texts[0], fresh()), first=first, again=again, anew=anew, diff=diff,
        stored=stored - before, further=further, minified=minified, memory=memory, document=len(texts[0]),
    )  # fmt: skip


_SMALL = {
    "openapi": b'{"openapi": "3.0.0", "info": {"title": "x", "version": "1"}, "paths": {"/x": {"get": {}}}}',
    "graphql": b"type Query { x: Int }",
}


def rows(series: Series, fresh: Fresh, rounds: int, folder: Path) -> Iterator[dict[str, Any]]:
    """The figures of a series, the median of each over some rounds, with the targets. None without the corpora."""
    if not FOLDER.exists():
        return
    runs = [measure(series, fresh(), fresh, folder) for _ in range(rounds)]
    for what, part, floor, target in _figures(series):
        values = [part(run) / floor(run) for run in runs]
        note = " / ".join(_shown(what, statistics.median(map(each, runs))) for each in (part, floor))
        yield {"what": f"{series.name}: {what}", "value": statistics.median(values), "target": target, "note": note}


_Part = Callable[[Run], float]


def _figures(series: Series) -> Iterator[tuple[str, _Part, _Part, float]]:
    """What is measured, what of a run it is, what that is divided by, and the target."""
    if series.kind == "openapi":
        yield "first sync / (decode + append)", attrgetter("first"), lambda run: run.floor + run.append, 8
        yield "identical sync / decode", attrgetter("again"), attrgetter("floor"), 5
    else:
        yield "first sync / parse", attrgetter("first"), attrgetter("floor"), 1.6
        yield "identical sync / parse", attrgetter("again"), attrgetter("floor"), 1.3
    if len(series.files) > 1:
        yield "diff of two releases / identical, read anew", attrgetter("diff"), attrgetter("anew"), 2
        yield "bytes of the next release / minified", attrgetter("further"), attrgetter("minified"), 0.2
    yield "bytes of the first version / minified", attrgetter("stored"), attrgetter("minified"), 2
    yield "peak memory over idle / document", attrgetter("memory"), attrgetter("document"), 12


def _shown(what: str, value: float) -> str:
    return f"{value / 2**20:,.1f} MiB" if what.startswith(("bytes", "peak")) else f"{value * 1000:,.0f} ms"


def _body(series: Series, text: bytes, team: str | None = None, **options: object) -> bytes:
    """A request: of a sync if there is an owner, else of a preview. The document is sent as its file has it."""
    stated = {**options, **(_SYNC | {"owner_team_id": team} if team else {}), "prefix": "bench"}
    member = b'"spec":' + text if series.kind == "openapi" else b'"schema":' + msgspec.json.encode(text.decode())
    return msgspec.json.encode(stated)[:-1] + b"," + member + b"}"


def _stored(target: Target) -> int:
    """The bytes of all events and schemas: the views follow from them."""
    log = open_log(target)
    with log.read() as session:
        sums = [
            session.rows(f"SELECT coalesce(sum(length({column})), 0) FROM {table}")[0][0]
            for table, column in ((EVENTS, "state"), ("muniment_schemas", "body"))
        ]
    log.close()
    return sum(int(str(each)) for each in sums)


def _append_seconds(text: bytes, fresh: Target) -> float:
    """How long one transaction takes that writes the document's bytes, as one event."""
    if isinstance(fresh, Path):
        fresh.parent.mkdir(parents=True)
    log = open_log(fresh)
    columns = [POSITION[log.dialect], "originator_id", "originator_version", "topic", "state"]
    started = time.perf_counter()
    with log.write() as session:
        session.insert(EVENTS, columns, [(1, "document", 0, "document", text)])
    taken = time.perf_counter() - started
    log.close()
    return taken


def _floor(series: Series, text: bytes, folder: Path) -> tuple[float, int]:
    """Seconds of the first decode (or parse) in a process, the median of three, and the size of the minified text."""
    file = folder / "document"
    file.write_bytes(text)
    command = [sys.executable, "-m", "tests.bench.descriptions", series.kind, str(file)]
    runs = [subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.split() for _ in range(3)]
    return statistics.median(float(taken) for taken, _ in runs), int(runs[0][1])


def main() -> None:
    kind, file = sys.argv[1:]
    text = Path(file).read_bytes()
    gc.disable()
    started = time.perf_counter()
    found: object = msgspec.json.decode(text) if kind == "openapi" else parse(text.decode())
    taken = time.perf_counter() - started
    small = msgspec.json.encode(found) if kind == "openapi" else strip_ignored_characters(text.decode()).encode()
    print(taken, len(small))


if __name__ == "__main__":
    main()
