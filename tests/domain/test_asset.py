"""How an asset's state follows its events."""

from domain import events as e
from tests.spec import FINANCE, contract, created, given


def test_metadata_is_what_the_source_declares_until_people_add_to_it() -> None:
    assert given(created(declared={"a": 1})).asset.metadata == {"a": 1}
    assert given(created(declared={"a": 1}, metadata={"a": 2})).asset.metadata == {"a": 2}
    later = given(created(declared={"a": 1}), e.AssetUpdated(metadata={"b": 1})).asset
    assert (later.declared, later.metadata) == ({"a": 1}, {"b": 1})
    synced = given(created(declared={"a": 1}), e.AssetUpdated(declared={"c": 1})).asset
    assert (synced.declared, synced.metadata) == ({"c": 1}, {"c": 1})


def test_a_sync_says_which_members_changed_and_which_went() -> None:
    said = e.AssetUpdated(declares={"b": 2}, undeclares=("a",))
    alone = given(created(declared={"a": 1, "c": 3}), said).asset
    assert alone.declared == alone.metadata == {"b": 2, "c": 3}
    beside = given(created(declared={"a": 1}, metadata={"a": 1, "people": 1}), said).asset
    assert (beside.declared, beside.metadata) == ({"b": 2}, {"b": 2, "people": 1})
    stated = given(created(declared={"a": 1}), e.AssetUpdated(declares={"b": 2}, metadata={"x": 1})).asset
    assert (stated.declared, stated.metadata) == ({"a": 1, "b": 2}, {"x": 1})


def test_members_of_an_update_that_are_not_set_stay() -> None:
    before = given(created(description="d", tags=["t"])).asset
    after = given(created(description="d", tags=["t"]), e.AssetUpdated(owner_team_id=FINANCE)).asset
    assert (after.description, after.tags, after.owner_team_id) == (before.description, before.tags, FINANCE)
    assert given(created(description="d"), e.AssetUpdated(description=None)).asset.description is None


def test_the_newest_publication_is_the_active_one() -> None:
    two = contract("2.0.0", {})
    history = (created(), two, contract("1.0.0", {}), e.ContractDeprecated(contract_id=two.contract_id))
    active = given(*history).asset.active_contract
    assert active is not None and active.version == "1.0.0"
    assert [c.status for c in given(*history).asset.contracts] == ["deprecated", "active"]
    assert given(created()).asset.active_contract is None


def test_the_version_counts_every_event() -> None:
    assert given().asset.version == -1 and not given().asset.exists
    assert given(created(), e.AssetDeleted(), e.AssetRestored()).asset.version == 2
