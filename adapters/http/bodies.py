"""Bodies as they come in: counted, inflated, kept in memory when small and in a file when they are documents."""

import os
import tempfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from domain.errors import Refused

_CHUNK = 1 << 18


def check_headers(headers: dict[str, str], limit: int) -> None:
    """Refuse what the headers alone give away: media type, encoding, announced length."""
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > limit:
        raise too_large(limit)
    if length == "0" and "transfer-encoding" not in headers:
        return
    media_type = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type not in ("", "application/json") and not media_type.endswith("+json"):
        raise Refused("UNSUPPORTED_MEDIA_TYPE", f"Send JSON; {media_type[:100]!r} is not read here.")
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise Refused("UNSUPPORTED_MEDIA_TYPE", f"Content-Encoding {encoding[:50]!r} is not read here; gzip is.")


def too_large(limit: int) -> Refused:
    return Refused("PAYLOAD_TOO_LARGE", f"The body is larger than {limit} bytes.", {"limit": limit})


async def chunks(receive: Receive, headers: dict[str, str], limit: int) -> AsyncIterator[bytes]:
    """The body in pieces, inflated where it is gzip. Raises `PAYLOAD_TOO_LARGE` once the limit is passed."""
    inflate = _inflater() if headers.get("content-encoding", "").strip().lower() == "gzip" else _plain
    total = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        more = message.get("more_body", False)
        for piece in inflate(message.get("body", b""), not more):
            total += len(piece)
            if total > limit:
                raise too_large(limit)
            yield piece


def _plain(data: bytes, last: bool) -> Iterable[bytes]:
    return [data] if data else []


def _inflater() -> Callable[[bytes, bool], Iterable[bytes]]:
    machine = zlib.decompressobj(wbits=31)

    def inflate(data: bytes, last: bool) -> Iterator[bytes]:
        while data:
            try:
                piece = machine.decompress(data, _CHUNK)
            except zlib.error as error:
                raise Refused("MALFORMED_JSON", f"The body is not gzip: {error}.") from None
            data = machine.unconsumed_tail
            if piece:
                yield piece
            if machine.unused_data:
                raise Refused("MALFORMED_JSON", "The body goes on after the end of its gzip stream.")
        if last and not machine.eof:
            raise Refused("MALFORMED_JSON", "The gzip body ends too early.")

    return inflate


async def in_memory(receive: Receive, headers: dict[str, str], limit: int) -> bytes:
    """A small body as a whole."""
    return b"".join([piece async for piece in chunks(receive, headers, limit)])


async def in_file(receive: Receive, headers: dict[str, str], limit: int) -> Path:
    """A document, in a temporary file that only its owner may read. The caller removes it."""
    handle, name = tempfile.mkstemp(prefix="muniment-", suffix=".json")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            async for piece in chunks(receive, headers, limit):
                file.write(piece)
    except (Refused, ClientDisconnect, OSError):
        path.unlink(missing_ok=True)
        raise
    return path
