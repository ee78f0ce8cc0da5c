"""Large entries of a schema's parts (`properties/PART/properties/ENTRY`), stored apart and named by digest in place.

The parts of an operation's contract are such: parameters, bodies, responses. A part that is told once more as an entry
of another is stored as that entry.
"""

from collections.abc import Iterator, Mapping

from domain.schema.canonical import PREFIX, canonical, digest_of
from domain.values import JSON, Object

_LARGE = 200


def without_entries(schema: Object) -> tuple[Object, dict[str, bytes]]:
    """A schema with digests in the place of its large entries, and these as canonical JSON."""
    parts = _members(schema)
    large = {name: _large_entries(part) for name, part in parts.items()}
    every = {text for entries in large.values() for text in entries.values()}
    found: dict[str, bytes] = {}

    def apart(text: bytes) -> JSON:
        found[digest_of(text)] = text
        return {"$ref": digest_of(text)}

    slim: Object = {}
    for name, part in parts.items():
        text = canonical(part) if every else b""
        if text in every:
            slim[name] = apart(text)
        else:
            slim[name] = _with_entries(part, {key: apart(text) for key, text in large[name].items()})
    return (_holding(schema, slim) if slim else schema), found


def entries_of(slim: Object) -> Iterator[str]:
    """The digests of the entries that stand apart."""
    for part in _members(slim).values():
        for each in (part, *_members(part).values()):
            if (digest := _digest(each)) is not None:
                yield digest


def with_entries(slim: Object, found: Mapping[str, JSON]) -> Object:
    """The schema as it was, from its entries by digest."""

    def whole(value: JSON) -> JSON:
        digest = _digest(value)
        return value if digest is None else found[digest]

    parts = {name: whole(part) for name, part in _members(slim).items()}
    for name, part in parts.items():
        parts[name] = _with_entries(part, {key: whole(each) for key, each in _members(part).items()})
    return _holding(slim, parts) if parts else slim


def _large_entries(part: JSON) -> dict[str, bytes]:
    texts = {key: canonical(each) for key, each in _members(part).items() if isinstance(each, dict)}
    return {key: text for key, text in texts.items() if len(text) >= _LARGE}


def _digest(value: JSON) -> str | None:
    reference = value.get("$ref") if isinstance(value, dict) else None
    return reference if isinstance(reference, str) and reference.startswith(PREFIX) else None


def _members(schema: JSON) -> Object:
    members = schema.get("properties") if isinstance(schema, dict) else None
    return members if isinstance(members, dict) else {}


def _with_entries(part: JSON, entries: Object) -> JSON:
    return _holding(part, entries) if entries and isinstance(part, dict) else part


def _holding(schema: Object, members: Object) -> Object:
    return {**schema, "properties": {**_members(schema), **members}}
