"""Large texts, looked at without a copy of the whole: memory that is touched for the first time takes time."""

from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TypeAlias

from msgspec import Raw

Text: TypeAlias = bytes | mmap
_PIECE = 1 << 18


def text_of(file: Path) -> Text:
    """A file's content, where it lies in the system's memory. Nobody may shorten the file meanwhile."""
    with file.open("rb") as opened:
        if not file.stat().st_size:
            return b""
        return mmap(opened.fileno(), 0, access=ACCESS_READ)


def pieces(text: Text | Raw, further: int = 0) -> Iterator[bytes]:
    """A text in pieces, each with some bytes of the next."""
    view = memoryview(text)
    return (bytes(view[start : start + _PIECE + further]) for start in range(0, len(view), _PIECE))


def contains(text: Text | Raw, part: bytes) -> bool:
    """Whether a short part stands in a text."""
    # Python searches backwards four times as fast.
    return any(piece.rfind(part) >= 0 for piece in pieces(text, len(part) - 1))
