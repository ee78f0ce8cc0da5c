"""Users by id: what the log tells of them. Their names lie in `projections/people.py`, and are always those of now."""

from collections.abc import Sequence
from typing import get_args

import msgspec
from msgspec import UNSET
from sqlalchemy import Index, and_, bindparam, select

from domain.events import Recorded, UserCreated, UserDeactivated, UserEvent, UserReactivated, UserUpdated
from domain.values import Object
from projections.people import TABLE as P
from projections.reading import Listing, Question, Selection
from projections.sql import ZERO, at_position, document, holds, number, text
from projections.teams import TABLE as T
from projections.times import wire_time
from projections.view import Kinds, view_table

TABLE = view_table(
    "users",
    text("team_id", nullable=True),
    text("user_type"),
    number("deactivated"),
    number("version"),
    document("body"),
)
Index("users_by_team", TABLE.c.team_id)


class UserBody(msgspec.Struct, frozen=True, kw_only=True):
    """A user on the wire, without the names (api.md 3.2)."""

    id: str
    user_type: str
    role: str
    team_id: str | None
    notification_preferences: Object
    metadata: Object
    created_at: str
    updated_at: str
    deactivated_at: str | None


_decoder = msgspec.json.Decoder(UserBody)


class UserRow(msgspec.Struct, frozen=True):
    id: str
    body: UserBody
    version: int = 0

    def columns(self) -> tuple[object, ...]:
        body = self.body
        deactivated = int(body.deactivated_at is not None)
        return (body.team_id, body.user_type, deactivated, self.version, msgspec.json.encode(body))


class Users:
    table = TABLE
    events: Kinds = frozenset(get_args(UserEvent))

    def keys(self, recorded: Recorded) -> Sequence[str]:
        return (recorded.event.user_id,) if isinstance(recorded.event, UserEvent) else ()

    def fold(self, key: str, row: UserRow | None, recorded: Recorded) -> UserRow | None:
        event, at = recorded.event, wire_time(recorded.at)
        if isinstance(event, UserCreated):
            return UserRow(key, _created(event, at))
        if row is None:
            return None
        body = msgspec.structs.replace(row.body, updated_at=at)
        match event:
            case UserUpdated():
                body = _updated(body, event)
            case UserDeactivated():
                body = msgspec.structs.replace(body, deactivated_at=body.deactivated_at or at)
            case UserReactivated():
                body = msgspec.structs.replace(body, deactivated_at=None)
        return UserRow(key, body, row.version + 1)

    def load(self, id: str, columns: Sequence[object]) -> UserRow:
        *_, version, body = columns
        assert isinstance(version, int) and isinstance(body, bytes)
        return UserRow(id, _decoder.decode(body), version)


def _created(event: UserCreated, at: str) -> UserBody:
    return UserBody(
        id=event.user_id,
        user_type=event.user_type,
        role=event.role,
        team_id=event.team_id,
        notification_preferences={},
        metadata=event.metadata,
        created_at=at,
        updated_at=at,
        deactivated_at=None,
    )


def _updated(body: UserBody, event: UserUpdated) -> UserBody:
    return msgspec.structs.replace(
        body,
        user_type=body.user_type if event.user_type is UNSET else event.user_type,
        role=body.role if event.role is UNSET else event.role,
        team_id=body.team_id if event.team_id is UNSET else event.team_id,
        metadata=body.metadata if event.metadata is UNSET else event.metadata,
        notification_preferences=body.notification_preferences
        if event.notification_preferences is UNSET
        else event.notification_preferences,
    )


def _with_names() -> Selection:
    """Body, names, team's name and version of users."""
    team = and_(T.c.id == TABLE.c.team_id, at_position(T))
    return (
        select(TABLE.c.body, P.c.username, P.c.name, P.c.email, T.c.name, TABLE.c.version)
        .select_from(TABLE.outerjoin(P, P.c.id == TABLE.c.id).outerjoin(T, team))
        .where(at_position(TABLE))
    )


ONE = Question(_with_names().where(TABLE.c.id == bindparam("id"), TABLE.c.deactivated == ZERO))
ANY = Question(_with_names().where(TABLE.c.id == bindparam("id")))
LIST = Listing(
    _with_names(),
    {
        "active": TABLE.c.deactivated == ZERO,
        "team_id": TABLE.c.team_id == bindparam("team_id"),
        "user_type": TABLE.c.user_type == bindparam("user_type"),
        "username": holds(P.c.username, bindparam("username")),
        "email": holds(P.c.email, bindparam("email")),
        "name": holds(P.c.name_folded, bindparam("name")),
    },
    {"name": (P.c.name.asc().nulls_last(), P.c.username, TABLE.c.id)},
)
