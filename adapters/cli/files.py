"""Documents on the disk: reading them, and joining them into one request without decoding them."""

import gzip
import re
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Failed(Exception):
    """A command that could not be carried out; the message says why and what to do. `code` is the exit code."""

    def __init__(self, message: str, code: int = 3) -> None:
        super().__init__(message)
        self.code = code


def content(path: str) -> bytes:
    """The text of a file (`-` is standard input), unzipped where it is gzipped. Raises `Failed`."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).removeprefix(b"\xef\xbb\xbf")
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise Failed(f"{_named(path)} cannot be read: {why}") from None


def document(path: str, text: bytes | None = None) -> bytes:
    """The JSON text of a file, if that is not given. Raises `Failed`.

    Only its outline is looked at, so that a file that is no JSON object is told by its name, with line and column.
    """
    text = content(path) if text is None else text
    _check(_named(path), text)
    return text


def _named(path: str) -> str:
    return "standard input" if path == "-" else path


def graphql_schema(path: str) -> bytes:
    """A GraphQL schema as a JSON string: of a file, of standard input (`-`), or of all files of a folder, joined.

    Each file of a folder begins with a comment that names it, so that the server's errors can. Raises `Failed`.
    """
    if not Path(path).is_dir():
        return msgspec.json.encode(_utf8(path))
    files = sorted(each for each in Path(path).rglob("*") if each.suffix in (".graphql", ".graphqls", ".gql"))
    if not files:
        raise Failed(f"{path} has no file that ends in .graphql, .graphqls or .gql")
    return msgspec.json.encode("\n".join(f"# file: {each}\n{_utf8(str(each))}" for each in files))


def _utf8(path: str) -> str:
    try:
        return content(path).decode()
    except UnicodeDecodeError as error:
        raise Failed(f"{_named(path)} is not text: byte {error.start} is not UTF-8") from None


def _check(name: str, text: bytes) -> None:
    try:
        _object.decode(text)
        text.decode()
    except msgspec.ValidationError:
        raise Failed(f"{name} is not a JSON object") from None
    except UnicodeDecodeError as error:
        raise Failed(f"{name} is not JSON: byte {error.start} is not UTF-8") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Failed(f"{name} is not JSON{_place(text, str(error))}") from None


def _place(text: bytes, message: str) -> str:
    if not text.strip():
        return ": it is empty"
    found = re.search(r"\(byte (\d+)\)", message)
    if not found:
        return ": it ends too early" if "truncated" in message else f": {message}"
    before = text[: int(found[1])]
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    return f", line {line} column {column}: {message.partition(' (byte')[0]}"


def spliced(documents: Mapping[str, bytes], options: Mapping[str, object]) -> list[bytes]:
    """The parts of a JSON object that holds the documents, unread, and the options."""
    parts = [b"{"]
    for name, text in documents.items():
        parts += [b'"%s":' % name.encode(), text, b","]
    rest = msgspec.json.encode(dict(options))
    if len(rest) > 2:
        return [*parts, rest[1:]]
    return [*parts[:-1], b"}"]
