"""Names of operations: no two paths share one (api.md 2.7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.openapi_names import fqn_of, item_of, places_of

_PIECES = st.sampled_from(
    ["a", "A", ".", "/", "~", "%", "%2E", "{id}", "{x}", " ", "\n", "é", "get", "%7E", "\x85", "{}"]
)
PATHS = st.lists(_PIECES, max_size=6).map(lambda pieces: "/" + "".join(pieces))


@pytest.mark.parametrize(
    ("path", "fqn"),
    [
        ("/", "api.get"),
        ("/users/{id}", "api.users.{id}.get"),
        ("/a.b", "api.a%2Eb.get"),
        ("/a/b", "api.a.b.get"),
        ("/a/", "api.a.~.get"),
        ("//", "api.~.~.get"),
        ("/~", "api.%7E.get"),
        ("/a b%", "api.a%20b%25.get"),
        ("/Users", "api.Users.get"),
        ("/a\u2003b", "api.a%E2%80%83b.get"),
    ],
)
def test_names(path: str, fqn: str) -> None:
    assert fqn_of("api", path, "get") == fqn


@given(PATHS, PATHS, st.sampled_from(["get", "put"]), st.sampled_from(["get", "put"]))
def test_no_two_operations_share_a_name(one: str, other: str, first: str, second: str) -> None:
    assert (fqn_of("api", one, first) == fqn_of("api", other, second)) == ((one, first) == (other, second))


def test_parameters_count_by_place() -> None:
    assert item_of("/users/{id}/x", "get") == item_of("/users/{userId}/x", "get") == "get /users/{}/x"
    assert places_of("/{a}/x.{b}/{a}") == {"a": 0, "b": 1}
