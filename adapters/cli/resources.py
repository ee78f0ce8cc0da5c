"""What the commands for teams, assets, contracts, keys and proposals share."""

import argparse
from collections.abc import Mapping

from adapters.cli.client import Client
from adapters.cli.printing import print_json

# Refused by a rule is 1, a value of the wrong shape is wrong usage; the rest could not be done.
EXITS = {400: 1, 403: 1, 409: 1, 412: 1, 422: 2}


def client_of(options: argparse.Namespace) -> Client:
    """The server that the options name, with the exit codes of these commands."""
    return Client(options.url, EXITS)


def told(options: argparse.Namespace, answer: Mapping[str, object], sentence: str, code: int = 0) -> int:
    """Print the answer as JSON where that is asked for, else the sentence. Returns the exit code."""
    if options.json:
        print_json(answer)
    else:
        print(sentence)
    return code
