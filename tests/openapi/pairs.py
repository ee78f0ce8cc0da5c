"""oasdiff's own pairs: what its tests expect of each, against our verdict. `scripts/oasdiff` prints the comparison."""

import json
import sys
from collections import Counter
from typing import Any

from adapters.cli.descriptions import description
from adapters.contract_engine import ENGINE
from adapters.sources.openapi import Naming, read
from domain.schema.change import Change
from domain.sync.pairs import changes_between
from domain.sync.spec import Document
from tests.corpora import FOLDER

OPENAPI = FOLDER.parent / "openapi"
PAIRS = OPENAPI / "breaking_oasdiff_pairs.json"
# Where ours is milder: what docs/openapi.md says of it.
_SAME = "the branches are alike, so that one more or less changes nothing"
EXPLAINED = {
    "TestBreaking_RequestPropertyAnyOfRemoved": _SAME,
    "TestBreaking_RequestPropertyOneOfRemoved": "no value fits just one of three branches that are alike",
    "TestBreaking_RequestPropertyAllOfAdded": _SAME,
    "TestBreaking_RequestParameterMaxItemsWithoutFlatten": "maxItems says nothing of a text",
    "TestWebhookAddedAndRemoved": "webhooks make no assets",
}
_DATA = OPENAPI / "breaking_oasdiff_data"


def pairs() -> list[dict[str, Any]]:
    """The pairs for which oasdiff names checks, or none at all."""
    found: list[dict[str, Any]] = json.loads(PAIRS.read_text())["pairs"]
    return found


def loaded(path: str) -> Document:
    """A description of oasdiff's."""
    return read(description(str(_DATA / path)), Naming("api", "api"))


def changes(base: Document, revision: Document) -> list[tuple[str, Change]]:
    """All changes between two documents, each with its operation."""
    found = changes_between(base, revision, ENGINE)
    return [(item, change) for item in sorted(found) for change in found[item]]


def main() -> int:
    """Print how our verdict on each pair stands to oasdiff's level. Returns 1 where ours is milder for no reason."""
    counts: Counter[str] = Counter()
    for pair in pairs():
        kind, told = _compared(pair)
        counts[kind] += 1
        if kind in ("milder", "milder, explained") or "-v" in sys.argv:
            print(
                f"{kind}: {pair['test']} {pair['check_ids']} {pair['levels']}", EXPLAINED.get(pair["test"], ""), *told
            )
    print(", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())))
    return int(counts["milder"] > 0)


def _compared(pair: dict[str, Any]) -> tuple[str, list[str]]:
    if pair["base"] == pair["revision"]:
        return "without a difference in its files", []
    found = changes(loaded(pair["base"]), loaded(pair["revision"]))
    told = sorted({f"{change.type} {change.verdict.value} {change.path}"[:160] for _, change in found})[:4]
    ours = any(change.incompatible for _, change in found)
    # oasdiff's tests ask for a level only now and then: INFO may mean that they asked for everything.
    if "ERR" in pair["levels"]:
        kind = "agree: breaking" if ours else "milder, explained" if pair["test"] in EXPLAINED else "milder"
    elif pair["expects_none"]:
        kind = "stricter" if ours else "agree: compatible"
    else:
        kind = "ours breaking, no level of theirs" if ours else "ours compatible, no error of theirs"
    return kind, told


if __name__ == "__main__":
    sys.exit(main())
