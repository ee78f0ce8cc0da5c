"""Edges and lineage of an asset (api.md 3.4)."""

from typing import Literal

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.http import assets
from adapters.http.call import Answer, Call
from adapters.http.lists import Page, Uuid, Wanted, list_answer
from adapters.http.permission import require_team
from adapters.http.preconditions import check_version
from adapters.http.service import Asking, Command, Service, now
from domain import commands as c
from domain import curation
from domain.context import Context
from domain.errors import not_found
from domain.events import DependencyAdded
from domain.values import JSON, Object
from projections import asset_questions, lineage_questions
from projections.engine import bound_list


class NewDependency(msgspec.Struct, frozen=True, kw_only=True):
    depends_on_asset_id: Uuid
    dependency_type: Literal["consumes", "references", "transforms"] = "consumes"


def create(call: Call) -> Command[str]:
    id, body = call.id("asset_id"), call.json(NewDependency)
    upstream_id = body.depends_on_asset_id.lower()

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, str]:
        state, upstream = catalog.asset(id), catalog.asset(upstream_id)
        require_team(call.caller, state.owner_team_id)
        check_version(call, state.revision, lambda: assets.current(catalog, id))
        command = c.AddDependency(upstream_id=upstream_id, type=body.dependency_type)
        (event,) = curation.decide(state, command, catalog.directory(), context)
        assert isinstance(event, DependencyAdded)
        outcome = Outcome(events={id: (state.version, [event])}, unchanged={upstream.id: upstream.version})
        return outcome, event.dependency_id

    def render(asking: Asking, dependency_id: str) -> Answer:
        return msgspec.structs.replace(_shown(asking, dependency_id), status=201)

    return Command(decide=decide, render=render)


def _shown(asking: Asking, dependency_id: str) -> Answer:
    """An edge. Edges never change, so that their version is always 0."""
    return Answer(body=_ready(asking.rows(lineage_questions.ONE, id=dependency_id)[0]), revision=0)


def delete(call: Call) -> Command[None]:
    id, dependency_id = call.id("asset_id"), call.id("dependency_id")

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, None]:
        state = catalog.asset(id)
        command = c.RemoveDependency(dependency_id=dependency_id)
        events = curation.decide(state, command, catalog.directory(), context)
        require_team(call.caller, state.owner_team_id)
        check_version(call, 0, lambda: now(catalog.log, lambda asking: _shown(asking, dependency_id)))
        return Outcome(events={id: (state.version, [*events])}), None

    return Command(decide=decide, render=lambda asking, _: Answer(status=204))


async def asset_row(service: Service, call: Call) -> tuple[Object, object]:
    """The asset of the path, decoded, and its owner's name; `ASSET_NOT_FOUND` if it is not there."""
    id = call.id("asset_id")
    sql = asset_questions.ONE.sql(service.reader.dialect)
    rows = await service.reader.rows(sql, {"id": id, "as_of": call.as_of})
    if not rows:
        raise not_found("asset", id)
    body, owner, *_ = rows[0]
    assert isinstance(body, bytes)
    asset: Object = msgspec.json.decode(body)
    return asset, owner


async def listed(service: Service, call: Call) -> Answer:
    query = call.query(Page)
    asset, _ = await asset_row(service, call)
    wanted = Wanted(listing=lineage_questions.DEPENDENCIES, filters={"dependent": asset["id"]}, order="made")
    return await list_answer(service.reader, call, query, wanted, _ready)


def _ready(row: tuple[object, ...]) -> bytes:
    body = row[0]
    assert isinstance(body, bytes)
    return body


async def lineage(service: Service, call: Call) -> Answer:
    asset, owner = await asset_row(service, call)
    id, reader = str(asset["id"]), service.reader
    ids = bound_list([id], reader.dialect)
    up = await reader.rows(lineage_questions.UPSTREAM.sql(reader.dialect), {"id": id, "as_of": call.as_of})
    down = await reader.rows(lineage_questions.DOWNSTREAM.sql(reader.dialect), {"ids": ids, "as_of": call.as_of})
    consumers = await reader.rows(lineage_questions.CONSUMERS.sql(reader.dialect), {"ids": ids, "as_of": call.as_of})
    body = {
        "asset_id": id,
        "asset_fqn": asset["fqn"],
        "owner_team_id": asset["owner_team_id"],
        "owner_team_name": owner,
        "upstream": [_end(*row) for row in up],
        "downstream": _teams(consumers),
        "downstream_assets": [_end(row[1], row[2], row[3], row[5]) for row in down],
    }
    return Answer(body=msgspec.json.encode(body))


def _end(id: object, fqn: object, type: object, owner: object) -> dict[str, object]:
    return {"asset_id": id, "asset_fqn": fqn, "dependency_type": type, "owner_team": owner}


def _teams(rows: list[tuple[object, ...]]) -> list[JSON]:
    teams: list[JSON] = []
    for _, team_id, name, status, body in rows:
        assert isinstance(body, bytes)
        registration = msgspec.json.decode(body)
        shown = {member: registration[member] for member in ("contract_id", "pinned_version")}
        teams.append(
            {"team_id": str(team_id), "team_name": str(name), "registrations": [{"status": str(status), **shown}]}
        )
    return teams
