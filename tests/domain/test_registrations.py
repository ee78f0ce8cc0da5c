"""Registrations belong to the asset and outlive its versions (api.md 3.7, 4.2)."""

from domain import events as e
from domain.commands import RegisterConsumer
from tests.spec import ASSET, CONTEXT, FINANCE, SALES, SHOP, Refusal, contract, created, given, registered

REGISTER = RegisterConsumer(consumer_team_id=FINANCE, contract_id="contract-1.0.0", pinned_version="1.0.0")
MADE = e.RegistrationCreated(
    registration_id=CONTEXT.new_id("registration", ASSET, FINANCE),
    consumer_team_id=FINANCE,
    contract_id="contract-1.0.0",
    pinned_version="1.0.0",
)


def test_a_team_registers_once() -> None:
    given(created()).when(REGISTER).then(MADE)
    given(created(), MADE).when(REGISTER).then(Refusal("DUPLICATE_REGISTRATION", "already exists"))
    ended = e.RegistrationEnded(registration_id=MADE.registration_id, by_person=True)
    given(created(), MADE, ended).when(REGISTER).then(MADE)
    given(created()).when(RegisterConsumer(consumer_team_id="none")).then(Refusal("TEAM_NOT_FOUND", "not found"))


def test_the_owner_may_register_and_is_never_required() -> None:
    own = e.RegistrationCreated(registration_id=CONTEXT.new_id("registration", ASSET, SHOP), consumer_team_id=SHOP)
    given(created()).when(RegisterConsumer(consumer_team_id=SHOP)).then(own)
    assert given(created(), own).asset.required_consumers == frozenset()


def test_who_is_required_follows_registrations_owner_and_time_not_versions() -> None:
    history: list[e.AnyEvent] = [created(), contract("1.0.0", {}), registered(FINANCE), contract("2.0.0", {})]
    assert given(*history).asset.required_consumers == {FINANCE}
    history.append(registered(SALES))
    assert given(*history).asset.required_consumers == {FINANCE, SALES}
    assert given(*history, e.AssetUpdated(owner_team_id=FINANCE)).asset.required_consumers == {SALES}
    ended = e.RegistrationEnded(registration_id=f"registration-{SALES}")
    assert given(*history, ended).asset.required_consumers == {FINANCE}
    assert given(*history, e.AssetDeleted(), e.AssetRestored()).asset.required_consumers == {FINANCE, SALES}


def test_only_what_a_person_ended_is_remembered() -> None:
    ended = e.RegistrationEnded(registration_id=f"registration-{SALES}")
    assert given(created(), registered(SALES), ended).asset.ended_by_people == frozenset()
    by_person = e.RegistrationEnded(registration_id=f"registration-{SALES}", by_person=True)
    assert given(created(), registered(SALES), by_person).asset.ended_by_people == {SALES}
