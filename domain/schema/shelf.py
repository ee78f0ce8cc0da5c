"""Schemas put together again from their documents."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from domain.schema.documents import Definition, Document, Knot, Root, decoded, following
from domain.schema.entries import entries_of, with_entries
from domain.schema.library import Definitions
from domain.values import JSON, Object

STEPS = 3


class Shelf:
    """Documents that were read, each decoded once for all the schemas that it is part of."""

    def __init__(self) -> None:
        self._read: dict[str, Document | Object] = {}
        # What is needed with each.
        self._following: dict[str, tuple[str, ...]] = {}
        self._values: dict[tuple[str, str], JSON] = {}

    def put(self, documents: Mapping[str, bytes]) -> None:
        """Put documents by digest on the shelf."""
        for digest, text in documents.items():
            document = self._read[digest] = decoded(text)
            self._following[digest] = tuple(following(document))

    def missing(self, digests: Iterable[str]) -> list[str]:
        """What to read next for these schemas; nothing once they are whole, which takes at most three steps."""
        found = dict.fromkeys(digests)
        waiting = [*found]
        while waiting:
            new = [each for each in self._following.get(waiting.pop(), ()) if each not in found]
            found.update(dict.fromkeys(new))
            waiting += new
        return [each for each in found if each not in self._read]

    def schema(self, digest: str) -> Object:
        """A schema of which nothing is missing."""
        root = self._read[digest]
        if isinstance(root, dict):
            return root
        assert isinstance(root, Root)
        digests, names = self._reached(root)
        definitions = {name: self._value(at, name) for name, at in sorted(digests.items())}
        slim: Object = msgspec.json.decode(root.schema)
        entries = {each: self._value(each, "") for each in entries_of(slim)}
        return {**with_entries(slim, entries), "$defs": Definitions(definitions, digests, names)}

    def _reached(self, root: Root) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
        """Every definition that a root reaches, with the digest of its document, and what it names."""
        digests: dict[str, str] = {}
        names: dict[str, frozenset[str]] = {}
        waiting = [*root.names.items()]
        while waiting:
            name, digest = waiting.pop()
            if name in digests:
                continue
            document = self._read[digest]
            assert isinstance(document, Definition | Knot)
            members = [*document.schemas] if isinstance(document, Knot) else [name]
            led_to = frozenset((*document.names, *(members if isinstance(document, Knot) else ())))
            digests.update(dict.fromkeys(members, digest))
            names.update(dict.fromkeys(members, led_to))
            waiting.extend(document.names.items())
        return digests, names

    def _value(self, digest: str, name: str) -> JSON:
        document = self._read[digest]
        if isinstance(document, dict):
            return document
        if isinstance(document, Knot):
            text = document.schemas[name]
        else:
            assert isinstance(document, Definition)
            text, name = document.schema, ""
        if (digest, name) not in self._values:
            self._values[digest, name] = msgspec.json.decode(text)
        return self._values[digest, name]


def fill(shelf: Shelf, digests: Iterable[str], read: Callable[[Sequence[str]], Mapping[str, bytes]]) -> None:
    """Read what is missing for some schemas. `read` is called three times at most."""
    wanted = [*digests]
    for _ in range(STEPS):
        missing = shelf.missing(wanted)
        if not missing:
            break
        shelf.put(read(missing))
