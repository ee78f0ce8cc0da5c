"""Keys that stand twice in one JSON object: a reader takes the last in silence, and nobody can tell which was meant."""

import re
from collections.abc import Mapping

import msgspec
from msgspec import Raw

from adapters.pieces import Text, pieces
from adapters.sources.places import at
from domain.values import JSON

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_TOKEN = re.compile(rb"(%s)([ \t\r\n]*+:)?|([{}])" % _STRING, re.DOTALL)
_MEMBER = re.compile(rb"[ \t\r\n,{]*+(%s)[ \t\r\n]*+:[ \t\r\n]*+" % _STRING, re.DOTALL)
_LAST = re.compile(rb"[ \t\r\n]*+\}[ \t\r\n]*+\Z")
_COLON = b":"
_NUMBERED = re.compile(rb"\\u003[aA]")


def repeated_key(text: bytes, deepest: int = 1000) -> str | None:
    """Where a key stands for the second time in its object, as `line 3 column 7: the key 'a' stands twice`, or None.

    The text must be JSON. Looks at each key: for small texts, and for those of which it is known that there is one.
    What lies deeper than so many objects does not count.
    """
    around: list[set[bytes]] = []
    for token in _TOKEN.finditer(text):
        if token[3] == b"{":
            around.append(set())
        elif token[3]:
            around.pop()
        elif token[2] and len(around) <= deepest:
            key = msgspec.json.encode(_text(token[1])) if b"\\" in token[1] else token[1]
            if key in around[-1]:
                return at(text, token.start(), f"the key {_text(token[1])[:100]!r} stands twice")
            around[-1].add(key)
    return None


def _text(key: bytes) -> str:
    return msgspec.json.decode(key, type=str)


def repeated_in_large(text: bytes | Raw, value: JSON) -> str | None:
    """The same for a text of which `value` is what a reader made, at a fraction of the cost.

    Written again, the value has as many colons as the text, in strings too, unless the reader dropped some. Where one
    is written by its number, counting fails: then each key is looked at.
    """
    if not _NUMBERED.search(memoryview(text)) and sum(each.count(_COLON) for each in pieces(text)) == _colons(value):
        return None
    return repeated_key(bytes(text))


def _colons(value: JSON, levels: int = 2) -> int:
    """How many there are in the value as JSON, written in pieces: as a whole it takes as much room as a text."""
    if levels and isinstance(value, dict):
        keys: JSON = dict.fromkeys(value)
        return msgspec.json.encode(keys).count(_COLON) + sum(_colons(each, levels - 1) for each in value.values())
    return msgspec.json.encode(value).count(_COLON)


def _stands_at(text: Text, value: Raw, start: int) -> bool:
    for piece in pieces(value):
        if text.find(piece, start, start + len(piece)) != start:
            return False
        start += len(piece)
    return True


def repeated_member(text: Text, members: Mapping[str, Raw]) -> str | None:
    """The same for the members of an object alone, not for what is in them. `members` is what a reader made of it."""
    position = 0
    for name, value in members.items():
        found = _MEMBER.match(text, position)
        if found is None or _text(found[1]) != name or not _stands_at(text, value, found.end()):
            break
        position = found.end() + len(value)
    else:
        if not members or _LAST.match(text, position):
            return None
    return repeated_key(text[:], deepest=1)
