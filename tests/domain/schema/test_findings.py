"""What walks take over from each other is what each finds by itself, whatever was compared before."""

from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest

from adapters.contract_engine import ENGINE
from domain.schema import compare, findings, meaning
from domain.schema.canonical import DEEPEST
from domain.schema.difference import Difference, Steps
from domain.schema.findings import Finding, Findings, Named, Trail
from domain.schema.kept import Kept
from domain.schema.meaning import Engine
from domain.schema.standing import standing, with_digests
from domain.values import JSON, Object
from tests.domain.schema.pairs import changed, schema

NAMES = ("A", "B", "C", "D", "E")
PLACES: tuple[Any, ...] = (
    lambda reference: reference,
    lambda reference: {"type": "array", "items": reference},
    lambda reference: {"properties": {"it": reference, "again": {"anyOf": [reference, {"type": "null"}]}}},
    lambda reference: {"allOf": [reference, {"type": "object"}]},
    lambda reference: {"properties": {"n": {"oneOf": [reference, {"$ref": "#/$defs/A"}]}}, "required": ["n"]},
)


def _engine(kept: Findings | None) -> Engine:
    return msgspec.structs.replace(ENGINE, memory=None, findings=kept)


def _definitions(random: Random) -> dict[str, Any]:
    """Definitions that refer to each other, in circles too."""
    return {name: _linked(random, schema(random)) for name in NAMES}


def _linked(random: Random, made: Any) -> Any:
    """The schema with a reference in one place or another."""
    if not isinstance(made, dict) or random.random() < 0.3:
        return made
    place = random.choice(PLACES)({"$ref": f"#/$defs/{random.choice(NAMES)}"})
    return {**made, "properties": {**made.get("properties", {}), random.choice("ab"): place}}


def _wholes(random: Random) -> tuple[Object, Object]:
    """Two releases, of which the second has one or two definitions changed."""
    old = _definitions(random)
    new = {**old, **{name: _linked(random, changed(random, old[name])) for name in random.sample(NAMES, 2)}}
    return with_digests({"$defs": old}), with_digests({"$defs": new})


def _entries(wholes: tuple[Object, Object]) -> list[tuple[JSON, JSON]]:
    entries = [place({"$ref": f"#/$defs/{name}"}) for name in NAMES for place in PLACES]
    return [(standing(wholes[0], each), standing(wholes[1], each)) for each in entries]


def _found(entries: list[tuple[JSON, JSON]], engine: Engine) -> list[tuple[Difference, ...]]:
    return [compare.differences(old, new, engine) for old, new in entries]


@pytest.mark.parametrize("seed", range(60))
def test_what_is_found_does_not_depend_on_what_was_compared_before(seed: int) -> None:
    random = Random(seed)
    entries = _entries(_wholes(random))
    alone = _found(entries, _engine(None))
    order = random.sample(range(len(entries)), len(entries))
    kept: Findings = Kept(1_000)
    shared = dict(zip(order, _found([entries[n] for n in order], _engine(kept)), strict=True))
    assert [shared[n] for n in range(len(entries))] == alone
    assert _found(entries, _engine(kept)) == alone


def _release(code: str, inner: Any = None) -> Object:
    """A definition that many use, with a property whose change only the search can judge."""
    of_code: Any = {"not": {"const": code}}
    return with_digests({"$defs": {"Used": {"properties": {"code": of_code, "inner": inner or {}}}}})


def _use(whole: Object, depth: int = 0) -> JSON:
    entry: Any = {"$ref": "#/$defs/Used"}
    for _ in range(depth):
        entry = {"items": entry}
    return standing(whole, entry)


def _and_more(schema: Any, text: str) -> JSON:
    """The schema with something to ask about after all else."""
    return {**schema, "not": {"const": text}}


class _Counting(Kept[Named, Finding]):
    def __init__(self) -> None:
        super().__init__(1_000)
        self.puts = 0
        self.kept: dict[Named, Finding] = {}

    def put(self, key: Named, value: Finding) -> None:
        self.puts += 1
        self.kept[key] = value
        super().put(key, value)


def test_a_definition_is_walked_once_for_all_that_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Finding] = []
    take = Trail.take

    def counted(trail: Trail, finding: Finding, steps: Steps) -> Iterator[Difference]:
        taken.append(finding)
        return take(trail, finding, steps)

    monkeypatch.setattr(Trail, "take", counted)
    kept, old, new = _Counting(), _release("a"), _release("b")
    for depth in range(4):
        (found,) = compare.differences(_use(old, depth), _use(new, depth), _engine(kept))
        assert found.steps == (*["items"] * depth, "properties", "code", "not")
        assert found.refuses_old and found.refuses_new and found.witness_old is not None
    assert (kept.puts, len(taken)) == (1, 3)


def test_a_walk_that_may_come_near_a_budget_takes_nothing_over(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, old, new = _Counting(), _release("a"), _release("b")
    compare.differences(_use(old), _use(new), _engine(kept))
    walks: list[object] = []
    start = compare.Walk.__init__

    def counted(walk: compare.Walk, *arguments: Any) -> None:
        walks.append(arguments[1])
        start(walk, *arguments)

    monkeypatch.setattr(compare.Walk, "__init__", counted)
    monkeypatch.setattr(meaning, "FEW", 0)
    found = compare.differences(_use(old, 1), _use(new, 1), _engine(kept))
    assert walks == [kept]
    (finding,) = kept.kept.values()
    monkeypatch.setattr(meaning, "FEW", finding.spent)
    more = _and_more(_use(old, 1), "a"), _and_more(_use(new, 1), "b")
    again = compare.differences(*more, _engine(kept))
    assert walks == [kept, kept, None]
    monkeypatch.undo()
    assert found == compare.differences(_use(old, 1), _use(new, 1), _engine(None))
    assert again == compare.differences(*more, _engine(None))


def test_what_was_found_near_the_root_is_not_taken_over_where_it_would_lie_too_deep() -> None:
    inner: Any = {"type": "object"}
    for _ in range(20):
        inner = {"properties": {"p": inner}}
    old, new = _release("a", inner), _release("b", inner)
    kept = _Counting()
    for depth in (0, DEEPEST - 3, DEEPEST - 2):
        pair = _use(old, depth), _use(new, depth)
        assert compare.differences(*pair, _engine(kept)) == compare.differences(*pair, _engine(None))


def test_what_is_large_is_not_kept_and_what_was_kept_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "MOST_KEPT", 0)
    counting = _Counting()
    compare.differences(_use(_release("a")), _use(_release("b")), _engine(counting))
    assert counting.puts == 0
    kept: Kept[str, int] = Kept(2)
    for n, name in enumerate("abc"):
        kept.put(name, n)
    assert [kept.get(name) for name in "abc"] == [None, None, 2]
