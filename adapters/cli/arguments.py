"""What can be typed, and which function answers it."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TypeAlias

from adapters.cli import catalog, comparing, documents, history, register
from adapters.cli.files import Failed
from adapters.config import InvalidSetting, version

USAGE, NOT_DONE, INTERRUPTED = 2, 3, 130
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run: TypeAlias = Callable[[argparse.Namespace], int]

_CLIENT = """\
The server is --url, else MUNIMENT_URL, else http://127.0.0.1:8400. The key is
MUNIMENT_KEY; without it, and for a server on this machine only, what the file
bootstrap-key in MUNIMENT_DATA (else .muniment) holds, if it is there."""
_AWAY = "server away, key refused, file unreadable, request refused"


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns its exit code: 0 done, 1 something breaks or differs, 2 usage, 3 could not be done."""
    for stream in (sys.stdout, sys.stderr):
        # Names come from foreign documents: what a terminal cannot show is no reason to fail.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else USAGE
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except (Failed, InvalidSetting) as failed:
        print(f"muniment: {failed}", file=sys.stderr)
        return failed.code if isinstance(failed, Failed) else NOT_DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone; nothing more can be said, nor flushed when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="muniment", description="A catalog of data contracts that forgets nothing.")
    parser.add_argument("--version", action="version", version=f"muniment {version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _serve(commands)
    _sync(commands)
    _preview(commands, "diff", "what a document would change, what that breaks, and who is hit", documents.diff)
    _preview(commands, "impact", "only what a document would break, and who is hit", documents.impact)
    _assets(commands)
    _history(commands)
    _status_and_rebuild(commands)
    _team_and_key(commands)
    _compare_and_rules(commands)
    return parser


def _run_serve(options: argparse.Namespace) -> int:
    # Imported late: what a server is made of takes longer to load than a client's whole command.
    from adapters.cli.operate import serve

    return serve(options)


def _run_rebuild(options: argparse.Namespace) -> int:
    from adapters.cli.operate import rebuild

    return rebuild(options)


def _command(commands: Commands, name: str, help: str, run: Run, epilog: str = "") -> argparse.ArgumentParser:
    text = help[0].upper() + help[1:] + "."
    parser = commands.add_parser(
        name, help=help, description=text, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(run=run)
    return parser


def _exits(done: str, otherwise: str = "", failed: str = _AWAY) -> str:
    """What the exit codes of a command mean."""
    lines = [f"  0  {done}", f"  1  {otherwise}" if otherwise else "", "  2  wrong usage", f"  3  {failed}"]
    return "\n".join(["exit codes:", *filter(None, lines)])


def _client(
    commands: Commands, name: str, help: str, run: Run, exits: str = _exits("done", failed=f"not done: {_AWAY}")
) -> argparse.ArgumentParser:
    parser = _command(commands, name, help, run, f"{_CLIENT}\n\n{exits}")
    parser.add_argument("--url", help="the server")
    parser.add_argument("--json", action="store_true", help="print the server's answer, whole, as JSON")
    return parser


def _store(parser: argparse.ArgumentParser) -> None:
    store = parser.add_mutually_exclusive_group()
    store.add_argument("--data", metavar="DIR", help="directory of the embedded store (MUNIMENT_DATA, else .muniment)")
    store.add_argument("--database", metavar="URL", help="a postgresql:// URL instead (MUNIMENT_DATABASE)")


def _serve(commands: Commands) -> None:
    epilog = (
        "Without MUNIMENT_BOOTSTRAP_KEY the first start makes an admin key, in the file\n"
        "bootstrap-key of the data directory, readable by its owner only. Every setting\n"
        "is a MUNIMENT_… variable too: docs/operating.md lists them."
    )
    serve = _command(commands, "serve", "run the server", _run_serve, epilog)
    _store(serve)
    serve.add_argument("--host", help="address to listen on (MUNIMENT_HOST, else 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (MUNIMENT_PORT, else 8400)")
    serve.add_argument("--workers", type=int, metavar="N", help="web processes (MUNIMENT_WORKERS, else 1)")


def _status_and_rebuild(commands: Commands) -> None:
    exits = _exits("healthy", "not healthy", "no answer")
    _client(commands, "status", "how the server is, and how much is in it", catalog.status, exits)
    epilog = _exits("no row differed", "some rows differed; they are named", "the store cannot be used")
    rebuild = _command(commands, "rebuild", "make all views again from the log, and compare them", _run_rebuild, epilog)
    _store(rebuild)
    rebuild.add_argument("--json", action="store_true", help="print the report as JSON")


def _document(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=[*documents.KINDS], help="kind of the document")
    parser.add_argument("document", help="path of the document; may be gzipped; - is standard input")
    parser.add_argument("--catalog", metavar="FILE", help="dbt: path of catalog.json, which fills column types in")
    parser.add_argument("--project", metavar="NAME", help="dbt: the project, if the manifest names none or another")
    parser.add_argument("--prefix", metavar="NAME", help="not dbt: first part of the assets' names")
    parser.add_argument("--service", metavar="NAME", help="not dbt: what is described, if not named by the prefix")
    parser.add_argument("--environment", metavar="NAME", help="namespace of the assets' names (default: production)")


def _sync(commands: Commands) -> None:
    exits = _exits("all was done", "something that was asked for was not: it is named", f"nothing was done: {_AWAY}")
    sync = _client(commands, "sync", "sync a document into the catalog, all of it or nothing", documents.sync, exits)
    _document(sync)
    sync.add_argument("--team", help="name or id of the team that owns new assets (default: the key's team)")
    modes = "existing assets: ignore them (the default), overwrite them with the document, or fail if there are any"
    sync.add_argument("--conflict-mode", choices=["ignore", "overwrite", "fail"], help=modes)
    sync.add_argument(
        "--compatibility-mode",
        choices=["backward", "forward", "full", "none"],
        help="what first contracts promise, where meta says nothing (default: backward)",
    )
    sync.add_argument("--commit", metavar="ID", help="your revision or run id, kept with the sync")
    for flag, help in documents.FLAGS.items():
        sync.add_argument("--" + flag.replace("_", "-"), action="store_true", help=help)
    sync.add_argument(
        "--expected-deletions",
        type=int,
        metavar="N",
        help="with --auto-delete: so many deletions are meant, though they are most of the source",
    )
    sync.add_argument("--dry-run", action="store_true", help="tell what it would do, and write nothing")


def _preview(commands: Commands, name: str, help: str, run: Run) -> None:
    breaks = "something breaks" + (", or an option in meta is wrong" if name == "diff" else "")
    exits = _exits("nothing breaks", breaks, f"could not compare, or not every item: {_AWAY}")
    preview = _client(commands, name, help, run, exits)
    _document(preview)
    preview.add_argument(
        "--base", metavar="FILE", help="the document at the merge base: only what differs from it is charged"
    )


def _history(commands: Commands) -> None:
    told = _client(commands, "history", "all that ever happened to an asset, oldest first", history.history)
    told.add_argument("fqn", help="name of the asset")
    told.add_argument("--environment", metavar="NAME", default="production", help="default: production")


def _assets(commands: Commands) -> None:
    assets = _client(commands, "assets", "the assets of the catalog, with owner and contract", catalog.assets)
    assets.add_argument("text", nargs="?", help="only those whose name contains this")
    assets.add_argument("--environment", metavar="NAME", default="production", help="default: production")


def _source(text: str) -> tuple[str, str]:
    kind, colon, name = text.partition(":")
    if not (kind and colon and name):
        raise argparse.ArgumentTypeError(f"{text!r} is not KIND:KEY, such as dbt:shop")
    return kind, name


def _team_and_key(commands: Commands) -> None:
    team = _client(commands, "team", "create a team", register.team)
    team.add_argument("name")
    consumer = _client(commands, "register", "register a team as a consumer of an asset", register.register)
    consumer.add_argument("fqn", help="name of the asset")
    consumer.add_argument("--team", required=True, help="name or id of the team that relies on it")
    consumer.add_argument("--environment", metavar="NAME", default="production", help="default: production")
    key = _client(commands, "key", "create an API key and print it, this once", register.key)
    key.add_argument("name", help="what the key is for: people see it in histories")
    key.add_argument("--team", required=True, help="name or id of the team that the key acts for")
    scopes = "may be given twice; default: read and write"
    key.add_argument("--scope", action="append", choices=["read", "write", "admin"], help=scopes)
    sources = "a source that the key may sync for any owner, such as dbt:shop; may be given twice"
    key.add_argument("--source", action="append", type=_source, metavar="KIND:KEY", help=sources)


def _compare_and_rules(commands: Commands) -> None:
    epilog = """\
exit codes:
  0  compatible
  1  something breaks
  2  wrong usage: a file that cannot be read, or is no JSON Schema
  4  it could not be judged"""
    purpose = "compare two JSON Schemas in files, without a server"
    compare = _command(commands, "compare", purpose, comparing.run, epilog)
    compare.add_argument("old", nargs="?", help="the schema as it was: a JSON or YAML file")
    compare.add_argument("new", nargs="?", help="the schema as it is to be")
    direction = compare.add_mutually_exclusive_group()
    for name, who in (("accepted", "others write it (requests)"), ("produced", "others read it (tables, responses)")):
        direction.add_argument(f"--{name}", dest="direction", action="store_const", const=name, help=who)
    compare.add_argument(
        "--mode", choices=["backward", "forward", "full", "none"], default="backward", help="default: backward"
    )
    compare.add_argument("--json", action="store_true", help="print the comparison as JSON")
    lines = """\
read lines {"id", "old", "new"} from standard input and answer each with inclusion both ways; with "kind": "openapi"
or "graphql", old and new are whole documents"""
    compare.add_argument("--lines", action="store_true", help=lines)
    rules = _command(commands, "rules", "the rules of comparison, with their usual verdicts", comparing.rules)
    shape = rules.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print the rules as JSON, with their examples")
    shape.add_argument("--markdown", action="store_true", help="print docs/rules.md")
