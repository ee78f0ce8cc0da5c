"""Every contract of consecutive versions in the shared corpora: is it decided, how fast, and do the changes read well?

Prints for each source the pairs, those that changed, those left unknown with what stood in the way, the median and the
slowest. `--show N` prints changes as people get to read them, spread over their kinds.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import median
from time import process_time
from typing import NamedTuple

from adapters.cli.descriptions import description
from adapters.patterns import Patterns
from adapters.proofs import Validators
from adapters.sources import dbt, graphql, openapi
from domain.asset import Asset
from domain.publishing import Draft, judge_draft
from domain.schema.change import Change, Mode, Verdict
from domain.schema.judge import Judgement
from domain.schema.meaning import Engine
from domain.sync.spec import AssetSpec
from tests import corpora

_ENGINE = Engine(Patterns(), Validators())


class Pair(NamedTuple):
    """Two versions of one contract."""

    name: str
    old: AssetSpec
    new: AssetSpec


class Seen(NamedTuple):
    """A pair that was judged, and the seconds that it took."""

    pair: Pair
    judgement: Judgement
    seconds: float


def of_dbt() -> Iterator[Pair]:
    for paths in corpora.series():
        yield from _consecutive(paths, lambda path: dbt.read(corpora.text(path), project="series").specs)


def of_openapi() -> Iterator[Pair]:
    naming = openapi.Naming("api", "api")
    for paths in corpora.releases():
        yield from _consecutive(paths, lambda path: openapi.read(description(str(path)), naming).specs)


def of_graphql() -> Iterator[Pair]:
    for folder in sorted((corpora.FOLDER.parent / "graphql").glob("series_*")):
        yield from _consecutive(
            sorted(folder.iterdir()),
            lambda path: graphql.read(corpora.text(path).decode(), key="series", prefix="series").specs,
        )


SOURCES = {"dbt": of_dbt, "openapi": of_openapi, "graphql": of_graphql}


def _consecutive(paths: list[Path], read: Callable[[Path], tuple[AssetSpec, ...]]) -> Iterator[Pair]:
    before: dict[str, AssetSpec] = {}
    for path in paths:
        after = {spec.item: spec for spec in read(path) if spec.schema is not None}
        for item in sorted(before.keys() & after.keys()):
            yield Pair(f"{path.parent.name}/{path.name} {item}", before[item], after[item])
        before = after


def judged(pair: Pair) -> Seen:
    """Judge a pair as a sync does, in the default mode."""
    old, new = pair.old, pair.new
    assert old.schema is not None and new.schema is not None
    asset = Asset(id="series", resource_type=new.resource_type)
    draft = Draft(
        schema=new.schema, schema_digest="", mode=Mode.backward, direction=new.direction, published_by="series"
    )
    begun = process_time()
    found = Judgement() if old.schema == new.schema else judge_draft(asset, draft, old.schema, None, _ENGINE)
    return Seen(pair, found, process_time() - begun)


def unknown(seen: Seen) -> list[Change]:
    return [change for change in seen.judgement.changes if change.verdict is Verdict.unknown]


def report(name: str, all_seen: list[Seen]) -> str:
    """What there is to say of a source."""
    changed = [seen for seen in all_seen if seen.judgement.changes]
    undecided = [seen for seen in changed if unknown(seen)]
    causes = Counter(cause for seen in undecided for cause in {change.message for change in unknown(seen)})
    slowest = max(all_seen, key=lambda seen: seen.seconds)
    share = 100 * len(undecided) / max(1, len(changed))
    lines = [
        f"{name}: pairs {len(all_seen)}, changed {len(changed)}, "
        f"unknown {len(undecided)} ({share:.2f} % of the changed)",
        f"  median {1000 * median(seen.seconds for seen in all_seen):.2f} ms, of the changed "
        f"{1000 * median([seen.seconds for seen in changed] or [0]):.2f} ms, "
        f"slowest {slowest.seconds:.3f} s: {slowest.pair.name}",
        *(f"  unknown {count}x: {cause}" for cause, count in causes.most_common()),
    ]
    return "\n".join(lines)


def spread(all_seen: list[Seen], count: int) -> Iterator[str]:
    """So many changes in words, taken in turn from each kind and verdict."""
    kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for seen in all_seen:
        for change in seen.judgement.changes:
            kinds[change.rule, change.verdict].append(_told(seen, change))
    random = Random(1)
    rows = [random.sample(told, len(told)) for _, told in sorted(kinds.items())]
    for n in range(count):
        for told in rows:
            if n < len(told) and count > 0:
                count -= 1
                yield told[n]


def _told(seen: Seen, change: Change) -> str:
    witness = "" if change.witness is None else f"\n  for example {json.dumps(change.witness)[:200]}"
    return f"{seen.pair.name}\n  {change.verdict} {change.rule} {change.pointer or '/'}\n  {change.message}{witness}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", choices=SOURCES, action="append")
    parser.add_argument("--show", type=int, default=0, metavar="N")
    options = parser.parse_args()
    for name in options.source or SOURCES:
        all_seen = [judged(pair) for pair in SOURCES[name]()]
        print(report(name, all_seen), flush=True)
        for told in spread(all_seen, options.show):
            print(told)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
