"""`muniment status`: how the server is, and how much is in the catalog."""

import argparse

from adapters.cli.client import Client, part
from adapters.cli.files import Failed
from adapters.cli.printing import Page, counted, print_json

_COUNTED = ("team", "asset", "contract", "registration", "proposal")


def status(options: argparse.Namespace) -> int:
    """How the server is. Exit code 1 unless it is healthy."""
    client = Client(options.url)
    answer = client.health()
    if options.json:
        print_json(answer)
    else:
        page, views = Page(), part(part(answer, "checks"), "projections")
        page.line(f"{client.url}: {answer['status']}, version {answer['version']}, up {answer['uptime_seconds']} s")
        step = "in step with it" if views["position"] == views["head"] else f"at {views['position']}, behind it"
        page.line(f"log at position {views['head']}, views {step}")
        try:
            page.line(", ".join(_count(client, noun) for noun in _COUNTED))
        except Failed as failed:
            page.line(f"(no counts: {str(failed).splitlines()[0]})")
    return 0 if answer["status"] == "healthy" else 1


def _count(client: Client, noun: str) -> str:
    return counted(int(str(client.get(f"/api/v1/{noun}s", {"limit": 1})["total"])), noun)
