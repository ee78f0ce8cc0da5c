"""Contracts (api.md 3.5): list, get, of an asset, history."""

from typing import Literal

import msgspec

from adapters.http.call import Answer, Call
from adapters.http.dependencies import asset_row
from adapters.http.lists import Page, Uuid, Wanted, list_answer, spliced
from adapters.http.registrations import with_team
from adapters.http.service import Service
from adapters.http.whole_schemas import read_whole
from domain.errors import not_found
from projections import contract_questions as q
from projections.contracts import ContractBody


class ContractsQuery(Page, frozen=True, kw_only=True):
    asset_id: Uuid | None = None
    status: Literal["draft", "active", "deprecated", "retired"] | None = None
    version: str | None = None


_HIDDEN = ("change_type", "breaking_changes_count")


def wide(row: tuple[object, ...]) -> bytes:
    """A contract as the wire has it, from its row with the whole schema."""
    body, schema, fqn, publisher, _, person = row
    assert isinstance(body, bytes)
    kept = {name: value for name, value in msgspec.json.decode(body, type=dict[str, msgspec.Raw]).items()}
    for name in _HIDDEN:
        kept.pop(name)
    return spliced(
        msgspec.json.encode(kept),
        asset_fqn=fqn,
        schema=schema,
        schema_def=schema,
        published_by_team_name=publisher,
        published_by_user_name=person,
        publisher_name=publisher,
    )


async def get(service: Service, call: Call) -> Answer:
    id = call.id("contract_id")
    rows = await service.reader.rows(q.CONTRACT.sql(service.reader.dialect), {"id": id, "as_of": call.as_of})
    if not rows:
        raise not_found("contract", id)
    (row,) = await read_whole(service.reader, rows)
    return Answer(body=wide(row), revision=int(str(row[4])))


async def listed(service: Service, call: Call) -> Answer:
    query = call.query(ContractsQuery)
    filters: dict[str, object] = {}
    if query.asset_id is not None:
        filters["asset_id"] = query.asset_id.lower()
    if query.status is not None:
        filters["status"] = query.status
    if query.version is not None:
        filters["version"] = query.version.casefold()
    wanted = Wanted(listing=q.CONTRACTS, filters=filters, order="newest", completed=read_whole)
    return await list_answer(service.reader, call, query, wanted, wide)


async def of_asset(service: Service, call: Call) -> Answer:
    query = call.query(Page)
    asset, _ = await asset_row(service, call)
    wanted = Wanted(listing=q.CONTRACTS, filters={"asset_id": asset["id"]}, order="newest", completed=read_whole)
    return await list_answer(service.reader, call, query, wanted, wide)


async def history(service: Service, call: Call) -> Answer:
    asset, _ = await asset_row(service, call)
    params = {"asset_id": asset["id"], "as_of": call.as_of}
    rows = await service.reader.rows(q.HISTORY.sql(service.reader.dialect), params)
    bodies = [msgspec.json.decode(_bytes(row[0]), type=ContractBody) for row in rows]
    entries = [
        {
            "id": body.id,
            "version": body.version,
            "status": body.status,
            "published_at": body.published_at,
            "published_by": body.published_by,
            "compatibility_mode": body.compatibility_mode,
            "change_type": body.change_type,
            "breaking_changes_count": body.breaking_changes_count,
        }
        for body in bodies
    ]
    shown = {"asset_id": asset["id"], "asset_fqn": asset["fqn"], "contracts": entries}
    return Answer(body=msgspec.json.encode(shown))


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


async def registrations(service: Service, call: Call) -> Answer:
    query, id = call.query(Page), call.id("contract_id")
    rows = await service.reader.rows(q.CONTRACT_ASSET.sql(service.reader.dialect), {"id": id, "as_of": call.as_of})
    if not rows:
        raise not_found("contract", id)
    wanted = Wanted(listing=q.REGISTRATIONS, filters={"asset_id": rows[0][0]}, order="newest")
    return await list_answer(service.reader, call, query, wanted, with_team)
