"""The canonical form of a JSON document, and the digest by which events name it."""

import hashlib

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")


def canonical(document: object) -> bytes:
    """Encode a JSON value with its members sorted by name and no white space.

    The form is Muniment's own, not RFC 8785: integers are written in full and floats as msgspec writes them.
    """
    return _encoder.encode(document)


def digest(document: object) -> str:
    """Name a JSON value by content: `sha256:` and the hex SHA-256 of its canonical form."""
    return "sha256:" + hashlib.sha256(canonical(document)).hexdigest()
