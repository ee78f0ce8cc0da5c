"""Schemas as documents that name each other by digest, as git's trees do, so that each definition is stored once.

A *root* is a schema without its definitions; a *definition*, or a *knot* of definitions that lead back to each other,
is a document of its own. Each says to which documents the references in it lead, so that its digest stands for all that
it reaches, and not for the name by which others know it. What a root reaches beyond those is in a *list* that it names:
so a schema is read in three steps, however deep it is. (Were there such a list with every definition, a chain of them
would take a space that grows with the square of its length.)

A schema without definitions is one document, itself. So is one with references that lead elsewhere, or with names,
anchors or a dialect of its own: what stands in it depends on where it stands.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import unquote

import msgspec
from msgspec import Raw

from domain.schema.canonical import PREFIX
from domain.schema.entries import entries_of
from domain.values import Object

_NAMED = re.compile(rb'"\$ref":"#/\$defs/((?:[^"/\\]|\\.)*)')
_DEPENDENT = re.compile(
    rb'"\$ref":"(?!#/\$defs/)|"\$(?:id|anchor|schema|dynamicAnchor|dynamicRef|recursiveRef)":"|"\$recursiveAnchor":'
)
_REFERENCE = re.compile(rb'"\$(?:ref|dynamicRef|recursiveRef)":')
_NAMES_KEPT, _SHORT = 10_000, 200
_SIZE = 32


class Root(msgspec.Struct, frozen=True, array_like=True, tag="root"):
    """A schema without its definitions. `beyond` is the digest of the list of what it reaches through others."""

    schema: Raw
    names: dict[str, str]
    beyond: str | None


class Reached(msgspec.Struct, frozen=True, array_like=True, tag="list"):
    """Digests as bytes, one after the other."""

    digests: bytes

    @staticmethod
    def of(digests: Iterable[str]) -> "Reached":
        return Reached(bytes.fromhex("".join(sorted(digests)).replace(PREFIX, "")))


class Definition(msgspec.Struct, frozen=True, array_like=True, tag="definition"):
    schema: Raw
    names: dict[str, str]


class Knot(msgspec.Struct, frozen=True, array_like=True, tag="knot"):
    schemas: dict[str, Raw]
    names: dict[str, str]


Document: TypeAlias = Root | Reached | Definition | Knot
_decoder = msgspec.json.Decoder(Document)


def decoded(text: bytes) -> Document | Object:
    """A stored document: a whole schema or an entry is an object, the others are arrays."""
    found: Document | Object = _decoder.decode(text) if text[:1] == b"[" else msgspec.json.decode(text)
    return found


def following(document: Document | Object) -> Iterable[str]:
    """The documents that are needed with one. Of definitions none: whatever root needs them has them in its list."""
    if isinstance(document, Root):
        beyond = [document.beyond] if document.beyond else []
        return (*document.names.values(), *beyond, *entries_of(msgspec.json.decode(document.schema)))
    if isinstance(document, Reached):
        bytes = document.digests
        return (PREFIX + bytes[n : n + _SIZE].hex() for n in range(0, len(bytes), _SIZE))
    return ()


def refers(text: bytes) -> bool:
    """Whether a reference stands anywhere in a canonical text: then equal texts may mean different things."""
    return _REFERENCE.search(text) is not None


def depends(text: bytes) -> bool:
    """Whether what a canonical text means may depend on where it stands."""
    return _DEPENDENT.search(text) is not None


def named(text: bytes) -> frozenset[str]:
    """The definitions that the references in a canonical text name."""
    return frozenset(_known(each) if len(each) <= _SHORT else _name(each) for each in {*_NAMED.findall(text)})


def _name(written: bytes) -> str:
    step: str = msgspec.json.decode(b'"%s"' % written)
    return unquote(step).replace("~1", "/").replace("~0", "~")


_known = lru_cache(_NAMES_KEPT)(_name)
