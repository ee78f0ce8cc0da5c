"""Schemas taken apart into documents."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

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


def reached(
    names: Iterable[str], graph: Mapping[str, frozenset[str]], known: Mapping[str, tuple[str, ...]] = {}
) -> set[str]:
    """All that some names lead to, themselves included. `known` has that of some, as far as it was found before."""
    waiting = [*names]
    found = set[str]()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if name in known:
            found.update(known[name])
        else:
            found.add(name)
            waiting += graph[name]
    return found


class _Needed(NamedTuple):
    """What roots that name the same definitions have in common: what they say of them, and the documents."""

    names: dict[str, str]
    beyond: str | None
    lists: dict[str, bytes]
    definitions: Definitions
    documents: Mapping[str, bytes]


class Library:
    """Definitions taken apart, once for all the schemas that share them.

    `digests` names their documents. Definitions that depend on where they stand, or reach one that does, have none.
    """

    def __init__(self, schemas: Mapping[str, JSON]) -> None:
        self.schemas = schemas
        texts = {name: canonical(schema) for name, schema in schemas.items()}
        self.names = {name: frozenset(named(text) & schemas.keys()) for name, text in texts.items()}
        self.digests: dict[str, str] = {}
        self._documents: dict[str, bytes] = {}
        self._entries: dict[str, bytes] = {}
        # What was found before: what a name leads to, and what goes with names that are all that some lead to. As
        # tuples: sets take eight times the room.
        self._reached: dict[str, tuple[str, ...]] = {}
        self._parts: dict[tuple[str, ...], tuple[Definitions, Mapping[str, bytes]]] = {}
        self._lists: dict[tuple[str, ...], tuple[str | None, dict[str, bytes]]] = {}
        self._needed: dict[frozenset[str], _Needed] = {}
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
        digest = _put(self._documents, document)
        self.digests.update(dict.fromkeys(knot, digest))

    def definitions(self, names: Iterable[str]) -> Definitions:
        """Those that some names lead to."""
        return self._found(frozenset(names))[0]

    def whole(self, root: Object, *, unnamed: bool = False) -> tuple[Object, Taken]:
        """A schema without definitions, with those that it needs, and its documents.

        `unnamed` adds the definitions that it does not lead to.
        """
        text, slim, own = without_entries(root)
        heads = frozenset(named(text) & self.schemas.keys())
        if unnamed:
            heads |= self.schemas.keys() - reached(heads, self.names)
        if not heads:
            return root, _alone(text)
        if depends(text) or not heads <= self.digests.keys():
            whole: Object = {**root, "$defs": self._found(heads)[0]}
            return whole, _alone(canonical(whole))
        needed = self._needs(heads)
        # Most operations tell of an error as others do.
        own = {each: self._entries.setdefault(each, entry) for each, entry in own.items()}
        digest = _put(own, Root(slim, needed.names, needed.beyond))
        return {**root, "$defs": needed.definitions}, Taken(digest, {**own, **needed.lists}, needed.documents)

    def _needs(self, heads: frozenset[str]) -> _Needed:
        if heads not in self._needed:
            definitions, documents = self._found(heads)
            names = {name: self.digests[name] for name in heads}
            direct = {*names.values()}
            beyond = self._list(tuple(each for each in documents if each not in direct))
            self._needed[heads] = _Needed(names, *beyond, definitions, documents)
        return self._needed[heads]

    def _list(self, digests: tuple[str, ...]) -> tuple[str | None, dict[str, bytes]]:
        """The digest of the list of some documents, and the list by that."""
        if digests not in self._lists:
            found = dict[str, bytes]()
            self._lists[digests] = _put(found, Reached.of(digests)) if digests else None, found
        return self._lists[digests]

    def _found(self, heads: frozenset[str]) -> tuple[Definitions, Mapping[str, bytes]]:
        """The definitions that some names lead to, and their documents: the same for all that lead to the same."""
        found = set[str]()
        for name in heads:
            if name not in found:
                found.update(self._from(name))
        names = tuple(sorted(found))
        if names not in self._parts:
            digests = sorted({self.digests[name] for name in names if name in self.digests})
            schemas = {name: self.schemas[name] for name in names}
            documents = {each: self._documents[each] for each in digests}
            self._parts[names] = Definitions(schemas, self.digests, self.names), documents
        return self._parts[names]

    def _from(self, name: str) -> tuple[str, ...]:
        if name not in self._reached:
            self._reached[name] = tuple(reached([name], self.names, self._reached))
        return self._reached[name]


def take_apart(schema: Object) -> Taken:
    """The documents of a schema."""
    definitions = schema.get("$defs")
    if not isinstance(definitions, dict) or not definitions:
        return _alone(canonical(schema))
    root = {name: value for name, value in schema.items() if name != "$defs"}
    return Library(definitions).whole(root, unnamed=True)[1]


def _alone(text: bytes) -> Taken:
    digest = digest_of(text)
    return Taken(digest, {digest: text})


def _put(found: dict[str, bytes], document: Document) -> str:
    text = canonical(document)
    digest = digest_of(text)
    found[digest] = text
    return digest
