"""`muniment assets`: what there is."""

import argparse

from adapters.cli.client import Client
from adapters.cli.printing import Page, counted, print_json


def assets(options: argparse.Namespace) -> int:
    """List assets by name: type, active contract and owner of each."""
    wanted: dict[str, str | int] = {"environment": options.environment}
    if options.text:
        wanted["fqn"] = options.text
    found = list(Client(options.url).every("/api/v1/assets", wanted))
    if options.json:
        print_json({"results": found, "total": len(found)})
        return 0
    rows = [
        (
            str(asset["fqn"]),
            str(asset["resource_type"]),
            str(asset["active_contract_version"] or "-"),
            str(asset["owner_team_name"]),
        )
        for asset in found
    ]
    titles = (counted(len(rows), "asset"), "type", "contract", "owner")
    widths = [max(len(row[n]) for row in (titles, *rows)) for n in range(len(titles))]
    page = Page()
    for row, style in ((titles, "bold"), *((row, "") for row in rows)):
        page.line("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip(), style)
    return 0
