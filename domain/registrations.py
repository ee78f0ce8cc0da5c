"""Registrations: teams that rely on an asset (api.md 3.7). They belong to the asset, and outlive its versions."""

from msgspec import UNSET

from domain.asset import Asset, Registration, evolve
from domain.commands import EndRegistration, RegisterConsumer, UpdateRegistration
from domain.context import Context
from domain.directory import Directory
from domain.errors import Refused, not_found
from domain.events import AssetEvent, RegistrationCreated, RegistrationEnded, RegistrationUpdated
from domain.proposals import judged_again


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


def update(state: Asset, command: UpdateRegistration) -> list[AssetEvent]:
    """Change how a team relies on the asset. A team that no longer does may settle what waits for it.

    To say the status again confirms a registration that a sync made.
    """
    registration = _found(state, command.registration_id)
    said = command.status == registration.status and registration.confirmed
    event = RegistrationUpdated(
        registration_id=registration.id,
        status=UNSET if said else command.status,
        pinned_version=UNSET if command.pinned_version == registration.pinned_version else command.pinned_version,
    )
    unchanged = event == RegistrationUpdated(registration_id=registration.id)
    return [] if unchanged else [event, *judged_again(evolve(state, event))]


def end(state: Asset, command: EndRegistration) -> list[AssetEvent]:
    """End a registration. Proposals are judged again without the team."""
    registration = _found(state, command.registration_id)
    event = RegistrationEnded(registration_id=registration.id, by_person=True)
    return [event, *judged_again(evolve(state, event))]


def end_of_team(state: Asset, team_id: str) -> list[AssetEvent]:
    """End the registration of a team that is no more. Proposals are judged again without it."""
    ended = [r for r in state.registrations if r.consumer_team_id == team_id]
    events: list[AssetEvent] = [RegistrationEnded(registration_id=registration.id) for registration in ended]
    after = state
    for event in events:
        after = evolve(after, event)
    return [*events, *judged_again(after)] if events else []


def _found(state: Asset, registration_id: str) -> Registration:
    found = next((r for r in state.registrations if r.id == registration_id), None)
    if found is None:
        raise not_found("registration", registration_id)
    return found
