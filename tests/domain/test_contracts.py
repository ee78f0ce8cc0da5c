"""What people do with a published contract (api.md 3.6, 4.1): guarantees, retirement, what follows."""

import pytest

from domain import events as e
from domain.commands import PublishContract, RetireContract, UpdateGuarantees
from domain.values import Object
from tests.domain.test_proposals import answer, proposed, table
from tests.spec import FINANCE, SHOP, Refusal, contract, created, given, registered

ONE, TWO = contract("1.0.0", table("a", "b", "c")), contract("1.1.0", table("a", "b", "c", "d"))
DEPRECATED = e.ContractDeprecated(contract_id="contract-1.0.0")
RETIRED = e.ContractRetired(contract_id="contract-1.0.0")
PROMISED: Object = {"nullability": {"a": "never"}}


def promising(guarantees: Object | None, id: str = "contract-1.0.0") -> UpdateGuarantees:
    return UpdateGuarantees(contract_id=id, guarantees=guarantees)


def test_guarantees_are_replaced_and_the_same_ones_are_no_event() -> None:
    updated = e.ContractGuaranteesUpdated(contract_id="contract-1.0.0", guarantees=PROMISED)
    given(created(), ONE).when(promising(PROMISED)).then(updated)
    given(created(), ONE, updated).when(promising(PROMISED)).then()
    cleared = e.ContractGuaranteesUpdated(contract_id="contract-1.0.0", guarantees=None)
    given(created(), ONE, updated).when(promising(None)).then(cleared)


@pytest.mark.parametrize(("event", "words"), [(DEPRECATED, "deprecated"), (RETIRED, "retired")])
def test_guarantees_are_those_of_the_active_contract(event: e.AssetEvent, words: str) -> None:
    given(created(), ONE, event).when(promising(PROMISED)).then(Refusal("CONTRACT_NOT_ACTIVE", words))
    given(created(), ONE).when(promising(PROMISED, "x")).then(Refusal("CONTRACT_NOT_FOUND", "not found"))


def test_updated_guarantees_are_what_the_next_version_is_held_against() -> None:
    updated = e.ContractGuaranteesUpdated(contract_id="contract-1.0.0", guarantees=PROMISED)
    command = PublishContract(schema=table("a", "b", "c"), published_by=SHOP, guarantees={})
    then = given(created(guarantee_mode="strict"), ONE, updated).when(command)
    assert then.published.action == "proposal.created"


def test_where_guarantees_break_an_approved_proposal_is_asked_about_again() -> None:
    agreed = (registered(FINANCE), proposed("p"), answer(FINANCE, "approved"), e.ProposalApproved(proposal_id="p"))
    then = given(created(guarantee_mode="strict"), ONE, *agreed).when(promising(PROMISED))
    assert [type(event) for event in then.events] == [e.ContractGuaranteesUpdated, e.ProposalRebased]
    rebased = then.events[1]
    assert isinstance(rebased, e.ProposalRebased) and rebased.reopened and rebased.acknowledgments == ()
    lenient = given(created(), ONE, *agreed).when(promising(PROMISED))
    assert [type(event) for event in lenient.events] == [e.ContractGuaranteesUpdated]


def test_what_is_active_or_deprecated_is_retired_once() -> None:
    given(created(), ONE).when(RetireContract(contract_id="contract-1.0.0")).then(RETIRED)
    given(created(), ONE, TWO, DEPRECATED).when(RetireContract(contract_id="contract-1.0.0")).then(RETIRED)
    given(created(), ONE, RETIRED).when(RetireContract(contract_id="contract-1.0.0")).then(
        Refusal("CONTRACT_NOT_ACTIVE", "retired")
    )


def test_after_the_active_one_is_retired_nothing_is_promised_and_the_next_begins_a_major() -> None:
    history = given(created(), ONE, TWO, DEPRECATED, e.ContractRetired(contract_id="contract-1.1.0"))
    assert history.asset.active_contract is None
    then = history.when(PublishContract(schema=table("z"), published_by=SHOP))
    (published,) = then.events
    assert isinstance(published, e.ContractPublished) and published.version == "2.0.0"
    assert given(created(), ONE, TWO, DEPRECATED, RETIRED).asset.active_contract is not None
