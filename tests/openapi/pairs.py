"""oasdiff's own pairs: what its tests expect of each, against our verdict. `scripts/oasdiff` prints the comparison."""

import json
import sys
from collections import Counter
from typing import Any

from adapters.cli.descriptions import description
from adapters.contract_engine import ENGINE
from adapters.sources.errors import InvalidDocument
from adapters.sources.openapi import Naming, read
from domain.schema.change import Change, Mode
from domain.schema.judge import Terms, removal
from domain.schema.operations import judge_operation
from domain.sync.spec import Document
from tests.corpora import FOLDER

OPENAPI = FOLDER.parent / "openapi"
PAIRS = OPENAPI / "breaking_oasdiff_pairs.json"
_DATA = OPENAPI / "breaking_oasdiff_data"


def pairs() -> list[dict[str, Any]]:
    """The pairs for which oasdiff names checks, or none at all."""
    found: list[dict[str, Any]] = json.loads(PAIRS.read_text())["pairs"]
    return found


def loaded(path: str) -> Document:
    """A description of oasdiff's. Raises `InvalidDocument`."""
    return read(description(str(_DATA / path)), Naming("api", "api"))


def changes(base: Document, revision: Document) -> list[tuple[str, Change]]:
    """All changes between two documents, each with its operation."""
    before = {spec.item: spec for spec in base.specs}
    after = {spec.item: spec for spec in revision.specs}
    found = [(item, removal(before[item].fqn, item)) for item in before.keys() - after.keys()]
    for item in sorted(before.keys() & after.keys()):
        old, new = before[item].schema, after[item].schema
        assert old is not None and new is not None
        judgement = judge_operation(old, new, ENGINE, Terms(mode=Mode.backward), item)
        found += [(item, change) for change in judgement.changes]
    return found


def main() -> None:
    counts: Counter[str] = Counter()
    for pair in pairs():
        try:
            found = changes(loaded(pair["base"]), loaded(pair["revision"]))
        except InvalidDocument as error:
            counts["unreadable"] += 1
            print("unreadable", pair["test"], error)
            continue
        theirs = "breaking" if "ERR" in pair["levels"] else "compatible"
        worst = {change.verdict.value for _, change in found}
        ours = "breaking" if worst & {"breaking", "unknown"} else "compatible"
        kind = "agree" if ours == theirs else "milder" if ours == "compatible" else "stricter"
        kind = kind if pair["check_ids"] or pair["expects_none"] else f"(no expectation) {kind}"
        counts[kind] += 1
        if kind in ("milder", "stricter") or "-v" in sys.argv:
            told = sorted({f"{c.type} {c.verdict.value} {c.path}"[:160] for _, c in found})
            print(kind, pair["test"], pair["base"], pair["revision"], pair["check_ids"], pair["levels"], told[:4])
    print(dict(counts))


if __name__ == "__main__":
    main()
