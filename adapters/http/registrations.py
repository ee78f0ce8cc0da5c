"""Registrations (api.md 3.7): create, list, get, update, delete."""

from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call, Caller
from adapters.http.lists import Page, Uuid, Wanted, list_answer, spliced
from adapters.http.permission import require_team
from adapters.http.preconditions import check_version
from adapters.http.service import Asking, Command, Service, now
from domain import registrations as domain
from domain.asset import Asset
from domain.commands import EndRegistration, RegisterConsumer, UpdateRegistration
from domain.context import Context
from domain.errors import Refused, not_found
from domain.events import AssetEvent, RegistrationCreated
from domain.ids import DIRECTORY
from projections import contract_questions as q
from projections.registrations import RegistrationBody

Pinned = Annotated[
    str,
    msgspec.Meta(
        max_length=50,
        pattern=r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)([-+][0-9A-Za-z.+-]+)?$(?!\n)",
    ),
]


class NewRegistration(msgspec.Struct, frozen=True, kw_only=True):
    consumer_team_id: Uuid
    contract_id: Uuid | None = None
    asset_id: Uuid | None = None
    pinned_version: Pinned | None = None


class ChangedRegistration(msgspec.Struct, frozen=True, kw_only=True):
    status: Literal["active", "migrating", "inactive"] | None = None
    pinned_version: Pinned | None | UnsetType = UNSET


class ContractInQuery(msgspec.Struct, frozen=True, kw_only=True):
    contract_id: Uuid | None = None


class RegistrationsQuery(Page, frozen=True, kw_only=True):
    consumer_team_id: Uuid | None = None
    contract_id: Uuid | None = None
    asset_id: Uuid | None = None
    status: Literal["active", "migrating", "inactive"] | None = None


_body = msgspec.json.Decoder(RegistrationBody)


def with_team(row: tuple[object, ...]) -> bytes:
    return spliced(row[0], consumer_team_name=row[1])


def _plain(row: tuple[object, ...]) -> bytes:
    body = row[0]
    assert isinstance(body, bytes)
    return body


def create(call: Call) -> Command[str]:
    query, body = call.query(ContractInQuery), call.json(NewRegistration)
    contract_id = body.contract_id or query.contract_id
    if contract_id is None and body.asset_id is None:
        raise Refused("INVALID_INPUT", "Name a contract_id, or an asset_id, to register for.")
    decide = registering(call.caller, body, contract_id)
    return Command(decide=decide, render=lambda asking, id: msgspec.structs.replace(_shown(asking, id), status=201))


def registering(
    caller: Caller, body: NewRegistration, contract_id: str | None
) -> Callable[[Catalog, Context], tuple[Outcome, str]]:
    """How a registration is decided: what it leads to, and its id."""
    team_id = body.consumer_team_id.lower()

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        found, asset_id = _asset_of(catalog, contract_id, body.asset_id)
        state = catalog.asset(asset_id)
        directory = catalog.directory()
        if directory.team(team_id) is not None:
            require_team(caller, team_id)
        command = RegisterConsumer(consumer_team_id=team_id, contract_id=found, pinned_version=body.pinned_version)
        (event,) = domain.register(state, command, directory, context)
        assert isinstance(event, RegistrationCreated)
        outcome = Outcome(events={asset_id: (state.version, [event])}, unchanged={DIRECTORY: directory.version})
        return outcome, event.registration_id

    return decide


def registered(catalog: Catalog, contract_id: str, team_id: str) -> str | None:
    """The registration that a team has on the asset of a contract."""
    state = catalog.any_asset(_asset_of(catalog, contract_id, None)[1])
    return next((r.id for r in state.registrations if r.consumer_team_id == team_id.lower()), None)


def _shown(asking: Asking, id: str) -> Answer:
    ((shown, revision),) = asking.rows(q.REGISTRATION, id=id)
    assert isinstance(shown, bytes)
    return Answer(body=shown, revision=int(str(revision)))


def update(call: Call) -> Command[str]:
    id, body = call.id("registration_id"), call.json(ChangedRegistration)
    command = UpdateRegistration(
        registration_id=id,
        status=UNSET if body.status is None else body.status,
        pinned_version=body.pinned_version,
    )
    decide = _deciding(call, id, lambda state: domain.update(state, command))
    return Command(decide=decide, render=_shown)


def delete(call: Call) -> Command[str]:
    id = call.id("registration_id")
    decide = _deciding(call, id, lambda state: domain.end(state, EndRegistration(registration_id=id)))
    return Command(decide=decide, render=lambda asking, _: Answer(status=204))


def _deciding(
    call: Call, id: str, decided: Callable[[Asset], list[AssetEvent]]
) -> Callable[[Catalog, Context], tuple[Outcome, str]]:
    """A decision about one registration, by a key of its team."""

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        rows = now(catalog.log, lambda asking: asking.rows(q.REGISTRATION, id=id))
        if not rows:
            raise not_found("registration", id)
        found = _body.decode(_plain(rows[0]))
        require_team(call.caller, found.consumer_team_id)
        check_version(call, int(str(rows[0][1])), lambda: now(catalog.log, lambda asking: _shown(asking, id)))
        state = catalog.any_asset(found.asset_id)
        return Outcome(events={state.id: (state.version, [*decided(state)])}), id

    return decide


def _asset_of(catalog: Catalog, contract_id: str | None, asset_id: str | None) -> tuple[str | None, str]:
    """The contract and asset that a registration is for; by asset, the contract is the active one."""
    if contract_id is None:
        assert asset_id is not None
        active = catalog.asset(asset_id.lower()).active_contract
        return active.id if active else None, asset_id.lower()
    rows = now(catalog.log, lambda asking: asking.rows(q.CONTRACT_ASSET, id=contract_id.lower()))
    if not rows:
        raise not_found("contract", contract_id)
    return contract_id.lower(), str(rows[0][0])


async def get(service: Service, call: Call) -> Answer:
    id = call.id("registration_id")
    rows = await service.reader.rows(q.REGISTRATION.sql(service.reader.dialect), {"id": id, "as_of": call.as_of})
    if not rows:
        raise not_found("registration", id)
    return Answer(body=_plain(rows[0]), revision=int(str(rows[0][1])))


async def listed(service: Service, call: Call) -> Answer:
    query = call.query(RegistrationsQuery)
    filters: dict[str, object] = {}
    if query.consumer_team_id is not None:
        filters["consumer_team_id"] = query.consumer_team_id.lower()
    if query.asset_id is not None:
        filters["asset_id"] = query.asset_id.lower()
    if query.status is not None:
        filters["status"] = query.status
    if query.contract_id is not None:
        params = {"id": query.contract_id.lower(), "as_of": call.as_of}
        rows = await service.reader.rows(q.CONTRACT_ASSET.sql(service.reader.dialect), params)
        of_contract = str(rows[0][0]) if rows else ""
        if filters.setdefault("asset_id", of_contract) != of_contract:
            filters["asset_id"] = ""
    return await list_answer(
        service.reader, call, query, Wanted(listing=q.REGISTRATIONS, filters=filters, order="newest"), _plain
    )
