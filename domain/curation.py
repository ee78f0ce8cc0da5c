"""What people do to assets by hand: create, change, delete, bring back, draw edges (api.md 3.3, 3.4)."""

from typing import TypeAlias, assert_never

import msgspec
from msgspec import UNSET

from domain import commands as c
from domain import events as e
from domain.asset import Asset
from domain.context import Context
from domain.directory import Directory
from domain.errors import Refused, not_found
from domain.naming import checked_fqn
from domain.people import known_user, require_member
from domain.proposals import withdraw_open
from domain.schema.canonical import same
from domain.teams import known_team

AssetCommand: TypeAlias = (
    c.CreateAsset | c.UpdateAsset | c.DeleteAsset | c.RestoreAsset | c.AddDependency | c.RemoveDependency
)


def decide(state: Asset, command: AssetCommand, directory: Directory, context: Context) -> list[e.AssetEvent]:
    """What a command about one asset leads to. Raises `Refused`."""
    match command:
        case c.CreateAsset():
            return _create(state, command, directory)
        case c.UpdateAsset():
            return _update(state, command, directory)
        case c.DeleteAsset():
            return [*withdraw_open(state), e.AssetDeleted()]
        case c.RestoreAsset():
            return [e.AssetRestored()] if state.deleted else []
        case c.AddDependency():
            return _add_dependency(state, command, context)
        case c.RemoveDependency():
            return _remove_dependency(state, command)
        case _:
            assert_never(command)


def known_owner(directory: Directory, team_id: str, user_id: str | None) -> None:
    """Refuse an owner team or user that does not exist."""
    known_team(directory, team_id)
    if user_id is not None:
        known_user(directory, user_id)


def known_new_owner(state: Asset, command: c.UpdateAsset, directory: Directory) -> None:
    """Refuse a change to an owner team or user that does not exist."""
    team = state.owner_team_id if command.owner_team_id is UNSET else command.owner_team_id
    if command.owner_team_id is not UNSET or command.owner_user_id not in (UNSET, None):
        known_owner(directory, team, None if command.owner_user_id is UNSET else command.owner_user_id)


def _create(state: Asset, command: c.CreateAsset, directory: Directory) -> list[e.AssetEvent]:
    checked_fqn(command.fqn)
    known_owner(directory, command.owner_team_id, command.owner_user_id)
    require_member(directory, command.owner_user_id, command.owner_team_id)
    if state.exists and not state.deleted:
        raise duplicate(command.fqn, command.environment)
    if state.exists:
        return [e.AssetRestored(), *_changes(state, _as_update(command))]
    return [
        e.AssetCreated(
            fqn=command.fqn,
            environment=command.environment,
            owner_team_id=command.owner_team_id,
            owner_user_id=command.owner_user_id,
            description=command.description,
            resource_type=command.resource_type,
            guarantee_mode=command.guarantee_mode,
            semver_mode=command.semver_mode,
            metadata=command.metadata,
            tags=command.tags,
        )
    ]


def duplicate(fqn: str, environment: str) -> Refused:
    """The refusal for a name that a living asset has."""
    return Refused("DUPLICATE_ASSET", f"An asset named {fqn!r} already exists in environment {environment!r}.")


def _as_update(command: c.CreateAsset) -> c.UpdateAsset:
    return c.UpdateAsset(**msgspec.structs.asdict(command))


def _update(state: Asset, command: c.UpdateAsset, directory: Directory) -> list[e.AssetEvent]:
    if command.fqn is not UNSET and command.fqn != state.fqn:
        checked_fqn(command.fqn)
    known_new_owner(state, command, directory)
    if command.owner_team_id is not UNSET or command.owner_user_id is not UNSET:
        team = state.owner_team_id if command.owner_team_id is UNSET else command.owner_team_id
        user = state.owner_user_id if command.owner_user_id is UNSET else command.owner_user_id
        require_member(directory, user, team)
    return _changes(state, command)


def hand_over(state: Asset, team_id: str, directory: Directory) -> e.AssetUpdated:
    """The asset goes to another team, and with it the responsible user where that one is of the team too."""
    user = directory.users.get(state.owner_user_id or "")
    stays = state.owner_user_id is None or (user is not None and user.team_id == team_id)
    return e.AssetUpdated(owner_team_id=team_id, owner_user_id=UNSET if stays else None)


def assign(state: Asset, user_id: str | None, directory: Directory) -> list[e.AssetEvent]:
    """Make a user of the owner team responsible for the asset, or nobody."""
    require_member(directory, user_id, state.owner_team_id)
    return [] if state.owner_user_id == user_id else [e.AssetUpdated(owner_user_id=user_id)]


def _changes(state: Asset, command: c.UpdateAsset) -> list[e.AssetEvent]:
    """The events that take the asset to what the command says, and none for what is so already."""
    events: list[e.AssetEvent] = []
    fqn = state.fqn if command.fqn is UNSET else command.fqn
    environment = state.environment if command.environment is UNSET else command.environment
    if (fqn, environment) != (state.fqn, state.environment):
        events.append(
            e.AssetMoved(from_fqn=state.fqn, to_fqn=fqn, from_environment=state.environment, to_environment=environment)
        )
    update = e.AssetUpdated(
        owner_team_id=UNSET if command.owner_team_id == state.owner_team_id else command.owner_team_id,
        owner_user_id=UNSET if command.owner_user_id == state.owner_user_id else command.owner_user_id,
        description=UNSET if command.description == state.description else command.description,
        resource_type=UNSET if command.resource_type == state.resource_type else command.resource_type,
        guarantee_mode=UNSET if command.guarantee_mode == state.guarantee_mode else command.guarantee_mode,
        semver_mode=UNSET if command.semver_mode == state.semver_mode else command.semver_mode,
        metadata=UNSET if same(command.metadata, state.metadata) else command.metadata,
        tags=UNSET if command.tags == state.tags else command.tags,
    )
    return events if update == e.AssetUpdated() else [*events, update]


def _add_dependency(state: Asset, command: c.AddDependency, context: Context) -> list[e.AssetEvent]:
    if command.upstream_id == state.id:
        raise Refused("SELF_DEPENDENCY", "An asset cannot depend on itself.")
    if any((d.upstream_id, d.type) == (command.upstream_id, command.type) for d in state.dependencies):
        raise Refused("DUPLICATE_DEPENDENCY", f"A dependency of type {command.type!r} on that asset already exists.")
    id = context.new_id("dependency", state.id, command.upstream_id, command.type)
    return [e.DependencyAdded(dependency_id=id, upstream_id=command.upstream_id, type=command.type, origin="manual")]


def _remove_dependency(state: Asset, command: c.RemoveDependency) -> list[e.AssetEvent]:
    if not any(d.id == command.dependency_id for d in state.dependencies):
        raise not_found("dependency", command.dependency_id)
    return [e.DependencyRemoved(dependency_id=command.dependency_id)]
