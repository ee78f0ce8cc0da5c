"""Audit runs (api.md 3.15): reported, their history and trends, and what they let pass."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, key, made, publish, refused, table, team, with_key

ONE, WIDER, BROKEN = table(a="string"), table(a="string", b="string"), table(b="string")
REPORTED = {
    "id", "asset_id", "asset_fqn", "contract_id", "contract_version", "status", "guarantees_checked",
    "guarantees_passed", "guarantees_failed", "triggered_by", "run_id", "run_at", "guarantee_results",
}  # fmt: skip
RUN = {
    "id", "status", "guarantees_checked", "guarantees_passed", "guarantees_failed", "triggered_by", "run_id", "run_at",
    "contract_version", "failed_guarantees",
}  # fmt: skip
PERIOD = {"total_runs", "passed", "failed", "partial", "failure_rate", "most_failed_guarantees"}


class Desk:
    """An asset whose tests report."""

    def __init__(self, api: httpx.Client) -> None:
        self.api, self.owner = api, team(api)
        self.asset = asset(api, self.owner)
        self.fqn = made(api.get(f"/assets/{self.asset}"))["fqn"]

    def report(self, status: str = "passed", ago: timedelta | None = None, **more: Any) -> dict[str, Any]:
        body = {"status": status, "triggered_by": "dbt_test", **more}
        if ago is not None:
            body["run_at"] = (datetime.now(UTC) - ago).isoformat()
        answer = self.api.post(f"/assets/{self.asset}/audit-results", json=body)
        assert answer.status_code == 200, answer.text
        return made(answer)

    def get(self, what: str, query: str = "") -> dict[str, Any]:
        return made(self.api.get(f"/assets/{self.asset}/audit-{what}{query}"))

    def publish(self, schema: Any, query: str = "", **more: Any) -> httpx.Response:
        path = f"/assets/{self.asset}/publish?published_by={self.owner}{query}"
        return self.api.post(path, json={"schema": schema, **more})


@pytest.fixture
def desk(each_store: httpx.Client) -> Desk:
    return Desk(each_store)


def _result(id: str, passed: bool, **more: Any) -> dict[str, Any]:
    return {"guarantee_id": id, "passed": passed, **more}


def test_a_run_is_taken_as_it_is_reported(desk: Desk) -> None:
    got = desk.report("partial", guarantees_checked=5, guarantees_passed=1, guarantees_failed=9, run_id="ci-1")
    assert set(got) == REPORTED
    assert (got["asset_id"], got["asset_fqn"], got["status"]) == (desk.asset, desk.fqn, "partial")
    assert (got["contract_id"], got["contract_version"]) == (None, None)
    assert (got["guarantees_checked"], got["guarantees_passed"], got["guarantees_failed"]) == (5, 1, 9)
    assert (got["triggered_by"], got["run_id"], got["guarantee_results"]) == ("dbt_test", "ci-1", [])
    assert abs(datetime.fromisoformat(got["run_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    plain = desk.report()
    assert (plain["guarantees_checked"], plain["guarantees_passed"], plain["guarantees_failed"]) == (0, 0, 0)
    assert plain["run_id"] is None


def test_counts_come_from_results_where_there_are_some(desk: Desk) -> None:
    contract = publish(desk.api, desk.asset, desk.owner, ONE)["contract"]
    results = [
        _result("not_null_a", False, error_message="3 rows", rows_checked=9, rows_failed=3, metadata={"m": [1]}),
        _result("unique_a", True),
    ]
    got = desk.report("failed", guarantees_checked=7, guarantees_passed=7, guarantee_results=results)
    assert (got["guarantees_checked"], got["guarantees_passed"], got["guarantees_failed"]) == (2, 1, 1)
    assert (got["contract_id"], got["contract_version"]) == (contract["id"], "1.0.0")
    empty = {"error_message": None, "rows_checked": None, "rows_failed": None, "metadata": None}
    assert got["guarantee_results"] == [results[0], {**results[1], **empty}]
    (run,) = desk.get("history")["runs"]
    assert set(run) == RUN and run["failed_guarantees"] == ["not_null_a"]
    assert run == {**{k: v for k, v in got.items() if k in RUN}, "failed_guarantees": ["not_null_a"]}
    history = made(desk.api.get(f"/audit/entities/audit_run/{got['id']}/history"))["results"]
    assert [event["action"] for event in history] == ["audit_run.reported"]
    of_asset = made(desk.api.get(f"/audit/events?asset_id={desk.asset}&action=audit_run.reported"))["results"]
    assert of_asset == history and history[0]["payload"]["status"] == "failed"


def test_times_in_any_offset_and_long_past(desk: Desk) -> None:
    body = {"status": "passed", "triggered_by": "x", "run_at": "2020-01-01T01:30:00+01:30", "details": {"k": None}}
    got = made(desk.api.post(f"/assets/{desk.asset}/audit-results", json=body))
    assert got["run_at"] == "2020-01-01T00:00:00.000000Z"


def test_history_the_newest_first_with_filters(desk: Desk) -> None:
    empty = desk.get("history")
    assert empty == {"asset_id": desk.asset, "asset_fqn": desk.fqn, "total_runs": 0, "runs": []}
    ids = [
        desk.report(status, triggered_by=by)["id"]
        for status, by in [("passed", "dbt"), ("failed", "dbt"), ("partial", "soda"), ("passed", "soda")]
    ]

    def found(query: str) -> tuple[int, list[int]]:
        got = desk.get("history", query)
        return got["total_runs"], [ids.index(run["id"]) for run in got["runs"]]

    assert found("") == (4, [3, 2, 1, 0])
    assert found("?limit=1") == (4, [3])
    assert found("?status=passed") == (2, [3, 0])
    assert found("?triggered_by=dbt") == (2, [1, 0])
    assert found("?triggered_by=dbt&status=failed") == (1, [1])
    assert found("?triggered_by=nobody") == (0, [])
    for query in ("limit=0", "limit=501", "limit=x", "status=fine", "triggered_by=a%00b"):
        path = f"/assets/{desk.asset}/audit-history?{query}"
        assert fields(desk.api.get(path)) == [f"query.{query.split('=')[0]}"]
    assert desk.api.get(f"/assets/{desk.asset}/audit-history?limit=500").status_code == 200


def test_trends_of_an_asset_without_runs(desk: Desk) -> None:
    got = desk.get("trends")
    assert set(got) == {"asset_id", "asset_fqn", "last_run", "last_24h", "last_7d", "last_30d", "alerts"}
    assert (got["asset_id"], got["asset_fqn"], got["last_run"], got["alerts"]) == (desk.asset, desk.fqn, None, [])
    for period in ("last_24h", "last_7d", "last_30d"):
        assert got[period] == {
            "total_runs": 0, "passed": 0, "failed": 0, "partial": 0, "failure_rate": 0.0, "most_failed_guarantees": [],
        }  # fmt: skip


def test_trends_count_by_the_time_of_the_run(desk: Desk) -> None:
    results = [_result("b", False), _result("a", False), _result("c", True)]
    latest = desk.report("passed", timedelta(hours=1))
    desk.report("failed", timedelta(hours=23), guarantee_results=results)
    desk.report("partial", timedelta(days=6), guarantee_results=results[1:])
    desk.report("passed", timedelta(days=29))
    desk.report("failed", timedelta(days=31))
    got = desk.get("trends")
    assert got["last_run"] == {
        "id": latest["id"],
        "status": "passed",
        "run_at": latest["run_at"],
        "triggered_by": "dbt_test",
        "guarantees_failed": 0,
    }
    assert set(got["last_24h"]) == PERIOD
    assert [got[p]["total_runs"] for p in ("last_24h", "last_7d", "last_30d")] == [2, 3, 4]
    month = got["last_30d"]
    assert (month["passed"], month["failed"], month["partial"], month["failure_rate"]) == (2, 1, 1, 0.5)
    assert month["most_failed_guarantees"] == [
        {"guarantee_id": "a", "failure_count": 2},
        {"guarantee_id": "b", "failure_count": 1},
    ]
    assert got["last_24h"]["failure_rate"] == 0.5


def test_of_runs_at_the_same_time_the_one_reported_last_is_the_last(desk: Desk) -> None:
    at = "2026-01-01T00:00:00Z"
    for status in ("passed", "failed"):
        last = desk.report(status, run_at=at)
    desk.report("partial", run_at="2025-01-01T00:00:00Z")
    assert desk.get("trends")["last_run"]["id"] == last["id"]


def _alerts(api: httpx.Client, *runs: tuple[str, timedelta]) -> list[str]:
    desk = Desk(api)
    for status, ago in runs:
        desk.report(status, ago)
    alerts = desk.get("trends")["alerts"]
    assert all(isinstance(alert, str) for alert in alerts)
    found: list[str] = alerts
    return found


def test_alerts(api: httpx.Client) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert _alerts(api, ("passed", hour), ("passed", 2 * hour)) == []
    (recent,) = _alerts(api, ("failed", hour))
    assert "recent" in recent and "failed" in recent and "failure rate" not in recent
    assert _alerts(api, ("partial", hour)) == [], "a run that passed in part did not fail"
    # Two of three is over a half; two runs are too few to tell.
    rate, *_ = _alerts(api, ("passed", hour), ("failed", 2 * hour), ("partial", 3 * hour))
    assert "failure rate" in rate
    assert _alerts(api, ("passed", hour), ("failed", 2 * hour), ("failed", 25 * hour), ("partial", 26 * hour)) == []
    assert _alerts(api, ("passed", hour), ("passed", hour), ("failed", 2 * hour), ("partial", 3 * hour)) == []
    # In 7 days 1 of 2 went wrong, in 30 days 1 of 4: twice as often.
    worse = _alerts(api, ("passed", hour), ("failed", 2 * day), ("passed", 20 * day), ("passed", 21 * day))
    assert len(worse) == 1 and "7 days" in worse[0]
    assert _alerts(api, ("passed", hour), ("failed", 2 * day), ("failed", 20 * day), ("passed", 21 * day)) == []


def test_a_past_moment_has_the_trends_of_then(desk: Desk) -> None:
    desk.report("failed")
    position = desk.api.get("/teams").headers["muniment-position"]
    then = desk.get("trends")
    desk.report("passed")
    assert desk.get("trends") != then
    assert desk.get("trends", f"?as_of={position}") == then
    assert desk.get("history", f"?as_of={position}")["total_runs"] == 1


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("status", None), ("status", "fine"), ("status", 1),
        ("triggered_by", None), ("triggered_by", ""), ("triggered_by", "x" * 51), ("triggered_by", 1),
        ("guarantees_checked", -1), ("guarantees_checked", None), ("guarantees_passed", 1.5),
        ("guarantees_failed", "1"), ("guarantees_failed", 10**30), ("run_id", "x" * 256), ("run_id", 1),
        ("run_at", "yesterday"), ("run_at", 1), ("run_at", "0001-01-01T00:00:00+14:00"),
        ("details", []), ("details", "x"), ("guarantee_results", {}),
        ("guarantee_results", [_result("g", True)] * 1001),
    ],
)  # fmt: skip
def test_runs_of_the_wrong_shape(api: httpx.Client, member: str, value: Any) -> None:
    body = {"status": "passed", "triggered_by": "x", member: value}
    assert fields(api.post(f"/assets/{GONE}/audit-results", json=body)) == [f"body.{member}"]


@pytest.mark.parametrize(
    ("result", "place"),
    [
        ({"passed": True}, ".guarantee_id"), ({"guarantee_id": "g"}, ".passed"), (1, ""),
        (_result("x" * 256, True), ".guarantee_id"), (_result("g", "yes"), ".passed"),  # type: ignore[arg-type]
        (_result("g", True, error_message="x" * 2001), ".error_message"),
        (_result("g", True, rows_checked=-1), ".rows_checked"), (_result("g", True, rows_failed="1"), ".rows_failed"),
        (_result("g", True, metadata=[]), ".metadata"),
    ],
)  # fmt: skip
def test_results_of_the_wrong_shape(api: httpx.Client, result: Any, place: str) -> None:
    body = {"status": "passed", "triggered_by": "x", "guarantee_results": [_result("g", True), result]}
    answer = api.post(f"/assets/{GONE}/audit-results", json=body)
    assert fields(answer) == ["body.guarantee_results.1" + place]


def test_at_the_bounds(desk: Desk) -> None:
    results = [_result("x" * 255, True, error_message="y" * 2000)] * 1000
    got = desk.report(triggered_by="x" * 50, run_id="y" * 255, guarantee_results=results)
    assert (got["guarantees_checked"], got["guarantees_failed"]) == (1000, 0)
    for word in ("status", "triggered_by"):
        body = {k: v for k, v in {"status": "passed", "triggered_by": "x"}.items() if k != word}
        assert fields(desk.api.post(f"/assets/{desk.asset}/audit-results", json=body)) == [f"body.{word}"]


def test_assets_of_others_unknown_and_deleted_ones(api: httpx.Client) -> None:
    desk, body = Desk(api), {"status": "passed", "triggered_by": "x"}
    for path in ("audit-history", "audit-trends"):
        refused(api.get(f"/assets/{GONE}/{path}"), 404, "ASSET_NOT_FOUND")
        assert fields(api.get(f"/assets/x/{path}")) == ["path.asset_id"]
    refused(api.post(f"/assets/{GONE}/audit-results", json=body), 404, "ASSET_NOT_FOUND")
    stranger = with_key(api, key(api, team(api)))
    refused(stranger.post(f"/assets/{desk.asset}/audit-results", json=body), 403, "UNAUTHORIZED_TEAM")
    assert stranger.get(f"/assets/{desk.asset}/audit-trends").status_code == 200
    api.delete(f"/assets/{desk.asset}")
    refused(api.post(f"/assets/{desk.asset}/audit-results", json=body), 404, "ASSET_NOT_FOUND")
    refused(api.get(f"/assets/{desk.asset}/audit-history"), 404, "ASSET_NOT_FOUND")


def test_publishing_may_ask_for_a_run_that_passed(desk: Desk) -> None:
    asked = "&require_audit_pass=true"
    refused(desk.publish(ONE, asked), 412, "AUDIT_REQUIRED")
    invalid = desk.publish({"type": "text"}, asked)
    refused(invalid, 400, "INVALID_SCHEMA")
    for status in ("failed", "partial"):
        desk.report(status)
        refused(desk.publish(ONE, asked), 412, "AUDIT_FAILED")
        # The audit is looked at before the version is.
        refused(desk.publish(ONE, asked, version="1.0.0"), 412, "AUDIT_FAILED")
    desk.report("passed", timedelta(days=1))
    refused(desk.publish(ONE, asked), 412, "AUDIT_FAILED")
    desk.report("passed")
    assert "audit_warning" not in made(desk.publish(ONE, asked))
    assert fields(desk.publish(ONE, "&require_audit_pass=perhaps")) == ["query.require_audit_pass"]


def test_without_that_a_run_that_did_not_pass_is_a_warning(desk: Desk) -> None:
    assert "audit_warning" not in made(desk.publish(ONE))
    desk.report("failed")
    for schema in (WIDER, BROKEN):
        assert "failed" in made(desk.publish(schema))["audit_warning"]
    desk.report("partial")
    forced = made(desk.publish(BROKEN, "&force=true&force_reason=agreed by phone"))
    assert "part" in forced["audit_warning"]
    desk.report("passed")
    assert "audit_warning" not in made(desk.publish(table(b="string", c="string")))


def test_proposals_show_the_last_run_and_their_publication_warns(desk: Desk) -> None:
    made(desk.publish(ONE))
    proposal = made(desk.publish(BROKEN))["proposal"]["id"]

    def shown() -> tuple[str | None, list[str]]:
        status = made(desk.api.get(f"/proposals/{proposal}"))
        return status["audit_status"], status["warnings"]

    assert shown() == (None, [])
    desk.report("passed")
    assert shown() == ("passed", [])
    desk.report("failed")
    status, (warning,) = shown()
    assert status == "failed" and "failed" in warning
    made(desk.api.post(f"/proposals/{proposal}/force"))
    published = made(desk.api.post(f"/proposals/{proposal}/publish", json={"published_by": desk.owner}))
    assert set(published) == {"action", "proposal_id", "contract", "deprecated_contract_id", "audit_warning"}
    assert published["audit_warning"] == warning
