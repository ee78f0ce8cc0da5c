"""Hunts for values that refute the engine: pairs of schemas, and values that the one takes and the other refuses.

`python -m tests.hunting.hunt --pairs 100000` prints what it did: pairs and questions by keyword changed, answers, and
every refutation with its seed. `--fault NAME` plants a fault in the engine first (see `faults`): it has to find that.
"""

import argparse
import json
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from random import Random
from typing import Any

from jsonschema_rs import Draft202012Validator, Validator, validator_for

from adapters.contract_engine import ENGINE
from adapters.patterns import Patterns
from adapters.proofs import asserted, in_full
from domain.schema.compare import differences
from domain.schema.inclusion.question import Holds, Terminology, inclusion
from tests.hunting import faults, pools
from tests.hunting.instances import Sampler
from tests.hunting.mutations import mutated

INSTANCES = 24
FORK = multiprocessing.get_context("fork")
DIALECTS = (
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
)


class Hunt:
    """Counts, and the refutations found."""

    def __init__(self, seed: int, pool: list[Any]) -> None:
        self.random = Random(seed)
        self.pool = pool
        self.keywords: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.refuted: list[dict[str, Any]] = []
        self._languages = Patterns()

    def pair(self) -> None:
        """Ask about one pair, both ways, and try to refute the answers."""
        old = self._in_some_dialect(self.random.choice(self.pool))
        new, keywords = mutated(self.random, old)
        try:
            validators = validator(old), validator(new)
        except ValueError:
            self.answers["not a schema"] += 1
            return
        self.keywords.update(set(keywords))
        values = self._values(old, new)
        for inner, outer, names in ((0, 1, "backward"), (1, 0, "forward")):
            one, other = (old, new) if inner == 0 else (new, old)
            answer = inclusion(one, other, self._languages, Terminology())
            self.answers[f"{names} {answer.holds.value}"] += 1
            if answer.holds is Holds.yes:
                self._refute(validators[inner], validators[outer], values, (one, other, "inclusion"))
            elif answer.holds is Holds.no:
                value: Any = in_full(answer.witness)
                shown = validators[inner].is_valid(value) and not validators[outer].is_valid(value)
                self.answers["witness " + ("borne out" if shown else "refuted")] += 1
                if not shown:
                    self._keep("witness", one, other, answer.witness)
        self._walk(old, new, validators, values)

    def _in_some_dialect(self, schema: Any) -> Any:
        """Mostly the newest; sometimes an older one, whose keywords are fewer and mean other things."""
        if self.random.random() > 0.2 or "prefixItems" in str(schema):
            return schema
        return {"$schema": self.random.choice(DIALECTS), **schema}

    def _values(self, old: Any, new: Any) -> list[Any]:
        samplers = [Sampler(self.random, each) for each in (old, new)]
        return [
            in_full(sampler.value(each))
            for sampler, each in zip(samplers, (old, new), strict=True)
            for _ in range(INSTANCES)
        ]

    def _refute(self, takes: Any, refuses: Any, values: list[Any], about: tuple[Any, Any, str]) -> None:
        for value in values:
            if takes.is_valid(value) and not refuses.is_valid(value):
                self._keep(about[2], about[0], about[1], value)
                return

    def _walk(self, old: Any, new: Any, validators: tuple[Any, Any], values: list[Any]) -> None:
        """The list of changes must not be milder: where nothing refuses old documents, no value may prove otherwise.

        Optional properties that are new are safe by name (api.md 4.4): values that carry such names prove nothing.
        """
        found = differences(old, new, ENGINE)
        excused = {each.steps[-1] for each in found if each.type in ("property_added", "property_removed")}
        values = [value for value in values if not excused & set(names_in(value))]
        if not any(each.refuses_old for each in found):
            self._refute(*validators, values, (old, new, "changes"))
        if not any(each.refuses_new for each in found):
            self._refute(validators[1], validators[0], values, (new, old, "changes"))

    def _keep(self, kind: str, inner: Any, outer: Any, value: Any) -> None:
        self.refuted.append({"kind": kind, "inner": inner, "outer": outer, "value": value})


def validator(schema: Any) -> Validator:
    """A validator that is not ours, which knows `nullable` too."""
    if not isinstance(schema, dict):
        return Draft202012Validator(schema)
    read: Any = asserted(in_full(schema))
    return validator_for(read, validate_formats=False, offline=True)


def names_in(value: Any) -> Iterator[str]:
    """The names of all properties within a value."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from names_in(inner)


def caught(fault: str, seed: int, most: int, pool: list[Any]) -> int | None:
    """After how many pairs a planted fault is found; None if it is not. Planted in a process of its own."""
    reader, writer = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_plant, args=(writer, fault, Hunt(seed, pool), most))
    process.start()
    writer.close()
    found: int | None = reader.recv()
    process.join()
    return found


def _plant(writer: Connection, fault: str, hunt: Hunt, most: int) -> None:
    faults.FAULTS[fault]()
    for number in range(most):
        hunt.pair()
        if hunt.refuted:
            writer.send(number + 1)
            return
    writer.send(None)


def _all_faults(seed: int, most: int) -> int:
    pool = pools.schemas()
    found = {name: caught(name, seed, most, pool) for name in faults.FAULTS}
    for name, after in found.items():
        print(f"{name}: " + (f"caught after {after} pairs" if after else "not caught"))
    print(f"{sum(after is not None for after in found.values())} of {len(found)} faults caught")
    return 1 if None in found.values() else 0


def main() -> int:
    """Hunt, and print what was found. Returns 1 if something was refuted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", action="store_true", help="plant each fault in turn, and say when it is caught")
    parser.add_argument("--fault", choices=sorted(faults.FAULTS))
    options = parser.parse_args()
    if options.fault:
        faults.FAULTS[options.fault]()
    if options.faults:
        return _all_faults(options.seed, options.pairs)
    hunt = Hunt(options.seed, pools.schemas())
    for number in range(options.pairs):
        hunt.pair()
        if options.fault and hunt.refuted:
            print(f"caught after {number + 1} pairs")
            break
        if number % 2_000 == 1_999:
            print(f"{number + 1} pairs, {len(hunt.refuted)} refuted", file=sys.stderr, flush=True)
    print(f"seed {options.seed}, pool {len(hunt.pool)} schemas")
    print("keywords changed:", dict(hunt.keywords.most_common()))
    print("answers:", dict(hunt.answers.most_common()))
    for each in hunt.refuted[:20]:
        print("refuted:", json.dumps(each))
    print(f"{options.pairs} pairs, {len(hunt.refuted)} refuted")
    return 1 if hunt.refuted else 0


if __name__ == "__main__":
    sys.exit(main())
