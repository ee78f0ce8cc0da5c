"""What people do to assets by hand (api.md 3.3, 3.4)."""

import pytest

from domain import commands as c
from domain import events as e
from domain.curation import AssetCommand
from domain.values import JSON
from tests.domain.test_proposals import proposed
from tests.spec import ASSET, CONTEXT, FINANCE, OTHER, SHOP, Refusal, created, given

CREATE = c.CreateAsset(fqn="db.orders", owner_team_id=SHOP, resource_type="model")


def test_an_asset_is_created() -> None:
    given().when(CREATE).then(created(metadata={}))


def test_what_an_asset_needs() -> None:
    given().when(c.CreateAsset(fqn="orders", owner_team_id=SHOP)).then(Refusal("INVALID_FQN"))
    given().when(c.CreateAsset(fqn="db.orders", owner_team_id="none")).then(Refusal("TEAM_NOT_FOUND", "not found"))
    given(e.TeamDeleted(team_id=SHOP)).when(CREATE).then(Refusal("TEAM_NOT_FOUND"))
    by_user = c.CreateAsset(fqn="db.orders", owner_team_id=SHOP, owner_user_id="u")
    given().when(by_user).then(Refusal("USER_NOT_FOUND", "not found"))
    given(created()).when(CREATE).then(Refusal("DUPLICATE_ASSET", "already exists"))


def test_the_name_of_a_deleted_asset_brings_it_back_with_the_given_fields() -> None:
    again = c.CreateAsset(fqn="db.orders", owner_team_id=FINANCE, resource_type="model", description="new", tags=("t",))
    update = e.AssetUpdated(owner_team_id=FINANCE, description="new", tags=("t",))
    given(created(), e.AssetDeleted()).when(again).then(e.AssetRestored(), update)


def test_an_update_states_what_changes_and_nothing_else() -> None:
    start = created(description="old", tags=["t"], metadata={"n": 1})
    same = c.UpdateAsset(description="old", tags=("t",), metadata={"n": 1}, owner_team_id=SHOP, fqn="db.orders")
    given(start).when(same).then()
    given(start).when(c.UpdateAsset()).then()
    given(start).when(c.UpdateAsset(description=None, tags=("u",))).then(e.AssetUpdated(description=None, tags=("u",)))
    given(start).when(c.UpdateAsset(owner_team_id="none")).then(Refusal("TEAM_NOT_FOUND"))
    given(start).when(c.UpdateAsset(owner_user_id="none")).then(Refusal("USER_NOT_FOUND"))
    given(start).when(c.UpdateAsset(fqn="orders")).then(Refusal("INVALID_FQN"))


@pytest.mark.parametrize(("old", "new"), [(1, True), (0, False), ([1], [True]), ({"a": 0}, {"a": False})])
def test_metadata_that_python_holds_to_be_equal_is_not(old: JSON, new: JSON) -> None:
    given(created(metadata={"n": old})).when(c.UpdateAsset(metadata={"n": new})).then(
        e.AssetUpdated(metadata={"n": new})
    )


def test_a_rename_is_a_move_that_keeps_everything_else() -> None:
    to = e.AssetMoved(
        from_fqn="db.orders", to_fqn="db.sales", from_environment="production", to_environment="production"
    )
    given(created()).when(c.UpdateAsset(fqn="db.sales")).then(to)
    moved = given(created(), to).asset
    assert (moved.fqn, moved.owner_team_id, moved.version) == ("db.sales", SHOP, 1)
    elsewhere = c.UpdateAsset(environment="staging", description="d")
    to = e.AssetMoved(from_fqn="db.orders", to_fqn="db.orders", from_environment="production", to_environment="staging")
    given(created()).when(elsewhere).then(to, e.AssetUpdated(description="d"))


def test_a_name_that_a_sync_gave_may_stay() -> None:
    odd = created(fqn="db.my%2Etable")
    given(odd).when(c.UpdateAsset(fqn="db.my%2Etable", description="d")).then(e.AssetUpdated(description="d"))


def test_deletion_withdraws_what_is_open() -> None:
    given(created()).when(c.DeleteAsset()).then(e.AssetDeleted())
    closed = (proposed("p1"), e.ProposalRejected(proposal_id="p1"))
    open_ones = (proposed("p2"), e.ProposalApproved(proposal_id="p2"), proposed("p3"))
    withdrawn = [e.ProposalWithdrawn(proposal_id=id) for id in ("p2", "p3")]
    given(created(), *closed, *open_ones).when(c.DeleteAsset()).then(*withdrawn, e.AssetDeleted())


def test_restoring_what_is_not_deleted_is_no_news() -> None:
    given(created()).when(c.RestoreAsset()).then()
    given(created(), e.AssetDeleted()).when(c.RestoreAsset()).then(e.AssetRestored())


def _edge(type: str = "consumes", id: str = "edge", origin: str = "manual") -> e.DependencyAdded:
    return e.DependencyAdded(dependency_id=id, upstream_id=OTHER, type=type, origin=origin)


def test_edges() -> None:
    add, id = c.AddDependency(upstream_id=OTHER), CONTEXT.new_id("dependency", ASSET, OTHER, "consumes")
    given(created()).when(add).then(_edge(id=id))
    given(created(), _edge("transforms")).when(add).then(_edge(id=id))
    given(created(), _edge()).when(add).then(Refusal("DUPLICATE_DEPENDENCY", "already exists"))
    given(created(), _edge(origin="sync")).when(add).then(Refusal("DUPLICATE_DEPENDENCY"))
    given(created()).when(c.AddDependency(upstream_id=ASSET)).then(
        Refusal("SELF_DEPENDENCY", "cannot depend on itself")
    )
    remove: AssetCommand = c.RemoveDependency(dependency_id="edge")
    given(created(), _edge()).when(remove).then(e.DependencyRemoved(dependency_id="edge"))
    given(created()).when(remove).then(Refusal("DEPENDENCY_NOT_FOUND", "not found"))
    given(created(), _edge(), e.DependencyRemoved(dependency_id="edge")).when(remove).then(
        Refusal("DEPENDENCY_NOT_FOUND")
    )
