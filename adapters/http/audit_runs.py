"""Audit runs of an asset (api.md 3.15): report, history."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call, utc
from adapters.http.dependencies import asset_row
from adapters.http.permission import require_team
from adapters.http.service import Asking, Command, Service
from domain import audit_runs as domain
from domain.asset import Asset
from domain.commands import ReportAuditRun
from domain.context import Context
from domain.events import AuditRunReported, GuaranteeResult
from domain.ids import audit_runs_stream
from domain.values import Object
from projections import audit_runs as views
from projections.audit_runs import AuditRunBody
from projections.times import wire_time

RunStatus: TypeAlias = Literal["passed", "failed", "partial"]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class NewResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one guarantee fared."""

    guarantee_id: Annotated[str, msgspec.Meta(max_length=255)]
    passed: bool
    error_message: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    rows_checked: Count | None = None
    rows_failed: Count | None = None
    metadata: Object | None = None


class NewRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it is reported."""

    status: RunStatus
    triggered_by: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    guarantees_checked: Count = 0
    guarantees_passed: Count = 0
    guarantees_failed: Count = 0
    run_id: Annotated[str, msgspec.Meta(max_length=255)] | None = None
    run_at: datetime | None = None
    details: Object | None = None
    guarantee_results: Annotated[tuple[NewResult, ...], msgspec.Meta(max_length=1000)] | None = None


class ReportedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it was taken in; contract and version are those that were active, or null."""

    id: str
    asset_id: str
    asset_fqn: str
    contract_id: str | None
    contract_version: str | None
    status: str
    guarantees_checked: int
    guarantees_passed: int
    guarantees_failed: int
    triggered_by: str
    run_id: str | None
    run_at: str
    guarantee_results: tuple[GuaranteeResult, ...]


class HistoryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs to show."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 50
    triggered_by: str | None = None
    status: RunStatus | None = None


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Runs, the one reported last first; `total_runs` counts all that match."""

    asset_id: str
    asset_fqn: str
    total_runs: int
    runs: tuple[AuditRunBody, ...]


def report(call: Call) -> Command[tuple[Asset, AuditRunReported]]:
    """`POST /assets/{id}/audit-results`."""
    id, body = call.id("asset_id"), call.json(NewRun)
    command = ReportAuditRun(
        status=body.status,
        triggered_by=body.triggered_by,
        checked=body.guarantees_checked,
        passed=body.guarantees_passed,
        failed=body.guarantees_failed,
        run_id=body.run_id,
        run_at=None if body.run_at is None else utc(body.run_at, "body.run_at"),
        details=body.details,
        results=_results(body),
    )

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, tuple[Asset, AuditRunReported]]:
        asset, stream = catalog.asset(id), audit_runs_stream(id)
        require_team(call.caller, asset.owner_team_id)
        event = domain.report(asset, command, context)
        version = catalog.log.versions([stream]).get(stream, -1)
        return Outcome(events={stream: (version, [event])}, unchanged={id: asset.version}), (asset, event)

    return Command(decide=decide, render=_reported)


def _results(body: NewRun) -> tuple[GuaranteeResult, ...] | None:
    given = body.guarantee_results
    return None if given is None else tuple(GuaranteeResult(**msgspec.structs.asdict(each)) for each in given)


def _reported(_: Asking, made: tuple[Asset, AuditRunReported]) -> Answer:
    asset, event = made
    run = ReportedRun(
        id=event.audit_run_id,
        asset_id=asset.id,
        asset_fqn=asset.fqn,
        contract_id=event.contract_id,
        contract_version=event.contract_version,
        status=event.status,
        guarantees_checked=event.checked,
        guarantees_passed=event.passed,
        guarantees_failed=event.failed,
        triggered_by=event.triggered_by,
        run_id=event.run_id,
        run_at=wire_time(event.run_at),
        guarantee_results=event.results or (),
    )
    return Answer(body=msgspec.json.encode(run))


async def history(service: Service, call: Call) -> Answer:
    """`GET /assets/{id}/audit-history`."""
    query, reader = call.query(HistoryQuery), service.reader
    asset, _ = await asset_row(service, call)
    filters = {name: value for name in ("status", "triggered_by") if (value := getattr(query, name)) is not None}
    params = {**filters, "asset_id": asset["id"], "as_of": call.as_of}
    ((total,),) = await reader.rows(views.HISTORY.count(frozenset(filters), reader.dialect), params)
    page = views.HISTORY.page(frozenset(filters), "newest", reader.dialect)
    rows = await reader.page(page, {**params, "limit": query.limit, "offset": 0})
    found = History(
        asset_id=str(asset["id"]),
        asset_fqn=str(asset["fqn"]),
        total_runs=int(str(total)),
        runs=tuple(msgspec.json.decode(body, type=AuditRunBody) for (body,) in rows if isinstance(body, bytes)),
    )
    return Answer(body=msgspec.json.encode(found))
