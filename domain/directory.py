"""The directory: teams. Their names are unique among those that are not deleted."""

from typing import assert_never

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from domain.commands import CreateTeam, DirectoryCommand
from domain.context import Context
from domain.errors import Refused
from domain.events import DirectoryEvent, TeamCreated, TeamDeleted, TeamRestored, TeamUpdated


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A team as the domain needs it: its name, and whether it still exists."""

    id: str
    name: str
    deleted: bool = False


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """All teams by id, and those not deleted by name. `version` is that of the stream, -1 before its first event."""

    version: int = -1
    teams: dict[str, Team] = {}
    by_name: dict[str, str] = {}

    def team(self, id: str) -> Team | None:
        """The team of that id, unless it is deleted or never was."""
        team = self.teams.get(id)
        return None if team is None or team.deleted else team

    def named(self, reference: str) -> Team | None:
        """The team that people mean by `reference`: an exact name, or an id."""
        return self.team(self.by_name.get(reference, reference))


def decide(state: Directory, command: DirectoryCommand, context: Context) -> list[DirectoryEvent]:
    """What a command about teams leads to. Raises `Refused`."""
    match command:
        case CreateTeam():
            return _create_team(state, command, context)
        case _:
            assert_never(command)


def _create_team(state: Directory, command: CreateTeam, context: Context) -> list[DirectoryEvent]:
    if command.name in state.by_name:
        raise Refused("DUPLICATE_TEAM", f"A team named {command.name!r} already exists.")
    return [TeamCreated(team_id=context.new_id("team"), name=command.name, metadata=command.metadata)]


def evolve(state: Directory, event: DirectoryEvent) -> Directory:
    """The directory after one of its events. Never fails, never checks."""
    team = _team_after(state.teams.get(event.team_id, Team(id=event.team_id, name="")), event)
    teams = {**state.teams, team.id: team}
    by_name = {t.name: t.id for t in teams.values() if not t.deleted}
    return Directory(version=state.version + 1, teams=teams, by_name=by_name)


def _team_after(before: Team, event: DirectoryEvent) -> Team:
    match event:
        case TeamCreated():
            return Team(id=event.team_id, name=event.name)
        case TeamUpdated():
            return replace(before, name=before.name if event.name is UNSET else event.name)
        case TeamDeleted():
            return replace(before, deleted=True)
        case TeamRestored():
            return replace(before, deleted=False)
        case _:
            assert_never(event)


def replay(events: list[DirectoryEvent]) -> Directory:
    """The directory after all of its events."""
    state = Directory()
    for event in events:
        state = evolve(state, event)
    return state
