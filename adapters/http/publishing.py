"""Publishing a contract by hand (api.md 3.6)."""

from typing import Annotated

import msgspec

from adapters import audit_gate
from adapters.catalog import Catalog, Outcome
from adapters.gathering import Dependents, Schemas
from adapters.http.assets import current
from adapters.http.call import Answer, Call
from adapters.http.contract_commands import check_guarantees
from adapters.http.contracts import wide
from adapters.http.lists import Uuid, lowered
from adapters.http.permission import require_team
from adapters.http.preconditions import check_version
from adapters.http.problems import invalid
from adapters.http.proposals import shown
from adapters.http.schemas import SchemaFormat, as_json_schema, within_limits
from adapters.http.service import Asking, Command
from adapters.http.whole_schemas import whole
from domain import audit_runs
from domain import manual_publishing as domain
from domain.commands import PublishContract
from domain.context import Context
from domain.errors import Refused, not_found
from domain.events import AnyEvent
from domain.ids import DIRECTORY
from domain.schema.change import Direction, Mode
from domain.schema.library import take_apart
from domain.schema.versions import PATTERN
from domain.values import Object
from projections import contract_questions as q

Semver = Annotated[str, msgspec.Meta(max_length=50, extra_json_schema={"x-told": {"pattern": PATTERN}})]


class PublishQuery(msgspec.Struct, frozen=True, kw_only=True):
    published_by: Uuid | None = None
    published_by_user_id: Uuid | None = None
    force: bool = False
    force_reason: Annotated[str, msgspec.Meta(min_length=10, max_length=500)] | None = None
    require_audit_pass: bool = False


class NewContract(msgspec.Struct, frozen=True, kw_only=True):
    schema: Object
    version: Semver | None = None
    schema_format: SchemaFormat = "json_schema"
    compatibility_mode: Mode | None = None
    direction: Direction | None = None
    guarantees: Object | None = None
    field_descriptions: dict[str, str] = {}
    field_tags: dict[str, tuple[str, ...]] = {}


def publish(call: Call) -> Command[domain.Published]:
    id, query, body = call.id("asset_id"), call.query(PublishQuery), call.json(NewContract)
    if body.version is not None and not domain.is_version(body.version):
        raise invalid("body.version", "must be a semantic version, X.Y.Z with optional -pre and +build")
    check_guarantees(body.guarantees)
    within_limits(body.schema, "body.schema")
    if query.force and query.force_reason is None:
        raise Refused("INVALID_INPUT", "force=true needs a force_reason of 10 to 500 characters.")
    publisher = (query.published_by or call.caller.team_id or "").lower()
    if not publisher:
        raise invalid("query.published_by", "is required with a key that has no team", "missing")

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, domain.Published]:
        state, directory = catalog.asset(id), catalog.directory()
        if directory.team(publisher) is None:
            raise not_found("team", publisher)
        require_team(call.caller, publisher, state.owner_team_id)
        check_version(call, state.revision, lambda: current(catalog, id))
        schema = as_json_schema(body.schema, body.schema_format)
        last, relied_runs = audit_gate.relied_on(catalog, id)
        if query.require_audit_pass:
            audit_runs.require_pass(last)
        command = _command(body, query, publisher, schema)
        dependents = Dependents(catalog, {id: state})
        surroundings = domain.Surroundings(schemas=Schemas(catalog), affected=dependents.get(id))
        made = domain.publish(state, command, surroundings, context)
        schemas = take_apart(schema).documents if made.events else {}
        if made.events and (warning := audit_runs.warning(last)):
            made = msgspec.structs.replace(made, members={**made.members, "audit_warning": warning})
        relied = {DIRECTORY: directory.version, **(relied_runs if query.require_audit_pass else {})}
        events: dict[str, tuple[int, list[AnyEvent]]] = {id: (state.version, [*made.events])}
        asked = None if made.proposal_id is None else dependents.hold
        return Outcome(events=events, unchanged=relied, schemas=schemas, holds=asked), made

    return Command(decide=decide, render=_render)


def _command(body: NewContract, query: PublishQuery, publisher: str, schema: Object) -> PublishContract:
    return PublishContract(
        schema=schema,
        schema_format=body.schema_format,
        published_by=publisher,
        published_by_user_id=lowered(query.published_by_user_id),
        version=body.version,
        mode=body.compatibility_mode,
        direction=body.direction,
        guarantees=body.guarantees,
        field_descriptions=body.field_descriptions,
        field_tags=body.field_tags,
        force_reason=query.force_reason if query.force else None,
    )


def _render(asking: Asking, made: domain.Published) -> Answer:
    answer: dict[str, object] = {"action": made.action, **made.members}
    if made.contract_id is not None:
        answer["contract"] = msgspec.Raw(wide(whole(asking, asking.rows(q.CONTRACT, id=made.contract_id))[0]))
    if made.proposal_id is not None:
        answer["proposal"] = shown(asking, made.proposal_id)[0]
    return Answer(status=201 if made.events else 200, body=msgspec.json.encode(answer))
