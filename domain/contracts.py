"""What people do with a published contract: replace its guarantees, retire it (api.md 3.6, 4.1)."""

from collections.abc import Mapping
from typing import TypeAlias, assert_never

from domain import events as e
from domain.asset import Asset, Contract, evolve
from domain.commands import RetireContract, UpdateGuarantees
from domain.context import Context
from domain.errors import Refused, not_found
from domain.proposals import rebase_open
from domain.publishing import Draft, promised_schema
from domain.schema.canonical import same
from domain.values import Object

ContractCommand: TypeAlias = UpdateGuarantees | RetireContract


def decide(
    asset: Asset, command: ContractCommand, schemas: Mapping[str, Object], context: Context
) -> list[e.AssetEvent]:
    """What a command about a contract leads to. Raises `Refused`: `CONTRACT_NOT_FOUND`, `CONTRACT_NOT_ACTIVE`."""
    contract = next((c for c in asset.contracts if c.id == command.contract_id), None)
    if contract is None:
        raise not_found("contract", command.contract_id)
    match command:
        case UpdateGuarantees():
            return _update_guarantees(asset, contract, command, schemas, context)
        case RetireContract():
            if contract.status == "retired":
                raise _not_active(contract)
            return [e.ContractRetired(contract_id=contract.id)]
        case _:
            assert_never(command)


def _not_active(contract: Contract) -> Refused:
    return Refused("CONTRACT_NOT_ACTIVE", f"The contract is not active: it is {contract.status}.")


def _update_guarantees(
    asset: Asset, contract: Contract, command: UpdateGuarantees, schemas: Mapping[str, Object], context: Context
) -> list[e.AssetEvent]:
    if contract.status != "active":
        raise _not_active(contract)
    if same(command.guarantees, contract.guarantees):
        return []
    event = e.ContractGuaranteesUpdated(contract_id=contract.id, guarantees=command.guarantees)
    after = evolve(asset, event)
    if asset.guarantee_mode != "strict":
        return [event]
    # Where guarantees break, an open proposal now breaks something else than its consumers were asked about.
    base = Draft(
        schema=promised_schema(after, schemas),
        schema_digest=contract.schema_digest,
        mode=contract.mode,
        published_by=asset.owner_team_id,
        guarantees=command.guarantees,
        version=contract.version,
    )
    return [event, *rebase_open(after, contract.id, schemas, (base, base.schema), context.engine)]
