"""Many clients change one asset at the same version at once: each version has one winner (reliability.md, row 5)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import httpx

from adapters.log import open_log
from tests.faults.load import new_team
from tests.faults.rounds import Serve, report, scaled

CLIENTS = 64


def test_each_version_has_one_winner(target: Path | str, serve: Serve) -> None:
    server = serve(target, workers=2)
    rounds = scaled(16)
    together = Barrier(CLIENTS)
    with server.client() as api:
        made = api.post("/assets", json={"fqn": "storm.one", "owner_team_id": new_team(server)})
    path, stream = f"/assets/{made.json()['id']}", made.json()["id"]

    def client(number: int) -> list[tuple[int, str]]:
        answers = []
        with server.client() as own:
            for round in range(rounds):
                tag = own.get(path).headers["etag"]
                together.wait(60)
                answer = own.patch(path, json={"description": f"{round} {number}"}, headers={"If-Match": tag})
                answers.append((answer.status_code, answer.json().get("code", "")))
                together.wait(60)
        return answers

    with ThreadPoolExecutor(CLIENTS) as pool:
        by_client = list(pool.map(client, range(CLIENTS)))
    for answers in zip(*by_client, strict=True):
        assert [status for status, _ in answers].count(200) == 1
    counts = Counter(answer for answers in by_client for answer in answers)
    assert counts.keys() <= {(200, ""), (412, "PRECONDITION_FAILED"), (409, "CONCURRENT_CHANGE")}
    log = open_log(target)
    assert log.versions([stream]) == {stream: rounds}
    log.close()
    assert httpx.get(server.url + "/health").json()["status"] == "healthy"
    report(
        f"conflict storm, {'sqlite' if isinstance(target, Path) else 'postgresql'}",
        requests=CLIENTS * rounds,
        won=counts[200, ""],
        precondition_failed=counts[412, "PRECONDITION_FAILED"],
        lost_too_often=counts[409, "CONCURRENT_CHANGE"],
        planned_again=server.said.read_text().count("lost a race"),
    )
