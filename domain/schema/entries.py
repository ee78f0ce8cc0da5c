"""Large entries of a schema's parts (`properties/PART/properties/ENTRY`), stored apart and named by digest in place.

The parts of an operation's contract are such: parameters, bodies, responses. A part that is told once more as an entry
of another is stored as that entry.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import Raw

from domain.schema.canonical import PREFIX, canonical, digest_of
from domain.values import JSON, Object

_LARGE = 200


class Slim(NamedTuple):
    """A schema as canonical JSON, the same with digests in the place of its large entries, and these by digest."""

    whole: bytes
    slim: Raw
    entries: dict[str, bytes]


def without_entries(schema: Object) -> Slim:
    """The schema, and as it is stored. What is large is encoded twice at most, whatever it is part of."""
    parts = _members(schema)
    texts = {name: canonical(part) for name, part in parts.items()}
    whole = canonical(_with_texts(schema, texts))
    large = {name: _large_entries(parts[name]) for name, text in texts.items() if len(text) >= _LARGE}
    sizes = {len(entry) for entries in large.values() for entry in entries.values()}
    if not sizes:
        return Slim(whole, Raw(whole), {})
    digests = {name: {key: digest_of(entry) for key, entry in entries.items()} for name, entries in large.items()}
    every = {digest for entries in digests.values() for digest in entries.values()}
    found: dict[str, bytes] = {}
    for name, entries in large.items():
        digest = digest_of(texts[name]) if len(texts[name]) in sizes else ""
        if digest in every:
            found[digest] = texts[name]
            texts[name] = canonical({"$ref": digest})
        elif entries:
            found |= zip(digests[name].values(), entries.values(), strict=True)
            references: Object = {key: {"$ref": each} for key, each in digests[name].items()}
            texts[name] = canonical(_with_entries(parts[name], references))
    return Slim(whole, Raw(canonical(_with_texts(schema, texts))), found)


def _large_entries(part: JSON) -> dict[str, bytes]:
    return {
        key: text
        for key, each in _members(part).items()
        if isinstance(each, dict) and len(text := canonical(each)) >= _LARGE
    }


def _with_texts(schema: Object, texts: Mapping[str, bytes]) -> object:
    """The schema with the JSON of its parts in their place."""
    return {**schema, "properties": {name: Raw(text) for name, text in texts.items()}} if texts else schema


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
