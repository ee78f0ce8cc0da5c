"""What can be typed, and which function answers it."""

import argparse
import os
import sys
from collections.abc import Sequence

import shtab

from adapters.cli import catalog, comparing, documents, history, nouns, register, teams
from adapters.cli.files import Failed
from adapters.cli.parsers import AWAY, Commands, Run, client, command, exits_of
from adapters.config import InvalidSetting, version

USAGE, NOT_DONE, INTERRUPTED = 2, 3, 130


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns its exit code: 0 done, 1 something breaks or differs, 2 usage, 3 could not be done."""
    for stream in (sys.stdout, sys.stderr):
        # Names come from foreign documents: what a terminal cannot show is no reason to fail.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    try:
        options = parser().parse_args(nouns.with_verb(arguments))
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


def parser() -> argparse.ArgumentParser:
    """All that can be typed."""
    parser = argparse.ArgumentParser(prog="muniment", description="A catalog of data contracts that forgets nothing.")
    parser.add_argument("--version", action="version", version=f"muniment {version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _serve(commands)
    _sync(commands)
    _preview(commands, "diff", "what a document would change, what that breaks, and who is hit", documents.diff)
    _preview(commands, "impact", "only what a document would break, and who is hit", documents.impact)
    nouns.add(commands)
    _completion(commands)
    _history(commands)
    _status_and_rebuild(commands)
    _short_forms(commands)
    _compare_and_rules(commands)
    return parser


def _run_serve(options: argparse.Namespace) -> int:
    # Imported late: what a server is made of takes longer to load than a client's whole command.
    from adapters.cli.operate import serve

    return serve(options)


def _run_rebuild(options: argparse.Namespace) -> int:
    from adapters.cli.operate import rebuild

    return rebuild(options)


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
    serve = command(commands, "serve", "run the server", _run_serve, epilog)
    _store(serve)
    serve.add_argument("--host", help="address to listen on (MUNIMENT_HOST, else 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (MUNIMENT_PORT, else 8400)")
    serve.add_argument("--workers", type=int, metavar="N", help="web processes (MUNIMENT_WORKERS, else 1)")


def _status_and_rebuild(commands: Commands) -> None:
    exits = exits_of("healthy", "not healthy", "no answer")
    client(commands, "status", "how the server is, and how much is in it", catalog.status, exits)
    epilog = exits_of("no row differed", "some rows differed; they are named", "the store cannot be used")
    rebuild = command(commands, "rebuild", "make all views again from the log, and compare them", _run_rebuild, epilog)
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
    exits = exits_of("all was done", "something that was asked for was not: it is named", f"nothing was done: {AWAY}")
    sync = client(commands, "sync", "sync a document into the catalog, all of it or nothing", documents.sync, exits)
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
    exits = exits_of("nothing breaks", breaks, f"could not compare, or not every item: {AWAY}")
    preview = client(commands, name, help, run, exits)
    _document(preview)
    preview.add_argument(
        "--base", metavar="FILE", help="the document at the merge base: only what differs from it is charged"
    )


def _history(commands: Commands) -> None:
    told = client(commands, "history", "all that ever happened to an asset, oldest first", history.history)
    told.add_argument("fqn", help="name of the asset")
    told.add_argument("--environment", metavar="NAME", default="production", help="default: production")


def _short_forms(commands: Commands) -> None:
    """`team`, `key` and `register`: what a newcomer types first."""
    team = client(commands, "team", "create a team: short for `teams create`", teams.create, nouns.EXITS)
    team.add_argument("name")
    nouns.add_key(commands, "key", "create an API key and print it, this once: short for `keys create`")
    consumer = client(commands, "register", "register a team as a consumer of an asset", register.register)
    consumer.add_argument("fqn", help="name of the asset")
    consumer.add_argument("--team", required=True, help="name or id of the team that relies on it")
    consumer.add_argument("--environment", metavar="NAME", default="production", help="default: production")


def _completion(commands: Commands) -> None:
    epilog = """\
examples:
  muniment completion bash > ~/.local/share/bash-completion/completions/muniment
  muniment completion zsh > ~/.zfunc/_muniment"""
    purpose = "print a script that completes commands in a shell"
    completion = command(commands, "completion", purpose, _print_completion, epilog)
    completion.add_argument("shell", choices=shtab.SUPPORTED_SHELLS)


def _print_completion(options: argparse.Namespace) -> int:
    print(shtab.complete(parser(), options.shell))
    return 0


def _compare_and_rules(commands: Commands) -> None:
    epilog = """\
exit codes:
  0  compatible
  1  something breaks
  2  wrong usage: a file that cannot be read, or is no JSON Schema
  4  it could not be judged"""
    purpose = "compare two JSON Schemas in files, without a server"
    compare = command(commands, "compare", purpose, comparing.run, epilog)
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
    rules = command(commands, "rules", "the rules of comparison, with their usual verdicts", comparing.rules)
    shape = rules.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print the rules as JSON, with their examples")
    shape.add_argument("--markdown", action="store_true", help="print docs/rules.md")
