"""How the audit runs of an asset went lately, and what about them calls for somebody (api.md 3.15)."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from adapters.audit_gate import of_rows
from adapters.http.call import Answer, Call
from adapters.http.dependencies import asset_row
from adapters.http.service import Service
from domain.audit_runs import LastRun
from projections import audit_questions, audit_runs
from projections.times import wire_time

_DAY = timedelta(days=1)
_FEWEST, _MANY, _WORSE = 3, 0.5, 1.5
# Time of the run, its status, the guarantees that failed.
_Run = tuple[str, str, list[str]]


class FailedGuarantee(msgspec.Struct, frozen=True, kw_only=True):
    """A guarantee, and how often it failed."""

    guarantee_id: str
    failure_count: int


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of a span of time. `failure_rate` is the share of those that did not pass, 0.0 where there are none."""

    total_runs: int
    passed: int
    failed: int
    partial: int
    failure_rate: float
    most_failed_guarantees: list[FailedGuarantee]


class Trends(msgspec.Struct, frozen=True, kw_only=True):
    """The last run, three spans of time up to now, and sentences for people."""

    asset_id: str
    asset_fqn: str
    last_run: LastRun | None
    last_24h: Period
    last_7d: Period
    last_30d: Period
    alerts: list[str]


async def trends(service: Service, call: Call) -> Answer:
    """`GET /assets/{id}/audit-trends`."""
    asset, _ = await asset_row(service, call)
    now, reader = await _moment(service, call), service.reader
    params = {"asset_id": asset["id"], "as_of": call.as_of}
    last = of_rows(await reader.rows(audit_runs.LAST.sql(reader.dialect), params))
    since = {**params, "since": wire_time(now - 30 * _DAY)}
    rows = await reader.rows(audit_runs.SINCE.sql(reader.dialect), since)
    runs = [(str(at), str(status), msgspec.json.decode(str(failed), type=list[str])) for at, status, failed in rows]
    day, week, month = (_period(runs, wire_time(now - days * _DAY)) for days in (1, 7, 30))
    found = Trends(
        asset_id=str(asset["id"]),
        asset_fqn=str(asset["fqn"]),
        last_run=last,
        last_24h=day,
        last_7d=week,
        last_30d=month,
        alerts=[*_alerts(day, week, month, last)],
    )
    return Answer(body=msgspec.json.encode(found))


async def _moment(service: Service, call: Call) -> datetime:
    """The time that counts as now: for a past moment, that of the append that it rests on."""
    if not call.pinned:
        return service.clock.now()
    sql = audit_questions.TIME_AT.sql(service.reader.dialect)
    ((at,),) = await service.reader.rows(sql, {"position": call.as_of})
    return datetime.fromisoformat(str(at))


def _period(runs: list[_Run], since: str) -> Period:
    within = [run for run in runs if run[0] >= since]
    statuses = Counter(status for _, status, _ in within)
    failures = Counter(guarantee for _, _, failed in within for guarantee in failed)
    ranked = sorted(failures.items(), key=lambda each: (-each[1], each[0]))
    return Period(
        total_runs=len(within),
        passed=statuses["passed"],
        failed=statuses["failed"],
        partial=statuses["partial"],
        failure_rate=(statuses["failed"] + statuses["partial"]) / len(within) if within else 0.0,
        most_failed_guarantees=[FailedGuarantee(guarantee_id=id, failure_count=count) for id, count in ranked],
    )


def _alerts(day: Period, week: Period, month: Period, last: LastRun | None) -> Iterable[str]:
    if day.total_runs >= _FEWEST and day.failure_rate > _MANY:
        yield f"The failure rate of the last 24 hours is {day.failure_rate:.0%}, of {day.total_runs} runs."
    if week.failure_rate > _WORSE * month.failure_rate:
        than = f"({week.failure_rate:.0%}) than in 30 ({month.failure_rate:.0%})"
        yield f"Runs went wrong more often in the last 7 days {than}."
    if last is not None and last.status == "failed":
        yield "The most recent run failed."
