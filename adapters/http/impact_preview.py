"""The whole of what publishing a schema would mean (api.md 3.14): `POST /assets/{id}/impact-preview`."""

import msgspec
from msgspec.structs import replace

from adapters.catalog import Catalog
from adapters.contract_engine import ENGINE
from adapters.gathering import Schemas
from adapters.http.call import Answer, Call
from adapters.http.contract_commands import check_guarantees
from adapters.http.schemas import require_valid, within_limits
from adapters.http.service import Question, now
from adapters.reach import reach
from domain import guarantees as promises
from domain.asset import Asset, Contract
from domain.commands import PublishContract
from domain.errors import Refused
from domain.guarantees import GuaranteeChange
from domain.manual_publishing import Judged, judged
from domain.migration import MigrationSuggestion, migration_suggestions
from domain.publishing import promised_schema
from domain.reach import Reached
from domain.schema.change import Change, Mode
from domain.schema.judge import Judgement
from domain.values import Object
from projections import contract_questions as q
from projections.engine import bound_list


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody thinks of publishing."""

    proposed_schema: Object
    proposed_guarantees: Object | None = None
    compatibility_mode_override: Mode | None = None


class AffectedConsumer(msgspec.Struct, frozen=True, kw_only=True):
    """A registration on the asset, with its team's name."""

    consumer_team_id: str
    consumer_team_name: str
    registration_id: str
    contract_id: str | None
    pinned_version: str | None
    status: str


class AffectedDownstream(msgspec.Struct, frozen=True, kw_only=True):
    """An asset downstream."""

    asset_id: str
    asset_fqn: str
    owner_team_name: str | None
    dependency_type: str
    depth: int


class ImpactPreview(msgspec.Struct, frozen=True, kw_only=True):
    """`change_type` is in upper case here. `would_create_proposal` says whether anyone would have to agree."""

    is_breaking: bool
    change_type: str
    breaking_changes: tuple[Change, ...]
    non_breaking_changes: tuple[Change, ...]
    guarantee_changes: tuple[GuaranteeChange, ...]
    affected_consumers: list[AffectedConsumer]
    affected_downstream: list[AffectedDownstream]
    unconfirmed_consumers: list[str] = []
    suggested_version: str
    version_reason: str
    would_create_proposal: bool
    proposal_would_notify: list[str]
    migration_suggestions: list[MigrationSuggestion]
    current_version: str
    compatibility_mode: Mode


def preview(call: Call) -> Question:
    """Judge as publishing would, and tell whom that concerns."""
    id, body = call.id("asset_id"), call.json(Proposed)
    within_limits(body.proposed_schema, "body.proposed_schema")
    check_guarantees(body.proposed_guarantees, "body.proposed_guarantees")

    def question(catalog: Catalog) -> Answer:
        asset = catalog.asset(id)
        if asset.active_contract is None:
            raise Refused("CONTRACT_NOT_FOUND", "The asset has no active contract: contract not found.")
        require_valid(body.proposed_schema)
        made = _Preview(catalog, asset, asset.active_contract, body)
        return Answer(body=msgspec.json.encode(made.answer()))

    return question


class _Preview:
    def __init__(self, catalog: Catalog, asset: Asset, active: Contract, body: Proposed) -> None:
        self._catalog, self._asset, self._active, self._body = catalog, asset, active, body
        self._schemas = Schemas(catalog)
        self._command = PublishContract(
            schema=body.proposed_schema,
            published_by=asset.owner_team_id,
            mode=body.compatibility_mode_override,
            guarantees=body.proposed_guarantees,
        )

    def _judged(self, schema: Object) -> Judged:
        return judged(self._asset, replace(self._command, schema=schema), self._schemas, ENGINE)

    def _judgement(self, schema: Object) -> Judgement:
        return self._judged(schema).judgement or Judgement()

    def answer(self) -> ImpactPreview:
        found = self._judged(self._body.proposed_schema)
        judgement = found.judgement or Judgement()
        consumers, reached = self._consumers(), reach(self._catalog, self._asset.id)
        breaks = not judgement.compatible
        return ImpactPreview(
            is_breaking=breaks,
            change_type=judgement.change_type.value.upper(),
            breaking_changes=judgement.breaking,
            non_breaking_changes=tuple(c for c in judgement.changes if not c.incompatible),
            guarantee_changes=self._guarantee_changes(found),
            affected_consumers=consumers,
            affected_downstream=_downstream(reached),
            suggested_version=found.suggestion.suggested_version,
            version_reason=found.suggestion.reason,
            would_create_proposal=breaks and bool(self._asset.required_consumers),
            proposal_would_notify=self._notified(consumers, reached) if breaks else [],
            migration_suggestions=self._ways_around() if breaks else [],
            current_version=self._active.version,
            compatibility_mode=found.draft.mode,
        )

    def _guarantee_changes(self, found: Judged) -> tuple[GuaranteeChange, ...]:
        if self._asset.guarantee_mode == "ignore":
            return ()
        return promises.changes(self._active.guarantees, found.draft.guarantees)

    def _consumers(self) -> list[AffectedConsumer]:
        ids = bound_list([self._asset.id], self._catalog.log.dialect)
        rows = now(self._catalog.log, lambda asking: asking.rows(q.REGISTERED_ON, ids=ids))
        return [_consumer(row) for row in rows]

    def _notified(self, consumers: list[AffectedConsumer], reached: Reached) -> list[str]:
        """The names of the teams that a proposal would concern, the owner aside."""
        owner = self._asset.owner_team_id
        names = {c.consumer_team_name for c in consumers if c.consumer_team_id != owner}
        owners = {each.owner_team_name for each in reached.assets if each.owner_team_id != owner}
        return sorted(names | {name for name in owners if name is not None})

    def _ways_around(self) -> list[MigrationSuggestion]:
        base = promised_schema(self._asset, self._schemas)
        return migration_suggestions(base, self._body.proposed_schema, self._judgement)


def _consumer(row: tuple[object, ...]) -> AffectedConsumer:
    _, team_id, name, status, body = row
    assert isinstance(body, bytes)
    registration = msgspec.json.decode(body)
    return AffectedConsumer(
        consumer_team_id=str(team_id),
        consumer_team_name=str(name),
        registration_id=registration["id"],
        contract_id=registration["contract_id"],
        pinned_version=registration["pinned_version"],
        status=str(status),
    )


def _downstream(reached: Reached) -> list[AffectedDownstream]:
    return [
        AffectedDownstream(
            asset_id=each.asset_id,
            asset_fqn=each.fqn,
            owner_team_name=each.owner_team_name,
            dependency_type=each.dependency_type,
            depth=each.depth,
        )
        for each in reached.assets
    ]
