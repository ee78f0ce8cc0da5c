"""`muniment rebuild`: what differs is named row by row, what was dropped is made again, and health tells of a lag."""

import subprocess
import sys
from pathlib import Path
from random import Random

from adapters.catalog import Catalog
from adapters.log import open_log
from adapters.log.protocol import Log
from adapters.views import Rebuilt, prepare, rebuild
from projections.catalog_views import ALL
from tests.conftest import ROOT, Server
from tests.histories import History, UnsteadyClock


def _grown(log: Log) -> None:
    prepare(log)
    random = Random(5)
    history = History(Catalog(log, UnsteadyClock(random)), random)
    for _ in range(40):
        history.append()


def _differences(report: Rebuilt) -> dict[str, list[str]]:
    return {view.name: view.differences for view in report.views if view.differences}


def _run(log: Log, *statements: str) -> None:
    with log.write() as session:
        for statement in statements:
            session.run(statement)


def _row(log: Log, sql: str) -> tuple[object, ...]:
    with log.read() as session:
        return tuple(session.rows(sql)[0])


def test_each_row_that_differs_is_named_and_then_as_the_log_has_it(log: Log) -> None:
    _grown(log)
    changed, changed_from = _row(log, "SELECT id, began FROM assets ORDER BY id, began")
    gone, gone_from = _row(log, "SELECT id, began FROM teams ORDER BY id, began")
    _run(
        log,
        f"UPDATE assets SET fqn = 'db.other' WHERE id = '{changed}' AND began = {changed_from}",
        f"DELETE FROM teams WHERE id = '{gone}' AND began = {gone_from}",
        "INSERT INTO appends (id, began, ended, position, at) VALUES ('99999', 99999, 99999999, 99999, 'never')",
    )
    assert _differences(rebuild(log)) == {
        "assets": [f"{changed} from {changed_from}: the view had other values than the log gives"],
        "teams": [f"{gone} from {gone_from}: the log has it, the view had not"],
        "appends": ["99999 from 99999: the view had it, the log has not"],
    }
    assert _differences(rebuild(log)) == {}


def test_views_dropped_by_hand_are_made_again_and_every_row_is_reported(log: Log) -> None:
    _grown(log)
    with log.read() as session:
        counts = {v.table.name: int(str(session.rows(f"SELECT count(*) FROM {v.table.name}")[0][0])) for v in ALL}
    _run(log, *(f"DROP TABLE {name}" for name in counts))
    prepare(log)
    report = rebuild(log)
    assert {name: len(lines) for name, lines in _differences(report).items()} == {n: c for n, c in counts.items() if c}
    assert _differences(rebuild(log)) == {}
    # The indexes are back as well: names stay unique.
    growing = Random(6)
    History(Catalog(log, UnsteadyClock(growing)), growing)
    with log.read() as session:
        sql = {
            "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND name = 'assets_name'",
            "postgresql": "SELECT indexname FROM pg_indexes WHERE indexname = 'assets_name'",
        }
        assert len(session.rows(sql[log.dialect])) == 1


def test_views_of_another_declaration_are_made_anew_at_the_start(log: Log) -> None:
    _grown(log)
    head = log.head()
    _run(log, "UPDATE muniment_views SET shape = 'older', position = 0", "DROP TABLE teams", "DELETE FROM assets")
    prepare(log)
    assert _differences(rebuild(log)) == {}
    assert _row(log, "SELECT position FROM muniment_views") == (head,)


def test_the_command_names_rows_and_ends_with_1_and_health_tells_of_a_lag(server: Server, target: Path | str) -> None:
    api = server.client()
    assert api.post("/teams", json={"name": "shop"}).status_code == 201
    assert api.get(f"{server.url}/health").json()["status"] == "healthy"
    log = open_log(target)
    _run(log, "UPDATE muniment_views SET position = 0", "UPDATE teams SET name_folded = 'wrong'")
    sick = api.get(f"{server.url}/health")
    assert (sick.status_code, sick.json()["status"]) == (200, "degraded")
    assert sick.json()["checks"]["projections"] == {"status": "unhealthy", "position": 0, "head": 1}
    assert sick.json()["checks"]["database"]["status"] == "healthy"

    found = _rebuilt(server)
    assert found.returncode == 1
    assert "teams: " in found.stdout and "the view had other values than the log gives" in found.stdout
    assert api.get(f"{server.url}/health").json()["status"] == "healthy"
    clean = _rebuilt(server)
    assert (clean.returncode, "0 rows were different" in clean.stdout) == (0, True)
    log.close()


def _rebuilt(server: Server) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "adapters.launch", "rebuild"]
    return subprocess.run(command, cwd=ROOT, env=server.environment, capture_output=True, text=True, timeout=60)
