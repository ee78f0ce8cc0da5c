"""Parsers of commands: each with a sentence, what it means to its exit codes, and the function that answers it."""

import argparse
from collections.abc import Callable
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run: TypeAlias = Callable[[argparse.Namespace], int]
CLIENT = """\
The server is --url, else MUNIMENT_URL, else http://127.0.0.1:8400. The key is
MUNIMENT_KEY; without it, and for a server on this machine only, what the file
bootstrap-key in MUNIMENT_DATA (else .muniment) holds, if it is there."""
AWAY = "server away, key refused, file unreadable, request refused"


def command(commands: Commands, name: str, help: str, run: Run, epilog: str = "") -> argparse.ArgumentParser:
    text = help[0].upper() + help[1:] + "."
    parser = commands.add_parser(
        name, help=help, description=text, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(run=run)
    return parser


def exits_of(done: str, otherwise: str = "", failed: str = AWAY) -> str:
    """What the exit codes of a command mean."""
    lines = [f"  0  {done}", f"  1  {otherwise}" if otherwise else "", "  2  wrong usage", f"  3  {failed}"]
    return "\n".join(["exit codes:", *filter(None, lines)])


def client(
    commands: Commands, name: str, help: str, run: Run, exits: str = exits_of("done", failed=f"not done: {AWAY}")
) -> argparse.ArgumentParser:
    parser = command(commands, name, help, run, f"{CLIENT}\n\n{exits}")
    parser.add_argument("--url", help="the server")
    parser.add_argument("--json", action="store_true", help="print the server's answer, whole, as JSON")
    return parser
