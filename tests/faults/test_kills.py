"""SIGKILL at random moments of syncs and small commands: what was acknowledged is there whole, the rest never in part.

reliability.md, row 1, and the kill rounds of a sync, on both stores.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adapters.log import open_log
from tests.faults.audit import Audit
from tests.faults.load import Load, Told, new_team
from tests.faults.rounds import ROUNDS, Serve, chance, report


def _rounds(store: str, target: Path | str, serve: Serve) -> None:
    moments = chance(f"kill {store}")
    told = Told()
    audit = Audit(told)
    server = serve(target)
    team = new_team(server)
    log = open_log(target)
    slowest = 0.0
    for number in range(ROUNDS):
        load = Load(server, team, told)
        load.synced.wait(10)
        time.sleep(moments.uniform(0, 0.3))
        server.kill()
        load.stop(abandon=True)
        audit.check(log)
        if number < ROUNDS - 1:
            before = time.monotonic()
            server.start()
            slowest = max(slowest, time.monotonic() - before)
    rows = audit.views(log)
    log.close()
    acked = sum(label in audit.syncs for label in told.done)
    report(
        f"kill -9, {store}",
        rounds=ROUNDS,
        syncs_acknowledged=acked,
        commands_acknowledged=len(told.done) - acked,
        answers_lost=len(told.lost),
        of_these_landed=audit.landed(),
        events=audit.head,
        view_rows=rows,
        slowest_start=f"{slowest:.2f}s",
    )
    assert acked >= ROUNDS // 2


def test_nothing_acknowledged_is_lost_and_nothing_is_half(
    tmp_path: Path, fresh_database: Callable[[], str], serve: Serve
) -> None:
    # Both stores side by side: most of a round is waiting for the next start.
    with ThreadPoolExecutor(2) as both:
        one = both.submit(_rounds, "sqlite", tmp_path / "muniment.db", serve)
        other = both.submit(_rounds, "postgresql", fresh_database(), serve)
        one.result()
        other.result()
