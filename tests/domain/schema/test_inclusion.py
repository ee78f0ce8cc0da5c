"""Never falsely safe: a validator hunts for documents that refute a verdict of compatible (api.md 4.4)."""

from random import Random
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from adapters.contract_engine import ENGINE
from domain.schema.change import Mode
from domain.schema.compare import differences
from domain.schema.judge import Terms, judge
from tests.domain.schema.pairs import changed, instance, schema

PAIRS, INSTANCES = 600, 40


def _validator(document: Any) -> Draft202012Validator:
    return Draft202012Validator(document, validate_formats=True)


def _compatible(old: Any, new: Any, mode: Mode) -> bool:
    return judge(differences(old, new, ENGINE), Terms(mode=mode, policies=False)).compatible


@pytest.mark.parametrize("seed", range(4))
def test_no_document_refutes_a_compatible_verdict(seed: int) -> None:
    random, judged = Random(seed), 0
    for number in range(PAIRS):
        old = schema(random)
        new = changed(random, old)
        before, after = _validator(old), _validator(new)
        for mode in (Mode.backward, Mode.forward):
            if not _compatible(old, new, mode):
                continue
            judged += 1
            taking, refusing = (before, after) if mode is Mode.backward else (after, before)
            for _ in range(INSTANCES):
                document = instance(random, old, new, without_added=mode is Mode.backward)
                assert refusing.is_valid(document) or not taking.is_valid(document), (seed, number, mode, document)
    assert judged > PAIRS / 10


@pytest.mark.parametrize("seed", range(4))
def test_full_is_backward_and_forward(seed: int) -> None:
    random = Random(seed)
    for number in range(PAIRS):
        old = schema(random)
        new = changed(random, old)
        both = _compatible(old, new, Mode.backward) and _compatible(old, new, Mode.forward)
        assert _compatible(old, new, Mode.full) == both, (seed, number)


def test_a_schema_against_itself_is_no_change() -> None:
    random = Random(0)
    for _ in range(PAIRS):
        one = schema(random)
        assert differences(one, one, ENGINE) == ()
