"""Proposals (api.md 3.8): list, get, status."""

from typing import Literal

import msgspec

from adapters.audit_gate import of_rows
from adapters.http.call import Answer, Call
from adapters.http.lists import Page, Uuid, Wanted, list_answer
from adapters.http.service import Asking, Service
from adapters.http.whole_schemas import read_whole, whole
from adapters.reader import Reader
from domain.audit_runs import LastRun
from domain.audit_runs import warning as audit_warning
from domain.errors import not_found
from domain.events import Objection
from domain.values import JSON
from projections import audit_runs
from projections import contract_questions as q
from projections.engine import bound_list
from projections.proposals import ProposalBody
from projections.times import wire_time

Rows = list[tuple[object, ...]]


class ProposalsQuery(Page, frozen=True, kw_only=True):
    asset_id: Uuid | None = None
    status: Literal["pending", "approved", "rejected", "withdrawn", "expired", "published"] | None = None
    change_type: Literal["major", "minor", "patch"] | None = None
    proposed_by: Uuid | None = None
    consumer_team_id: Uuid | None = None
    pending_ack_for: Uuid | None = None


class StatusQuery(msgspec.Struct, frozen=True, kw_only=True):
    include_status: bool = True


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal with what stands around it."""

    body: ProposalBody
    schema: msgspec.Raw
    fqn: str
    owner: str
    revision: int
    registered: list[tuple[str, str, str, str]]
    names: dict[str, str]
    last_run: LastRun | None = None


async def _found(reader: Reader, id: str, as_of: int) -> Found:
    rows = await reader.rows(q.PROPOSAL.sql(reader.dialect), {"id": id, "as_of": as_of})
    if not rows:
        raise not_found("proposal", id)
    ((body, schema, fqn, owner, revision),) = await read_whole(reader, rows)
    assert isinstance(body, bytes)
    proposal = msgspec.json.decode(body, type=ProposalBody)
    registered = await registered_on(reader, [proposal.asset_id], as_of)
    named = {"ids": bound_list(named_in(proposal), reader.dialect), "as_of": as_of}
    names = await reader.rows(q.NAMES.sql(reader.dialect), named)
    last = await reader.rows(audit_runs.LAST.sql(reader.dialect), {"asset_id": proposal.asset_id, "as_of": as_of})
    return Found(
        body=proposal,
        schema=msgspec.Raw(_bytes(schema)),
        fqn=str(fqn),
        owner=str(owner),
        revision=int(str(revision)),
        registered=registered.get(proposal.asset_id, []),
        names={str(id): str(name) for id, name in names},
        last_run=of_rows(last),
    )


def named_in(proposal: ProposalBody) -> list[str]:
    """The teams and users whose names an answer about a proposal needs, beside the teams registered."""
    pairs: list[tuple[str, str | None]] = [
        (proposal.proposed_by, proposal.proposed_by_user_id),
        *((affected.owner_team_id, affected.owner_user_id) for affected in proposal.affected),
        *((answer.consumer_team_id, answer.user_id) for answer in proposal.acknowledgments),
        *((objection.team_id, objection.user_id) for objection in proposal.objections),
    ]
    return sorted({id for pair in pairs for id in pair if id is not None})


async def registered_on(reader: Reader, asset_ids: list[str], as_of: int) -> dict[str, list[tuple[str, str, str, str]]]:
    """Team, name, status and time of each registration, by asset."""
    params = {"ids": bound_list(asset_ids, reader.dialect), "as_of": as_of}
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    for asset_id, team_id, name, status, body in await reader.rows(q.REGISTERED_ON.sql(reader.dialect), params):
        assert isinstance(body, bytes)
        since = str(msgspec.json.decode(body)["registered_at"])
        found.setdefault(str(asset_id), []).append((str(team_id), str(name), str(status), since))
    return found


async def get(service: Service, call: Call) -> Answer:
    with_status = call.query(StatusQuery).include_status
    found = await _found(service.reader, call.id("proposal_id"), call.as_of)
    shown = _status(found) if with_status else proposal_json(found)
    return Answer(body=msgspec.json.encode(shown), revision=found.revision)


async def status(service: Service, call: Call) -> Answer:
    found = await _found(service.reader, call.id("proposal_id"), call.as_of)
    return Answer(body=msgspec.json.encode(_status(found)), revision=found.revision)


def _affected(found: Found) -> dict[str, object]:
    assets: list[JSON] = []
    teams: dict[str, list[JSON]] = {}
    for affected in found.body.affected:
        name = found.names.get(affected.owner_team_id)
        assets.append(
            {
                "asset_id": affected.asset_id,
                "asset_fqn": affected.asset_fqn,
                "owner_team_id": affected.owner_team_id,
                "owner_team_name": name,
                "owner_user_id": affected.owner_user_id,
                "owner_user_name": found.names.get(affected.owner_user_id or ""),
                "dependency_type": affected.dependency_type,
            }
        )
        teams.setdefault(affected.owner_team_id, []).append(affected.asset_id)
    return {
        "affected_teams": [
            {"team_id": id, "team_name": found.names.get(id), "assets": owned} for id, owned in teams.items()
        ],
        "affected_assets": assets,
        "objections": [_objection(found, each) for each in found.body.objections],
        "has_objections": bool(found.body.objections),
    }


def _objection(found: Found, objection: Objection) -> dict[str, object]:
    return {
        "team_id": objection.team_id,
        "team_name": found.names.get(objection.team_id),
        "reason": objection.reason,
        "objected_at": wire_time(objection.objected_at),
        "objected_by_user_id": objection.user_id,
        "objected_by_user_name": found.names.get(objection.user_id or ""),
    }


def proposal_json(found: Found) -> dict[str, object]:
    """The Proposal of api.md 3.8."""
    kept = msgspec.structs.asdict(found.body)
    for name in ("affected", "acknowledgments", "objections"):
        kept.pop(name)
    return {**kept, "proposed_schema": found.schema, "auto_expire": True, **_affected(found)}


def shown(asking: Asking, id: str) -> tuple[dict[str, object], int]:
    """A proposal and its revision, within the append that touched it."""
    ((body, schema, fqn, owner, revision),) = whole(asking, asking.rows(q.PROPOSAL, id=id))
    proposal = msgspec.json.decode(_bytes(body), type=ProposalBody)
    names = asking.rows(q.NAMES, ids=bound_list(named_in(proposal), asking.dialect))
    found = Found(
        body=proposal,
        schema=msgspec.Raw(_bytes(schema)),
        fqn=str(fqn),
        owner=str(owner),
        revision=int(str(revision)),
        registered=[],
        names={str(id): str(name) for id, name in names},
    )
    return proposal_json(found), found.revision


def _status(found: Found) -> dict[str, object]:
    body = found.body
    answered = {a.consumer_team_id for a in body.acknowledgments}
    live = [r for r in found.registered if r[2] in ("active", "migrating") and r[0] != found.owner]
    waiting = [r for r in live if r[0] not in answered]
    person = found.names.get(body.proposed_by_user_id or "")
    proposer = {"team_id": body.proposed_by, "team_name": found.names.get(body.proposed_by)}
    return {
        "proposal_id": body.id,
        "id": body.id,
        "status": body.status,
        "asset_id": body.asset_id,
        "asset_fqn": found.fqn,
        "change_type": body.change_type,
        "breaking_changes": body.breaking_changes,
        "proposed_by": {**proposer, "user_id": body.proposed_by_user_id, "user_name": person},
        "proposed_at": body.proposed_at,
        "resolved_at": body.resolved_at,
        "expires_at": body.expires_at,
        "auto_expire": True,
        "proposed_schema": found.schema,
        "proposed_guarantees": body.proposed_guarantees,
        **_affected(found),
        "consumers": {
            "total": len({r[0] for r in live} | answered),
            "acknowledged": len(answered),
            "pending": len(waiting),
            "blocked": sum(1 for a in body.acknowledgments if a.response == "blocked"),
        },
        "acknowledgments": [_acknowledgment(found, n) for n in range(len(body.acknowledgments))],
        "pending_consumers": [{"team_id": r[0], "team_name": r[1], "registered_at": r[3]} for r in waiting],
        "audit_status": found.last_run.status if found.last_run else None,
        "warnings": [warning] if (warning := audit_warning(found.last_run)) else [],
    }


def _acknowledgment(found: Found, n: int) -> dict[str, object]:
    answer = found.body.acknowledgments[n]
    return {
        "consumer_team_id": answer.consumer_team_id,
        "consumer_team_name": found.names.get(answer.consumer_team_id),
        "acknowledged_by_user_id": answer.user_id,
        "acknowledged_by_user_name": found.names.get(answer.user_id or ""),
        "response": answer.response,
        "responded_at": answer.responded_at,
        "migration_deadline": answer.migration_deadline,
        "notes": answer.notes,
        "carried_from": answer.carried_from,
    }


async def listed(service: Service, call: Call) -> Answer:
    query = call.query(ProposalsQuery)
    filters: dict[str, object] = {}
    for name in ("asset_id", "proposed_by", "consumer_team_id", "pending_ack_for"):
        if getattr(query, name) is not None:
            filters[name] = getattr(query, name).lower()
    for name in ("status", "change_type"):
        if getattr(query, name) is not None:
            filters[name] = getattr(query, name)
    wanted = Wanted(listing=q.PROPOSALS, filters=filters, order="newest")
    rows: Rows = []

    def collect(row: tuple[object, ...]) -> bytes:
        rows.append(row)
        return b""

    answer = await list_answer(service.reader, call, query, wanted, collect)
    if not rows:
        return answer
    bodies = [(msgspec.json.decode(_bytes(row[0]), type=ProposalBody), str(row[2]), str(row[3])) for row in rows]
    as_of = call.as_of if answer.position is None else answer.position
    registered = await registered_on(service.reader, [b.asset_id for b, _, _ in bodies], as_of)
    entries = [_entry(body, fqn, owner, registered.get(body.asset_id, [])) for body, fqn, owner in bodies]
    ready = b",".join(msgspec.json.encode(entry) for entry in entries)
    blank = b",".join(b"" for _ in rows)
    body = answer.body.replace(b"[" + blank + b"]", b"[" + ready + b"]", 1)
    return msgspec.structs.replace(answer, body=body)


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


def consumer_counts(body: ProposalBody, owner: str, registered: list[tuple[str, str, str, str]]) -> tuple[int, int]:
    """How many teams a proposal asks (those required, and those that answered and left), and how many answered."""
    answered = {a.consumer_team_id for a in body.acknowledgments}
    required = {r[0] for r in registered if r[2] in ("active", "migrating") and r[0] != owner}
    return len(required | answered), len(answered)


def _entry(body: ProposalBody, fqn: str, owner: str, registered: list[tuple[str, str, str, str]]) -> dict[str, object]:
    total, answered = consumer_counts(body, owner, registered)
    return {
        "id": body.id,
        "asset_id": body.asset_id,
        "asset_fqn": fqn,
        "status": body.status,
        "change_type": body.change_type,
        "breaking_changes_count": len(body.breaking_changes),
        "proposed_by": body.proposed_by,
        "proposed_at": body.proposed_at,
        "expires_at": body.expires_at,
        "acknowledgment_count": answered,
        "total_consumers": total,
    }
