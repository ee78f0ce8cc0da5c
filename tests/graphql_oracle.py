"""Hold our judgement of GraphQL schemas against graphql-core's and against what other tools' tests expect.

`python -m tests.graphql_oracle` prints counts for each pair of the shared corpora, with made-up edits too; those of the
shared vectors are `scripts/vectors --kind graphql`.
"""

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from graphql import (
    BreakingChangeType,
    DangerousChangeType,
    GraphQLSchema,
    build_ast_schema,
    is_scalar_type,
    parse,
)
from graphql.utilities.find_schema_changes import SchemaChange, find_schema_changes

from adapters.contract_engine import ENGINE
from adapters.sources.graphql import read
from domain.schema.change import Change, Mode, Verdict
from domain.sync.pairs import changes_between
from tests.graphql_edits import shaken

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora" / "graphql"
_BREAKING = (Verdict.breaking, Verdict.unknown)
_RISKY = (*_BREAKING, Verdict.risky)
_PLACE = re.compile(r"([A-Za-z_]\w*)\.(\w+)(?:\((\w+):\))?")


def text(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def is_schema(path: Path) -> bool:
    """Whether a file of the corpora is a schema; some are operations."""
    name = path.name.removesuffix(".gz")
    return name.endswith((".graphql", ".graphqls")) and path.parent.name != "operations"


def judged(old: str, new: str, mode: Mode = Mode.backward) -> dict[str, tuple[Change, ...]]:
    """Our changes by the name of the type; a type that went is one."""
    before, after = (read(each, key="oracle", prefix="graphql") for each in (old, new))
    return changes_between(before, after, ENGINE, mode)


def schema_of(sdl: str) -> GraphQLSchema:
    return build_ast_schema(parse(sdl, no_location=True), assume_valid=True, assume_valid_sdl=True)


class Held:
    """One pair, held against graphql-core: what it reports, and what of that we miss."""

    def __init__(self, old: str, new: str) -> None:
        self.ours = judged(old, new)
        self._old = schema_of(old)
        found: list[SchemaChange] = find_schema_changes(self._old, schema_of(new))
        changes = [each for each in found if not self._is_left_out(each)]
        self.breaking = [each for each in changes if isinstance(each.type, BreakingChangeType)]
        self.dangerous = [each for each in changes if isinstance(each.type, DangerousChangeType)]
        self.missed: list[SchemaChange] = [
            *(each for each in self.breaking if not self._has(each, _BREAKING)),
            *(each for each in self.dangerous if not self._has(each, _RISKY)),
        ]

    def count(self, *verdicts: Verdict) -> int:
        return sum(1 for changes in self.ours.values() for change in changes if change.verdict in verdicts)

    def _is_left_out(self, change: SchemaChange) -> bool:
        """Custom scalars that come or go: fields that name them change too (api.md 2.8)."""
        if change.type.name not in ("TYPE_REMOVED", "TYPE_CHANGED_KIND"):
            return False
        name = change.description.removeprefix("Standard scalar ").split(" ")[0]
        return is_scalar_type(self._old.type_map[name])

    def _has(self, change: SchemaChange, verdicts: tuple[Verdict, ...]) -> bool:
        """Whether we say at least as much of the same member of the same type."""
        if "@" in change.description or change.type.name.startswith("DIRECTIVE_"):
            return self._has_directive(change, verdicts)
        name, words = self._subject(change)
        return any(
            each.verdict in verdicts and words <= {*re.findall(r"\w+", each.pointer + _shown(each))}
            for each in self.ours.get(name, ())
        )

    def _has_directive(self, change: SchemaChange, verdicts: tuple[Verdict, ...]) -> bool:
        """Whether we say at least as much of the same directive, whoever holds its declaration."""
        told = {*re.findall(r"\w+", change.description)}
        ours = [each for changes in self.ours.values() for each in changes if each.verdict in verdicts]
        return any(told & {each.path.split(".")[1]} for each in ours if each.path.startswith("x-graphql-directives."))

    def _subject(self, change: SchemaChange) -> tuple[str, set[str]]:
        """The type that a change is about, and the names that must occur in ours."""
        told, kind = change.description, change.type.name
        if kind in ("TYPE_REMOVED", "TYPE_CHANGED_KIND"):
            return told.split(" ")[0], set()
        if "UNION" in kind or "INTERFACE" in kind:
            names = re.findall(r"\w+", told)
            inner, outer = (names[-1], names[0]) if "REMOVED" in kind and "INTERFACE" in kind else (names[0], names[-1])
            return outer, {inner}
        place = _PLACE.search(told)
        assert place is not None, told
        # An argument that came or went with its required mark stands in `required` by its name.
        return place[1], {part for part in (place[2], place[3]) if part}


def _shown(change: Change) -> str:
    return f" {change.old_value} {change.new_value} " if not isinstance(change.old_value, dict) else ""


def pairs() -> Iterable[tuple[str, str, str]]:
    """Consecutive versions of the corpora, then other schemas with made-up edits."""
    for folder in sorted(CORPORA.glob("series_*")):
        paths = sorted(folder.iterdir())
        for before, after in zip(paths, paths[1:], strict=False):
            yield f"{folder.name} {before.name[:2]} to {after.name[:2]}", text(before), text(after)
            yield f"{folder.name} {after.name[:2]} to {before.name[:2]} (back)", text(after), text(before)
    for path in sorted({*CORPORA.glob("graphql-java/*"), *CORPORA.glob("*/schema*"), *CORPORA.glob("series_*/01*")}):
        for seed in range(3):
            yield f"{path.parent.name}/{path.name} edited ({seed})", *_edited(text(path), seed)
    for folder in sorted(CORPORA.glob("breaking_graphql-java/**/*ABaseLine*")):
        for path in sorted(folder.parent.glob("*.graphqls")):
            yield path.name, text(folder), text(path)


def _edited(schema: str, seed: int) -> tuple[str, str]:
    return schema, shaken(schema, seed, 60)


def _pair_reports() -> int:
    lost = 0
    for name, old, new in pairs():
        held = Held(old, new)
        print(
            f"{name}: graphql-core {len(held.breaking)} breaking, {len(held.dangerous)} dangerous; "
            f"ours {held.count(*_BREAKING)} breaking, {held.count(Verdict.risky)} risky; {len(held.missed)} missed"
        )
        for missed in held.missed:
            print(f"    MISSED {missed.type.name}: {missed.description}")
        lost += len(held.missed)
    return lost


LEVELS = {"Breaking": 2, "Dangerous": 1, "NonBreaking": 0}


def inspector_cases() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((CORPORA / "breaking_pairs" / "graphql-inspector_pairs.json").read_text())
    return found


def our_level(case: dict[str, Any]) -> int:
    """2 breaking, 1 risky, 0 neither; where a test has the tool take risks for breaks, so do we."""
    mode = Mode.full if "dangerousBreaking" in case["test"] else Mode.backward
    verdicts = {change.verdict for changes in judged(case["old"], case["new"], mode).values() for change in changes}
    return 2 if verdicts & {*_BREAKING} else 1 if Verdict.risky in verdicts else 0


# Where ours is graver than graphql-inspector's tests have it.
GRAVER = {
    ("default value", "DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED"): "a required argument lost its default",
    ("default value removed", "INPUT_FIELD_DEFAULT_VALUE_CHANGED"): "a required field lost its default",
    ("removed", "DIRECTIVE_REPEATABLE_REMOVED"): "documents that repeat it are refused (breaking in graphql-core too)",
}


def inspector_standing(case: dict[str, Any]) -> str:
    """`agree`, `stricter` or `milder`; empty where the test states no level."""
    levels = [LEVELS[str(level)] for level in case["expected"].get("levels", ()) if str(level) in LEVELS]
    if not levels:
        return ""
    ours, theirs = our_level(case), max(levels)
    return "agree" if ours == theirs else "milder" if ours < theirs else "stricter"


def _inspector_report() -> int:
    """Print how ours stands to the levels that its tests state. Returns how many differ for no reason that is told."""
    tally, unexplained = Counter[str](), 0
    for case in inspector_cases():
        standing, types = inspector_standing(case), case["expected"].get("types") or [""]
        tally[standing or "no level is stated"] += 1
        if standing not in ("", "agree"):
            why = GRAVER.get((case["test"], types[0]), "") if standing == "stricter" else ""
            unexplained += not why
            print(f"  {standing}: {case['test']} {types[0]}: {why or 'no reason is told'}")
    print("graphql-inspector pairs:", dict(tally))
    return unexplained


def main() -> int:
    lost = _pair_reports()
    unexplained = _inspector_report()
    print(f"{lost} of graphql-core's reports missed")
    return 1 if lost or unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
