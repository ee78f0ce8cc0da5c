"""Who calls: from the `Authorization` header to a caller, checked against the keys of this very moment."""

import hmac
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

import msgspec

from adapters.http.call import Caller
from adapters.reader import Reader
from domain.errors import Refused
from projections.keys import CHECK, POSITION_ONLY, KeyBody
from projections.times import wire_time

PREFIX_LENGTH = 12
_ALL = frozenset({"read", "write", "admin"})
_INCLUDED = {"read": {"read"}, "write": {"read", "write"}, "admin": {"read", "write", "admin"}}
_decoder = msgspec.json.Decoder(KeyBody)


class Gate:
    """Checks keys. The bootstrap key is known by its digest alone."""

    def __init__(self, bootstrap_key: str | None, disabled: bool) -> None:
        self._bootstrap = sha256(bootstrap_key.encode()).hexdigest() if bootstrap_key else None
        self._disabled = disabled

    async def admit(self, reader: Reader, header: str | None, now: datetime) -> tuple[Caller, int]:
        """The caller, and the log position at which the key was looked up. Raises `Refused` with a 401 code."""
        if self._disabled:
            return self._master(), await _position(reader)
        if header is None:
            raise Refused("MISSING_API_KEY", "Send an API key: `Authorization: Bearer KEY`.")
        if not header.startswith("Bearer "):
            raise Refused("INVALID_AUTH_HEADER", "The Authorization header has to read `Bearer KEY`.")
        key = header[7:].strip()
        digest = sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        if self._bootstrap is not None and hmac.compare_digest(digest, self._bootstrap):
            return self._master(), await _position(reader)
        rows = await reader.rows(CHECK.sql(reader.dialect), {"prefix": key[:PREFIX_LENGTH]})
        for position, known, body in rows:
            if known is not None and hmac.compare_digest(str(known), digest):
                return _caller(body, now), int(str(position))
        raise _refused()

    def _master(self) -> Caller:
        return Caller(key_id=None, team_id=None, scopes=_ALL)


def _refused() -> Refused:
    return Refused("INVALID_API_KEY", "This API key is unknown, revoked or expired.")


def _caller(body: object, now: datetime) -> Caller:
    assert isinstance(body, bytes)
    key = _decoded(body)
    if key.expires_at is not None and key.expires_at <= wire_time(now):
        raise _refused()
    scopes = frozenset(scope for given in key.scopes for scope in _INCLUDED[given])
    return Caller(key_id=key.id, team_id=key.team_id, scopes=scopes, sources=key.sources or ())


@lru_cache(maxsize=256)
def _decoded(body: bytes) -> KeyBody:
    return _decoder.decode(body)


async def _position(reader: Reader) -> int:
    rows = await reader.rows(POSITION_ONLY.sql(reader.dialect), {})
    return int(str(rows[0][0]))
