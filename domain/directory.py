"""The directory: teams and people. Names of teams are unique among those that are not deleted, usernames likewise."""

from collections.abc import Iterable, Mapping
from typing import assert_never

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from domain import events as e
from domain.values import Object


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A team as the domain needs it. `revision` counts its events, from 0."""

    id: str
    name: str
    metadata: Object = {}
    deleted: bool = False
    revision: int = 0


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a user by name. It is no history: always that of now, and erasable."""

    username: str
    name: str
    email: str | None = None


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user as the domain needs it. `revision` counts the user's events, from 0."""

    id: str
    user_type: str = "human"
    role: str = "user"
    team_id: str | None = None
    metadata: Object = {}
    notification_preferences: Object = {}
    deactivated: bool = False
    erased: bool = False
    revision: int = 0


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """All teams and users by id, and those that still exist by name. `people` are the names, which no event tells.

    `version` is that of the stream, -1 before its first event. `references` lead from usernames and emails to users.
    """

    version: int = -1
    teams: dict[str, Team] = {}
    by_name: dict[str, str] = {}
    users: dict[str, User] = {}
    people: Mapping[str, Person] = {}
    references: dict[str, str] = {}

    def team(self, id: str) -> Team | None:
        """The team of that id, unless it is deleted or never was."""
        team = self.teams.get(id)
        return None if team is None or team.deleted else team

    def named(self, reference: str) -> Team | None:
        """The team that people mean by `reference`: an exact name, or an id."""
        return self.team(self.by_name.get(reference, reference))

    def user(self, id: str) -> User | None:
        """The user of that id, unless deactivated or never there."""
        user = self.users.get(id)
        return None if user is None or user.deactivated else user

    def user_named(self, reference: str) -> User | None:
        """The user that people mean by `reference`: a username, or an email, in any case."""
        return self.user(self.references.get(reference.strip().lower(), ""))


def replay(events: Iterable[e.DirectoryEvent]) -> Directory:
    """The directory after all of its events, without people's names. Never fails, never checks."""
    teams: dict[str, Team] = {}
    users: dict[str, User] = {}
    version = -1
    for event in events:
        version += 1
        if isinstance(event, e.TeamEvent):
            teams[event.team_id] = _team_after(teams.get(event.team_id), event)
        else:
            users[event.user_id] = _user_after(users.get(event.user_id), event)
    by_name = {team.name: team.id for team in teams.values() if not team.deleted}
    return Directory(version=version, teams=teams, by_name=by_name, users=users)


def with_people(state: Directory, people: Mapping[str, Person]) -> Directory:
    """The directory with the names of its users."""
    here = [(id, person) for id, person in people.items() if state.user(id) is not None]
    references = {person.email: id for id, person in here if person.email}
    references.update((person.username, id) for id, person in here)
    return replace(state, people=people, references=references)


def _team_after(before: Team | None, event: e.TeamEvent) -> Team:
    team = Team(id=event.team_id, name="") if before is None else replace(before, revision=before.revision + 1)
    match event:
        case e.TeamCreated():
            return replace(team, name=event.name, metadata=event.metadata)
        case e.TeamUpdated():
            name = team.name if event.name is UNSET else event.name
            return replace(team, name=name, metadata=team.metadata if event.metadata is UNSET else event.metadata)
        case e.TeamDeleted():
            return replace(team, deleted=True)
        case e.TeamRestored():
            return replace(team, deleted=False)
        case _:
            assert_never(event)


def _user_after(before: User | None, event: e.UserEvent) -> User:
    user = User(id=event.user_id) if before is None else replace(before, revision=before.revision + 1)
    match event:
        case e.UserCreated():
            return replace(
                user, user_type=event.user_type, role=event.role, team_id=event.team_id, metadata=event.metadata
            )
        case e.UserUpdated():
            told = msgspec.structs.asdict(event)
            members = ("user_type", "role", "team_id", "metadata", "notification_preferences")
            return replace(user, **{name: told[name] for name in members if told[name] is not UNSET})
        case e.UserDeactivated():
            return replace(user, deactivated=True, erased=user.erased or event.erased)
        case e.UserReactivated():
            return replace(user, deactivated=False)
        case _:
            assert_never(event)
