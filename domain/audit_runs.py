"""Audit runs: what data tests found, and what that means for publishing (api.md 3.15)."""

import msgspec

from domain.asset import Asset
from domain.commands import ReportAuditRun
from domain.context import Context
from domain.errors import Refused
from domain.events import AuditRunReported


class LastRun(msgspec.Struct, frozen=True, kw_only=True):
    """The last run of an asset by the time at which it ran; of equal ones, the one reported last."""

    id: str
    status: str
    run_at: str
    triggered_by: str
    guarantees_failed: int

    @property
    def passed(self) -> bool:
        return self.status == "passed"


def report(asset: Asset, command: ReportAuditRun, context: Context) -> AuditRunReported:
    """The event that keeps a run. Counts are taken as reported, unless there are results to count."""
    active, results = asset.active_contract, command.results or None
    passed = sum(result.passed for result in results or ())
    return AuditRunReported(
        audit_run_id=context.new_id("audit-run", asset.id),
        asset_id=asset.id,
        status=command.status,
        triggered_by=command.triggered_by,
        run_at=command.run_at or context.at,
        checked=len(results) if results else command.checked,
        passed=passed if results else command.passed,
        failed=len(results) - passed if results else command.failed,
        contract_id=active.id if active else None,
        contract_version=active.version if active else None,
        run_id=command.run_id,
        details=command.details,
        results=results,
    )


def require_pass(last: LastRun | None) -> None:
    """Refuse to publish unless the last run passed: `AUDIT_REQUIRED`, `AUDIT_FAILED`."""
    if last is None:
        raise Refused("AUDIT_REQUIRED", "No audit run has been reported for this asset.")
    if not last.passed:
        text = f"The last audit run of this asset did not pass: it {_ended(last)}."
        raise Refused("AUDIT_FAILED", text, {"audit_run_id": last.id, "status": last.status})


def warning(last: LastRun | None) -> str | None:
    """What to say to whoever publishes, or looks at a proposal, though the last run did not pass."""
    return None if last is None or last.passed else f"The last audit run of this asset {_ended(last)}."


def _ended(last: LastRun) -> str:
    return "failed" if last.status == "failed" else "passed in part"
