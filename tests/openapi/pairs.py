"""oasdiff's own pairs: what its tests expect of each, against our verdict. `scripts/oasdiff` prints the comparison.

A check agrees where ours is as grave as oasdiff's catalogue holds it, in the part that it is about: `ERR` breaking (or
unknown), `WARN` risky, `INFO` neither. Where another change in that part is graver, the pair is judged again with
nothing changed but what the check looks at. Where the two still differ, one of them may be shown wrong (`proofs`).
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from adapters.cli.descriptions import description
from adapters.contract_engine import ENGINE
from adapters.sources.openapi import Naming, read
from domain.schema.change import Change, Verdict
from domain.sync.pairs import changes_between
from domain.sync.spec import Document
from tests.corpora import FOLDER
from tests.openapi import checks, labels
from tests.openapi.alone import alone
from tests.openapi.proofs import shown, shuts_nobody_out

OPENAPI = FOLDER.parent / "openapi"
PAIRS = OPENAPI / "breaking_oasdiff_pairs.json"
_DATA = OPENAPI / "breaking_oasdiff_data"
Found = list[tuple[str, Change]]
AGREE, ALONE = "agree", "agree once nothing else changes"
REFUTED, DECIDED = "theirs is refuted", "theirs warns of what ours shows"
STRICTER, MILDER = "stricter", "milder"


class Standing(msgspec.Struct, frozen=True):
    """How we stand to one check of one pair, and why."""

    test: str
    check: str
    kind: str
    why: str = ""


def pairs() -> list[dict[str, Any]]:
    """The pairs for which oasdiff names checks, or none at all."""
    found: list[dict[str, Any]] = json.loads(PAIRS.read_text())["pairs"]
    return [each for each in found if each["base"] != each["revision"]]


def loaded(path: str) -> Document:
    """A description of oasdiff's."""
    return _document(description(str(_DATA / path)))


def _document(text: bytes) -> Document:
    return read(text, Naming("api", "api"))


def changes(base: Document, revision: Document) -> Found:
    """All changes between two documents, each with its operation."""
    found = changes_between(base, revision, ENGINE)
    return [(item, change) for item in sorted(found) for change in found[item]]


def gravest(found: Found, check: str = "") -> int:
    """2 where something breaks in the part that a check is about, 1 where something is risky there, else 0."""
    there = [each for _, each in found if each.path.startswith(checks.parts(check)) or not each.path]
    grave = {Verdict.breaking: 2, Verdict.unknown: 2, Verdict.risky: 1}
    return max((grave.get(each.verdict, 0) for each in there), default=0)


def expectations() -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Test, base, revision, and checks of which one at least must be met: one check, save where a test takes either."""
    for pair in pairs():
        test, named = pair["test"], sorted({*pair["check_ids"]} - labels.DENIED.get(pair["test"], set()))
        back = [each for each in named if each in labels.OF_THE_PAIR_BACK.get(test, ())]
        there = [] if pair["expects_none"] else [each for each in named if each not in back]
        for group in [tuple(there)] if test in labels.EITHER else [(each,) for each in there]:
            yield test, pair["base"], pair["revision"], group
        for check in back:
            yield test, pair["revision"], pair["base"], (check,)


def stand(test: str, base: str, revision: str, wanted: tuple[str, ...]) -> Standing:
    """How we stand to one expectation."""
    found = [_stand(test, base, revision, check) for check in wanted]
    return next((each for each in found if each.kind in (AGREE, ALONE)), found[0])


def _stand(test: str, base: str, revision: str, check: str) -> Standing:
    old, new = loaded(base), loaded(revision)
    found, theirs = changes(old, new), checks.LEVELS[checks.level(check)]
    ours, kind = gravest(found, check), AGREE
    if ours > theirs:
        texts = [json.loads(description(str(_DATA / path))) for path in (base, revision)]
        narrowed = alone(texts[0], texts[1], checks.about(check))
        if narrowed != texts[0]:
            new = _document(json.dumps(narrowed).encode())
            found = changes(old, new)
            ours, kind = gravest(found, check), ALONE
    if ours == theirs:
        return Standing(test, check, kind)
    why = labels.EXPLAINED.get((test, check), "")
    if why:
        return Standing(test, check, STRICTER if ours > theirs else MILDER, why)
    there = [each for each in found if each[1].path.startswith(checks.parts(check))]
    if ours > theirs and shown(old, new, there):
        return Standing(test, check, DECIDED if theirs else REFUTED, "a validator bears out the value that shows it")
    if ours < theirs and shuts_nobody_out(old, new, sent="request" in check):
        return Standing(test, check, REFUTED, "no value is shut out: the search finds none, nor do draws")
    return Standing(test, check, STRICTER if ours > theirs else MILDER)


def without_checks() -> Iterator[tuple[str, int]]:
    """Tests that expect nothing of what they look at, and how grave ours is there."""
    for pair in pairs():
        if pair["expects_none"]:
            yield pair["test"], gravest(changes(loaded(pair["base"]), loaded(pair["revision"])))


def main() -> int:
    """Print how our verdicts stand to oasdiff's checks. Returns 1 where they differ for no reason that is told."""
    found = [stand(*each) for each in expectations()]
    for each in found:
        if each.kind not in (AGREE, ALONE) or "-v" in sys.argv:
            why = each.why or ("" if each.kind in (AGREE, ALONE) else "no reason is told")
            print(f"{each.kind}: {each.test} {each.check} ({checks.level(each.check)}): {why}")
    _print_counts(found)
    silent = [*without_checks()]
    for test, ours in silent:
        if ours:
            print(f"expected nothing, ours is {ours}: {test}: {labels.EXPECTED_NOTHING.get(test, 'no reason is told')}")
    print(f"{len(silent)} tests expect nothing of what they look at; in {sum(1 for _, n in silent if not n)} nor do we")
    unexplained = [each for each in found if each.kind in (STRICTER, MILDER) and not each.why]
    return int(bool(unexplained) or any(ours and test not in labels.EXPECTED_NOTHING for test, ours in silent))


def _print_counts(found: list[Standing]) -> None:
    counts, whole = Counter(each.kind for each in found), len(found)
    for kind in (AGREE, ALONE, REFUTED, DECIDED, STRICTER, MILDER):
        print(f"{counts[kind]:4} {kind} ({counts[kind] / whole:.1%})")
    print(f"{whole:4} checks that oasdiff's tests expect of their pairs")


if __name__ == "__main__":
    sys.exit(main())
