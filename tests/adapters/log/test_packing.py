"""Stored schemas: frames that name their dictionary, which is read for ever, or the JSON itself."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.log import packing
from adapters.log.protocol import Log
from domain.schema.canonical import canonical, digest_of
from tests.adapters.log.schema_samples import NUMBER, samples
from tests.conftest import ROOT

# A frame as it was stored, by the number of its dictionary; and the digest of the text in it.
STORED = {
    1: (
        "28b52ffd61010b00550100406dc3b662697a53690bfc7c4ef1b7b0b4cca13c0e86ee0eb6587c63de07d81a5ab5f64c57a136959135",
        "sha256:c114c1d0ad51e66f9ccd0439c0621430b09d58ca71cfb0b5d6302fb532e85f40",
    )
}
DICTIONARIES = {"schemas.1.dictionary": "37dba1354a1e4e8c27127d96c16875429c9721edc87225f7fb01e9c70bd53f79"}


def _stored(text: bytes) -> bytes:
    return packing.packed({"digest": text})["digest"]


def test_a_dictionary_stays_as_it_was_released() -> None:
    found = {path.name: path.read_bytes() for path in (ROOT / "adapters" / "log").glob("*.dictionary")}
    assert {name: hashlib.sha256(text).hexdigest() for name, text in found.items()} == DICTIONARIES


@pytest.mark.parametrize("number", STORED)
def test_a_frame_is_read_for_ever(number: int) -> None:
    frame, digest = bytes.fromhex(STORED[number][0]), STORED[number][1]
    assert zstandard.get_frame_parameters(frame).dict_id == number
    assert digest_of(packing.unpacked(frame)) == digest


def test_texts_like_contracts_become_small_frames_that_name_their_dictionary() -> None:
    texts = {str(n): text for n, text in enumerate(samples(200))}
    stored = packing.packed(texts)
    assert {zstandard.get_frame_parameters(frame).dict_id for frame in stored.values()} == {NUMBER}
    assert sum(map(len, stored.values())) < sum(map(len, texts.values())) / 3
    assert {digest: packing.unpacked(frame) for digest, frame in stored.items()} == texts


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_what_is_unpacked_is_what_was_packed(value: object) -> None:
    text = canonical(value)
    assert packing.unpacked(_stored(text)) == text
    assert len(_stored(text)) <= len(text)
    # As it was stored before there were frames.
    assert packing.unpacked(text) == text


def test_what_would_not_get_smaller_or_is_too_large_stays_json() -> None:
    large = b'"' + bytes(packing.LARGEST).replace(b"\0", b"a") + b'"'
    for text in (b"", b"{}", b"true", large):
        assert _stored(text) == text


@pytest.mark.parametrize("sized", [True, False])
def test_a_frame_that_holds_too_much_or_does_not_say_how_much_is_not_read(sized: bool) -> None:
    frame = zstandard.ZstdCompressor(write_content_size=sized).compress(bytes(packing.LARGEST + 1 if sized else 10))
    with pytest.raises(zstandard.ZstdError, match="not written here"):
        packing.unpacked(frame)


def test_threads_do_not_share_what_serves_one_at_a_time() -> None:
    texts = {str(n): text for n, text in enumerate(samples(300))}

    def there_and_back(_: int) -> bool:
        return {digest: packing.unpacked(frame) for digest, frame in packing.packed(texts).items()} == texts

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(there_and_back, range(40)))


def test_a_store_from_before_goes_on(log: Log) -> None:
    old, new = samples(2)
    with log.write() as session:
        session.insert("muniment_schemas", ["digest", "body"], [("old", old), ("new", _stored(new))])
    assert log.schemas(["old", "new"]) == {"old": old, "new": new}
