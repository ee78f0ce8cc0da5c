"""Every rule has a smallest example, and the example shows the rule (api.md 3.11, 4.4)."""

from typing import Any

import pytest

from adapters.contract_engine import ENGINE
from domain.guarantees import as_breaking, changes
from domain.schema.change import Change, Mode
from domain.schema.comparison import compare
from domain.schema.guarantee_rules import GUARANTEE_RULES
from domain.schema.judge import Terms, removal
from domain.schema.operations import judge_operation
from domain.schema.rule import Rule, Subject
from domain.schema.rules import RULES


def _changes(rule: Rule, mode: Mode) -> tuple[Change, ...]:
    """What becomes of the example of a rule that is not about guarantees."""
    old, new = rule.example.old, rule.example.new
    if rule.example.of is Subject.operation:
        assert isinstance(old, dict) and isinstance(new, dict)
        return judge_operation(old, new, ENGINE, Terms(mode=mode), "").changes
    if rule.example.of is Subject.asset:
        assert isinstance(old, dict) and new is None
        return (removal(str(old["fqn"]), ""),)
    found = compare(old, new, ENGINE, Terms(mode=mode, dbt=rule.example.of is Subject.dbt_asset))
    assert [found.verdict] == [change.verdict for change in found.changes]
    return found.changes


@pytest.mark.parametrize("mode", [Mode.backward, Mode.forward])
@pytest.mark.parametrize(
    "rule", [rule for rule in RULES.values() if rule.example.of is not Subject.guarantees], ids=lambda r: r.id
)
def test_the_example_of_a_rule_shows_it(rule: Rule, mode: Mode) -> None:
    (change,) = _changes(rule, mode)
    verdict = rule.example.backward if mode is Mode.backward else rule.example.forward
    assert (change.type, change.rule, change.verdict.value) == (rule.id, rule.id, verdict)
    assert "{name}" not in change.message and change.message.endswith((".", ")."))


@pytest.mark.parametrize("rule", GUARANTEE_RULES.values(), ids=lambda rule: rule.id)
def test_the_example_of_a_rule_of_guarantees_shows_it(rule: Rule) -> None:
    old: Any = rule.example.old
    new: Any = rule.example.new
    found = changes(old, new)
    (change,) = found
    less = rule.example.backward == "risky"
    assert (change.type, change.severity) == (rule.id, "warning" if less else "info")
    assert change.message == rule.sentence.format(name=change.path)
    assert [each.rule for each in as_breaking(found, "")] == ([rule.id] if less else [])


def test_every_rule_that_breaks_or_promises_less_says_how_to_avoid_it() -> None:
    heavy = [rule for rule in RULES.values() if {"breaking", "unknown"} & {rule.example.backward, rule.example.forward}]
    assert len(heavy) > 10 and all(rule.advice for rule in heavy)
    assert {rule.example.backward for rule in GUARANTEE_RULES.values() if not rule.advice} == {"safe"}
