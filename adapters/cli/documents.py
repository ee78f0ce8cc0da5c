"""`muniment sync`, `diff` and `impact`: send documents, show the answer, and say in the exit code what it means."""

import argparse
from collections.abc import Callable, Mapping
from typing import NamedTuple

from adapters.cli.client import Client, entries, part
from adapters.cli.descriptions import description
from adapters.cli.files import Failed, document, graphql_schema
from adapters.cli.preview_report import show_diff, show_impact
from adapters.cli.printing import print_json
from adapters.cli.sync_report import show_sync

FLAGS = {
    "auto_publish_contracts": "publish first contracts and compatible new versions",
    "auto_create_proposals": "open a proposal where a change breaks a contract, so that its consumers are asked",
    "auto_delete": "delete (softly) what this source declared before and does not declare now",
    "auto_register_consumers": "register consumers from meta, and from refs across teams",
    "delete_consumed": "with --auto-delete: also what teams rely on",
    "accept_moves": "let many assets move to another database or schema",
    "publish_unconsumed": "with --auto-publish-contracts: publish a breaking change that no team relies on",
}
_STATED = ("conflict_mode", "compatibility_mode", "commit", "expected_deletions")


class _Kind(NamedTuple):
    """One kind of document: the member that holds it, where syncs go, what its items are called, what only it takes."""

    member: str
    sync: str
    items: str
    options: tuple[str, ...]
    read: Callable[[str], bytes] = document


KINDS = {
    "dbt": _Kind("manifest", "dbt/upload", "models", ("project", "catalog", "auto_register_consumers")),
    "openapi": _Kind("spec", "openapi", "endpoints", ("prefix", "service"), description),
    "graphql": _Kind("schema", "graphql", "types", ("prefix", "service"), graphql_schema),
}
_SOME_KINDS = ("project", "catalog", "prefix", "service", "auto_register_consumers")
NOTHING_BREAKS, BREAKS, NOT_COMPARED = 0, 1, 3


def _documents(options: argparse.Namespace) -> dict[str, bytes]:
    kind = KINDS[options.kind]
    for name in _SOME_KINDS:
        if getattr(options, name, None) and name not in kind.options:
            raise Failed(f"--{name.replace('_', '-')} means nothing for {options.kind}", code=2)
    named = {kind.member: options.document, "catalog": options.catalog, "base": getattr(options, "base", None)}
    given = {name: path for name, path in named.items() if path is not None}
    if list(given.values()).count("-") > 1:
        raise Failed("only one document can come from standard input")
    return {name: kind.read(path) for name, path in given.items()}


def sync(options: argparse.Namespace) -> int:
    """Send a document. Exit code 1 where something that was asked for could not be done."""
    sending = _Sending(options)
    stated: dict[str, object] = {name: getattr(options, name) for name in _STATED if getattr(options, name) is not None}
    stated |= sending.named
    stated |= {flag: True for flag in (*FLAGS, "dry_run") if getattr(options, flag)}
    if options.team:
        stated["owner_team_id"] = sending.client.team_id(options.team)
    answer = sending.answer("sync", "assets", stated)
    if options.json:
        print_json(answer)
    else:
        withheld = part(answer, "contracts")["withheld"]
        show_sync(answer, sending.kind.items, _asked(sending.client, answer), sending.hit() if withheld else {})
    return 0 if answer["status"] == "success" else BREAKS


def _asked(client: Client, answer: Mapping[str, object]) -> dict[str, list[str]]:
    """The teams whose answer each open proposal of a sync waits for, by the proposal's id."""
    proposals = part(answer, "proposals")
    ids = [str(entry["proposal_id"]) for name in ("details", "pending") for entry in entries(proposals, name)]
    found: dict[str, list[str]] = {}
    for id in ids if not answer["dry_run"] else []:
        status = client.get(f"/api/v1/proposals/{id}/status")
        found[id] = [str(team["team_name"]) for team in entries(status, "pending_consumers")]
    return found


class _Sending:
    """The documents that were named, read once, and where they go."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._kind, self.kind = options.kind, KINDS[options.kind]
        self._documents = _documents(options)
        self.client = Client(options.url)
        named = {name: getattr(options, name) for name in ("project", "prefix", "service", "environment")}
        self.named = {name: value for name, value in named.items() if value is not None}

    def answer(self, action: str, member: str, stated: Mapping[str, object] | None = None) -> dict[str, object]:
        """The answer of an action. Raises `Failed`, also where the answer lacks the member that decides."""
        given = self.named if stated is None else stated
        path = self.kind.sync if action == "sync" else f"{self._kind}/{action}"
        answer = self.client.upload(f"/api/v1/sync/{path}", self._documents, given)
        if member not in answer:
            raise Failed(f"the server's answer has no {member}")
        return answer

    def hit(self) -> dict[object, dict[str, object]]:
        """What breaks and who is hit, by the name of the asset."""
        return {entry["fqn"]: entry for entry in entries(self.answer("impact", "results"), "results")}


def _verdict(breaks: object, answer: Mapping[str, object]) -> int:
    if breaks:
        return BREAKS
    return NOT_COMPARED if answer["parse_errors"] else NOTHING_BREAKS


def diff(options: argparse.Namespace) -> int:
    """Show what a document would change. Exit code 1 where the answer says `blocking`, 3 where items are unreadable."""
    sending = _Sending(options)
    answer = sending.answer("diff", "blocking")
    if options.json:
        print_json(answer)
    else:
        breaks = any(entry["breaking_changes"] for entry in entries(answer, sending.kind.items))
        show_diff(answer, sending.kind.items, sending.hit() if breaks else {})
    return _verdict(answer["blocking"], answer)


def impact(options: argparse.Namespace) -> int:
    """Show what would break and whom it hits. Exit code 1 where something does, 3 where items are unreadable."""
    sending = _Sending(options)
    answer = sending.answer("impact", "breaking_changes_count")
    if options.json:
        print_json(answer)
    else:
        show_impact(answer, sending.kind.items)
    return _verdict(answer["breaking_changes_count"], answer)
