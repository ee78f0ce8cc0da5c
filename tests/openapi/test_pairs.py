"""How we stand to other tools' opinions of whole descriptions, and how that is measured."""

import json
from typing import Any

import pytest

from tests.corpora import needs_corpora
from tests.openapi import checks, labels, pairs, vectors
from tests.openapi.alone import alone
from tests.openapi.checks import About, about

needs_vectors = pytest.mark.skipif(not vectors.FOLDER.exists(), reason="the shared vectors (../shared) are not here")


@needs_corpora
def test_few_checks_of_oasdiff_differ_and_each_for_a_reason_that_is_told() -> None:
    found = [pairs.stand(*each) for each in pairs.expectations()]
    differing = [each for each in found if each.kind in (pairs.STRICTER, pairs.MILDER)]
    assert {(each.test, each.check) for each in differing} == labels.EXPLAINED.keys()
    assert len(differing) <= 0.05 * len(found)
    assert all(each.why for each in found if each.kind not in (pairs.AGREE, pairs.ALONE))


@needs_corpora
def test_a_wrong_level_would_be_told() -> None:
    """The measure fails: had `ERR` stood where we find nothing, it would be neither agreed to nor refuted."""
    test = "TestBreaking_StabilityLevelDecreased_WithSources"
    (pair,) = [each for each in pairs.pairs() if each["test"] == test]
    check = "request-body-became-required"
    assert pairs.stand(test, pair["base"], pair["revision"], (check,)) == pairs.Standing(test, check, pairs.MILDER)


@needs_vectors
def test_shared_vectors_state_the_levels_of_the_catalogue() -> None:
    cases = json.loads((vectors.FOLDER / "oasdiff" / "dev.json").read_text())["cases"]
    stated = [(rule["id"], rule["severity"]) for case in cases for rule in case["expect"]["rules"]]
    known = {level: set(named) for level, named in json.loads(checks.CATALOGUE.read_text()).items()}
    named = [(rule, level) for rule, level in stated if any(rule in each for each in known.values())]
    assert len(named) > 10
    assert all(checks.level(rule) == level for rule, level in named)


@needs_vectors
def test_no_description_that_others_call_breaking_is_falsely_safe() -> None:
    answers = [vectors.answer(case) for case in vectors.labelled()]
    assert (len(answers) > 30, answers.count("FALSE SAFE"), answers.count("refuted")) == (True, 0, 2)


_OLD: Any = {"type": "array", "minItems": 1, "maxItems": 5}
_NEW: Any = {"type": "string", "minItems": 2, "maxItems": 6}


@pytest.mark.parametrize(
    ("old", "new", "what", "expected"),
    [
        ({"a": [_OLD]}, {"a": [_NEW]}, About(frozenset({"minItems"})), {"a": [{**_OLD, "minItems": 2}]}),
        ({"type": 1}, {}, About(frozenset({"type"})), {}),
        ({"properties": {"type": 1}}, {"properties": {}}, About(frozenset({"type"})), {"properties": {"type": 1}}),
        (
            {"properties": {"a": _OLD, "b": {}}, "required": ["b"]},
            {"properties": {"a": _NEW, "c": {}}, "required": ["c"]},
            About(members=True),
            {"properties": {"a": _OLD, "c": {}}, "required": ["c"]},
        ),
    ],
)
def test_one_kind_of_change_alone(old: Any, new: Any, what: About, expected: Any) -> None:
    assert alone(old, new, what) == expected


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("request-property-min-contains-increased", About(frozenset({"minContains"}))),
        ("response-body-content-schema-added", About(frozenset({"contentSchema"}))),
        ("request-body-exclusive-max-set", About(frozenset({"exclusiveMaximum"}))),
        ("request-property-removed", About(members=True)),
        ("new-optional-request-parameter", About(members=True)),
        ("webhook-removed", About()),
    ],
)
def test_what_a_check_is_about(check: str, expected: About) -> None:
    assert about(check) == expected
