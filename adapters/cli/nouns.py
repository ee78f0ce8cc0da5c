"""The commands about one kind of thing: `muniment NOUN VERB …`. The verb `list` may be left out."""

import argparse
from collections.abc import Sequence
from typing import NamedTuple

from adapters.cli import assets, contracts, keys, proposals, register, teams, webhooks
from adapters.cli.parsers import Commands, Run, client, exits_of

_REFUSED = "refused by a rule"
EXITS = exits_of("done", _REFUSED, "not done: server away, key refused, nothing of that name")
_BREAKS = exits_of("published", f"it would break somebody, so it was proposed; or {_REFUSED}", "not done")
_JUDGED = exits_of("compatible", "the later version breaks", "not done") + "\n  4  it could not be judged"
_TYPES = "model source seed snapshot api_endpoint graphql_type graphql_query grpc_service other".split()
_STATUSES = ["pending", "approved", "rejected", "withdrawn", "expired", "published"]


class _Verb(NamedTuple):
    """A verb, what it does, who does it, and its arguments by name (`fqn` is positional, `--team` an option)."""

    name: str
    help: str
    run: Run
    arguments: tuple[tuple[str, dict[str, object]], ...] = ()
    exits: str = EXITS


def _a(name: str, help: str = "", **more: object) -> tuple[str, dict[str, object]]:
    return name, {"help": help, **more}


_IN = _a("--environment", "default: production", metavar="NAME", default="production")
_TEXT = _a("text", "only those whose name contains this", nargs="?")
_ASSET = (_a("fqn", "name of the asset"), _IN)
_OF_TEAM = _a("--team", "name or id of a team")
_TEAM = _a("team", "name or id of the team")
_PROPOSAL = (_a("proposal", "its id, or the name of its asset"), _IN)
_DESCRIBED = (
    _a("--description", "what it is"),
    _a("--type", "what kind of thing it is", choices=_TYPES),
    _a("--tag", "may be given twice; replaces the tags that there are", action="append"),
)
_KEY = (
    _a("name", "what the key is for: people see it in histories"),
    _a("--team", "name or id of the team that the key acts for", required=True),
    _a("--scope", "may be given twice; default: read and write", action="append", choices=["read", "write", "admin"]),
    _a(
        "--source",
        "a source that the key may sync for any owner, such as dbt:shop; may be given twice",
        action="append",
        type=register.source,
        metavar="KIND:KEY",
    ),
)
_PUBLISHED = (
    _a("schema", "file with the JSON Schema; - is standard input"),
    _a("--team", "who publishes (default: the asset's owner)"),
    _a("--version", "the version (default: the one that fits)"),
    _a("--mode", "whom the version must not break", choices=["backward", "forward", "full", "none"]),
    _a("--direction", "whether others read it (produced) or write it (accepted)", choices=["produced", "accepted"]),
    _a("--force", "publish although it breaks somebody, for this reason", metavar="REASON"),
)
_VERBS: dict[str, tuple[str, tuple[_Verb, ...]]] = {
    "assets": (
        "what the catalog holds: tables, operations, types",
        (
            _Verb(
                "list",
                "assets by name, with owner and contract",
                assets.listed,
                (_TEXT, _IN, _OF_TEAM, _a("--tag", "only those with this tag")),
            ),
            _Verb("show", "all about one asset", assets.show, _ASSET),
            _Verb(
                "create",
                "create an asset by hand",
                assets.create,
                (*_ASSET, _a("--team", "name or id of its owner", required=True), *_DESCRIBED),
            ),
            _Verb(
                "update",
                "change what is said of an asset",
                assets.update,
                (*_ASSET, _a("--name", "its new name"), _a("--team", "its new owner"), *_DESCRIBED),
            ),
            _Verb("delete", "delete an asset; its contracts stay readable", assets.delete, _ASSET),
            _Verb("restore", "bring a deleted asset back", assets.restore, _ASSET),
        ),
    ),
    "contracts": (
        "what assets promise, version by version",
        (
            _Verb(
                "list",
                "contracts, the newest first",
                contracts.listed,
                (
                    _a("fqn", "only those of this asset", nargs="?"),
                    _IN,
                    _a("--status", "only of this status", choices=["active", "deprecated", "retired"]),
                ),
            ),
            _Verb(
                "show",
                "one version of a contract, with its schema",
                contracts.show,
                (*_ASSET, _a("--version", "default: the active one")),
            ),
            _Verb("publish", "publish a schema as a new version", contracts.publish, (*_ASSET, *_PUBLISHED), _BREAKS),
            _Verb(
                "diff",
                "what differs between two versions",
                contracts.diff,
                (*_ASSET, _a("old", "the earlier version"), _a("new", "the later version")),
                _JUDGED,
            ),
            _Verb("retire", "promise nothing by a version any more", contracts.retire, (*_ASSET, _a("version"))),
        ),
    ),
    "teams": (
        "who owns assets, and who relies on them",
        (
            _Verb("list", "teams by name", teams.listed, (_TEXT,)),
            _Verb("show", "one team", teams.show, (_TEAM,)),
            _Verb("create", "create a team", teams.create, (_a("name"),)),
            _Verb("rename", "give a team another name", teams.rename, (_TEAM, _a("name", "its new name"))),
            _Verb(
                "delete",
                "delete a team",
                teams.delete,
                (_TEAM, _a("--force", "also one that owns assets", action="store_true")),
            ),
            _Verb("restore", "bring a deleted team back", teams.restore, (_a("id", "id of the team"),)),
        ),
    ),
    "keys": (
        "who may call: API keys",
        (
            _Verb(
                "list",
                "keys, the newest first",
                keys.listed,
                (_OF_TEAM, _a("--revoked", "those too that were revoked", action="store_true")),
            ),
            _Verb("show", "one key, without its text", keys.show, (_a("id"),)),
            _Verb("create", "create a key and print it, this once", register.key, _KEY),
            _Verb("revoke", "revoke a key: it is refused at once", keys.revoke, (_a("id"),)),
        ),
    ),
    "webhooks": (
        "who is told of what: URLs that get signed messages",
        (
            _Verb("list", "webhooks, the newest first", webhooks.listed),
            _Verb(
                "create",
                "register a webhook and print its secret, this once",
                webhooks.create,
                (
                    _a("webhook", "https URL that is sent the messages", metavar="RECEIVER"),
                    _a("--event", "such as contract.published; may be given twice", action="append", required=True),
                    _a("--team", "tell only what concerns this team: its name or id"),
                ),
            ),
            _Verb("delete", "delete a webhook, and what waits for it", webhooks.delete, (_a("id"),)),
            _Verb(
                "deliveries",
                "messages with what became of them, the newest first",
                webhooks.deliveries,
                (_a("--status", "only of this status", choices=["pending", "delivered", "failed", "dead_lettered"]),),
            ),
            _Verb("redeliver", "send a message again", webhooks.redeliver, (_a("id", "id of the message"),)),
        ),
    ),
    "proposals": (
        "breaking changes that wait for those who are hit",
        (
            _Verb(
                "list",
                "proposals, the newest first",
                proposals.listed,
                (
                    _a("--status", "only of this status", choices=_STATUSES),
                    _a("--team", "only those that await this team's answer"),
                ),
            ),
            _Verb("show", "what it breaks, who has answered, who has not", proposals.show, _PROPOSAL),
            _Verb(
                "acknowledge",
                "answer a proposal for a consumer",
                proposals.acknowledge,
                (
                    *_PROPOSAL,
                    _a("--team", "the consumer that answers", required=True),
                    _a("--response", "the answer", required=True, choices=["approved", "migrating", "blocked"]),
                    _a("--notes", "what people should know"),
                ),
            ),
            _Verb(
                "object",
                "object to a proposal; that blocks nothing",
                proposals.object_,
                (
                    *_PROPOSAL,
                    _a("--team", "the team that objects", required=True),
                    _a("--reason", "why", required=True),
                ),
            ),
            _Verb("withdraw", "take a proposal back", proposals.withdraw, _PROPOSAL),
            _Verb(
                "force",
                "approve it over its consumers' heads",
                proposals.force,
                (*_PROPOSAL, _a("--reason", "why; it stays on record")),
            ),
            _Verb("expire", "let a proposal expire now", proposals.expire, _PROPOSAL),
            _Verb(
                "publish",
                "publish what was approved",
                proposals.publish,
                (
                    *_PROPOSAL,
                    _a("--team", "who publishes (default: who proposed)"),
                    _a("--version", "the version (default: the one that was proposed)"),
                ),
            ),
        ),
    ),
}


def with_verb(arguments: Sequence[str]) -> list[str]:
    """The arguments, with the verb `list` where a noun has none."""
    noun, *rest = arguments or [""]
    known = {verb.name for verb in _VERBS[noun][1]} if noun in _VERBS else set()
    stated = not known or (rest and rest[0] in known | {"-h", "--help"})
    return [*arguments] if stated else [noun, "list", *rest]


def add(commands: Commands) -> None:
    """Add all nouns with their verbs, and the inbox."""
    for noun, (help, verbs) in _VERBS.items():
        parser = commands.add_parser(
            noun, help=help, description=f"{help.capitalize()}. The verb `list` may be left out."
        )
        added = parser.add_subparsers(required=True, metavar="VERB")
        for verb in verbs:
            _add(added, verb)
    _add(commands, _Verb("inbox", "what awaits a team", teams.inbox, (_a("--team", "name or id", required=True),)))


def add_key(commands: Commands, name: str, help: str) -> None:
    """Add a command that creates a key."""
    _add(commands, _Verb(name, help, register.key, _KEY))


def _add(commands: Commands, verb: _Verb) -> argparse.ArgumentParser:
    parser = client(commands, verb.name, verb.help, verb.run, verb.exits)
    for name, more in verb.arguments:
        parser.add_argument(name, **more)  # type: ignore[arg-type]
    return parser
