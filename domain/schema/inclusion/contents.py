"""Equal definitions are one: numbers for the places that references lead to, the same for the same content.

Two places get one number if no chain of references tells them apart: colours are refined until they no longer split
(the partition refinement by which automata are minimised), over both documents at once.
"""

from collections.abc import Iterator
from hashlib import sha256

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
from domain.values import JSON

ANNOTATIONS = frozenset(
    "title description $comment examples example deprecated default readOnly writeOnly $schema discriminator xml "
    "externalDocs contentEncoding contentMediaType contentSchema $vocabulary".split()
)
_UNORDERED = frozenset({"required", "enum", "type"})


class _Sketch(msgspec.Struct):
    """The content of a place without what its references lead to, and these in order."""

    digest: bytes
    targets: list[tuple[int, Place]]


class Numbering:
    """Numbers for the referenced places of several documents."""

    def __init__(self, documents: list[Document]) -> None:
        self._documents = documents
        self._sketches: dict[tuple[int, Place], _Sketch] = {}
        self._numbers: dict[tuple[int, Place], int] = {}
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
            document = self._documents[key[0]]
            targets: list[tuple[int, Place]] = []
            shape = _Sketcher(document, key[0], targets).schema(document.at(key[1]), key[1].base)
            legacy = b"1" if document.lone_references else b"0"
            self._sketches[key] = _Sketch(sha256(legacy + canonical(shape)).digest(), targets)
            pending.extend(targets)

    def _refine(self) -> None:
        """Number what leads to no circle from its ends on, each once; the rest by splitting until nothing splits."""
        known: dict[tuple[object, ...], int] = {}
        for key in self._from_the_ends():
            sketch = self._sketches[key]
            signature = (sketch.digest, *(self._numbers[target] for target in sketch.targets))
            self._numbers[key] = known.setdefault(signature, len(known))
        circling = {key: sketch for key, sketch in self._sketches.items() if key not in self._numbers}
        colours = _coloured({key: (sketch.digest,) for key, sketch in circling.items()}, len(known))
        while True:
            found = {**self._numbers, **colours}
            split = _coloured(
                {key: (colours[key], *(found[t] for t in s.targets)) for key, s in circling.items()}, len(known)
            )
            if len(set(split.values())) == len(set(colours.values())):
                self._numbers.update(split)
                return
            colours = split

    def _from_the_ends(self) -> Iterator[tuple[int, Place]]:
        """The places that lead to no circle, each after those that it leads to."""
        ahead = {key: len(set(sketch.targets)) for key, sketch in self._sketches.items()}
        behind: dict[tuple[int, Place], list[tuple[int, Place]]] = {key: [] for key in ahead}
        for key, sketch in self._sketches.items():
            for target in set(sketch.targets):
                behind[target].append(key)
        ends = [key for key, count in ahead.items() if not count]
        while ends:
            end = ends.pop()
            yield end
            for key in behind[end]:
                ahead[key] -= 1
                if not ahead[key]:
                    ends.append(key)


def _coloured(signatures: dict[tuple[int, Place], tuple[object, ...]], first: int) -> dict[tuple[int, Place], int]:
    """Numbers from `first` on, one for each signature."""
    known: dict[tuple[object, ...], int] = {}
    return {key: known.setdefault(signature, first + len(known)) for key, signature in signatures.items()}


class _Sketcher:
    """Draws the content of a schema with its references numbered in order of appearance."""

    def __init__(self, document: Document, number: int, targets: list[tuple[int, Place]]) -> None:
        self._document = document
        self._number = number
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
            self._targets.append((self._number, self._document.followed(keyword, value, base)))
        except Outside as outside:
            return ["outside", str(outside)]
        return ["to", len(self._targets)]
