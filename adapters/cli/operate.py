"""`muniment serve`, `rebuild`, `team` and `key`."""

import argparse
import os

import msgspec
import uvicorn
from rich.console import Console
from rich.table import Table

from adapters.cli.client import Client
from adapters.config import KEY_FILE, Settings
from adapters.log import open_log
from adapters.log.protocol import Unavailable
from adapters.views import prepare
from adapters.views import rebuild as rebuild_views


def _settings(options: argparse.Namespace) -> Settings:
    """Settings from flags over variables; flags become variables too, so that worker processes see them."""
    for name in ("data", "database", "host", "port", "workers"):
        value = getattr(options, name, None)
        if value is not None:
            os.environ[f"MUNIMENT_{name.upper()}"] = str(value)
            if name == "data":
                os.environ.pop("MUNIMENT_DATABASE", None)
    given = "MUNIMENT_BOOTSTRAP_KEY" in os.environ
    settings = Settings.from_environment(os.environ)
    if not given and not settings.auth_disabled:
        print(f"The bootstrap key is in {settings.data / KEY_FILE} (readable by you only).")
    return settings


def serve(options: argparse.Namespace) -> int:
    """Run the server until it is interrupted."""
    settings = _settings(options)
    if settings.auth_disabled:
        print("Every request counts as admin (MUNIMENT_AUTH_DISABLED): for development only.")
    print(f"Muniment listens on http://{settings.host}:{settings.port} (API under /api/v1, health under /health).")
    uvicorn.run(
        "adapters.http.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_level="warning",
        access_log=False,
        h11_max_incomplete_event_size=16 * 1024,
    )
    return 0


def rebuild(options: argparse.Namespace) -> int:
    """Make the views again. Exit code 1 where they were not as the log has it."""
    settings = _settings(options)
    log = open_log(settings.target)
    try:
        prepare(log)
        report = rebuild_views(log)
    except Unavailable as error:
        print(f"muniment: the log cannot be reached: {error}")
        return 3
    finally:
        log.close()
    wrong = sum(len(view.differences) for view in report.views)
    if options.json:
        print(msgspec.json.encode(report).decode())
        return 1 if wrong else 0
    table = Table("view", "rows", "differences", box=None, pad_edge=False)
    for view in report.views:
        table.add_row(view.name, str(view.rows), str(len(view.differences)))
    console = Console()
    console.print(table)
    for view in report.views:
        for line in view.differences:
            console.print(f"{view.name}: {line}", style="red", markup=False, soft_wrap=True)
    console.print(
        f"All views are made again up to position {report.position}; {wrong} rows were different.", highlight=False
    )
    return 1 if wrong else 0


def team(options: argparse.Namespace) -> int:
    """Create a team."""
    made = Client(options.url).post("/api/v1/teams", {"name": options.name})
    print(msgspec.json.encode(made).decode() if options.json else f"team {made['name']}: {made['id']}")
    return 0


def register(options: argparse.Namespace) -> int:
    """Register a team as a consumer of an asset."""
    client = Client(options.url)
    asset = client.asset(options.fqn, options.environment)
    body = {"asset_id": asset["id"], "consumer_team_id": client.team_id(options.team)}
    made = client.post("/api/v1/registrations", body)
    done = f"{options.team} relies on {options.fqn} now: it is asked before that breaks"
    print(msgspec.json.encode(made).decode() if options.json else done)
    return 0


def key(options: argparse.Namespace) -> int:
    """Create a key, and show it this once."""
    client = Client(options.url)
    body: dict[str, object] = {"name": options.name, "team_id": client.team_id(options.team)}
    if options.scope:
        body["scopes"] = options.scope
    if options.source:
        pairs = [text.partition(":") for text in options.source]
        body["sources"] = [{"kind": kind, "key": name} for kind, _, name in pairs]
    made = client.post("/api/v1/api-keys", body)
    print(msgspec.json.encode(made).decode() if options.json else str(made["key"]))
    return 0
