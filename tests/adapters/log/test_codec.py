"""Encoding and decoding is the identity, for any event of every type."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from adapters.log.codec import decode, encode, topic
from domain import events as e

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXTS, inner, max_size=2),
    max_leaves=4,
)
_TIMES = st.integers(0, 10**15).map(lambda us: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=us))
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXTS,
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    datetime: _TIMES,
    type(None): st.none(),
    UnsetType: st.just(UNSET),
    Any: _JSON,
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type as the events use them."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if origin in (Union, UnionType):
        return st.one_of([values(each) for each in inner])
    if origin is tuple:
        return st.lists(values(inner[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(_TEXTS, values(inner[1]), max_size=2)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    return st.builds(kind, **{field.name: values(field.type) for field in msgspec.structs.fields(kind)})


@pytest.mark.parametrize("kind", get_args(e.AnyEvent), ids=lambda kind: str(kind.__struct_config__.tag))
def test_what_is_decoded_is_what_was_encoded(kind: type[e.AnyEvent]) -> None:
    @settings(derandomize=True, max_examples=15, deadline=None, database=None)
    @given(values(kind), values(e.Actor), _TIMES, values(str | None))
    def identity(event: e.AnyEvent, actor: e.Actor, at: datetime, request: str | None) -> None:
        recorded = e.Recorded(
            position=3, end=4, stream="s", version=1, at=at, actor=actor, request_id=request, event=event, stored=b""
        )
        recorded = msgspec.structs.replace(recorded, stored=encode(recorded))
        assert decode(3, "s", 1, topic(event), encode(recorded)) == recorded

    identity()
