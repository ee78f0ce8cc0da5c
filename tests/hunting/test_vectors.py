"""The engine on the shared vectors, as issue 3 asks: never falsely safe, nearly always right, reasons and witnesses."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.hunting.pools import SHARED

ROOT = Path(__file__).resolve().parents[2]
# What an instance has shown or, for `compatible`, failed to refute; other labels are opinions.
_SETTLED = ("breaking", "label-refuted", "compatible", "label-doubted")


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """The verdicts by question, and what was printed."""
    path = tmp_path_factory.mktemp("vectors") / "scores.json"
    done = subprocess.run(
        ["scripts/vectors", "--json", str(path)], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return json.loads(path.read_text())["verdicts"], done.stdout


@pytest.mark.skipif(not (SHARED / "vectors").exists(), reason="the shared vectors (../shared) are not here")
def test_verdicts_are_never_falsely_safe_and_nearly_always_right(scored: tuple[dict[str, Any], str]) -> None:
    columns: dict[str, Counter[str]] = {}
    for id, each in scored[0].items():
        if each["status"] in _SETTLED:
            columns.setdefault(id.partition("/")[0], Counter())[each["column"]] += 1
    assert len(columns) == 5
    for source, found in columns.items():
        containment = source == "containment-testsuite"
        assert found["FALSE-SAFE"] == 0
        assert found["correct"] >= (0.93 if containment else 0.97) * found.total(), (source, found)
    others = sum((found for source, found in columns.items() if source != "containment-testsuite"), Counter[str]())
    assert others["FALSE-BREAK"] + others["unknown"] <= 0.02 * others.total(), others


@pytest.mark.skipif(not (SHARED / "vectors").exists(), reason="the shared vectors (../shared) are not here")
def test_breaking_verdicts_have_reasons_and_witnesses(scored: tuple[dict[str, Any], str]) -> None:
    totals = scored[1].splitlines()[-2].split()
    breaking, reason, witness, explained = map(int, totals[1:])
    assert totals[0] == "total" and breaking > 1_000
    assert reason == breaking and witness >= 0.98 * breaking and explained >= 0.99 * breaking
