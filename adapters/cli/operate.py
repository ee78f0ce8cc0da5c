"""`muniment serve` and `rebuild`: the server and its store."""

import argparse
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import uvicorn

from adapters.cli.files import Failed
from adapters.cli.printing import Page, print_json
from adapters.config import KEY_FILE, Settings
from adapters.log import open_log
from adapters.log.protocol import Log, StorageFull, Unavailable
from adapters.views import prepare
from adapters.views import rebuild as rebuild_views


def _from_flags(options: argparse.Namespace) -> None:
    """Flags become variables, so that worker processes see them too."""
    for name in ("data", "database", "host", "port", "workers"):
        value = getattr(options, name, None)
        if value == "":
            raise Failed(f"--{name} is empty")
        if value is not None:
            os.environ[f"MUNIMENT_{name.upper()}"] = str(value)
            if name == "data":
                os.environ.pop("MUNIMENT_DATABASE", None)


@contextmanager
def _store(target: Path | str) -> Iterator[Log]:
    """The log with its views' tables in place. Raises `Failed` where it cannot be opened."""
    place = target if isinstance(target, Path) else "the PostgreSQL database"
    try:
        if isinstance(target, Path):
            target.parent.mkdir(parents=True, exist_ok=True)
        else:
            # A pool only says that it waited in vain; a connection says why.
            psycopg.connect(target, connect_timeout=5).close()
        log = open_log(target)
        try:
            prepare(log)
            yield log
        finally:
            log.close()
    except (Unavailable, StorageFull, psycopg.Error, sqlite3.Error, OSError) as error:
        raise Failed(f"{place} cannot be used: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _settings() -> Settings:
    try:
        return Settings.from_environment(os.environ)
    except OSError as error:
        why = "it is a file" if isinstance(error, FileExistsError) else error.strerror
        raise Failed(f"the data directory {error.filename} cannot be used: {why}") from None


def serve(options: argparse.Namespace) -> int:
    """Run the server until it is interrupted."""
    _from_flags(options)
    given = bool(os.environ.get("MUNIMENT_BOOTSTRAP_KEY"))
    settings = _settings()
    _check_port(settings.host, settings.port)
    with _store(settings.target):
        pass
    store = "a PostgreSQL database" if settings.database else settings.target
    url = f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}:{settings.port}"
    key = "MUNIMENT_BOOTSTRAP_KEY" if given else f"{settings.data / KEY_FILE} (readable by you only)"
    print(f"Muniment on {url} (API under /api/v1, health under /health)")
    print(f"  data  {store}")
    if settings.auth_disabled:
        print("  key   none: every request counts as admin (MUNIMENT_AUTH_DISABLED), for development only")
    else:
        print(f"  key   {key}")
    print("Stop it with Ctrl-C.", flush=True)
    uvicorn.run(
        "adapters.http.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_level="warning",
        access_log=False,
        http="adapters.http.protocol:BoundedHttp",
        # Whoever connects is the address: without a list of trusted proxies, what headers say of it is anyone's word.
        proxy_headers=False,
    )
    return 0


def _check_port(host: str, port: int) -> None:
    """Raise `Failed` where the address cannot be listened on, before anything else is started."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        with socket.socket(found[0][0]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[0][4])
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise Failed(f"cannot listen on {host} port {port}: {why}; choose another with --port") from None


def rebuild(options: argparse.Namespace) -> int:
    """Make the views again. Exit code 1 where they were not as the log has it."""
    _from_flags(options)
    # No key is needed here, and none is made.
    settings = Settings.from_environment({**os.environ, "MUNIMENT_AUTH_DISABLED": "true"})
    if isinstance(settings.target, Path) and not settings.target.exists():
        raise Failed(f"there is no store at {settings.target}: name its directory with --data")
    with _store(settings.target) as log:
        report = rebuild_views(log)
    wrong = sum(len(view.differences) for view in report.views)
    if options.json:
        print_json({"position": report.position, "views": report.views})
        return 1 if wrong else 0
    page = Page()
    for view in report.views:
        page.line(f"{view.name:<15}{view.rows:>9} rows  {len(view.differences)} differed")
        for line in view.differences:
            page.line(f"  {line}", "red")
    page.line(f"All views are made again from the log, up to position {report.position}; {wrong} rows differed.")
    return 1 if wrong else 0
