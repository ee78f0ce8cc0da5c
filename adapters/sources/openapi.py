"""Reads an OpenAPI description: every operation becomes an asset spec. No OpenAPI word goes further."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from msgspec import Raw

from adapters.depth import with_depth_limit
from adapters.duplicates import repeated_in_large
from adapters.pieces import contains
from adapters.sources.errors import InvalidDocument
from adapters.sources.openapi_names import METHODS, fqn_of, item_of
from adapters.sources.openapi_operations import Operation, Security
from adapters.sources.openapi_options import field_notes, guarantees_of
from adapters.sources.openapi_references import Place, References, Unreadable
from adapters.sources.openapi_schemas import Schemas
from adapters.sources.places import place_of
from adapters.sources.soundness import unsound
from domain.schema.library import Library
from domain.sync.spec import AssetSpec, Document, ItemError
from domain.values import JSON, Object

_CODE = "INVALID_OPENAPI_SPEC"
_KNOWN = re.compile(r"3\.[012](\.\d+)?(-\S*)?")
_OTHERS = ("swagger", "asyncapi", "arazzo", "overlay", "raml", "openrpc")
_Found = tuple[str, str, JSON, Place]


class Naming(msgspec.Struct, frozen=True):
    """The prefix of names, the source's key, and the guarantees under those of each operation."""

    prefix: str
    service: str
    guarantees: Object | None = None


def read(text: bytes | Raw, naming: Naming) -> Document:
    """The document that a description is. Raises `InvalidDocument`; RecursionError for one nested too deeply."""
    try:
        root: JSON = with_depth_limit(lambda: msgspec.json.decode(text), text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidDocument("MALFORMED_JSON", [place_of(bytes(text), error)]) from None
    repeated = repeated_in_large(text, root)
    if repeated is not None:
        raise InvalidDocument("MALFORMED_JSON", [repeated])
    if not isinstance(root, dict):
        raise InvalidDocument(_CODE, ["the description must be an object"])
    version = _version(root)
    paths = root.get("paths")
    if not isinstance(paths, dict | None):
        raise InvalidDocument(_CODE, ["#/paths: must be an object"])
    suspicious = contains(text, b"\\u0000")
    reading = _Reading(root, naming, siblings=not version.startswith("3.0"), suspicious=suspicious)
    specs = reading.specs(paths or {})
    about = reading.about
    return Document(
        kind="openapi",
        key=naming.service,
        key_certain=True,
        title=str(about["api_title"]) or None,
        specs=tuple(specs),
        errors=tuple(reading.errors),
        parse_errors=tuple(error.message for error in reading.errors),
        warnings=tuple(reading.warnings()),
        about=about,
    )


def _version(root: Object) -> str:
    stated = root.get("openapi")
    if isinstance(stated, int | float) and not isinstance(stated, bool):
        stated = str(stated)
    if isinstance(stated, str) and _KNOWN.fullmatch(stated.strip()):
        return stated.strip()
    other = next((name for name in _OTHERS if name in root), None)
    if other is not None:
        raise InvalidDocument(_CODE, [f"this is a description of another kind: {other} {str(root[other])[:50]}"])
    if stated is None:
        raise InvalidDocument(_CODE, ["#/openapi: is missing; OpenAPI 3.0, 3.1 and 3.2 are read"])
    raise InvalidDocument(_CODE, [f"#/openapi: {str(stated)[:50]!r} is no version of OpenAPI 3.0, 3.1 or 3.2"])


class _Read(NamedTuple):
    """An operation with its contract's schema, without the definitions that this names."""

    path: str
    method: str
    item: str
    place: Place
    operation: Object
    schema: Object


class _Reading:
    """One description on its way to specs, with what there is to say about it."""

    def __init__(self, root: Object, naming: Naming, *, siblings: bool, suspicious: bool) -> None:
        self._root = root
        self._naming = naming
        self._suspicious = suspicious
        self._references = References(root)
        self._schemas = Schemas(self._references, siblings)
        self._security = Security(root)
        info = root.get("info")
        info = info if isinstance(info, dict) else {}
        title, version = info.get("title"), info.get("version")
        self.about: Object = {
            "api_title": "" if title is None else _text(title),
            "api_version": "" if version is None else _text(version),
        }
        self.errors: list[ItemError] = []
        self._callbacks = 0

    def specs(self, paths: Object) -> list[AssetSpec]:
        found = [each for path, item in paths.items() if not path.startswith("x-") for each in self._path(path, item)]
        known_by = Counter(item_of(path, method) for path, method, _, _ in found)
        read = []
        for path, method, operation, place in found:
            item = item_of(path, method)
            # Of paths that differ in the names of parameters only, each is known by its own.
            item = item if known_by[item] == 1 else f"{method} {path}"
            read.append(self._operation(path, method, item, (operation, place)))
        library = self._schemas.library()
        specs = [self._sound(each, library) for each in read if each is not None]
        return [spec for spec in specs if spec is not None]

    def _path(self, path: str, item: JSON) -> Iterator[_Found]:
        """The operations of a path, each with what its path says beside it taken in."""
        place: Place = ((None, "paths"), path)
        try:
            members, where = self._members(item, place, 0)
        except Unreadable as error:
            self._reject(path, "", item_of(path, METHODS[0]), str(error))
            return
        for method in METHODS:
            if members.get(method) is not None:
                yield path, method, members, (where[method], method)

    def _members(self, item: JSON, place: Place, depth: int) -> tuple[Object, dict[str, Place]]:
        """The members of a path item, those of the item that it refers to under them, each with where it stands."""
        if item is None:
            return {}, {}
        if not isinstance(item, dict):
            raise Unreadable(place, "a path must be an object")
        found: Object = {}
        where: dict[str, Place] = {}
        if "$ref" in item:
            if depth > 20:
                raise Unreadable(place, "a reference to itself")
            target, there = self._references.target(item["$ref"], (place, "$ref"))
            found, where = self._members(target, there, depth + 1)
        found |= {name: value for name, value in item.items() if name != "$ref"}
        return found, {**where, **dict.fromkeys(item, place)}

    def _operation(self, path: str, method: str, item: str, found: tuple[JSON, Place]) -> _Read | None:
        members, place = found
        assert isinstance(members, dict)
        try:
            if not path.startswith("/"):
                raise Unreadable(place, "a path must begin with a slash")
            operation = members[method]
            if not isinstance(operation, dict):
                raise Unreadable(place, "an operation must be an object")
            shared = self._shared(members, place)
            reading = Operation(self._references, self._schemas, path, place)
            return _Read(path, method, item, place, operation, reading.contract(operation, shared, self._security))
        except Unreadable as error:
            self._reject(path, method, item, str(error))
            return None

    def _sound(self, read: _Read, library: Library) -> AssetSpec | None:
        spec = self._spec(read, library)
        why = unsound(spec, self._suspicious)
        if why is not None:
            self._reject(read.path, read.method, read.item, str(Unreadable(read.place, why)))
        return spec if why is None else None

    def _shared(self, members: Object, place: Place) -> list[tuple[JSON, Place]]:
        stated = members.get("parameters", [])
        around = place[0] if place else None
        if stated is None:
            return []
        if not isinstance(stated, list):
            raise Unreadable((around, "parameters"), "parameters must be a list")
        return [(each, ((around, "parameters"), str(n))) for n, each in enumerate(stated)]

    def _reject(self, path: str, method: str, item: str, message: str) -> None:
        name = fqn_of(self._naming.prefix, path, method or "*")[:1000]
        covers = () if method else tuple(item_of(path, each) for each in METHODS)
        said = f"{method.upper()} {path[:200]}: {message}".lstrip()
        labels: Object = {"path": path, "method": method.upper() or None, "operation_id": None}
        self.errors.append(ItemError(fqn=name, item=item, message=said, labels=labels, unknown=True, covers=covers))

    def _spec(self, read: _Read, library: Library) -> AssetSpec:
        path, method, operation = read.path, read.method, read.operation
        schema, taken = library.whole(read.schema)
        identity, summary = _stated(operation, "operationId"), _stated(operation, "summary")
        description = _stated(operation, "description")
        guarantees, problems, remarks = guarantees_of(operation, self._naming.guarantees)
        descriptions, tags = field_notes(schema)
        callbacks = operation.get("callbacks")
        self._callbacks += len(callbacks) if isinstance(callbacks, dict) else 0
        listed = operation.get("tags")
        return AssetSpec(
            item=read.item,
            fqn=fqn_of(self._naming.prefix, path, method),
            resource_type="api_endpoint",
            description=description or summary,
            tags=tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else (),
            metadata={
                "path": path,
                "method": method.upper(),
                "operation_id": identity,
                "summary": summary,
                "description": description,
                "deprecated": operation.get("deprecated") is True,
                **self.about,
            },
            named_by=("path",),
            guarantees=guarantees,
            schema=schema,
            schema_digest=taken.digest,
            documents=(taken.own, taken.shared),
            field_descriptions=descriptions,
            field_tags=tags,
            problems=problems,
            remarks=remarks,
            labels={"path": path, "method": method.upper(), "operation_id": identity},
        )

    def warnings(self) -> list[str]:
        webhooks = self._root.get("webhooks")
        count = self._callbacks + (len(webhooks) if isinstance(webhooks, dict) else 0)
        return [f"{count} webhooks and callbacks are described, which make no assets."] if count else []


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _stated(operation: Object, name: str) -> str | None:
    value = operation.get(name)
    return value if isinstance(value, str) and value else None
