"""Keys that stand twice, found as Python's own reader finds them."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import duplicates, pieces
from adapters.duplicates import repeated_in_large, repeated_key, repeated_member

KEYS = st.sampled_from(["a", "b", 'q":', "\\", "é", "sp ace"])
# Objects as lists of pairs, so that keys may repeat.
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.integers(0, 9), st.sampled_from(['":', '" :', "{", "x\\", ""])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.lists(st.tuples(KEYS, inner), max_size=3).map(tuple)),
    max_leaves=8,
)
WAYS = st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), ("\n,", "\t:")])


def _written(value: Any, way: tuple[str, str], ascii: bool) -> str:
    comma, colon = way
    if isinstance(value, tuple):
        inner = (_written(key, way, ascii) + colon + _written(each, way, ascii) for key, each in value)
        return "{" + comma.join(inner) + "}"
    if isinstance(value, list):
        return "[" + comma.join(_written(each, way, ascii) for each in value) + "]"
    if isinstance(value, str) and ascii:
        return '"' + "".join("\\u0022" if each == '"' else json.dumps(each)[1:-1] for each in value) + '"'
    return json.dumps(value, ensure_ascii=False)


def _is_repeated(text: str) -> bool:
    found = []

    def pairs(members: list[tuple[str, Any]]) -> None:
        found.append(len(members) != len(dict(members)))

    json.loads(text, object_pairs_hook=pairs)
    return any(found)


@given(VALUES, WAYS, st.booleans())
def test_a_key_is_found_to_stand_twice_exactly_where_it_does(value: Any, way: tuple[str, str], ascii: bool) -> None:
    text = _written(value, way, ascii)
    said = repeated_key(text.encode()), repeated_in_large(text.encode(), msgspec.json.decode(text))
    assert [each is not None for each in said] == [_is_repeated(text)] * 2


@given(st.lists(st.tuples(KEYS, VALUES), max_size=4), WAYS, st.booleans())
def test_members_are_looked_at_without_what_is_in_them(value: Any, way: tuple[str, str], ascii: bool) -> None:
    text = _written(tuple(value), way, ascii)
    members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    names = [key for key, _ in value]
    found = repeated_member(text.encode(), members)
    assert (found is not None) == (len(names) != len(set(names)))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_a_text_is_counted_in_pieces_wherever_these_end(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    value: Any = {"a": {"b": [1, {"c": '":'}], "d": {"e": {'f":': 1}}}, "g": 2}
    text = json.dumps(value, separators=(",", ":")).encode()
    monkeypatch.setattr(pieces, "_PIECE", size)
    members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    monkeypatch.setattr(duplicates, "repeated_key", lambda *_, **__: "looked at each key")
    assert repeated_in_large(text, value) is None
    assert repeated_member(text, members) is None
    twice = text.replace(b'"b":', b'"b":0,"b":')
    assert repeated_in_large(twice, value) == "looked at each key"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1, "a": 2}', "line 1 column 10: the key 'a' stands twice"),
        ('{"a": [\n  {"b": "{", "b": 2}]}', "line 2 column 14: the key 'b' stands twice"),
    ],
)
def test_the_second_place_is_told(text: str, place: str) -> None:
    assert repeated_key(text.encode()) == place
