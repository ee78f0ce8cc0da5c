"""What is done to teams: made, renamed, deleted, brought back (api.md 3.1)."""

from typing import assert_never

from msgspec import UNSET

from domain import commands as c
from domain.context import Context
from domain.directory import Directory, Team
from domain.errors import Refused, not_found
from domain.events import TeamCreated, TeamDeleted, TeamEvent, TeamRestored, TeamUpdated
from domain.schema.canonical import same


def decide(state: Directory, command: c.TeamCommand, context: Context) -> list[TeamEvent]:
    """What a command about teams leads to: one event, or none where all is so already. Raises `Refused`."""
    match command:
        case c.CreateTeam():
            _require_free(state, command.name, "")
            return [TeamCreated(team_id=context.new_id("team"), name=command.name, metadata=command.metadata)]
        case c.UpdateTeam():
            return _update(state, command)
        case c.DeleteTeam():
            return _delete(state, command)
        case c.RestoreTeam():
            return _restore(state, command)
        case _:
            assert_never(command)


def known_team(state: Directory, team_id: str) -> Team:
    """The team of that id, or `TEAM_NOT_FOUND`."""
    team = state.team(team_id)
    if team is None:
        raise not_found("team", team_id)
    return team


def _require_free(state: Directory, name: str, team_id: str) -> None:
    if state.by_name.get(name, team_id) != team_id:
        raise Refused("DUPLICATE_TEAM", f"A team named {name!r} already exists.")


def _update(state: Directory, command: c.UpdateTeam) -> list[TeamEvent]:
    team = known_team(state, command.team_id)
    if command.name is not UNSET:
        _require_free(state, command.name, team.id)
    event = TeamUpdated(
        team_id=team.id,
        name=UNSET if command.name == team.name else command.name,
        metadata=UNSET if same(command.metadata, team.metadata) else command.metadata,
    )
    return [] if event == TeamUpdated(team_id=team.id) else [event]


def _delete(state: Directory, command: c.DeleteTeam) -> list[TeamEvent]:
    team = known_team(state, command.team_id)
    if command.assets and not command.force:
        plural = "" if command.assets == 1 else "s"
        text = f"The team still owns {command.assets} asset{plural}."
        raise Refused("TEAM_HAS_ASSETS", text, {"asset_count": command.assets})
    return [TeamDeleted(team_id=team.id, forced=command.force)]


def _restore(state: Directory, command: c.RestoreTeam) -> list[TeamEvent]:
    team = state.teams.get(command.team_id)
    if team is None:
        raise not_found("team", command.team_id)
    if not team.deleted:
        return []
    _require_free(state, team.name, team.id)
    return [TeamRestored(team_id=team.id)]
