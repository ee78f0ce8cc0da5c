"""Schemas taken apart into documents."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from msgspec import Raw

from domain.schema.canonical import canonical, digest_of
from domain.schema.documents import Definition, Knot, Reached, Root, depends, named
from domain.schema.entries import without_entries
from domain.schema.knots import knots
from domain.values import JSON, Object


class Taken(NamedTuple):
    """A schema taken apart: the digest that names it, and all of its documents by theirs."""

    digest: str
    documents: dict[str, bytes]


class Definitions(dict[str, JSON]):
    """Definitions by name. `digests` has those of their documents: equal ones are equal in all that they reach."""

    def __init__(self, schemas: Mapping[str, JSON], digests: Mapping[str, str], library: "Library | None" = None):
        super().__init__(schemas)
        self.digests = digests
        self.library = library


class Library:
    """Definitions taken apart, once for all the schemas that share them.

    `digests` names their documents. Definitions that depend on where they stand, or reach one that does, have none.
    """

    def __init__(self, schemas: Mapping[str, JSON]) -> None:
        self.digests: dict[str, str] = {}
        self._schemas = schemas
        self._texts = {name: canonical(schema) for name, schema in schemas.items()}
        self._names = {name: named(text) & schemas.keys() for name, text in self._texts.items()}
        self._documents: dict[str, bytes] = {}
        self._known: dict[frozenset[str], Definitions] = {}
        for knot in knots(self._names):
            self._add(knot)

    def _add(self, knot: list[str]) -> None:
        led_to = frozenset[str]().union(*(self._names[name] for name in knot))
        outside = led_to.difference(knot)
        if not outside <= self.digests.keys() or any(depends(self._texts[name]) for name in knot):
            return
        names = {name: self.digests[name] for name in outside}
        texts = {name: Raw(self._texts[name]) for name in knot}
        alone = len(knot) == 1 and not led_to.intersection(knot)
        text = canonical(Definition(texts[knot[0]], names) if alone else Knot(texts, names))
        self._documents[digest_of(text)] = text
        self.digests.update(dict.fromkeys(knot, digest_of(text)))

    def definitions(self, names: Iterable[str]) -> Definitions:
        """Some definitions with all that they reach, in the order of their names."""
        wanted = frozenset(names)
        if wanted not in self._known:
            reached = {name: self._schemas[name] for name in sorted(self._reached(wanted))}
            self._known[wanted] = Definitions(reached, self.digests, self)
        return self._known[wanted]

    def _reached(self, names: AbstractSet[str]) -> set[str]:
        found, waiting = {*names}, [*names]
        while waiting:
            new = self._names[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    def taken(self, root: Object, definitions: AbstractSet[str]) -> Taken:
        """The documents of a schema: its root, and definitions that reach no others."""
        direct = named(canonical(root)) & definitions
        names = {name: self.digests[name] for name in direct | (definitions - self._reached(direct))}
        reached = {self.digests[name] for name in definitions}
        slim, found = without_entries(root)
        found.update((digest, self._documents[digest]) for digest in reached)
        further = reached.difference(names.values())
        beyond = _put(found, Reached.of(further)) if further else None
        return Taken(_put(found, Root(Raw(canonical(slim)), names, beyond)), found)


def _put(found: dict[str, bytes], document: Root | Reached) -> str:
    text = canonical(document)
    digest = digest_of(text)
    found[digest] = text
    return digest


def take_apart(schema: Object) -> Taken:
    """The documents of a schema."""
    definitions = schema.get("$defs")
    root = {name: value for name, value in schema.items() if name != "$defs"}
    if isinstance(definitions, dict) and definitions and not depends(canonical(root)):
        known = definitions.library if isinstance(definitions, Definitions) else None
        library = known or Library(definitions)
        if definitions.keys() <= library.digests.keys():
            return library.taken(root, definitions.keys())
    text = canonical(schema)
    return Taken(digest_of(text), {digest_of(text): text})
