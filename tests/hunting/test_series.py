"""Versions that real projects published one after the other: decided, and told in words."""

from domain.schema.change import Verdict
from tests import corpora
from tests.hunting import series


@corpora.needs_corpora
def test_what_changed_between_releases_of_dbt_projects_is_decided() -> None:
    seen = [series.judged(pair) for pair in series.of_dbt()]
    changed = [each for each in seen if each.judgement.changes]
    assert len(changed) > 40
    assert not any(map(series.unknown, seen))
    assert series.report("dbt", seen).startswith(f"dbt: pairs {len(seen)}, changed {len(changed)}, unknown 0 (0.00 %")


@corpora.needs_corpora
def test_changes_are_shown_in_turn_by_kind() -> None:
    seen = [series.judged(pair) for pair in series.of_dbt()]
    shown = list(series.spread(seen, 12))
    assert len(shown) == 12
    kinds = {(change.rule, change.verdict) for each in seen for change in each.judgement.changes}
    told = [tuple(reversed(each.splitlines()[1].split()[:2])) for each in shown]
    assert {*told[: len(kinds)]} == kinds
    assert Verdict.breaking in {verdict for _, verdict in told}
