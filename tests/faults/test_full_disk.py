"""SQLite on a full disk: writes answer 507, reads go on, and it works again by itself (reliability.md, row 13)."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.log import open_log
from tests.faults.audit import Audit
from tests.faults.load import Told, document, new_team
from tests.faults.rounds import Serve, report, scaled

PIECE = 1 << 12


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, with room for a few rounds."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here: the full disk is not tried")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(place: Path) -> Path:
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(os.urandom(PIECE)):
                pass
        except OSError:
            return filler
    raise AssertionError


def test_a_full_disk_refuses_writes_and_nothing_else(small_disk: Path, serve: Serve) -> None:
    target = small_disk / "muniment.db"
    server = serve(target)
    told = Told()
    audit = Audit(told)
    team = new_team(server)
    rounds, refused = scaled(5), 0
    with server.client() as api:
        for number in range(rounds):
            label = f"p0-{number}"
            assert told.note(label, api.post("/sync/dbt/upload", content=document(label, team)))
            filler = _fill(small_disk)
            for attempt in range(40):
                answers = _both(api, team, f"full-{number}-{attempt}", told)
                if all(answer.status_code == 507 for answer in answers):
                    break
            for answer in answers:
                assert (answer.status_code, answer.json()["code"]) == (507, "INSUFFICIENT_STORAGE"), answer.text
                refused += 1
            assert api.get("/assets").status_code == 200
            filler.unlink()
            after = f"p0-after-{number}"
            assert told.note(after, api.post("/sync/dbt/upload", content=document(after, team)))
    server.stop()
    log = open_log(target)
    audit.check(log)
    rows = audit.views(log)
    log.close()
    report("full disk, sqlite", rounds=rounds, refused=refused, acknowledged=len(told.done), view_rows=rows)


def _both(api: httpx.Client, team: str, label: str, told: Told) -> list[httpx.Response]:
    """A sync and a small command. There may be room for one more in the file as it is."""
    body = {"fqn": f"made.{label.replace('-', '_')}", "owner_team_id": team}
    sync = api.post("/sync/dbt/upload", content=document(f"p0-{label}", team))
    small = api.post("/assets", json=body)
    for name, answer in ((f"p0-{label}", sync), (label, small)):
        if answer.is_success:
            told.note(name, answer)
    return [sync, small]
