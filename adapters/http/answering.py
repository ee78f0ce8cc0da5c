"""What people do with a proposal (api.md 3.8): acknowledge, object, withdraw, force, expire, publish."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from adapters.audit_gate import last_run
from adapters.catalog import Catalog, Outcome
from adapters.gathering import Schemas
from adapters.http.call import Answer, Call, Caller, utc
from adapters.http.contracts import wide
from adapters.http.lists import Uuid, lowered
from adapters.http.permission import require_team
from adapters.http.preconditions import check_version
from adapters.http.problems import invalid
from adapters.http.proposals import shown
from adapters.http.publishing import Semver
from adapters.http.service import Asking, Command, now
from adapters.http.whole_schemas import whole
from domain import answering as domain
from domain import audit_runs
from domain import commands as c
from domain.asset import Asset
from domain.context import Context
from domain.errors import Refused, not_found
from domain.events import AnyEvent, AssetEvent
from domain.ids import DIRECTORY
from domain.manual_publishing import is_version
from projections import contract_questions as q
from projections.proposals import ProposalBody

Reason = Annotated[str, msgspec.Meta(max_length=500)]
# What counts is the reason without the white space around it, of which Python knows more than ECMA's `\s`.
_EDGE = r"[^\s\x1c-\x1f\x85]"
_TOLD = {"minLength": 1, "maxLength": 1000, "pattern": rf"^{_EDGE}(.*{_EDGE})?$"}
_body = msgspec.json.Decoder(ProposalBody)


class NewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    consumer_team_id: Uuid
    response: Literal["approved", "blocked", "migrating"]
    acknowledged_by_user_id: Uuid | None = None
    migration_deadline: datetime | None = None
    notes: Annotated[str, msgspec.Meta(max_length=2000)] | None = None


class NewObjection(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(max_length=10_000, extra_json_schema={"x-told": _TOLD})]


class Objector(msgspec.Struct, frozen=True, kw_only=True):
    objector_team_id: Uuid
    objector_user_id: Uuid | None = None


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts and why: in the body, or as query parameters, where the body wins."""

    actor_id: Uuid | None = None
    reason: Reason | None = None


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    published_by: Uuid
    version: Semver | None = None
    published_by_user_id: Uuid | None = None


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision about a proposal looks at: the asset that it is about, and the catalog."""

    state: Asset
    catalog: Catalog
    context: Context
    body: ProposalBody


def about(catalog: Catalog, context: Context, proposal_id: str) -> tuple[Around, int]:
    """What a decision about a proposal looks at, and the proposal's version. Raises `PROPOSAL_NOT_FOUND`."""
    rows = now(catalog.log, lambda asking: asking.rows(q.PROPOSAL, id=proposal_id))
    if not rows:
        raise not_found("proposal", proposal_id)
    body, *_, revision = rows[0]
    assert isinstance(body, bytes)
    proposal = _body.decode(body)
    state = catalog.any_asset(proposal.asset_id)
    return Around(state=state, catalog=catalog, context=context, body=proposal), int(str(revision))


def _command(
    call: Call, id: str, decided: Callable[[Around], list[AssetEvent]], render: Callable[[Asking, Around], Answer]
) -> Command[Around]:
    """A command about one proposal: found, decided on its asset, and relying on the teams as they are."""

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, Around]:
        around, revision = about(catalog, context, id)
        check_version(call, revision, lambda: now(catalog.log, lambda asking: _proposal(asking, id)))
        state, directory = around.state, catalog.directory()
        events: list[AnyEvent] = [*decided(around)]
        return Outcome(events={state.id: (state.version, events)}, unchanged={DIRECTORY: directory.version}), around

    return Command(decide=decide, render=render)


def _proposal(asking: Asking, id: str) -> Answer:
    body, revision = shown(asking, id)
    return Answer(body=msgspec.json.encode(body), revision=revision)


def _decided(around: Around, command: domain.ProposalCommand) -> list[AssetEvent]:
    return domain.decide(around.state, command, around.catalog.directory(), around.context)


def acknowledge(call: Call) -> Command[Around]:
    id = call.id("proposal_id")
    decided = acknowledging(call.caller, id, call.json(NewAnswer))

    def render(asking: Asking, around: Around) -> Answer:
        ((kept, *_, revision),) = asking.rows(q.PROPOSAL, id=id)
        assert isinstance(kept, bytes)
        answer = _body.decode(kept).acknowledgments[-1]
        found = {
            "id": answer.acknowledgment_id,
            "proposal_id": id,
            "consumer_team_id": answer.consumer_team_id,
            "acknowledged_by_user_id": answer.user_id,
            "response": answer.response,
            "migration_deadline": answer.migration_deadline,
            "notes": answer.notes,
            "responded_at": answer.responded_at,
        }
        return Answer(status=201, body=msgspec.json.encode(found))

    return _command(call, id, decided, render)


def acknowledging(caller: Caller, id: str, body: NewAnswer) -> Callable[[Around], list[AssetEvent]]:
    """How a consumer's answer to a proposal is decided."""
    deadline = None if body.migration_deadline is None else utc(body.migration_deadline, "body.migration_deadline")
    command = c.AcknowledgeProposal(
        proposal_id=id,
        consumer_team_id=body.consumer_team_id.lower(),
        response=body.response,
        user_id=lowered(body.acknowledged_by_user_id),
        migration_deadline=deadline,
        notes=body.notes,
    )

    def decided(around: Around) -> list[AssetEvent]:
        events = _decided(around, command)
        require_team(caller, command.consumer_team_id)
        return events

    return decided


def object_(call: Call) -> Command[Around]:
    id, body, query = call.id("proposal_id"), call.json(NewObjection), call.query(Objector)
    reason = body.reason.strip()
    if not 1 <= len(reason) <= 1000:
        raise invalid("body.reason", "must have 1 to 1000 characters")
    team = query.objector_team_id.lower()
    command = c.ObjectToProposal(proposal_id=id, team_id=team, reason=reason, user_id=lowered(query.objector_user_id))

    def decided(around: Around) -> list[AssetEvent]:
        events = _decided(around, command)
        require_team(call.caller, team)
        return events

    def render(asking: Asking, around: Around) -> Answer:
        proposal, _ = shown(asking, id)
        objections = proposal["objections"]
        assert isinstance(objections, list)
        found = {
            "action": "objection_filed",
            "proposal_id": id,
            "asset_fqn": around.state.fqn,
            "objection": objections[-1],
            "total_objections": len(objections),
            "note": "Objections block nothing: they are there for those who decide.",
        }
        return Answer(status=201, body=msgspec.json.encode(found))

    return _command(call, id, decided, render)


def withdraw(call: Call) -> Command[Around]:
    return _settling(call, lambda id, acting: c.WithdrawProposal(proposal_id=id), by_proposer=True)


def force(call: Call) -> Command[Around]:
    return _settling(call, lambda id, acting: c.ForceProposal(proposal_id=id, reason=acting.reason))


def expire(call: Call) -> Command[Around]:
    return _settling(call, lambda id, acting: c.ExpireProposal(proposal_id=id))


def _settling(
    call: Call, made: Callable[[str, Acting], domain.ProposalCommand], *, by_proposer: bool = False
) -> Command[Around]:
    """A command of the asset's owner (or, where told, the proposer), which needs no body."""
    id, query = call.id("proposal_id"), call.query(Acting)
    given = call.json(Acting) if call.body.strip() else Acting()
    acting = Acting(actor_id=given.actor_id or query.actor_id, reason=given.reason or query.reason)
    command = made(id, acting)

    def decided(around: Around) -> list[AssetEvent]:
        _require_entitled(call, acting, around, by_proposer=by_proposer)
        return _decided(around, command)

    return _command(call, id, decided, lambda asking, _: _proposal(asking, id))


def _require_entitled(call: Call, acting: Acting, around: Around, *, by_proposer: bool) -> None:
    teams = {around.state.owner_team_id, *([around.body.proposed_by] if by_proposer else [])}
    actor = (acting.actor_id or call.caller.team_id or "").lower()
    if actor and acting.actor_id is not None:
        require_team(call.caller, actor)
    if actor not in teams and not call.caller.permission.admin:
        who = "the proposer's or the owner's" if by_proposer else "the owner's"
        raise Refused("UNAUTHORIZED_TEAM", f"This is {who} to decide.", {"team_id": actor})


def publish(call: Call) -> Command[Around]:
    id, body = call.id("proposal_id"), call.json(Publication)
    if body.version is not None and not is_version(body.version):
        raise invalid("body.version", "must be a semantic version, X.Y.Z with optional -pre and +build")
    command = c.PublishProposal(
        proposal_id=id,
        published_by=body.published_by.lower(),
        published_by_user_id=lowered(body.published_by_user_id),
        version=body.version,
    )

    def decided(around: Around) -> list[AssetEvent]:
        catalog = around.catalog
        require_team(call.caller, command.published_by, around.state.owner_team_id)
        return domain.publish(around.state, command, Schemas(catalog), catalog.directory(), around.context)

    def render(asking: Asking, around: Around) -> Answer:
        contract_id = asking.rows(q.ACTIVE_CONTRACT, asset_id=around.state.id)[0][0]
        before = around.state.active_contract
        found = {
            "action": "published",
            "proposal_id": id,
            "contract": msgspec.Raw(wide(whole(asking, asking.rows(q.CONTRACT, id=contract_id))[0])),
            "deprecated_contract_id": before.id if before else None,
        }
        if warning := audit_runs.warning(last_run(asking, around.state.id)):
            found["audit_warning"] = warning
        return Answer(body=msgspec.json.encode(found))

    return _command(call, id, decided, render)
