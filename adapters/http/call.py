"""One request as handlers see it, and what they answer."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec

from adapters.config import Settings
from adapters.depth import DEPTH_LIMIT, nesting
from adapters.duplicates import repeated_key
from adapters.http.problems import invalid
from adapters.http.query import QueryError, query_members
from adapters.sources.places import place_of
from domain.errors import Refused
from domain.events import Actor, KeySource
from domain.sync.options import Permission
from projections.times import in_utc

T = TypeVar("T")
UUID = r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$(?!\n)"
_UUID = re.compile(UUID)
_PLACE = re.compile(r" - at `(key in )?\$(.*)`$")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, by the key alone: never by a header or a body."""

    key_id: str | None
    team_id: str | None
    scopes: frozenset[str]
    sources: tuple[KeySource, ...] = ()

    @property
    def actor(self) -> Actor:
        if self.key_id is None:
            return Actor(type="bootstrap")
        return Actor(type="api_key", id=self.key_id, team_id=self.team_id)

    @property
    def permission(self) -> Permission:
        return Permission(admin="admin" in self.scopes, team_id=self.team_id, sources=self.sources)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Status and ready JSON. `revision` is the version of the entity shown, for `ETag`."""

    status: int = 200
    body: bytes = b""
    revision: int | None = None
    position: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = "application/json"


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request whose key, route and scope are settled. `as_of` is the position that reads answer for."""

    method: str
    path: str
    params: Mapping[str, str]
    query_string: str
    headers: Mapping[str, str]
    caller: Caller
    request_id: str
    as_of: int
    pinned: bool
    head: int
    body: bytes = b""
    settings: Settings = Settings()

    def id(self, name: str) -> str:
        """A path parameter that has to be a UUID, in lower case."""
        value = self.params[name]
        if not _UUID.match(value):
            raise invalid(f"path.{name}", "must be a UUID", "uuid_parsing")
        return value.lower()

    def query(self, type: type[T], repeatable: tuple[str, ...] = ()) -> T:
        """The query string as a Struct. Raises `VALIDATION_ERROR`."""
        return asked(parse_qsl(self.query_string, keep_blank_values=True), type, repeatable)

    def json(self, type: type[T]) -> T:
        """The body as a Struct. Raises `MALFORMED_JSON` or `VALIDATION_ERROR`."""
        return decoded(self.body, type)

    def no_members(self) -> None:
        """Check the body of a request that needs none: empty, or an object whose members say nothing here."""
        if self.body:
            decoded(self.body, _Nothing)


def asked(parameters: Iterable[tuple[str, str]], type: type[T], repeatable: tuple[str, ...] = ()) -> T:
    """The parameters of a query string as a Struct. Raises `VALIDATION_ERROR`."""
    try:
        return msgspec.convert(query_members(parameters, type, repeatable), type)
    except QueryError as error:
        raise invalid(f"query.{error.name}", str(error)) from None
    except msgspec.ValidationError as error:
        raise shape_error("query", error) from None


def utc(at: datetime, field: str) -> datetime:
    """A time as UTC. Raises `VALIDATION_ERROR` where the calendar ends before that."""
    try:
        return in_utc(at)
    except OverflowError:
        raise invalid(field, "lies outside the years 1 to 9999") from None


class _Nothing(msgspec.Struct, frozen=True):
    pass


def decoded(body: bytes, type: type[T]) -> T:
    """A small JSON body as a Struct. Raises `MALFORMED_JSON` with line and column, or `VALIDATION_ERROR`."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    if nesting(body) > DEPTH_LIMIT:
        raise Refused("MALFORMED_JSON", f"The body is nested deeper than {DEPTH_LIMIT} levels.")
    if _NUL.search(body):
        raise invalid("body", "must not contain a NUL character")
    try:
        value = msgspec.json.decode(body, type=type)
    except msgspec.ValidationError as error:
        _require_json(body)
        raise shape_error("body", error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(body, error) from None
    require_single(repeated_key(body))
    return value


def require_single(repeated: str | None, what: str = "The body") -> None:
    """Raise `MALFORMED_JSON` where a key stands twice: it cannot be told which value was meant."""
    if repeated is not None:
        raise Refused("MALFORMED_JSON", f"{what} cannot be understood: {repeated}.")


def _require_json(body: bytes) -> None:
    """Raise `MALFORMED_JSON` for a body of the wrong shape that, further on, is no JSON at all."""
    try:
        msgspec.json.decode(body)
    except msgspec.ValidationError:
        return
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(body, error) from None


def malformed(body: bytes, error: Exception) -> Refused:
    """`MALFORMED_JSON`, with the line and column where msgspec gave up."""
    what = place_of(body, error) if body.strip() else "it is empty"
    return Refused("MALFORMED_JSON", f"The body is not JSON: {what}.")


def shape_error(part: str, error: msgspec.ValidationError) -> Refused:
    """`VALIDATION_ERROR` from msgspec's message, with the place dotted."""
    text = str(error)
    found = _PLACE.search(text)
    # msgspec does not say which member of a free object it was, and writes `[...]` for it.
    place = re.sub(r"\[(\d+|\*)\]", r".\1", found[2].replace("[...]", "[*]")) if found else ""
    message = text[: found.start()] if found else text
    missing = re.search(r"missing required field `(.*)`", message)
    if missing:
        place = f"{place}.{missing[1]}"
    kind = "missing" if missing else "type_error" if message.startswith("Expected") else "value_error"
    return invalid(part + place, message, kind)
