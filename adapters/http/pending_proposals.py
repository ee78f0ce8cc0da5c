"""What awaits the answer of a team (api.md 3.8): `GET /proposals/pending/{team_id}`."""

from typing import Annotated, Literal

import msgspec

from adapters.http.call import Answer, Call
from adapters.http.lists import Limit
from adapters.http.proposals import consumer_counts, registered_on
from adapters.http.service import Service
from adapters.http.teams import team_name
from projections import contract_questions as q
from projections.engine import bound_list
from projections.proposals import ProposalBody

_ASKED = frozenset({"pending_ack_for"})


class PendingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of them."""

    limit: Limit = 20
    offset: Annotated[int, msgspec.Meta(ge=0, le=2**62)] = 0


class PendingEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal that the team has not answered; `proposed_by_team` is a name."""

    proposal_id: str
    asset_id: str
    asset_fqn: str
    proposed_by_team: str | None
    proposed_at: str
    expires_at: str
    breaking_changes_summary: list[str]
    total_consumers: int
    acknowledged_count: int
    your_team_status: Literal["AWAITING_RESPONSE"] = "AWAITING_RESPONSE"


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """The newest first; `total` counts all of them."""

    pending_proposals: list[PendingEntry]
    total: int
    limit: int
    offset: int


async def of_team(service: Service, call: Call) -> Answer:
    team_id, query = call.id("team_id"), call.query(PendingQuery)
    await team_name(service, call, team_id)
    total = await _count(service, call, team_id)
    found = Pending(
        pending_proposals=await _page(service, call, team_id, query.limit, query.offset),
        total=total,
        limit=query.limit,
        offset=query.offset,
    )
    return Answer(body=msgspec.json.encode(found))


async def awaiting(service: Service, call: Call, team_id: str) -> list[PendingEntry]:
    """All of them."""
    return await _page(service, call, team_id, await _count(service, call, team_id), 0)


async def _count(service: Service, call: Call, team_id: str) -> int:
    sql = q.PROPOSALS.count(_ASKED, service.reader.dialect)
    ((total,),) = await service.reader.rows(sql, {"pending_ack_for": team_id, "as_of": call.as_of})
    return int(str(total))


async def _page(service: Service, call: Call, team_id: str, limit: int, offset: int) -> list[PendingEntry]:
    sql = q.PROPOSALS.page(_ASKED, "newest", service.reader.dialect)
    params = {"pending_ack_for": team_id, "as_of": call.as_of, "limit": limit, "offset": offset}
    return await _entries(service, call, await service.reader.page(sql, params))


async def _entries(service: Service, call: Call, rows: list[tuple[object, ...]]) -> list[PendingEntry]:
    reader = service.reader
    bodies = [msgspec.json.decode(bytes(row[0]), type=ProposalBody) for row in rows if isinstance(row[0], bytes)]
    registered = await registered_on(reader, [body.asset_id for body in bodies], call.as_of)
    named = {"ids": bound_list(sorted({b.proposed_by for b in bodies}), reader.dialect), "as_of": call.as_of}
    names = {str(id): str(name) for id, name in await reader.rows(q.TEAM_NAMES.sql(reader.dialect), named)}
    entries = []
    for body, (_, _, fqn, owner, _) in zip(bodies, rows, strict=True):
        total, answered = consumer_counts(body, str(owner), registered.get(body.asset_id, []))
        entry = PendingEntry(
            proposal_id=body.id,
            asset_id=body.asset_id,
            asset_fqn=str(fqn),
            proposed_by_team=names.get(body.proposed_by),
            proposed_at=body.proposed_at,
            expires_at=body.expires_at,
            breaking_changes_summary=[change.message for change in body.breaking_changes],
            total_consumers=total,
            acknowledged_count=answered,
        )
        entries.append(entry)
    return entries
