import pytest

from domain.errors import Refused
from domain.naming import checked_fqn


@pytest.mark.parametrize("fqn", ["a.b", "db.main.orders", "_a._b-c.D9", "a." + "b" * 998])
def test_names_by_hand(fqn: str) -> None:
    assert checked_fqn(fqn) == fqn


@pytest.mark.parametrize(
    "fqn",
    ["", "ab", "orders", "a..b", ".a.b", "a.b.", "a.1b", "a.-b", "a b.c", "a.b\n", "a.ü", "a%2Eb.c", "a." + "b" * 999],
)
def test_no_names(fqn: str) -> None:
    with pytest.raises(Refused) as refused:
        checked_fqn(fqn)
    assert refused.value.code == "INVALID_FQN"
