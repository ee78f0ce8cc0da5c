"""What is open to everybody beside the health paths: the API's description, and a page to read it on (api.md 1.2)."""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from adapters.http.call import Answer
from adapters.http.description import document
from adapters.http.description.page import STYLE_DIGEST, page

# The page is text and one style: whatever else a browser is talked into finds nothing allowed.
_POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_DIGEST}'; base-uri 'none'; form-action 'none'"
_PAGE_HEADERS = (
    ("content-security-policy", f"{_POLICY}; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
)


@lru_cache(maxsize=1)
def _description() -> Answer:
    return Answer(body=msgspec.json.encode(document()))


@lru_cache(maxsize=1)
def _page() -> Answer:
    return Answer(body=page(document()).encode(), media_type="text/html; charset=utf-8", headers=_PAGE_HEADERS)


DOCUMENTATION: dict[str, Callable[[], Answer]] = {"/openapi.json": _description, "/docs": _page}
