"""Which of two opinions on a pair of descriptions is right: shown by documents, apart from the rules that judge.

A break is shown by a value that a validator which is not ours takes under the one description and refuses under the
other. That nobody is shut out is shown by the search for such a value, which goes through all there are, and by many
drawn at random that the validator has no quarrel with.
"""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import jsonschema_rs

from adapters.patterns import Patterns
from adapters.proofs import Validators
from domain.schema.change import Change, Verdict
from domain.schema.inclusion.question import Holds, Terminology, inclusion
from domain.schema.standing import standing, with_digests
from domain.sync.spec import Document
from domain.values import JSON
from tests.hunting.instances import Sampler

_ACCEPTED, _PRODUCED = ("parameters", "requests"), ("responses", "headers")
_DRAWS = 400
_COMPOSITIONS = {"$defs", "allOf", "anyOf", "oneOf"}
# Under these, or beside them, more that is asked may be less.
_TURNING = ("not", "if", "oneOf", "contains", "unevaluatedProperties", "unevaluatedItems", "dependentSchemas")
Entries = dict[tuple[str, str, str], JSON]


def entries(document: Document, parts: tuple[str, ...]) -> Entries:
    """Each entry of some parts of all operations, as a schema that stands alone."""
    found: Entries = {}
    for spec in document.specs:
        assert isinstance(spec.schema, dict)
        whole = with_digests(spec.schema)
        for part in parts:
            held: Any = whole.get("properties", {})
            for name, schema in held.get(part, {}).get("properties", {}).items():
                found[spec.item, part, name] = standing(whole, schema)
    return found


def shuts_nobody_out(old: Document, new: Document, *, sent: bool) -> bool:
    """Whether all that callers sent is still taken (or all that they get was promised), though it is said otherwise."""
    parts = _ACCEPTED if sent else _PRODUCED
    before, after = entries(old, parts), entries(new, parts)
    if before == after or before.keys() - after.keys() or _required(new, parts) - _required(old, parts):
        return False
    pairs = [(each, after[key]) if sent else (after[key], each) for key, each in before.items() if each != after[key]]
    return all(_within(inner, outer) for inner, outer in pairs)


def differs(old: Document, new: Document, *, sent: bool) -> bool:
    """Whether anything is said otherwise of what callers send, or of what they get."""
    parts = _ACCEPTED if sent else _PRODUCED
    return entries(old, parts) != entries(new, parts)


def _required(document: Document, parts: tuple[str, ...]) -> set[tuple[str, str, str]]:
    found = set()
    for spec in document.specs:
        assert isinstance(spec.schema, dict)
        held: Any = spec.schema.get("properties", {})
        found |= {(spec.item, part, name) for part in parts for name in held.get(part, {}).get("required", [])}
    return found


def _within(inner: JSON, outer: JSON) -> bool:
    """Whether one schema takes nothing that another does not: by its text, or as the search and a validator agree."""
    if _says_more(inner, outer):
        return True
    if inclusion(inner, outer, Patterns(), Terminology()).holds is not Holds.yes:
        return False
    both: list[Any] = [inner, outer]
    one, other = map(jsonschema_rs.validator_for, both)
    return all(other.is_valid(value) or not one.is_valid(value) for value in _drawn(inner, outer))


def _says_more(more: JSON, less: JSON) -> bool:
    """Whether a schema says all that another does, with compositions beside it, and no word turns that round."""
    if any(f'"{word}"' in json.dumps(less) for word in _TURNING):
        return False
    if not isinstance(more, dict) or not isinstance(less, dict):
        return more == less
    beyond = more.keys() - less.keys()
    if not beyond <= _COMPOSITIONS or less.keys() - more.keys():
        return False
    return all(_holds_in(more[name], each, name) for name, each in less.items())


def _holds_in(more: JSON, less: JSON, name: str) -> bool:
    if name in ("properties", "$defs") and isinstance(more, dict) and isinstance(less, dict):
        # Definitions that only the one names are part of what it says beyond the other.
        known = more.keys() >= less.keys() if name == "$defs" else more.keys() == less.keys()
        return known and all(_says_more(more[each], schema) for each, schema in less.items())
    return _says_more(more, less) if name == "items" else more == less


def _drawn(*schemas: JSON) -> Iterator[Any]:
    for seed, schema in enumerate(schemas):
        sampler = Sampler(Random(seed), schema)
        for _ in range(_DRAWS):
            yield sampler.value(schema)


def shown(old: Document, new: Document, found: list[tuple[str, Change]]) -> bool:
    """Whether some change comes with a value that was fine and is no longer, as a validator has it."""
    sides = [entries(each, (*_ACCEPTED, *_PRODUCED)) for each in (old, new)]
    for item, change in found:
        steps = [each.replace("~1", "/").replace("~0", "~") for each in change.pointer.split("/")[1:]]
        key = (item, *steps[1:4:2])
        if len(key) == 3 and all(key in side for side in sides):
            before, after = (side[key] for side in sides)
            inner, outer = (before, after) if key[1] in _ACCEPTED else (after, before)
            if change.verdict is Verdict.breaking and Validators().proves(inner, outer, change.witness):
                return True
    return False
