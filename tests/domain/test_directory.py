from domain import events as e
from domain.commands import CreateTeam
from tests.spec import CONTEXT, FINANCE, SHOP, Refusal, given


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
