"""OpenAPI descriptions on the disk: JSON or YAML, in one file or in several that refer to each other."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from adapters.cli.files import Failed, content, document
from adapters.duplicates import repeated_in_large
from adapters.yaml_text import InvalidYaml, json_of
from domain.values import JSON, Object

_ELSEWHERE = re.compile(rb'"\$ref"\s*:\s*"[^#"]')
# Where the other files of a description go in the one that is sent.
_FILES = "x-files"


def description(path: str) -> bytes:
    """The JSON text of a description (`-` is standard input), other files of its folder taken in. Raises `Failed`."""
    text = content(path)
    if text.lstrip()[:1] == b"{" and not _ELSEWHERE.search(text):
        return document(path, text)
    name = "standard input" if path == "-" else path
    root = _object(name, text)
    if path != "-":
        root = _Bundle(Path(path), root).whole()
    return msgspec.json.encode(root)


def _object(name: str, text: bytes) -> Object:
    try:
        value = _json(name, text) if text.lstrip()[:1] == b"{" else json_of(text.decode())
    except (InvalidYaml, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # What begins like JSON may be YAML in braces.
        try:
            value = json_of(text.decode())
        except (InvalidYaml, UnicodeDecodeError, RecursionError):
            raise Failed(f"{name} is neither JSON nor YAML: {error}") from None
    if not isinstance(value, dict):
        raise Failed(f"{name} is not an object, as an OpenAPI description is")
    return value


def _json(name: str, text: bytes) -> JSON:
    value: JSON = msgspec.json.decode(text)
    repeated = repeated_in_large(text, value)
    if repeated is not None:
        raise Failed(f"{name}, {repeated}")
    return value


class _Bundle:
    """One description with the files that it refers to. Nothing outside of its folder is read."""

    def __init__(self, path: Path, root: Object) -> None:
        self._folder = path.resolve().parent
        self._path = path.resolve()
        self._root = root
        self._files: Object = {}
        self._waiting: list[tuple[str, Path, JSON]] = []

    def whole(self) -> Object:
        """The description, references to other files turned to where these are taken in."""
        root = self._turned(self._root, self._path)
        while self._waiting:
            name, path, value = self._waiting.pop()
            self._files[name] = self._turned(value, path)
        assert isinstance(root, dict)
        return {**root, _FILES: self._files} if self._files else root

    def _turned(self, value: JSON, path: Path) -> JSON:
        if isinstance(value, list):
            return [self._turned(each, path) for each in value]
        if not isinstance(value, dict):
            return value
        return {
            name: self._reference(each, path) if name == "$ref" and isinstance(each, str) else self._turned(each, path)
            for name, each in value.items()
        }

    def _reference(self, reference: str, path: Path) -> str:
        """Where a reference leads in the whole; one that leads elsewhere stays, and the server says what it says."""
        parts = urlsplit(reference)
        if parts.scheme or parts.netloc or parts.path.startswith("/"):
            return reference
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.is_relative_to(self._folder) or not target.is_file():
            return reference
        if target == self._path:
            return "#" + parts.fragment
        name = str(target.relative_to(self._folder))
        if name not in self._files:
            self._files[name] = None
            self._waiting.append((name, target, _value(target)))
        return f"#/{_FILES}/{name.replace('~', '~0').replace('/', '~1')}{parts.fragment}"


def _value(path: Path) -> JSON:
    text = content(str(path))
    try:
        return json_of(text.decode()) if path.suffix != ".json" else _json(str(path), text)
    except (InvalidYaml, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Failed(f"{path} is neither JSON nor YAML: {error}") from None
