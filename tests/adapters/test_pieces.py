"""Texts looked at piece by piece: what lies across the end of a piece is seen all the same."""

import re
from pathlib import Path

import msgspec
import pytest

from adapters import pieces
from adapters.sources.places import require_utf8

SIZES = [1, 2, 3, 4, 7, 1000]


@pytest.mark.parametrize("size", SIZES)
def test_a_part_is_found_wherever_pieces_end(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_PIECE", size)
    for start in range(9):
        text = b"x" * start + rb"\u0000" + b"y" * 5
        assert pieces.contains(text, rb"\u0000")
        assert not pieces.contains(text.replace(b"u", b"U"), rb"\u0000")
    assert not pieces.contains(b"", b"x")


@pytest.mark.parametrize("size", SIZES)
def test_a_byte_that_is_no_utf8_is_placed_wherever_pieces_end(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_PIECE", size)
    good = "aé€😀b".encode()
    require_utf8(good)
    for bad in (b"\xff", "é".encode()[:1], "€".encode()[:2], "😀".encode()[:3]):
        for text in (good + bad, good + bad + b"abcd", b"a" + bad + good):
            with pytest.raises(UnicodeDecodeError) as found:
                text.decode()
            with pytest.raises(msgspec.DecodeError, match=re.escape(f"(byte {found.value.start})")):
                require_utf8(text)


def test_a_file_is_read_in_place(tmp_path: Path) -> None:
    file = tmp_path / "body"
    for content in (b"", b"{}", b"x" * 300_000):
        file.write_bytes(content)
        assert pieces.text_of(file)[:] == content
