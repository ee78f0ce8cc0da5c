"""What can be typed, and which function answers it."""

import argparse
import sys
from collections.abc import Sequence
from typing import TypeAlias

from adapters.cli import documents, inspect, operate
from adapters.cli.client import Failed
from adapters.config import InvalidSetting

USAGE, NOT_COMPARED = 2, 3


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns its exit code: 0 done, 1 something breaks or differs, 2 usage, 3 could not be done."""
    parser = _parser()
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else USAGE
    try:
        code: int = options.run(options)
    except (Failed, InvalidSetting) as failed:
        print(f"muniment: {failed}", file=sys.stderr)
        return NOT_COMPARED
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="muniment", description="A catalog of data contracts that forgets nothing.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _serve(commands)
    _sync(commands)
    _preview(commands, "diff", "what a manifest would change, and what that breaks", documents.diff)
    _preview(commands, "impact", "who is hit by what a manifest would break", documents.impact)
    _history(commands)
    _team_and_key(commands)
    return parser


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _client(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--url", help="the server (MUNIMENT_URL, default http://127.0.0.1:8400)")
    parser.add_argument("--json", action="store_true", help="print the server's answer as it is")
    return parser


def _store(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    store = parser.add_mutually_exclusive_group()
    store.add_argument("--data", help="directory of the embedded store (MUNIMENT_DATA, default .muniment)")
    store.add_argument("--database", help="a postgresql:// URL instead (MUNIMENT_DATABASE)")
    return parser


def _serve(commands: Commands) -> None:
    serve = _store(commands.add_parser("serve", help="run the server"))
    serve.add_argument("--host", help="address to listen on (MUNIMENT_HOST, default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (MUNIMENT_PORT, default 8400)")
    serve.add_argument("--workers", type=int, help="web processes (MUNIMENT_WORKERS, default 1)")
    serve.set_defaults(run=operate.serve)
    rebuild = _store(commands.add_parser("rebuild", help="make all views again from the log, and compare"))
    rebuild.add_argument("--json", action="store_true", help="print the report as JSON")
    rebuild.set_defaults(run=operate.rebuild)
    status = _client(commands.add_parser("status", help="how the server is"))
    status.set_defaults(run=inspect.status)


def _kind(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("kind", choices=["dbt"], help="kind of the document")
    parser.add_argument("manifest", help="path of manifest.json (or .json.gz)")
    parser.add_argument("--catalog", help="path of catalog.json, which fills column types in")
    parser.add_argument("--project", help="name of the project, if the manifest has none")
    parser.add_argument("--environment", help="namespace of the names (default production)")
    return parser


def _sync(commands: Commands) -> None:
    sync = _kind(_client(commands.add_parser("sync", help="sync a document into the catalog")))
    sync.add_argument("--team", help="name or id of the team that owns new assets (default: the key's)")
    sync.add_argument(
        "--conflict-mode", choices=["ignore", "overwrite", "fail"], help="what becomes of existing assets"
    )
    sync.add_argument("--compatibility-mode", choices=["backward", "forward", "full", "none"])
    sync.add_argument("--commit", help="your revision or run id, kept with the sync")
    sync.add_argument("--expected-deletions", type=int)
    for flag in documents.FLAGS:
        sync.add_argument("--" + flag.replace("_", "-"), action="store_true")
    sync.add_argument("--dry-run", action="store_true", help="tell what it would do, and write nothing")
    sync.set_defaults(run=documents.sync)


def _preview(commands: Commands, name: str, help: str, run: object) -> None:
    preview = _kind(_client(commands.add_parser(name, help=help)))
    preview.add_argument("--base", help="the manifest at the merge base: only what differs from it is charged")
    preview.set_defaults(run=run)


def _history(commands: Commands) -> None:
    history = _client(commands.add_parser("history", help="what happened to an asset, newest last"))
    history.add_argument("fqn", help="name of the asset: database.schema.relation")
    history.add_argument("--environment", default="production")
    history.set_defaults(run=inspect.history)


def _team_and_key(commands: Commands) -> None:
    team = _client(commands.add_parser("team", help="create a team"))
    team.add_argument("name")
    team.set_defaults(run=operate.team)
    register = _client(commands.add_parser("register", help="register a team as a consumer of an asset"))
    register.add_argument("fqn", help="name of the asset: database.schema.relation")
    register.add_argument("--team", required=True, help="name or id of the team that relies on it")
    register.add_argument("--environment", default="production")
    register.set_defaults(run=operate.register)
    key = _client(commands.add_parser("key", help="create an API key; it is shown once"))
    key.add_argument("name")
    key.add_argument("--team", required=True, help="name or id of the team that the key acts for")
    key.add_argument("--scope", action="append", choices=["read", "write", "admin"], help="default: read and write")
    key.add_argument("--source", action="append", metavar="KIND:KEY", help="a source that the key syncs for any owner")
    key.set_defaults(run=operate.key)
