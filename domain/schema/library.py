"""Schemas taken apart into documents."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple
from weakref import WeakValueDictionary

from msgspec import Raw

from domain.schema.canonical import canonical, digest_of
from domain.schema.documents import Definition, Document, Knot, Reached, Root, depends, named
from domain.schema.entries import without_entries
from domain.schema.knots import knots
from domain.values import JSON, Object


class Taken(NamedTuple):
    """A schema taken apart: the digest that names it, its own documents by theirs, and those that others may share."""

    digest: str
    own: Mapping[str, bytes]
    shared: Mapping[str, bytes] = {}

    @property
    def documents(self) -> dict[str, bytes]:
        """All of them."""
        return {**self.own, **self.shared}


class Definitions(dict[str, JSON]):
    """Definitions by name, with all that they reach, in the order of their names.

    `digests` has those of their documents: equal ones are equal in all that they reach. `names` has what each names.
    """

    def __init__(
        self, schemas: Mapping[str, JSON], digests: Mapping[str, str], names: Mapping[str, frozenset[str]]
    ) -> None:
        super().__init__(schemas)
        self.digests = digests
        self.names = names

    def reached(self, names: Iterable[str]) -> "Definitions":
        """Those that some names lead to."""
        found = sorted(reached(names, self.names))
        return Definitions({name: self[name] for name in found}, self.digests, self.names)


class Shared(Definitions):
    """Definitions of a library that some names lead to, with their documents."""

    def __init__(self, heads: frozenset[str], library: "Library") -> None:
        schemas = {name: library.schemas[name] for name in sorted(reached(heads, library.names))}
        super().__init__(schemas, library.digests, library.names)
        self.heads = heads
        self.library = library

    def reached(self, names: Iterable[str]) -> Definitions:
        return self.library.definitions(names)

    @cached_property
    def taken(self) -> tuple[dict[str, str], str | None, Mapping[str, bytes]] | None:
        """What a root says of them (names, and a list), and their documents. None if some cannot stand alone."""
        if not self.keys() <= self.digests.keys():
            return None
        names = {name: self.digests[name] for name in self.heads}
        documents = {digest: self.library.documents[digest] for digest in {self.digests[name] for name in self}}
        further = documents.keys() - names.values()
        beyond = _put(documents, Reached.of(further)) if further else None
        return names, beyond, documents


def reached(names: Iterable[str], graph: Mapping[str, frozenset[str]]) -> set[str]:
    """All that some names lead to, themselves included."""
    waiting = [*names]
    found = {*waiting}
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting += new
    return found


class Library:
    """Definitions taken apart, once for all the schemas that share them.

    `digests` names their documents. Definitions that depend on where they stand, or reach one that does, have none.
    """

    def __init__(self, schemas: Mapping[str, JSON]) -> None:
        self.schemas = schemas
        texts = {name: canonical(schema) for name, schema in schemas.items()}
        self.names = {name: named(text) & schemas.keys() for name, text in texts.items()}
        self.digests: dict[str, str] = {}
        self.documents: dict[str, bytes] = {}
        # Weak, since they hold the library: in a circle all would stay until somebody looks for garbage.
        self._known: WeakValueDictionary[frozenset[str], Shared] = WeakValueDictionary()
        for knot in knots(self.names):
            self._add({name: texts[name] for name in knot})

    def _add(self, knot: dict[str, bytes]) -> None:
        led_to = frozenset[str]().union(*(self.names[name] for name in knot))
        outside = led_to.difference(knot)
        if not outside <= self.digests.keys() or any(depends(text) for text in knot.values()):
            return
        names = {name: self.digests[name] for name in outside}
        texts = {name: Raw(text) for name, text in knot.items()}
        alone = len(knot) == 1 and not led_to.intersection(knot)
        document = Definition(next(iter(texts.values())), names) if alone else Knot(texts, names)
        digest = _put(self.documents, document)
        self.digests.update(dict.fromkeys(knot, digest))

    def definitions(self, names: Iterable[str]) -> Shared:
        """Those that some names lead to."""
        heads = frozenset(names)
        known = self._known.get(heads)
        if known is None:
            known = self._known[heads] = Shared(heads, self)
        return known

    def of(self, root: Object) -> Shared:
        """Those that a schema without definitions needs."""
        return self.definitions(named(canonical(root)) & self.schemas.keys())


def take_apart(schema: Object) -> Taken:
    """The documents of a schema."""
    definitions = schema.get("$defs")
    root = {name: value for name, value in schema.items() if name != "$defs"}
    if isinstance(definitions, dict) and definitions and not depends(text := canonical(root)):
        direct = named(text) & definitions.keys()
        if not isinstance(definitions, Shared) or definitions.heads != direct:
            library = Library(definitions)
            definitions = library.definitions(direct | (definitions.keys() - reached(direct, library.names)))
        if definitions.taken is not None:
            names, beyond, documents = definitions.taken
            slim, own = without_entries(root)
            return Taken(_put(own, Root(Raw(canonical(slim)), names, beyond)), own, documents)
    text = canonical(schema)
    return Taken(digest_of(text), {digest_of(text): text})


def _put(found: dict[str, bytes], document: Document) -> str:
    text = canonical(document)
    digest = digest_of(text)
    found[digest] = text
    return digest
