"""What is done to users: made, changed, deactivated, erased, brought back (api.md 3.2)."""

from typing import assert_never

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from domain import commands as c
from domain.context import Context
from domain.directory import Directory, Person, User
from domain.errors import Refused, not_found
from domain.events import UserCreated, UserDeactivated, UserEvent, UserReactivated, UserUpdated
from domain.schema.canonical import same
from domain.teams import known_team


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What a command about a user leads to: at most one event, and the names to keep then, None to erase them."""

    user_id: str
    events: list[UserEvent]
    person: Person | None


def decide(state: Directory, command: c.UserCommand, context: Context) -> Decided:
    """What a command about users leads to. Raises `Refused`."""
    match command:
        case c.CreateUser():
            return _create(state, command, context)
        case c.UpdateUser():
            return _update(state, command)
        case c.DeactivateUser():
            return _deactivate(state, command)
        case c.ReactivateUser():
            return _reactivate(state, command)
        case _:
            assert_never(command)


def known_user(state: Directory, user_id: str) -> User:
    """The user of that id, or `USER_NOT_FOUND`."""
    user = state.user(user_id)
    if user is None:
        raise not_found("user", user_id)
    return user


def require_member(state: Directory, user_id: str | None, team_id: str) -> None:
    """Refuse a user who is not of that team. A user who went since is judged by the team of then."""
    user = state.users.get(user_id or "")
    if user is not None and user.team_id != team_id:
        raise Refused("USER_TEAM_MISMATCH", "The user, as owner, has to be of the same team.", {"user_id": user.id})


def _require_free(state: Directory, person: Person, user_id: str) -> None:
    for what, reference in (("username", person.username), ("email", person.email)):
        if reference and state.references.get(reference, user_id) != user_id:
            raise Refused("DUPLICATE_USER", f"A user with the {what} {reference!r} already exists.")


def _create(state: Directory, command: c.CreateUser, context: Context) -> Decided:
    if command.team_id is not None:
        known_team(state, command.team_id)
    person = Person(username=command.username, name=command.name, email=command.email)
    _require_free(state, person, "")
    event = UserCreated(
        user_id=context.new_id("user"),
        user_type=command.user_type,
        role=command.role,
        team_id=command.team_id,
        metadata=command.metadata,
    )
    return Decided(user_id=event.user_id, events=[event], person=person)


def _update(state: Directory, command: c.UpdateUser) -> Decided:
    user = known_user(state, command.user_id)
    if command.team_id is not UNSET and command.team_id is not None:
        known_team(state, command.team_id)
    before = state.people.get(user.id, Person(username="", name=""))
    person = replace(
        before,
        username=before.username if command.username is UNSET else command.username,
        name=before.name if command.name is UNSET else command.name,
        email=before.email if command.email is UNSET else command.email,
    )
    _require_free(state, person, user.id)
    event = UserUpdated(
        user_id=user.id,
        names=tuple(name for name in Person.__struct_fields__ if getattr(before, name) != getattr(person, name)),
        user_type=UNSET if command.user_type == user.user_type else command.user_type,
        role=UNSET if command.role == user.role else command.role,
        team_id=UNSET if command.team_id == user.team_id else command.team_id,
        metadata=UNSET if same(command.metadata, user.metadata) else command.metadata,
        notification_preferences=UNSET
        if same(command.notification_preferences, user.notification_preferences)
        else command.notification_preferences,
    )
    unchanged = event == UserUpdated(user_id=user.id)
    return Decided(user_id=user.id, events=[] if unchanged else [event], person=person)


def _deactivate(state: Directory, command: c.DeactivateUser) -> Decided:
    user = state.users.get(command.user_id)
    if user is None or user.erased or (user.deactivated and not command.erase):
        raise not_found("user", command.user_id)
    event = UserDeactivated(user_id=user.id, erased=command.erase)
    return Decided(user_id=user.id, events=[event], person=None if command.erase else state.people.get(user.id))


def _reactivate(state: Directory, command: c.ReactivateUser) -> Decided:
    user, person = state.users.get(command.user_id), state.people.get(command.user_id)
    if user is None or user.erased:
        raise not_found("user", command.user_id)
    if not user.deactivated:
        return Decided(user_id=user.id, events=[], person=person)
    if person is not None:
        _require_free(state, person, user.id)
    return Decided(user_id=user.id, events=[UserReactivated(user_id=user.id)], person=person)
