"""What people do with a published contract (api.md 3.6, 4.1): replace its guarantees, retire it."""

from collections.abc import Callable

import msgspec
from msgspec import UNSET, UnsetType

from adapters.catalog import Catalog, Outcome
from adapters.gathering import Schemas
from adapters.http.call import Answer, Call, shape_error
from adapters.http.contracts import wide
from adapters.http.permission import require_team
from adapters.http.preconditions import check_version
from adapters.http.service import Asking, Command, now
from adapters.http.whole_schemas import whole
from domain import contracts as domain
from domain.asset import Asset
from domain.commands import RetireContract, UpdateGuarantees
from domain.context import Context
from domain.errors import not_found
from domain.events import AnyEvent
from domain.values import JSON, Object
from projections import contract_questions as q


class Guarantees(msgspec.Struct, frozen=True, kw_only=True):
    """The members whose inner shape is fixed; the rest is free (api.md 3.5)."""

    freshness: Object | None = None
    volume: Object | None = None
    nullability: dict[str, str] | None = None
    accepted_values: dict[str, list[JSON]] | None = None


class NewGuarantees(msgspec.Struct, frozen=True, kw_only=True):
    """All guarantees anew; `null` for none, absent to keep those of now."""

    guarantees: Object | None | UnsetType = UNSET


def check_guarantees(guarantees: Object | None, field: str = "body.guarantees") -> None:
    """Refuse guarantees whose fixed members have another shape."""
    try:
        msgspec.convert(guarantees or {}, Guarantees)
    except msgspec.ValidationError as error:
        raise shape_error(field, error) from None


def update_guarantees(call: Call) -> Command[str]:
    """`PATCH /contracts/{id}/guarantees`."""
    id, given = call.id("contract_id"), call.json(NewGuarantees).guarantees
    if given is not UNSET:
        check_guarantees(given)

    def command(asset: Asset) -> UpdateGuarantees:
        held = next((c.guarantees for c in asset.contracts if c.id == id), None)
        return UpdateGuarantees(contract_id=id, guarantees=held if given is UNSET else given)

    return _command(call, id, command)


def retire(call: Call) -> Command[str]:
    """`POST /contracts/{id}/retire`."""
    id = call.id("contract_id")
    call.no_members()
    return _command(call, id, lambda _: RetireContract(contract_id=id))


def _command(call: Call, id: str, made: Callable[[Asset], domain.ContractCommand]) -> Command[str]:
    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        rows = now(catalog.log, lambda asking: asking.rows(q.CONTRACT_ASSET, id=id))
        if not rows:
            raise not_found("contract", id)
        state = catalog.asset(str(rows[0][0]))
        require_team(call.caller, state.owner_team_id)
        shown = now(catalog.log, lambda asking: _shown(asking, id))
        check_version(call, shown.revision or 0, lambda: shown)
        events: list[AnyEvent] = [*domain.decide(state, made(state), Schemas(catalog), context)]
        return Outcome(events={state.id: (state.version, events)}), id

    return Command(decide=decide, render=_shown)


def _shown(asking: Asking, id: str) -> Answer:
    (row,) = whole(asking, asking.rows(q.CONTRACT, id=id))
    return Answer(body=wide(row), revision=int(str(row[4])))
