"""What awaits a team, in one call: `GET /teams/{id}/inbox`."""

import msgspec

from adapters.http.call import Answer, Call
from adapters.http.pending_proposals import PendingEntry, awaiting
from adapters.http.service import Service
from adapters.http.teams import team_name
from domain.events import KeySource
from projections import inbox_questions as q
from projections.contracts import ContractBody
from projections.engine import bound_list
from projections.registrations import RegistrationBody


class OutdatedContract(msgspec.Struct, frozen=True, kw_only=True):
    """A contract that the team consumes and that is no longer active; `active_version` is what there is instead."""

    registration_id: str
    asset_id: str
    asset_fqn: str
    contract_id: str
    version: str
    status: str
    active_version: str | None


class UnconfirmedRegistration(msgspec.Struct, frozen=True, kw_only=True):
    """A registration that a sync made in the team's name; PATCH with its `status` confirms it, DELETE ends it."""

    registration_id: str
    asset_id: str
    asset_fqn: str
    source: KeySource
    registered_at: str


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """Proposals to answer, contracts to leave, registrations to confirm; `total` counts all three."""

    team_id: str
    team_name: str
    proposals: list[PendingEntry]
    deprecated_contracts: list[OutdatedContract]
    unconfirmed_registrations: list[UnconfirmedRegistration]
    total: int


class _Reliance(msgspec.Struct, frozen=True):
    """One registration of the team, with its asset."""

    body: RegistrationBody
    source: KeySource | None
    fqn: str
    active_version: str | None


async def of_team(service: Service, call: Call) -> Answer:
    team_id = call.id("team_id")
    name = await team_name(service, call, team_id)
    relied = await _relied_on(service, call, team_id)
    proposals = await awaiting(service, call, team_id)
    outdated = await _outdated(service, call, relied)
    unconfirmed = [_unconfirmed(each, each.source) for each in relied if each.source and not each.body.acknowledged_at]
    inbox = Inbox(
        team_id=team_id,
        team_name=name,
        proposals=proposals,
        deprecated_contracts=outdated,
        unconfirmed_registrations=unconfirmed,
        total=len(proposals) + len(outdated) + len(unconfirmed),
    )
    return Answer(body=msgspec.json.encode(inbox))


async def _relied_on(service: Service, call: Call, team_id: str) -> list[_Reliance]:
    params = {"team_id": team_id, "as_of": call.as_of}
    found = []
    for body, kind, key, fqn, version in await service.reader.rows(q.RELIED_ON.sql(service.reader.dialect), params):
        source = KeySource(kind=str(kind), key=str(key)) if kind is not None else None
        registration = msgspec.json.decode(_bytes(body), type=RegistrationBody)
        if registration.status != "inactive":
            found.append(_Reliance(registration, source, str(fqn), None if version is None else str(version)))
    return found


async def _outdated(service: Service, call: Call, relied: list[_Reliance]) -> list[OutdatedContract]:
    """The contracts consumed that are no longer active: a pinned version, or the newest where nothing is active."""
    asked = [each for each in relied if each.active_version is None or each.body.pinned_version is not None]
    ids = bound_list(sorted({each.body.asset_id for each in asked}), service.reader.dialect)
    rows = await service.reader.rows(q.CONTRACTS_OF.sql(service.reader.dialect), {"ids": ids, "as_of": call.as_of})
    of_asset: dict[str, list[ContractBody]] = {}
    for (body,) in rows:
        contract = msgspec.json.decode(_bytes(body), type=ContractBody)
        of_asset.setdefault(contract.asset_id, []).append(contract)
    found = []
    for each in asked:
        pinned = each.body.pinned_version
        known = [c for c in of_asset.get(each.body.asset_id, []) if pinned is None or c.version == pinned]
        if known and known[0].status != "active":
            found.append(_left(each, known[0]))
    return found


def _left(each: _Reliance, contract: ContractBody) -> OutdatedContract:
    return OutdatedContract(
        registration_id=each.body.id,
        asset_id=each.body.asset_id,
        asset_fqn=each.fqn,
        contract_id=contract.id,
        version=contract.version,
        status=contract.status,
        active_version=each.active_version,
    )


def _unconfirmed(each: _Reliance, source: KeySource) -> UnconfirmedRegistration:
    return UnconfirmedRegistration(
        registration_id=each.body.id,
        asset_id=each.body.asset_id,
        asset_fqn=each.fqn,
        source=source,
        registered_at=each.body.registered_at,
    )


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
