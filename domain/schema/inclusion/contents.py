"""Equal definitions are one: numbers for the places that references lead to, the same for the same content.

Two places get one number if no chain of references tells them apart: colours are refined until they no longer split
(the partition refinement by which automata are minimised), over both documents at once.
"""

from hashlib import sha256
from typing import TypeAlias

import msgspec

from domain.schema.canonical import canonical
from domain.schema.inclusion.references import (
    ONE_SCHEMA,
    SCHEMA_LISTS,
    SCHEMA_MAPS,
    Document,
    Outside,
    Place,
    rebased,
)
from domain.schema.kept import Kept
from domain.schema.standing import named_at
from domain.values import JSON

ANNOTATIONS = frozenset(
    "title description $comment examples example deprecated default readOnly writeOnly $schema discriminator xml "
    "externalDocs contentEncoding contentMediaType contentSchema $vocabulary".split()
)
_UNORDERED = frozenset({"required", "enum", "type"})


_Key: TypeAlias = tuple[int, Place]


class _Sketch(msgspec.Struct, frozen=True):
    """The content of a place without what its references lead to, and these in order."""

    digest: bytes
    targets: tuple[Place, ...]


# Of definitions that many schemas share, by name and digest.
_sketches: Kept[tuple[str, str], _Sketch] = Kept(10_000)


def _sketch(document: Document, place: Place) -> _Sketch:
    named = named_at(document, place)
    known = _sketches.get(named) if named else None
    if known is None:
        targets: list[Place] = []
        shape = _Sketcher(document, targets).schema(document.at(place), place.base)
        legacy = b"1" if document.lone_references else b"0"
        known = _Sketch(sha256(legacy + canonical(shape)).digest(), tuple(targets))
        if named:
            _sketches.put(named, known)
    return known


class Numbering:
    """Numbers for the referenced places of several documents."""

    def __init__(self, documents: list[Document]) -> None:
        self._documents = documents
        self._sketches: dict[_Key, _Sketch] = {}
        self._numbers: dict[_Key, int] = {}
        for n in range(len(documents)):
            self._discover((n, Place()))
        self._refine()

    def number(self, document: Document, place: Place) -> int:
        """The number of a place that a reference leads to (or of the root)."""
        return self._numbers[self._documents.index(document), place]

    def _discover(self, root: tuple[int, Place]) -> None:
        pending = [root]
        while pending:
            key = pending.pop()
            if key in self._sketches:
                continue
            self._sketches[key] = _sketch(self._documents[key[0]], key[1])
            pending.extend((key[0], place) for place in self._sketches[key].targets)

    def _refine(self) -> None:
        blocks = _Blocks({key: sketch.digest for key, sketch in self._sketches.items()})
        leading = _leading(self._sketches)
        while blocks.waiting:
            ways: dict[int, set[_Key]] = {}
            for target in blocks.members[blocks.waiting.pop()]:
                for number, source in leading.get(target, ()):
                    ways.setdefault(number, set()).add(source)
            for sources in ways.values():
                blocks.split(sources)
        numbers: dict[int, int] = {}
        self._numbers = {key: numbers.setdefault(blocks.of[key], len(numbers)) for key in self._sketches}


def _leading(sketches: dict[_Key, _Sketch]) -> dict[_Key, list[tuple[int, _Key]]]:
    """For each place the references that lead there: the number that a reference has at its place, and that place."""
    found: dict[_Key, list[tuple[int, _Key]]] = {}
    for source, sketch in sketches.items():
        for number, target in enumerate(sketch.targets):
            found.setdefault((source[0], target), []).append((number, source))
    return found


class _Blocks:
    """A partition that is refined (Hopcroft's algorithm: of two halves only the smaller need be looked at again)."""

    def __init__(self, colours: dict[_Key, bytes]) -> None:
        together: dict[bytes, set[_Key]] = {}
        for key, colour in colours.items():
            together.setdefault(colour, set()).add(key)
        self.members = list(together.values())
        self.of = {key: number for number, block in enumerate(self.members) for key in block}
        self.waiting = set(range(len(self.members)))

    def split(self, keys: set[_Key]) -> None:
        """Part these from the others in each block."""
        parted: dict[int, set[_Key]] = {}
        for key in keys:
            parted.setdefault(self.of[key], set()).add(key)
        for number, inside in parted.items():
            if len(inside) < len(self.members[number]):
                self._part(number, inside)

    def _part(self, number: int, inside: set[_Key]) -> None:
        outside = self.members[number] - inside if len(inside) * 2 > len(self.members[number]) else inside
        self.members[number] -= outside
        self.members.append(outside)
        for key in outside:
            self.of[key] = len(self.members) - 1
        # The smaller half is the new one. If the block was waiting it goes on waiting, as what is left of it.
        self.waiting.add(len(self.members) - 1)


class _Sketcher:
    """Draws the content of a schema with its references numbered in order of appearance."""

    def __init__(self, document: Document, targets: list[Place]) -> None:
        self._document = document
        self._targets = targets

    def schema(self, value: JSON, base: str) -> JSON:
        if not isinstance(value, dict):
            return value
        base = rebased(value, base, self._document)
        if self._document.lone_references and "$ref" in value:
            value = {"$ref": value["$ref"]}
        value = self._document.known(value)
        return {
            keyword: self._keyword(keyword, value[keyword], base)
            for keyword in sorted(value)
            if keyword not in ANNOTATIONS and keyword not in ("$defs", "definitions", "$id", "id", "$anchor")
        }

    def _keyword(self, keyword: str, value: JSON, base: str) -> JSON:
        if keyword in ("$ref", "$dynamicRef", "$recursiveRef") and isinstance(value, str):
            return self._reference(keyword, value, base)
        if keyword in SCHEMA_MAPS and isinstance(value, dict):
            return {name: self.schema(value[name], base) for name in sorted(value)}
        if keyword in SCHEMA_LISTS and isinstance(value, list):
            return [self.schema(each, base) for each in value]
        if keyword in ONE_SCHEMA:
            return self.schema(value, base)
        if keyword in _UNORDERED and isinstance(value, list):
            return sorted(canonical(each).decode() for each in value)  # type: ignore[return-value]
        return value

    def _reference(self, keyword: str, value: str, base: str) -> JSON:
        try:
            self._targets.append(self._document.followed(keyword, value, base))
        except Outside as outside:
            return ["outside", str(outside)]
        return ["to", len(self._targets)]
