"""Every rule has a smallest example, and the example shows the rule (api.md 4.4)."""

import pytest

from adapters.contract_engine import ENGINE
from domain.schema.change import Mode
from domain.schema.comparison import compare
from domain.schema.judge import Terms
from domain.schema.rules import RULES, Rule

# These are about assets, and have tests of their own where assets are judged.
OF_ASSETS = {
    "deprecation_changed",
    "type_declared",
    "type_undeclared",
    "not_null_removed",
    "asset_removed",
    "security_tightened",
    "security_relaxed",
}


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.example], ids=lambda rule: rule.id)
def test_the_example_of_a_rule_shows_it(rule: Rule) -> None:
    example = rule.example
    assert example is not None
    for mode, verdict in ((Mode.backward, example.backward), (Mode.forward, example.forward)):
        found = compare(example.old, example.new, ENGINE, Terms(mode=mode))
        (change,) = found.changes
        assert (change.type, change.rule, change.verdict.value) == (rule.id, rule.id, verdict)
        assert found.verdict is change.verdict
        assert "{" not in change.message and change.message.endswith((".", ")."))


def test_every_rule_has_an_example_or_is_about_assets() -> None:
    assert {rule.id for rule in RULES.values() if rule.example is None} == OF_ASSETS
    breaking = [
        rule for rule in RULES.values() if rule.example and "breaking" in (rule.example.backward, rule.example.forward)
    ]
    assert all(rule.advice for rule in breaking)
