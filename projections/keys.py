"""API keys by id, and by prefix for the check of each request. Digests only."""

from collections.abc import Sequence
from typing import get_args

import msgspec
from sqlalchemy import Index, and_, bindparam, select

from domain import events as e
from projections.key_uses import TABLE as USES
from projections.reading import Listing, Question, Selection
from projections.sql import POSITION, ZERO, at_position, current, document, number, text
from projections.times import wire_time
from projections.view import Kinds, view_table

TABLE = view_table(
    "api_keys",
    text("prefix"),
    text("digest"),
    text("team_id"),
    number("revoked"),
    number("made"),
    document("body"),
)
Index("api_keys_by_prefix", TABLE.c.prefix)


class KeyBody(msgspec.Struct, frozen=True, kw_only=True):
    """A key on the wire (api.md 3.10), without its last use, which is no history and is kept elsewhere."""

    id: str
    key_prefix: str
    name: str
    team_id: str
    user_id: str | None
    scopes: tuple[str, ...]
    sources: tuple[e.KeySource, ...] | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None


_decoder = msgspec.json.Decoder(KeyBody)


class KeyRow(msgspec.Struct, frozen=True):
    id: str
    body: KeyBody
    digest: str
    made: int

    def columns(self) -> tuple[object, ...]:
        body = self.body
        revoked = int(body.revoked_at is not None)
        return (body.key_prefix, self.digest, body.team_id, revoked, self.made, msgspec.json.encode(body))


class Keys:
    table = TABLE
    events: Kinds = frozenset(get_args(e.KeyEvent))

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        event = recorded.event
        return (event.key_id,) if isinstance(event, e.ApiKeyCreated | e.ApiKeyRevoked) else ()

    def fold(self, key: str, row: KeyRow | None, recorded: e.Recorded) -> KeyRow | None:
        event, at = recorded.event, wire_time(recorded.at)
        if isinstance(event, e.ApiKeyCreated):
            return KeyRow(key, _created(event, at), event.digest, recorded.position)
        if row is None:
            return None
        return msgspec.structs.replace(row, body=msgspec.structs.replace(row.body, revoked_at=at))

    def load(self, id: str, columns: Sequence[object]) -> KeyRow:
        _, digest, _, _, made, body = columns
        assert isinstance(digest, str) and isinstance(made, int) and isinstance(body, bytes)
        return KeyRow(id, _decoder.decode(body), digest, made)


def _created(event: e.ApiKeyCreated, at: str) -> KeyBody:
    return KeyBody(
        id=event.key_id,
        key_prefix=event.prefix,
        name=event.name,
        team_id=event.team_id,
        user_id=event.user_id,
        scopes=event.scopes,
        sources=event.sources,
        created_at=at,
        expires_at=wire_time(event.expires_at) if event.expires_at else None,
        revoked_at=None,
    )


def _keys() -> Selection:
    """Body, whether it is revoked, and the last use of keys."""
    used = select(USES.c.at).where(USES.c.id == TABLE.c.id).scalar_subquery()
    return select(TABLE.c.body, TABLE.c.revoked, used).where(at_position(TABLE))


ONE = Question(_keys().where(TABLE.c.id == bindparam("id")))
LIST = Listing(
    _keys(),
    {"team_id": TABLE.c.team_id == bindparam("team_id"), "alive": TABLE.c.revoked == ZERO},
    {"newest": (TABLE.c.made.desc(),)},
)
# The check of a request: the log's position, and the keys of that prefix, in one statement.
CHECK = Question(
    select(POSITION.c.position, TABLE.c.digest, TABLE.c.body).select_from(
        POSITION.outerjoin(TABLE, and_(TABLE.c.prefix == bindparam("prefix"), TABLE.c.revoked == ZERO, current(TABLE)))
    )
)
POSITION_ONLY = Question(select(POSITION.c.position))
