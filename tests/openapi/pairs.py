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
from tests.openapi import checks

OPENAPI = FOLDER.parent / "openapi"
PAIRS = OPENAPI / "breaking_oasdiff_pairs.json"
# Where ours is milder: what docs/openapi.md says of it.
_ALIKE = "the branches are alike or become so, so that one more or less changes nothing"
_IMPOSSIBLE = "no value satisfied it before, or none does after"
_NARROWER = "who gets less than before still gets what was promised"
_WIDER = "what is taken now includes what was taken before"
EXPLAINED = {
    "TestBreaking_RequestPropertyAnyOfRemoved": _ALIKE,
    "TestBreaking_RequestPropertyAllOfAdded": _ALIKE,
    "TestRequestBodyAnyOfMultiMediaTypeDetails": _ALIKE,
    "TestRequestPropertyAnyOfInlineEnumRefactorToRef": _ALIKE,
    "TestBreaking_RequestPropertyOneOfRemoved": _IMPOSSIBLE,
    "TestRequestBodyMaxContainsDecreased": _IMPOSSIBLE,
    "TestRequestBodyMinContainsIncreased": _IMPOSSIBLE,
    "TestResponseBodyMaxContainsIncreased": _IMPOSSIBLE,
    "TestResponseBodyMinContainsDecreased": _IMPOSSIBLE,
    "TestBreaking_RequestParameterMaxItemsWithoutFlatten": "maxItems says nothing of a text",
    "TestBreaking_ModifyPattern": "a readOnly property is no part of requests; its response breaks",
    "TestTransitionClaims_RealChangeAlongsideTransitionStillReported": _WIDER,
    "TestResponseBodyDependentRequiredChanged": _NARROWER,
    "TestResponsePropertyDependentRequiredChanged": _NARROWER,
    "TestWebhookAddedAndRemoved": "webhooks make no assets",
    "TestWebhookOperationChangesDetected": "webhooks make no assets",
}
# Checks that a test names for another case than the pair's: that they are not there, or the pair the other way round.
OF_ANOTHER_CASE = {
    ("TestRequestPropertyAllOfAdded_AnnotationOnly_EmitsInfo", "request-body-all-of-added"),
    ("TestRequestPropertyAllOfAdded_AnnotationOnly_AtProperty_EmitsInfo", "request-property-all-of-added"),
    ("TestMediaTypeSchemaExistence", "request-body-media-type-schema-removed"),
    ("TestMediaTypeSchemaExistence", "response-body-media-type-schema-removed"),
}
_WHOLE = "(the pair as a whole)"
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
    """Print how our verdicts stand to oasdiff's checks. Returns 1 where ours is milder for no reason."""
    counts: Counter[str] = Counter()
    for pair in pairs():
        if pair["base"] == pair["revision"]:
            continue
        found = [change for _, change in changes(loaded(pair["base"]), loaded(pair["revision"]))]
        for check in sorted({*pair["check_ids"]}) or [_WHOLE]:
            kind = _standing(pair, check, found)
            counts[kind] += 1
            if kind.startswith("milder") or "-v" in sys.argv:
                told = sorted({f"{each.type} {each.verdict.value} {each.path}"[:160] for each in found})[:4]
                print(f"{kind}: {pair['test']} {check}:", EXPLAINED.get(pair["test"], "no reason is known"), *told)
    whole = counts.total()
    shares = [f"{number} {kind} ({number / whole:.1%})" for kind, number in sorted(counts.items())]
    print(f"{whole} pairs and checks: {', '.join(shares)}")
    return int(counts["milder"] > 0)


def _standing(pair: dict[str, Any], check: str, found: list[Change]) -> str:
    """How our changes stand to one check that oasdiff's test expects, or to a test that names none."""
    ours = any(each.incompatible for each in found if each.path.startswith(checks.parts(check)) or not each.path)
    of_another = (pair["test"], check) in OF_ANOTHER_CASE
    if of_another or (check == _WHOLE and not pair["levels"] and not pair["expects_none"]):
        return "no word of theirs"
    theirs = "ERR" in pair["levels"] if check == _WHOLE else checks.breaks(check)
    if theirs == ours:
        return "agree"
    return "stricter" if ours else "milder, explained" if pair["test"] in EXPLAINED else "milder"


if __name__ == "__main__":
    sys.exit(main())
