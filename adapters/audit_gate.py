"""What an asset's last audit run lets pass (api.md 3.15)."""

from adapters.catalog import Catalog
from adapters.http.service import Asking, now
from domain.audit_runs import LastRun
from domain.ids import audit_runs_stream
from projections import audit_runs


def last_run(asking: Asking, asset_id: str) -> LastRun | None:
    """The last run of an asset, by the time at which it ran."""
    return of_rows(asking.rows(audit_runs.LAST, asset_id=asset_id))


def of_rows(rows: list[tuple[object, ...]]) -> LastRun | None:
    """The run that the answer to `audit_runs.LAST` names, or None."""
    if not rows:
        return None
    id, status, run_at, triggered_by, failed = rows[0]
    return LastRun(
        id=str(id),
        status=str(status),
        run_at=str(run_at),
        triggered_by=str(triggered_by),
        guarantees_failed=int(str(failed)),
    )


def relied_on(catalog: Catalog, asset_id: str) -> tuple[LastRun | None, dict[str, int]]:
    """The last run, and the stream with its version on which a decision that goes by it relies."""
    stream = audit_runs_stream(asset_id)
    version = catalog.log.versions([stream]).get(stream, -1)
    return now(catalog.log, lambda asking: last_run(asking, asset_id)), {stream: version}
