"""Where a JSON text goes wrong: line and column (both from 1, columns in bytes), and what is wrong there."""

import codecs
import json
import re

import msgspec

from adapters.pieces import Text, pieces

_BYTE = re.compile(r" \(byte (\d+)\)")
_LONE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def place_of(text: bytes, error: Exception) -> str:
    """A syntax error that msgspec found, as `line 3 column 7: what is wrong`."""
    found = _BYTE.search(str(error))
    if found is not None:
        return at(text, int(found[1]), _BYTE.sub("", str(error)).removeprefix("JSON is malformed: "))
    lone = _LONE.search(text)
    if lone is not None:
        return at(text, lone.start(), "half of a surrogate pair")
    try:
        json.loads(text)
    except json.JSONDecodeError as stated:
        return f"line {stated.lineno} column {stated.colno}: {stated.msg}"
    except (UnicodeDecodeError, RecursionError, ValueError):
        pass
    return str(error)


def at(text: bytes, offset: int, what: str) -> str:
    """`what`, with the place of a byte of the text."""
    before = text[:offset]
    return f"line {before.count(10) + 1} column {len(before) - (before.rfind(10) + 1) + 1}: {what}"


def require_utf8(text: Text) -> None:
    """Raises `msgspec.DecodeError` where the text is not UTF-8. Little memory, whatever the size."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    reached = 0
    for piece in pieces(text):
        reached += len(piece)
        if piece.isascii() and not decoder.getstate()[0]:
            continue
        try:
            decoder.decode(piece, reached == len(text))
        except UnicodeDecodeError as error:
            byte = reached + error.start - len(error.object)
            raise msgspec.DecodeError(f"JSON is malformed: not UTF-8 (byte {byte})") from None
