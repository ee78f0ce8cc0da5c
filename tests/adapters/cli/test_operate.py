"""`muniment serve`, `rebuild`, `status`, `assets`: one clear sentence where something is wrong."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.cli.conftest import Muniment, typed
from tests.conftest import KEY, Server, free_port

CANNOT_SERVE: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "data is a file": (("--data", "file"), {}, "the data directory file cannot be used: it is a file"),
    "no database": (("--data", "damaged"), {}, "damaged/muniment.db cannot be used: file is not a database"),
    "database away": (("--database", "postgresql://127.0.0.1:1/x"), {}, "PostgreSQL database cannot be used"),
}


@pytest.mark.parametrize("case", CANNOT_SERVE)
def test_serve_says_in_one_sentence_why_it_cannot(case: str, tmp_path: Path) -> None:
    flags, env, said = CANNOT_SERVE[case]
    (tmp_path / "file").write_text("x")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "muniment.db").write_bytes(b"not a database " * 100)
    done = typed(tmp_path, {"MUNIMENT_PORT": str(free_port()), **env}, ("serve", *flags))
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_settings_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    done = typed(tmp_path, {"MUNIMENT_WORKERS": "0"}, ("serve", "--database", "mysql://u:secret@h/x"))
    assert (done.returncode, "secret" in done.stderr) == (3, False)
    assert "MUNIMENT_WORKERS: Expected `int` >= 1" in done.stderr


def test_serve_on_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = typed(tmp_path, {}, ("serve", "--port", str(taken.getsockname()[1])))
    assert done.returncode == 3
    assert "Address already in use; choose another with --port" in done.stderr


def test_serve_says_where_everything_is_and_ends_quietly(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "adapters.launch", "serve", "--port", str(port), "--data", str(tmp_path / "d")]
    with open(tmp_path / "out", "w+") as out:
        # A session of its own, so that the interrupt reaches every process of it, as Ctrl-C does.
        server = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        while "Ctrl-C" not in (tmp_path / "out").read_text():
            assert server.poll() is None
        env = {"MUNIMENT_URL": f"http://127.0.0.1:{port}", "MUNIMENT_DATA": str(tmp_path / "d")}
        while typed(tmp_path, env, ("status",)).returncode != 0:
            assert server.poll() is None
        os.killpg(server.pid, signal.SIGINT)
        server.wait(20)
    said = (tmp_path / "out").read_text()
    assert said.splitlines() == [
        f"Muniment on http://127.0.0.1:{port} (API under /api/v1, health under /health)",
        f"  data  {tmp_path / 'd' / 'muniment.db'}",
        f"  key   {tmp_path / 'd' / 'bootstrap-key'} (readable by you only)",
        "Stop it with Ctrl-C.",
    ]
    assert (tmp_path / "d" / "bootstrap-key").stat().st_mode & 0o777 == 0o600


def test_status_and_assets(muniment: Muniment, running: Server) -> None:
    assert muniment("team", "shop").returncode == 0
    done = muniment("status")
    assert done.returncode == 0
    first, log, counts = done.stdout.splitlines()
    assert first.startswith(f"{running.url}: healthy, version ")
    assert log == "log at position 1, views in step with it"
    assert counts == "1 team, 0 assets, 0 contracts, 0 registrations, 0 proposals"
    keyless = muniment("status", env={"MUNIMENT_URL": running.url})
    assert (keyless.returncode, "no key" in keyless.stdout) == (0, True)
    assert muniment("assets").stdout.startswith("0 assets")
    assert muniment("status", env={"MUNIMENT_URL": "http://127.0.0.1:1"}).returncode == 3


def test_rebuild_tells_which_rows_differed(tmp_path: Path) -> None:
    server = Server(tmp_path / "muniment.db", tmp_path)
    env = {"MUNIMENT_URL": server.url, "MUNIMENT_KEY": KEY}
    try:
        assert typed(tmp_path, env, ("team", "shop")).returncode == 0
    finally:
        server.stop()
    rebuild = ("rebuild", "--data", str(tmp_path), "--json")
    good = typed(tmp_path, {}, rebuild)
    assert good.returncode == 0
    assert json.loads(good.stdout)["position"] == 1
    with sqlite3.connect(tmp_path / "muniment.db") as store:
        store.execute("DELETE FROM teams")
    bad = typed(tmp_path, {}, rebuild)
    assert bad.returncode == 1
    (teams,) = [view for view in json.loads(bad.stdout)["views"] if view["name"] == "teams"]
    assert len(teams["differences"]) == 1
    assert not (tmp_path / "bootstrap-key").exists()


def test_rebuild_makes_no_store(tmp_path: Path) -> None:
    done = typed(tmp_path, {}, ("rebuild", "--data", "typo"))
    assert (done.returncode, (tmp_path / "typo").exists()) == (3, False)
    assert "there is no store at typo/muniment.db" in done.stderr
