"""The canonical form of a JSON document, and the digest by which events name it."""

import hashlib
from decimal import Decimal

import msgspec

from domain.values import JSON

PREFIX = "sha256:"
_encoder = msgspec.json.Encoder(order="sorted")


def canonical(document: object) -> bytes:
    """Encode a JSON value with its members sorted by name and no white space.

    The form is Muniment's own, not RFC 8785: integers are written in full and floats as msgspec writes them.
    """
    return _encoder.encode(document)


def digest(document: object) -> str:
    """Name a JSON value by content: `sha256:` and the hex SHA-256 of its canonical form."""
    return digest_of(canonical(document))


def digest_of(text: bytes) -> str:
    """Name a canonical text: `sha256:` and its hex SHA-256."""
    return PREFIX + hashlib.sha256(text).hexdigest()


# What is nested deeper is not compared: everything that walks a schema may then do so by recursion.
DEEPEST = 100
_CONTAINERS = (dict, list)


def too_deep(value: JSON) -> bool:
    """Whether objects and lists are nested deeper than what is compared."""
    level = [value] if isinstance(value, _CONTAINERS) else []
    for _ in range(DEEPEST + 1):
        if not level:
            break
        parts = (each.values() if isinstance(each, dict) else each for each in level)
        level = [part for inner in parts for part in inner if isinstance(part, _CONTAINERS)]
    return bool(level)


def same(one: object, other: object) -> bool:
    """Whether two JSON values are equal as JSON Schema has it: 1 and 1.0 are, 1 and true are not."""
    # Most values that are equal are written alike, and that is cheap to see.
    return one == other and (canonical(one) == canonical(other) or value_key(one) == value_key(other))


def value_key(value: object) -> bytes:
    """A key that two JSON values share exactly when JSON Schema holds them to be equal."""
    return canonical(_with_plain_numbers(value))


def _with_plain_numbers(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return whole(value)
    if isinstance(value, list):
        return [_with_plain_numbers(each) for each in value]
    return {key: _with_plain_numbers(each) for key, each in value.items()} if isinstance(value, dict) else value


def whole(value: float) -> int:
    """The whole number that the text of a float says: `1e23` is ten to the 23rd, which no float is."""
    return int(Decimal(repr(value)))
