"""Which refusals a route may answer with, by status."""

import re

from adapters.http.description.parameters import headers, referred
from adapters.http.description.told import Told
from adapters.http.problems import MEDIA_TYPE, status_of
from adapters.http.routes import Route
from domain.values import JSON, Object

_NAMES = re.compile(r"\{([a-z_]+)\}")
_OF_ID = {
    "key_id": "API_KEY_NOT_FOUND",
    "event_id": "NOT_FOUND",
    "sync_id": "NOT_FOUND",
    "delivery_id": "NOT_FOUND",
    "entity_id": "",
    "entity_type": "",
}
ALWAYS = (
    "MISSING_API_KEY",
    "INVALID_AUTH_HEADER",
    "INVALID_API_KEY",
    "BAD_REQUEST",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "VALIDATION_ERROR",
    "RATE_LIMITED",
    "INTERNAL_ERROR",
    "UNAVAILABLE",
)
_SENT = ("MALFORMED_JSON", "INSUFFICIENT_STORAGE")
_WRITTEN = ("CONCURRENT_CHANGE", "IDEMPOTENCY_IN_PROGRESS", "IDEMPOTENCY_KEY_REUSED")
_FEW = 3
_MORE = {401: ("WWW-Authenticate",), 429: ("Retry-After",)}


def codes(route: Route, told: Told) -> dict[int, list[str]]:
    """The codes that a route may refuse with, by status: its own, and those that follow from the route table."""
    found: dict[int, set[str]] = {}
    for code in (*ALWAYS, *_of_path(route), *_of_method(route), *told.errors):
        # A code that is answered with another status than usual is written with it: `400 VALIDATION_ERROR`.
        status, _, name = code.rpartition(" ")
        found.setdefault(int(status or status_of(name)[0]), set()).add(name)
    return {status: sorted(found[status]) for status in sorted(found)}


def _of_path(route: Route) -> list[str]:
    ids = _NAMES.findall(route.path)
    found = [_OF_ID.get(id, id.removesuffix("_id").upper() + "_NOT_FOUND") for id in ids]
    return [code for code in found if code]


def _of_method(route: Route) -> list[str]:
    if route.method == "GET":
        scoped = ["INSUFFICIENT_SCOPE"] if route.scope != "read" else []
        return [*scoped, *(["INVALID_AS_OF"] if route.takes_as_of else [])]
    changes = route.write is not None or (route.document is not None and route.document.action == "sync")
    found = [*_SENT, *(_WRITTEN if changes else ())]
    if changes and route.document is None and route.scope != "read":
        found += ["INSUFFICIENT_SCOPE", "UNAUTHORIZED_TEAM"]
    if route.write is not None and "{" in route.path:
        found.append("PRECONDITION_FAILED")
    return found


class Refusals:
    """The refusals of all routes, as responses: those with few codes are components, shared by their names."""

    def __init__(self) -> None:
        self.components: dict[str, Object] = {}

    def of(self, route: Route, told: Told) -> Object:
        """The refusals of a route by status."""
        return {str(status): self._response(status, names) for status, names in codes(route, told).items()}

    def _response(self, status: int, names: list[str]) -> Object:
        if len(names) > _FEW:
            return _refusal(status, names)
        component = "Or".join(name.title().replace("_", "") for name in names)
        component += "" if all(status == status_of(name)[0] for name in names) else str(status)
        self.components[component] = _refusal(status, names)
        return referred("responses", component)


def _refusal(status: int, names: list[str]) -> Object:
    """One response: the problem that all share, with the codes that it may have here."""
    said: list[JSON] = [*names]
    code: Object = {"properties": {"code": {"enum": said}}}
    return {
        "description": "; ".join(f"`{name}`: {status_of(name)[1]}" for name in names) + ".",
        "headers": headers(*_MORE.get(status, ())),
        "content": {MEDIA_TYPE: {"schema": {"allOf": [referred("schemas", "Problem"), code]}}},
    }
