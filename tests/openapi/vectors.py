"""Other tools' labels of whole descriptions (`shared/vectors`) that say breaking where we do not, and who is right."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapters.contract_engine import ENGINE
from adapters.sources.openapi import Naming, read
from domain.schema.change import Verdict
from domain.sync.pairs import changes_between
from domain.sync.spec import Document
from tests.openapi.proofs import differs, shuts_nobody_out

FOLDER = Path(os.environ.get("MUNIMENT_VECTORS", Path(__file__).resolve().parents[3] / "shared" / "vectors"))


def labelled() -> Iterator[dict[str, Any]]:
    """The cases whose source says that something breaks."""
    for path in sorted(FOLDER.glob("*/dev.json")):
        cases = json.loads(path.read_text())["cases"]
        yield from (each for each in cases if each["kind"] == "openapi" and each["expect"]["verdict"] == "incompatible")


def answer(case: dict[str, Any]) -> str:
    """`breaking` or `risky`; `refuted` where it is proven that nobody is shut out; else `FALSE SAFE`."""
    old, new = (_read(case[each]) for each in ("old", "new"))
    verdicts = {each.verdict for found in changes_between(old, new, ENGINE).values() for each in found}
    if verdicts & {Verdict.breaking, Verdict.unknown}:
        return "breaking"
    if Verdict.risky in verdicts:
        return "risky"
    ways = [sent for sent in (True, False) if differs(old, new, sent=sent)]
    return "refuted" if ways and all(shuts_nobody_out(old, new, sent=sent) for sent in ways) else "FALSE SAFE"


def _read(value: Any) -> Document:
    return read(json.dumps(value).encode(), Naming("api", "api"))


def main() -> int:
    """Print what we answer to each case that is labelled as breaking and is not so here. Returns 1 for a false safe."""
    answers = {case["id"]: answer(case) for case in labelled()}
    for name, said in answers.items():
        if said != "breaking":
            print(f"{said}: {name}")
    counts = {kind: [*answers.values()].count(kind) for kind in ("breaking", "risky", "refuted", "FALSE SAFE")}
    print(f"{len(answers)} descriptions that other tools call breaking: {counts}")
    return int(counts["FALSE SAFE"] > 0)


if __name__ == "__main__":
    sys.exit(main())
