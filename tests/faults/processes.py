"""The processes behind a server: which one answers a connection, and which one reads documents."""

import psutil

from tests.conftest import Server


def children(server: Server) -> list[psutil.Process]:
    """All processes below the server's first."""
    return psutil.Process(server.process.pid).children(recursive=True)


def spawned(process: psutil.Process) -> list[psutil.Process]:
    """The processes that do work for this one: of a supervisor its web processes, of a web process its worker."""
    return [child for child in process.children() if "spawn_main" in " ".join(child.cmdline())]


def document_worker(server: Server) -> psutil.Process:
    """The process that reads the documents of a server with one web process."""
    (worker,) = spawned(psutil.Process(server.process.pid))
    return worker
