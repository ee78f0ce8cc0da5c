"""Eight people at once on the same few assets, through two web processes: some order explains all that they are told.

`scripts/torture ROUNDS` takes more rounds; `scripts/mutants "rounds:"` plants faults that the checker has to see.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import httpx

from adapters.log import open_log
from tests.faults.concurrency.checker import LOST, Done, anomalies
from tests.faults.concurrency.operations import Board, drawn, learned, request
from tests.faults.rounds import Serve, chance, report, scaled

CLIENTS = 8
OPERATIONS = 12


def test_some_order_explains_what_eight_clients_at_once_are_told(target: Path | str, serve: Serve) -> None:
    store = "sqlite" if isinstance(target, Path) else "postgresql"
    dice = chance(f"concurrency {store}")
    server = serve(target, workers=2)
    with server.client() as api:
        teams = [str(api.post("/teams", json={"name": f"team {n}"}).json()["id"]) for n in range(4)]
    log = open_log(target)
    rounds = scaled(12)
    done: list[Done] = []
    found: list[str] = []
    for number in range(rounds):
        before = log.head()
        board = Board([f"round{number}.{name}" for name in "abc"], teams)
        one = _round(f"{store}-{number}", [server.client() for _ in range(CLIENTS)], board, dice)
        found += anomalies(one, [*log.all(before)])
        done += one
    log.close()
    lost = sum(one.told.what == LOST for one in done)
    report(
        f"concurrency, {store}",
        rounds=rounds,
        operations=len(done),
        written=sum(one.status < 300 and not one.operation.kind.startswith("read") for one in done),
        refused=sum(400 <= one.status < 500 for one in done),
        lost=lost,
        planned_again=server.said.read_text().count("lost a race"),
        anomalies=len(found),
    )
    assert found == []
    # Nothing is written then, and the client may try again; but it has to be rare, even among eight on one thing.
    assert lost <= len(done) // 20
    assert server.said.read_text().count("lost a race") > 0


def _round(name: str, apis: list[httpx.Client], board: Board, dice: Random) -> list[Done]:
    """All clients at once, each with its own dice."""
    clients = [_Client(f"{name}-{n}", api, board, Random(dice.random())) for n, api in enumerate(apis)]
    with ThreadPoolExecutor(len(clients)) as pool:
        return [one for done in pool.map(_Client.run, clients) for one in done]


class _Client:
    def __init__(self, name: str, api: httpx.Client, board: Board, dice: Random) -> None:
        self._name, self._api, self._board, self._dice = name, api, board, dice

    def run(self) -> list[Done]:
        with self._api:
            return [self._one(f"{self._name}-{number}") for number in range(OPERATIONS)]

    def _one(self, id: str) -> Done:
        op = drawn(self._dice, self._board)
        method, path, params, body = request(op)
        asked = time.monotonic()
        answer = self._api.request(method, path, params=params, json=body, headers={"X-Request-ID": id})
        answered = time.monotonic()
        content = answer.json() if answer.content else None
        learned(op, answer.status_code, content, self._board)
        return Done(
            request=id,
            operation=op,
            asked=asked,
            answered=answered,
            status=answer.status_code,
            body=content,
            position=int(answer.headers.get("Muniment-Position", -1)),
        )
