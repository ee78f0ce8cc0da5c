"""`ETag`, `If-Match` and `If-None-Match` (api.md 1.5)."""

import re
from hashlib import blake2b

from adapters.http.call import Call
from domain.errors import Refused

_VERSION = re.compile(r'(?:W/)?"v(\d+)-')


def etag(revision: int, body: bytes) -> str:
    """`"v<version>-<digest of the body>"`."""
    return f'"v{revision}-{blake2b(body, digest_size=10).hexdigest()}"'


def check_version(call: Call, version: int) -> None:
    """Refuse with `PRECONDITION_FAILED` where `If-Match` names other versions than this one."""
    wanted = call.headers.get("if-match")
    if wanted is None or wanted.strip() == "*":
        return
    if str(version) not in _VERSION.findall(wanted):
        raise Refused(
            "PRECONDITION_FAILED",
            f"The entity is at version {version} by now; read it again and repeat the change on that.",
            {"current_etag": f'"v{version}-"'},
        )
