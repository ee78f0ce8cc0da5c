"""The hunt in the size of the gate: nothing is refuted, and faults that are planted are found."""

import pytest

from tests.hunting import faults, pools
from tests.hunting.hunt import Hunt, caught


def test_nothing_refutes_the_engine() -> None:
    hunt = Hunt(20, pools.OWN)
    for _ in range(600):
        hunt.pair()
    assert hunt.refuted == []
    assert hunt.answers["backward yes"] > 100 and hunt.answers["witness borne out"] > 100
    assert sum(count > 5 for count in hunt.keywords.values()) >= 30


@pytest.mark.parametrize("fault", faults.FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    assert caught(fault, 1, 3_000, pools.OWN) is not None
