"""`ETag`, `If-Match` and `If-None-Match` (api.md 1.5)."""

import re
from collections.abc import Callable
from hashlib import blake2b

from adapters.http.call import Answer, Call
from domain.errors import Refused

_VERSION = re.compile(r'(?:W/)?"v(\d+)-')


def etag(revision: int, body: bytes) -> str:
    """`"v<version>-<digest of the body>"`."""
    return f'"v{revision}-{blake2b(body, digest_size=10).hexdigest()}"'


def holds_none_match(header: str | None, tag: str) -> bool:
    """Whether `If-None-Match` names this tag, so that the client has the body already."""
    if header is None:
        return False
    return header.strip() == "*" or tag in (given.strip().removeprefix("W/") for given in header.split(","))


def check_version(call: Call, version: int, current: Callable[[], Answer]) -> None:
    """Refuse with `PRECONDITION_FAILED` where `If-Match` names other versions than this one.

    `current` gives the entity as GET shows it now, for the tag that the refusal tells.
    """
    wanted = call.headers.get("if-match")
    if wanted is None or wanted.strip() == "*" or str(version) in _VERSION.findall(wanted):
        return
    shown = current()
    raise Refused(
        "PRECONDITION_FAILED",
        f"The entity is at version {version} by now; read it again and repeat the change on that.",
        {"current_etag": etag(shown.revision or 0, shown.body)},
    )
