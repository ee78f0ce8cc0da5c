"""Every real manifest: synced, synced again, previewed and compared with what the sync then did."""

import sqlite3
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.log import open_log
from adapters.views import rebuild
from tests import corpora
from tests.conftest import Server
from tests.manifests import upload

pytestmark = corpora.needs_corpora
OPTIONS = {
    "conflict_mode": "overwrite",
    "auto_publish_contracts": True,
    "auto_create_proposals": True,
    "auto_delete": True,
    "auto_register_consumers": True,
    "delete_consumed": True,
    "accept_moves": True,
}


def _rows(path: Path) -> str:
    """A digest over every row of every table of the store."""
    digest = sha256()
    with sqlite3.connect(path) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in sorted(tables):
            for row in sorted(map(repr, connection.execute(f"SELECT * FROM {table}"))):
                digest.update(row.encode())
    return digest.hexdigest()


def _post(api: httpx.Client, path: str, body: bytes, *allowed: int) -> dict[str, Any]:
    answer = api.post(path, content=body)
    assert answer.status_code in allowed, answer.text[:2000]
    found: dict[str, Any] = answer.json()
    return found


def _team(api: httpx.Client) -> str:
    id: str = api.post("/teams", json={"name": "data"}).json()["id"]
    return id


def _rebuilds_equal(target: Path) -> None:
    log = open_log(target)
    report = rebuild(log)
    log.close()
    assert [view.differences for view in report.views if view.differences] == []
    assert report.position > 0


@pytest.mark.parametrize("path", corpora.single(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_manifest_syncs_and_the_same_again_is_no_news(path: Path, tmp_path: Path, shared_server: Server) -> None:
    api, text = shared_server.client(), corpora.text(path)
    team = api.post("/teams", json={"name": str(tmp_path)}).json()["id"]
    environment = sha256(str(path).encode()).hexdigest()[:20]
    body = upload(text, owner_team_id=team, environment=environment, **OPTIONS)
    first = _post(api, "/sync/dbt/upload", body, 200, 207)
    counts = first["assets"]
    assert counts["created"] == len([entry for entry in first["models"] if entry["action"] == "created"]) > 0
    again = _post(api, "/sync/dbt/upload", body, 200, 207)
    assert again["position"] is None
    assert again["assets"]["unchanged"] == counts["created"]


@pytest.mark.parametrize("paths", corpora.series(), ids=lambda paths: paths[0].parent.name)
def test_previews_of_a_series_say_what_the_sync_then_does(paths: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "muniment.db"
    server = Server(target, tmp_path)
    try:
        api = server.client()
        team = _team(api)
        for path in paths:
            _one_step(api, target, upload(corpora.text(path), owner_team_id=team, expected_deletions=None, **OPTIONS))
    finally:
        server.stop()
    _rebuilds_equal(target)


def _one_step(api: httpx.Client, target: Path, body: bytes) -> None:
    before = {asset["id"]: asset for asset in _all(api, "/assets")}
    expected = len(_all(api, "/assets"))
    rows = _rows(target)
    diff = _post(api, "/sync/dbt/diff", body, 200)
    impact = _post(api, "/sync/dbt/impact", body, 200)
    deleted = diff["summary"]["deleted"]
    body = body[:-1] + b',"expected_deletions":%d}' % deleted
    dry = _post(api, "/sync/dbt/upload", body[:-1] + b',"dry_run":true}', 200, 207)
    assert _rows(target) == rows
    head = int(api.get("/teams").headers["muniment-position"])
    done = _post(api, "/sync/dbt/upload", body, 200, 207)
    events = [event for event in _all(api, "/audit/events") if event["position"] > head]
    after = {asset["id"]: asset for asset in _all(api, "/assets")}
    _agree_with_dry_run(dry, done)
    _agree_with_events(done, events)
    assert len(after) == expected + done["assets"]["created"] + done["assets"]["restored"] - done["assets"]["deleted"]
    _agree_with_diff(diff, before, after, events)
    _agree_with_impact(diff, impact)
    again = _post(api, "/sync/dbt/upload", body, 200, 207)
    assert again["position"] is None, again["assets"]


def _all(api: httpx.Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(path, params={"limit": 100, **({"cursor": cursor} if cursor else {})}).json()
        found += page["results"]
        cursor = page["next"]
    assert len(found) == page["total"]
    return found


def _agree_with_dry_run(dry: dict[str, Any], done: dict[str, Any]) -> None:
    assert dry["status"] == done["status"]
    assert dry["assets"] == done["assets"]
    assert dry["dependencies"] == done["dependencies"]
    for part in ("contracts", "proposals", "registrations"):
        assert _without_ids(dry[part]) == _without_ids(done[part])
    assert [(e["fqn"], e["action"], e["error"]) for e in dry["models"]] == [
        (e["fqn"], e["action"], e["error"]) for e in done["models"]
    ]


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(each) for key, each in value.items() if not key.endswith("_id")}
    return [_without_ids(each) for each in value] if isinstance(value, list) else value


def _agree_with_events(done: dict[str, Any], events: list[dict[str, Any]]) -> None:
    actions = Counter(event["action"] for event in events)
    assert actions["asset.created"] == done["assets"]["created"]
    assert actions["asset.deleted"] == done["assets"]["deleted"]
    assert actions["asset.restored"] == done["assets"]["restored"]
    assert actions["contract.published"] == done["contracts"]["published"]
    assert actions["proposal.created"] == done["proposals"]["created"]
    assert actions["registration.created"] == done["registrations"]["created"]
    assert actions["registration.deleted"] == done["registrations"]["ended"]
    assert actions["dependency.created"] == done["dependencies"]["synced"]
    assert actions["dependency.deleted"] == done["dependencies"]["removed"]
    assert actions["dbt.sync_upload"] == (1 if events else 0)


def _agree_with_diff(
    diff: dict[str, Any],
    before: dict[str, dict[str, Any]],
    after: dict[str, dict[str, Any]],
    events: list[dict[str, Any]],
) -> None:
    by_fqn = {asset["fqn"]: asset for asset in after.values()}
    for entry in diff["models"]:
        if entry["change_type"] == "new":
            assert entry["fqn"] in by_fqn
            assert by_fqn[entry["fqn"]]["id"] not in before
        elif entry["change_type"] == "deleted":
            assert entry["asset_id"] in before
            assert entry["asset_id"] not in after
        elif entry["change_type"] == "unchanged":
            # Names of what it depends on may have moved: that is no change of this asset (api.md 2.6).
            old, new = before[entry["asset_id"]]["metadata"], after[entry["asset_id"]]["metadata"]
            assert {**old, "depends_on": None} == {**new, "depends_on": None}
            own = [event for event in events if event["entity_id"] == entry["asset_id"]]
            assert own == [] or diff["summary"]["moved"], (entry["fqn"], own)
        if entry["breaking_changes"] and entry["change_type"] != "deleted":
            assert after[entry["asset_id"]]["active_contract_version"] == entry["current_version"]
        elif entry["schema_change_type"] == "compatible":
            published = after[entry["asset_id"]]["active_contract_version"]
            assert published in (entry["suggested_version"], entry["current_version"])


def _agree_with_impact(diff: dict[str, Any], impact: dict[str, Any]) -> None:
    unsafe = {entry["fqn"] for entry in impact["results"] if not entry["safe_to_publish"]}
    assert unsafe == {entry["fqn"] for entry in diff["models"] if entry["breaking_changes"]}
    assert impact["breaking_changes_count"] == diff["summary"]["breaking"]
