"""Large entries of a schema's parts (`properties/PART/properties/ENTRY`), stored apart and named by digest in place.

The parts of an operation's contract are such: parameters, bodies, responses. A part that is told once more as an entry
of another is stored as that entry.
"""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Raw

from domain.schema.canonical import PREFIX, canonical, digest_of
from domain.values import JSON, Object

_LARGE = 200


class _Holder(msgspec.Struct):
    properties: dict[str, Raw] = {}


_holder = msgspec.json.Decoder(_Holder)
_object = msgspec.json.Decoder(dict[str, Raw])


def without_entries(text: bytes) -> tuple[Raw, dict[str, bytes]]:
    """A schema, both as canonical JSON, with digests in the place of its large entries, and these by digest."""
    parts = _texts(text)
    large = {
        name: {key: bytes(each) for key, each in _texts(part).items() if _is_large(each)}
        for name, part in parts.items()
    }
    sizes = {len(entry) for entries in large.values() for entry in entries.values()}
    if not sizes:
        return Raw(text), {}
    digests = {name: {key: digest_of(entry) for key, entry in entries.items()} for name, entries in large.items()}
    every = {digest for entries in digests.values() for digest in entries.values()}
    found: dict[str, bytes] = {}
    slim: dict[str, Raw | Object] = {}
    for name, part in parts.items():
        digest = digest_of(bytes(part)) if len(part) in sizes else ""
        if digest in every:
            found[digest] = bytes(part)
            slim[name] = {"$ref": digest}
        elif large[name]:
            found |= zip(digests[name].values(), large[name].values(), strict=True)
            slim[name] = _with_texts(part, {key: {"$ref": each} for key, each in digests[name].items()})
    return _with_texts(text, slim), found


def _texts(holder: bytes | Raw) -> Mapping[str, Raw]:
    """The members of an object, if it is so large that it may have large entries."""
    if len(holder) < _LARGE:
        return {}
    try:
        return _holder.decode(holder).properties
    except msgspec.ValidationError:
        return {}


def _is_large(entry: Raw) -> bool:
    return len(entry) >= _LARGE and bytes(memoryview(entry)[:1]) == b"{"


def _with_texts(holder: bytes | Raw, members: Mapping[str, Raw | Object]) -> Raw:
    """An object with other members in the place of some."""
    whole: dict[str, object] = {**_object.decode(holder)}
    whole["properties"] = {**_holder.decode(holder).properties, **members}
    return Raw(canonical(whole))


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
