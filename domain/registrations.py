"""Registrations: teams that rely on an asset (api.md 3.7). They belong to the asset, and outlive its versions."""

from domain.asset import Asset
from domain.commands import RegisterConsumer
from domain.context import Context
from domain.directory import Directory
from domain.errors import Refused, not_found
from domain.events import AssetEvent, RegistrationCreated


def register(state: Asset, command: RegisterConsumer, directory: Directory, context: Context) -> list[AssetEvent]:
    """Register a team. Refused: an unknown team, or one that is registered already."""
    team = directory.team(command.consumer_team_id)
    if team is None:
        raise not_found("team", command.consumer_team_id)
    if any(r.consumer_team_id == team.id for r in state.registrations):
        raise Refused(
            "DUPLICATE_REGISTRATION", f"A registration of team {team.name!r} on {state.fqn!r} already exists."
        )
    return [
        RegistrationCreated(
            registration_id=context.new_id("registration", state.id, team.id),
            consumer_team_id=team.id,
            contract_id=command.contract_id,
            pinned_version=command.pinned_version,
        )
    ]
