"""Every consecutive pair of schemas in the shared corpora: do they compare, how fast, and do the changes read well?

`python -m tests.hunting.series` prints pairs, changed ones, those left unknown, the slowest and the median, and with
`--show N` as many breaking answers, taken at random. `--vectors` prints how many breaking answers about the vectors
have a reason, and a witness.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median
from time import process_time
from typing import Any, NamedTuple

from adapters.contract_engine import ENGINE
from adapters.sources import dbt
from domain.schema.change import Direction, Mode, Verdict
from domain.schema.comparison import Comparison, compare
from domain.schema.judge import Terms
from tests.corpora import series as manifests
from tests.hunting.pools import SHARED, reached

_METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})
_NONE: dict[str, Any] = {}


class Case(NamedTuple):
    """Two versions of one schema; consumers read it, or write it."""

    name: str
    old: Any
    new: Any
    direction: Direction


def of_dbt() -> Iterator[Case]:
    for paths in manifests():
        versions = [_tables(path) for path in paths]
        for path, before, after in zip(paths[1:], versions, versions[1:], strict=False):
            for name in sorted(before.keys() & after.keys()):
                yield Case(f"{path.parent.name} {path.name} {name}", before[name], after[name], Direction.produced)


def _tables(path: Path) -> dict[str, Any]:
    document = dbt.read(gzip.decompress(path.read_bytes()), project="series")
    return {item.fqn: item.spec.schema for item in document.items if item.spec.schema is not None}


def of_openapi() -> Iterator[Case]:
    """The definitions of consecutive versions, and what their operations ask for and answer."""
    for folder in sorted(SHARED.glob("corpora/openapi/series_*")):
        paths = sorted(folder.glob("*.json.gz"))
        versions = [json.loads(gzip.decompress(path.read_bytes())) for path in paths]
        for path, before, after in zip(paths[1:], versions, versions[1:], strict=False):
            olds, news = dict(_schemas(before)), dict(_schemas(after))
            for name in olds.keys() & news.keys():
                direction = Direction.accepted if name.endswith(" request") else Direction.produced
                old, new = _whole(olds[name], before), _whole(news[name], after)
                yield Case(f"{folder.name} {path.name} {name}", old, new, direction)


def _schemas(document: Any) -> Iterator[tuple[str, Any]]:
    for name, schema in document.get("components", _NONE).get("schemas", _NONE).items():
        yield name, schema
    for route, methods in document.get("paths", _NONE).items():
        for method in _METHODS & methods.keys():
            operation = methods[method]
            yield from _content(f"{method} {route} request", operation.get("requestBody", _NONE))
            for code, answer in operation.get("responses", _NONE).items():
                yield from _content(f"{method} {route} {code}", answer)


def _content(name: str, part: Any) -> Iterator[tuple[str, Any]]:
    schema = part.get("content", _NONE).get("application/json", _NONE).get("schema")
    if schema is not None:
        yield name, schema


def _whole(schema: Any, document: Any) -> Any:
    """A schema as a document of its own, with the definitions that it reaches."""
    definitions = reached(schema, document.get("components", _NONE).get("schemas", _NONE))
    text = json.dumps({"allOf": [schema], "$defs": definitions} if "$ref" in schema else {**schema, "$defs": definitions})
    return json.loads(text.replace("#/components/schemas/", "#/$defs/"))


def judged(case: Case, mode: Mode = Mode.backward) -> Comparison:
    return compare(case.old, case.new, ENGINE, Terms(mode=mode, direction=case.direction))


def _report(cases: Iterator[Case], show: int) -> None:
    times: list[tuple[float, str]] = []
    changed, unknown, breaking = 0, [], []
    for case in cases:
        begun = process_time()
        found = judged(case)
        times.append((process_time() - begun, case.name))
        changed += bool(found.changes)
        if found.verdict is Verdict.unknown or any(each.verdict is Verdict.unknown for each in found.changes):
            unknown.append(case.name)
        if found.verdict is Verdict.breaking:
            breaking.append((case, found))
    shown = sum(found.witness is not None for _, found in breaking)
    print(f"pairs {len(times)}, changed {changed}, breaking {len(breaking)}, of these with a witness {shown}")
    print(f"unknown {len(unknown)} ({100 * len(unknown) / max(1, changed):.2f} % of the changed): {unknown[:5]}")
    print(f"median {1000 * median(each for each, _ in times):.2f} ms, slowest:")
    for seconds, name in sorted(times, reverse=True)[:5]:
        print(f"  {seconds:.3f} s  {name}")
    for case, found in Random(1).sample(breaking, min(show, len(breaking))):
        print(f"\n{case.name} ({case.direction})")
        for change in found.changes[:6]:
            print(f"  {change.verdict:<9} {change.old_pointer or '-'} | {change.new_pointer or '-'}\n            {change.message}")
        if found.witness is not None:
            print(f"  for example {json.dumps(found.witness)[:200]}")


def _report_vectors() -> None:
    breaking = reasons = witnesses = 0
    for path in sorted(SHARED.glob("vectors/*/dev.json*")):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for each in json.loads(text)["cases"]:
            if each["kind"] != "jsonschema":
                continue
            found = compare(each["old"], each["new"], ENGINE, Terms(mode=Mode.backward, direction=Direction.accepted))
            if found.verdict is Verdict.breaking:
                breaking += 1
                reasons += any(change.incompatible and change.message for change in found.changes)
                witnesses += found.witness is not None
    print(f"breaking {breaking}, with a reason {reasons}, with a checked witness {witnesses}")
    print(f"witnesses: {100 * witnesses / max(1, breaking):.1f} %")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--vectors", action="store_true")
    options = parser.parse_args()
    if options.vectors:
        _report_vectors()
        return 0
    for name, cases in (("dbt", of_dbt()), ("openapi", of_openapi())):
        print(f"== {name}")
        _report(cases, options.show)
    return 0


if __name__ == "__main__":
    sys.exit(main())
