"""Teams, and what hangs on them when one goes (api.md 3.1, 4.2)."""

from domain import events as e
from domain.commands import CreateTeam, DeleteTeam, RestoreTeam, UpdateTeam
from domain.registrations import end_of_team
from tests.spec import CONTEXT, FINANCE, SALES, SHOP, Refusal, contract, created, given, registered


def test_a_team_is_created() -> None:
    new = e.TeamCreated(team_id=CONTEXT.new_id("team"), name="data", metadata={"a": 1})
    given().when(CreateTeam(name="data", metadata={"a": 1})).then(new)


def test_names_of_teams_are_unique_and_exact() -> None:
    given().when(CreateTeam(name="shop")).then(Refusal("DUPLICATE_TEAM", "already exists"))
    given().when(CreateTeam(name="Shop")).then(e.TeamCreated(team_id=CONTEXT.new_id("team"), name="Shop"))


def test_the_name_of_a_deleted_or_renamed_team_is_free() -> None:
    new = e.TeamCreated(team_id=CONTEXT.new_id("team"), name="shop")
    given(e.TeamDeleted(team_id=SHOP)).when(CreateTeam(name="shop")).then(new)
    given(e.TeamUpdated(team_id=SHOP, name="store")).when(CreateTeam(name="shop")).then(new)
    back = (e.TeamDeleted(team_id=SHOP), e.TeamRestored(team_id=SHOP))
    given(*back).when(CreateTeam(name="shop")).then(Refusal("DUPLICATE_TEAM"))


def test_a_team_is_meant_by_its_name_or_its_id() -> None:
    directory = given(e.TeamDeleted(team_id=FINANCE)).directory
    for reference in ("shop", SHOP):
        team = directory.named(reference)
        assert team is not None and team.id == SHOP
    assert directory.named("finance") is directory.named(FINANCE) is directory.named("SHOP") is None
    assert directory.teams[FINANCE].name == "finance"


def test_an_update_without_a_name_keeps_it() -> None:
    directory = given(e.TeamUpdated(team_id=SHOP, metadata={})).directory
    assert (directory.teams[SHOP].name, directory.version) == ("shop", 3)


def test_a_team_is_changed_where_something_changes() -> None:
    renamed = e.TeamUpdated(team_id=SHOP, name="store", metadata={"a": 1})
    given().when(UpdateTeam(team_id=SHOP, name="store", metadata={"a": 1})).then(renamed)
    given(renamed).when(UpdateTeam(team_id=SHOP, name="store", metadata={"a": 1.0})).then()
    given().when(UpdateTeam(team_id=SHOP, name="finance")).then(Refusal("DUPLICATE_TEAM", "already exists"))
    given(e.TeamDeleted(team_id=SHOP)).when(UpdateTeam(team_id=SHOP, name="x")).then(Refusal("TEAM_NOT_FOUND"))


def test_a_team_that_owns_assets_goes_by_force_only() -> None:
    given().when(DeleteTeam(team_id=SHOP, assets=0)).then(e.TeamDeleted(team_id=SHOP))
    given().when(DeleteTeam(team_id=SHOP, assets=1)).then(Refusal("TEAM_HAS_ASSETS", "1 asset."))
    given().when(DeleteTeam(team_id=SHOP, assets=3, force=True)).then(e.TeamDeleted(team_id=SHOP, forced=True))
    given().when(DeleteTeam(team_id="none", assets=0)).then(Refusal("TEAM_NOT_FOUND"))


def test_a_team_comes_back_unless_its_name_was_taken() -> None:
    gone = e.TeamDeleted(team_id=SHOP)
    given(gone).when(RestoreTeam(team_id=SHOP)).then(e.TeamRestored(team_id=SHOP))
    given().when(RestoreTeam(team_id=SHOP)).then()
    given(gone, e.TeamCreated(team_id="t", name="shop")).when(RestoreTeam(team_id=SHOP)).then(Refusal("DUPLICATE_TEAM"))
    given().when(RestoreTeam(team_id="none")).then(Refusal("TEAM_NOT_FOUND"))


def test_the_registration_of_a_team_that_goes_ends_and_may_be_made_again() -> None:
    state = given(created(), contract("1.0.0", {}), registered(FINANCE), registered(SALES)).asset
    ended = e.RegistrationEnded(registration_id=f"registration-{FINANCE}")
    assert end_of_team(state, FINANCE) == [ended]
    assert end_of_team(state, SHOP) == []
    after = given(created(), contract("1.0.0", {}), registered(FINANCE), registered(SALES), ended).asset
    assert after.required_consumers == {SALES} and not after.ended_by_people
