"""Schemas made to explode: an answer, or "cannot be decided", within a budget of steps that are all about as long."""

from collections.abc import Callable
from cProfile import Profile
from typing import Any

import pytest

from adapters.contract_engine import ENGINE
from adapters.patterns import Patterns
from domain.schema.canonical import canonical
from domain.schema.change import Mode, Verdict
from domain.schema.comparison import compare
from domain.schema.inclusion.answers import Found, Unknown
from domain.schema.inclusion.question import STEPS, Pair, Terminology
from domain.schema.inclusion.search import MOST_STEPS
from domain.schema.judge import Terms

MANY = 1_000
# Python calls that a step may take, reading a byte of schema, and exploring patterns, which has a budget of its own.
_CALLS_A_STEP, _CALLS_A_BYTE, _CALLS_OF_PATTERNS = 250, 10, 1_000_000


def constant(n: int) -> Any:
    return {"const": f"v{n}"}


def tagged(n: int) -> Any:
    return {"type": "object", "properties": {"kind": {"const": n}, "x": {"type": "string"}}, "required": ["kind"]}


def open_object(n: int) -> Any:
    return {"type": "object", "properties": {f"p{n}": {"type": "string"}}, "required": [f"p{n}"]}


def interval(n: int) -> Any:
    return {"type": "integer", "minimum": 10 * n, "maximum": 10 * n + 5}


def pattern(n: int) -> Any:
    return {"type": "string", "pattern": f"^a{n}$"}


def pigeons(n: int) -> Any:
    """So many pigeons in one hole less: impossible, and long to show."""
    somewhere = [{"anyOf": [{"required": [f"p{i}h{j}"]} for j in range(n - 1)]} for i in range(n)]
    pairs = [(i, k, j) for j in range(n - 1) for i in range(n) for k in range(i)]
    alone: list[Any] = [{"not": {"required": [f"p{i}h{j}", f"p{k}h{j}"]}} for i, k, j in pairs]
    return {"allOf": somewhere + alone}


def union(keyword: str, branch: Callable[[int], Any], count: int = MANY) -> Any:
    return {keyword: [branch(n) for n in range(count)]}


def nested(keyword: str) -> Any:
    return {keyword: [{keyword: [{"const": f"{n}-{m}"} for m in range(60)]} for n in range(60)]}


def counted(work: Callable[[], Any]) -> tuple[Any, int]:
    """What it gives, and how many functions were called for it."""
    with Profile() as profile:
        result = work()
    return result, sum(entry.callcount for entry in profile.getstats())


def asked(old: Any, new: Any) -> str:
    """Whether all that is old is new; the work is checked to be bounded by the steps that it took."""

    def work() -> tuple[Any, int]:
        pair = Pair(old, new, Patterns(), Terminology())
        return pair.backward(), pair.spent

    (answer, spent), calls = counted(work)
    assert spent <= STEPS + 1
    size = len(canonical([old, new]))
    assert calls <= _CALLS_A_STEP * spent + _CALLS_A_BYTE * size + _CALLS_OF_PATTERNS, (calls, spent, size)
    return "unknown" if isinstance(answer, Unknown) else "no" if isinstance(answer, Found) else "yes"


DECIDED: dict[str, tuple[Any, Any]] = {
    **{
        f"{keyword} of {branch.__name__}": (union(keyword, branch), union(keyword, branch, MANY + 1))
        for keyword in ("oneOf", "anyOf")
        for branch in (constant, tagged)
    },
    "oneOf in oneOf": (nested("oneOf"), {"oneOf": [*nested("oneOf")["oneOf"], constant(0)]}),
    "an enum": ({"enum": [*range(20_000)]}, {"enum": [*range(20_001)]}),
    "an enum of objects": ({"enum": [{"a": n} for n in range(MANY)]}, {"enum": [{"a": n} for n in range(MANY + 1)]}),
    "properties": (
        {"properties": {f"p{n}": {"type": "string"} for n in range(5_000)}},
        {"properties": {f"p{n}": {"type": "string"} for n in range(1, 5_000)}},
    ),
    "allOf": (
        union("allOf", lambda n: {"not": {"const": n}}, MANY + 1),
        union("allOf", lambda n: {"not": {"const": n}}),
    ),
}


@pytest.mark.parametrize("case", DECIDED.values(), ids=DECIDED)
def test_what_is_large_but_plain_is_decided(case: tuple[Any, Any]) -> None:
    old, new = case
    assert (asked(old, new), asked(new, old)) == ("yes", "no")


def test_equal_constants_in_many_branches_are_told_apart_by_none_of_them() -> None:
    twice = {"oneOf": [constant(n % 50) for n in range(100)]}
    assert asked(twice, False) == "yes"
    thrice = {"oneOf": [constant(1), constant(1), constant(2)]}
    assert (asked(thrice, constant(2)), asked(constant(2), thrice)) == ("yes", "yes")


BOUNDED: dict[str, tuple[Any, Any]] = {
    **{
        f"{keyword} of {branch.__name__}": (union(keyword, branch, MANY + 1), union(keyword, branch))
        for keyword, branch in (("oneOf", open_object), ("anyOf", interval), ("oneOf", pattern))
    },
    "pigeons": (pigeons(10), False),
    "patterns with many states": ({"pattern": "^.*a.{30}$"}, {"pattern": "^.*b.{30}$"}),
    "a pattern of many groups": ({"pattern": "(" * 400 + "a" + ")*" * 400}, {"pattern": "b"}),
    "a pattern of many repetitions": ({"pattern": "^(a{1,100}){1,100}$"}, {"pattern": "b"}),
    "a pattern and many exceptions": ({"pattern": "^[a-z]{3}$"}, {"enum": [f"{n:03}" for n in range(MANY)]}),
    "a long text and a pattern": ({"const": "a" * 100_000}, {"pattern": "^(a?){50}a*$"}),
    "many names and patterns": (
        {
            "required": [f"p{n}" for n in range(1_000)],
            "patternProperties": {f"^p{n}": {"minimum": n} for n in range(50)},
        },
        {"maxProperties": 1_000, "patternProperties": {f"^p{n}": {"minimum": n + 1} for n in range(50)}},
    ),
    "properties to be made up": ({"type": "object", "minProperties": 10**6}, {"minProperties": 10**6 + 1}),
    "items to be made up": ({"type": "array", "minItems": 10**9, "uniqueItems": True}, {"minItems": 10**9 + 1}),
    "characters to be made up": ({"type": "string", "minLength": 10**9}, {"minLength": 10**9 + 1}),
    "items counted": (
        {"type": "array", "minItems": 40, "contains": {"minimum": 1}, "maxContains": 20},
        {"contains": {"maximum": 5}, "maxContains": 19},
    ),
    "avoided multiples": (
        {"type": "integer", "multipleOf": 1_000_003},
        {"not": {"anyOf": [{"multipleOf": m} for m in (7, 11, 13, 17, 19, 23, 29, 31, 37)]}},
    ),
}


@pytest.mark.parametrize("case", BOUNDED.values(), ids=BOUNDED)
def test_what_may_explode_ends_within_the_budget(case: tuple[Any, Any]) -> None:
    asked(*case)


def chain(length: int, leaf: Any) -> Any:
    names = [f"d{n}" for n in range(length)]
    steps = {name: {"properties": {"a": {"$ref": f"#/$defs/d{n + 1}"}}} for n, name in enumerate(names)}
    return {"$ref": "#/$defs/d0", "$defs": {**steps, f"d{length}": leaf}}


def ring(length: int, leaf: Any) -> Any:
    steps = {f"d{n}": {"properties": {"a": {"$ref": f"#/$defs/d{(n + 1) % length}"}}} for n in range(length)}
    return {"$ref": "#/$defs/d0", "$defs": {**steps, "d7": {**steps["d7"], **leaf}}}


@pytest.mark.parametrize("shape", [chain, ring])
def test_definitions_in_a_row_are_compared_in_time_about_linear(shape: Callable[[int, Any], Any]) -> None:
    old, new = shape(1_000, {"minProperties": 1}), shape(1_000, {"minProperties": 2})
    asked(old, new)
    assert asked(old, old) == "yes"


WRAPPED: dict[str, Callable[[Any], Any]] = {
    "properties": lambda inner: {"type": "object", "properties": {"a": inner}, "required": ["a"]},
    "items": lambda inner: {"type": "array", "items": inner, "minItems": 1},
    "not": lambda inner: {"not": inner},
    "allOf": lambda inner: {"allOf": [inner]},
    "anyOf": lambda inner: {"anyOf": [{"type": "null"}, inner]},
    "oneOf": lambda inner: {"oneOf": [{"type": "null"}, inner]},
    "if": lambda inner: {"if": inner, "then": True, "else": False},
}


@pytest.mark.parametrize("depth", [40, 90, 500])
@pytest.mark.parametrize("keyword", WRAPPED)
def test_depth_never_leads_to_a_safe_verdict_nor_further_than_the_same_place_everywhere(
    keyword: str, depth: int
) -> None:
    old: Any = {"type": "string"}
    new: Any = {"type": "boolean"}
    for _ in range(depth):
        old, new = WRAPPED[keyword](old), WRAPPED[keyword](new)
    found = compare(old, new, ENGINE, Terms(mode=Mode.backward))
    assert found.verdict in (Verdict.breaking, Verdict.unknown)
    assert _at_depth(200, lambda: compare(old, new, ENGINE, Terms(mode=Mode.backward))) == found


def _at_depth(frames: int, work: Callable[[], Any]) -> Any:
    return work() if frames == 0 else _at_depth(frames - 1, work)


def test_all_questions_together_have_a_budget() -> None:
    pair = Pair(pigeons(10), True, Patterns(), Terminology())
    for n in range(4):
        pair.between(pair.old.root(), pair.old.within({"required": [f"p{n}"]}, ""))
    assert pair.spent == MOST_STEPS
