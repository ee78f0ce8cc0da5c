"""How deep a JSON text is nested, without decoding it."""

import sys
from collections.abc import Callable
from typing import TypeVar

from msgspec import Raw

from adapters.pieces import Text

T = TypeVar("T")
DEPTH_LIMIT = 100

_OTHERS = bytes(byte for byte in range(256) if byte not in b"{}[]")


def nesting(text: bytes) -> int:
    """The depth of a JSON text, counted up to one over the limit.

    Strings are cut out, then all characters save brackets; each round removes the innermost pairs. Linear in the text
    for each level, and a level is a fast scan. For a text that is no JSON the number means nothing.
    """
    bare = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = b"".join(bare.split(b'"')[::2]).translate(None, _OTHERS)
    depth = 0
    while brackets and depth <= DEPTH_LIMIT:
        inner = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if len(inner) == len(brackets):
            break
        brackets, depth = inner, depth + 1
    return depth


def with_depth_limit(decode: Callable[[], T], text: Text | Raw) -> T:
    """Decode a large document, refusing one nested deeper than about the limit with RecursionError.

    CPython 3.11 counts C and Python levels together, so its own guard serves at no cost; later versions count C levels
    apart, and the text is scanned.
    """
    if sys.version_info >= (3, 12):
        if nesting(bytes(text)) > DEPTH_LIMIT:
            raise RecursionError(f"nested deeper than {DEPTH_LIMIT} levels")
        return decode()
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(_frames() + DEPTH_LIMIT + 10)
    try:
        return decode()
    finally:
        sys.setrecursionlimit(before)


def _frames() -> int:
    frame, count = sys._getframe(), 0
    while frame.f_back is not None:
        frame, count = frame.f_back, count + 1
    return count
