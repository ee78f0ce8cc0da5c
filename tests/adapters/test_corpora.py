"""Every real manifest: previewed, synced, synced again; each answer is held against the appended events and GETs."""

import json
import sqlite3
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.log import open_log
from adapters.views import rebuild
from tests import corpora
from tests.conftest import Server
from tests.happenings import Happening, happened
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
Answer = dict[str, Any]


class Scene:
    """A server, one environment of it, and the teams of this test."""

    def __init__(self, server: Server, environment: str) -> None:
        self.api, self.target, self.environment = server.client(), server.target, environment
        self.team, self.readers = self._team("data"), self._team("readers")

    def _team(self, name: str) -> str:
        id: str = self.api.post("/teams", json={"name": f"{name} {self.environment}"}).json()["id"]
        return id

    def post(self, path: str, text: bytes, *allowed: int, **options: Any) -> Answer:
        body = upload(text, owner_team_id=self.team, environment=self.environment, **{**OPTIONS, **options})
        answer = self.api.post(path, content=body)
        assert answer.status_code in allowed, answer.text[:2000]
        found: Answer = answer.json()
        return found

    def all(self, path: str, **query: Any) -> list[Answer]:
        found: list[Answer] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.api.get(path, params={"limit": 100, **query, **({"cursor": cursor} if cursor else {})}).json()
            found += page["results"]
            cursor = page["next"]
        assert len(found) == page["total"]
        return found

    def assets(self) -> dict[str, Answer]:
        return {asset["id"]: asset for asset in self.all("/assets", environment=self.environment)}

    def get(self, path: str, **query: Any) -> Answer:
        answer = self.api.get(path, params=query)
        assert answer.status_code == 200, answer.text
        found: Answer = answer.json()
        return found

    def head(self) -> int:
        return int(self.api.get("/teams").headers["muniment-position"])

    def register_readers(self) -> None:
        """A team by hand on every third asset, so that breaking changes hit somebody."""
        for id in [*self.assets()][::3]:
            answer = self.api.post("/registrations", json={"asset_id": id, "consumer_team_id": self.readers})
            assert answer.status_code == 201


def _rows(target: Path | str) -> str:
    """A digest over every row of every table of the store."""
    digest = sha256()
    for table, rows in _tables(target):
        digest.update(table.encode())
        for row in sorted(map(repr, rows)):
            digest.update(row.encode())
    return digest.hexdigest()


def _tables(target: Path | str) -> list[tuple[str, list[Any]]]:
    if isinstance(target, Path):
        with sqlite3.connect(target) as connection:
            names = sorted(row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))
            return [(name, connection.execute(f"SELECT * FROM {name}").fetchall()) for name in names]
    listed = "SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    with psycopg.connect(target) as database:
        names = sorted(row[0] for row in database.execute(listed))
        return [(name, database.execute(f'SELECT * FROM "{name}"'.encode()).fetchall()) for name in names]


def _rebuilds_equal(target: Path | str) -> None:
    log = open_log(target)
    report = rebuild(log)
    log.close()
    assert [view.differences for view in report.views if view.differences] == []
    assert report.position > 0


def test_these_are_all_manifests_of_the_corpora() -> None:
    assert len({*corpora.single(), *(path for paths in corpora.series() for path in paths)}) == 37


@pytest.mark.parametrize("path", corpora.single(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_previews_of_a_manifest_say_what_its_sync_then_does(path: Path, shared_server: Server) -> None:
    scene = Scene(shared_server, sha256(str(path).encode()).hexdigest()[:20])
    done = _one_step(scene, corpora.text(path))
    assert done["assets"]["created"] > 0
    scene.register_readers()
    _one_step(scene, _shaken(corpora.text(path)))


def _shaken(text: bytes) -> bytes:
    """The manifest after a made-up change: columns and items dropped, added, retyped, renamed, by turns."""
    document = json.loads(text)
    ids = [id for id, node in document["nodes"].items() if node["resource_type"] in ("model", "seed", "snapshot")]
    for n, id in enumerate(ids):
        node = document["nodes"][id]
        columns = node.get("columns") or {}
        match n % 7:
            case 0 if columns:
                columns.pop(next(iter(columns)))
            case 1:
                node["columns"] = {**columns, "added": {"name": "added", "data_type": "int"}}
            case 2:
                node["description"] = "told anew"
            case 3:
                node["alias"] = (node.get("alias") or node["name"]) + "_renamed"
            case 4 if n % 3 == 1:
                del document["nodes"][id]
            case 5:
                node["depends_on"] = {"nodes": [ids[0]]}
            case 6 if columns:
                first = columns[next(iter(columns))]
                first["data_type"] = "boolean" if first.get("data_type") != "boolean" else "int"
    return json.dumps(document).encode()


@pytest.mark.parametrize("paths", corpora.series(), ids=lambda paths: paths[0].parent.name)
def test_previews_of_a_series_say_what_the_sync_then_does(paths: list[Path], tmp_path: Path) -> None:
    _a_series(tmp_path / "muniment.db", tmp_path, paths)


def test_a_series_on_postgresql(fresh_database: Callable[[], str], tmp_path: Path) -> None:
    shopify = next(paths for paths in corpora.series() if paths[0].parent.name == "series_fivetran_shopify")
    _a_series(fresh_database(), tmp_path, shopify)


def _a_series(target: Path | str, folder: Path, paths: list[Path]) -> None:
    server = Server(target, folder)
    try:
        scene = Scene(server, "production")
        for n, path in enumerate(paths):
            _one_step(scene, corpora.text(path))
            if n == 0:
                scene.register_readers()
    finally:
        server.stop()
    _rebuilds_equal(target)


def _one_step(scene: Scene, text: bytes) -> Answer:
    before, past, rows = scene.assets(), happened(scene.target), _rows(scene.target)
    diff = scene.post("/sync/dbt/diff", text, 200)
    impact = scene.post("/sync/dbt/impact", text, 200)
    expected = diff["summary"]["deleted"]
    dry = scene.post("/sync/dbt/upload", text, 200, 207, expected_deletions=expected, dry_run=True)
    assert _rows(scene.target) == rows
    head = scene.head()
    done = scene.post("/sync/dbt/upload", text, 200, 207, expected_deletions=expected)
    now, after = happened(scene.target, head), scene.assets()
    _agree_with_dry_run(dry, done)
    _agree_with_events(done, now, after)
    _agree_with_gets(scene, done, now, before, after, json.loads(text))
    _agree_with_diff(scene, diff, now, before, after)
    _agree_with_impact(impact, diff, past, now, {id: asset["fqn"] for id, asset in before.items()})
    again = scene.post("/sync/dbt/upload", text, 200, 207, expected_deletions=0)
    assert again["position"] is None, again["assets"]
    assert scene.head() == (done["position"] or head)
    assert again["assets"]["unchanged"] + len(again["proposals"]["pending"]) >= again["assets"]["updated"]
    return done


def _agree_with_dry_run(dry: Answer, done: Answer) -> None:
    """Member by member, save ids that only the real sync can have."""
    assert {**_without_new_ids(dry), "dry_run": False} == _without_new_ids(done)


def _without_new_ids(value: Any) -> Any:
    if isinstance(value, dict):
        skipped = ("asset_id", "contract_id", "proposal_id", "registration_id", "position")
        return {key: _without_new_ids(each) for key, each in value.items() if key not in skipped}
    return [_without_new_ids(each) for each in value] if isinstance(value, list) else value


def _agree_with_events(done: Answer, now: Happening, after: dict[str, Answer]) -> None:
    by_action: dict[str, set[str]] = {}
    for entry in done["models"]:
        by_action.setdefault(entry["action"], set()).add(entry["asset_id"])
        if entry["asset_id"] in now.proposed:
            assert entry["proposal_id"] == now.proposed[entry["asset_id"]].proposal_id
        if entry["asset_id"] in after:
            assert entry["contract_id"] == after[entry["asset_id"]]["active_contract_id"]
            assert entry["fqn"] == after[entry["asset_id"]]["fqn"]
    assert by_action.get("created", set()) == now.created
    assert by_action.get("restored", set()) == now.restored
    assert by_action.get("deleted", set()) == now.deleted
    touched = {*now.moved, *now.updated, *now.published, *now.proposed, *(edge[0] for edge in now.edges_added.values())}
    assert not by_action.get("unchanged", set()) & touched
    assert touched <= by_action.get("updated", set()) | now.created | now.restored
    assert {(m["from"], m["to"]) for m in done["assets"]["moved_fqns"]} == set(now.moved.values())
    assert {(d["asset_id"], d["contract_id"], d["version"]) for d in done["contracts"]["details"]} == {
        (asset, event.contract_id, event.version) for asset, event in now.published.items()
    }
    assert {
        (d["asset_id"], d["proposal_id"], d["suggested_version"], d["change_type"], d["breaking_changes_count"])
        for d in done["proposals"]["details"]
    } == {
        (asset, event.proposal_id, event.proposed_version, event.change_type.value, _count_breaking(event.changes))
        for asset, event in now.proposed.items()
    }
    assert {
        (d["registration_id"], d["asset_id"], d["consumer_team_id"], d["origin"])
        for d in done["registrations"]["details"]
    } == {(id, asset, event.consumer_team_id, event.origin) for id, (asset, event) in now.registered.items()}
    assert done["registrations"]["ended"] == len(now.ended)
    assert (done["dependencies"]["synced"], done["dependencies"]["removed"]) == (
        len(now.edges_added),
        len(now.edges_removed),
    )
    assert now.syncs == (1 if now.count else 0)


def _count_breaking(changes: Any) -> int:
    return sum(1 for change in changes if change.verdict.value in ("breaking", "unknown"))


def _agree_with_gets(
    scene: Scene, done: Answer, now: Happening, before: dict[str, Answer], after: dict[str, Answer], document: Answer
) -> None:
    assert after.keys() - before.keys() == now.created | now.restored
    assert before.keys() - after.keys() == now.deleted
    declared = {**document["nodes"], **(document.get("sources") or {})}
    for asset, published in now.published.items():
        contract = scene.get(f"/contracts/{published.contract_id}")
        assert (contract["version"], contract["asset_id"], contract["status"]) == (published.version, asset, "active")
        columns = declared[after[asset]["source"]["item"]]["columns"]
        assert sorted(contract["schema"]["properties"]) == sorted(
            (c or {}).get("name") or k for k, c in columns.items()
        )
        assert set(contract["schema"]["required"]) <= set(contract["schema"]["properties"])
    # Edges by GET for what got some; every one is an item that the document says it depends on.
    for asset in sorted({edge[0] for edge in now.edges_added.values()})[:20]:
        edges = {(e["dependency_asset_id"], e["dependency_type"]) for e in scene.all(f"/assets/{asset}/dependencies")}
        made = {(up, kind) for dependent, up, kind in now.edges_added.values() if dependent == asset}
        assert made <= edges
        named = declared[after[asset]["source"]["item"]]["depends_on"]["nodes"]
        assert len(edges) <= len(set(named))
    for id, (asset, event) in [*now.registered.items()][:10]:
        registration = scene.get(f"/registrations/{id}")
        assert (registration["asset_id"], registration["consumer_team_id"]) == (asset, event.consumer_team_id)


def _agree_with_diff(
    scene: Scene, diff: Answer, now: Happening, before: dict[str, Answer], after: dict[str, Answer]
) -> None:
    by_fqn = {asset["fqn"]: id for id, asset in after.items()}
    seen: dict[str, set[str]] = {kind: set() for kind in ("new", "modified", "deleted", "unchanged")}
    moved: dict[str, tuple[str, str]] = {}
    for entry in diff["models"]:
        id = entry["asset_id"] or by_fqn[entry["fqn"]]
        seen[entry["change_type"]].add(id)
        if entry["previous_fqn"]:
            moved[id] = (entry["previous_fqn"], entry["fqn"])
        assert entry["current_version"] == (before[id]["active_contract_version"] if id in before else None)
        if entry["change_type"] != "deleted":
            _agree_with_outcome(scene, entry, id, now)
    assert seen["new"] == now.created | now.restored
    assert seen["deleted"] == now.deleted
    assert moved == now.moved
    own = {*now.published, *now.proposed, *(edge[0] for edge in now.edges_added.values())} - now.created - now.restored
    assert own <= seen["modified"]
    for id in seen["unchanged"] & now.updated.keys():
        # Names of what it depends on moved: that is no change of this asset (api.md 2.6).
        old, new = before[id]["metadata"], after[id]["metadata"]
        assert diff["summary"]["moved"] and {**old, "depends_on": None} == {**new, "depends_on": None}
    standing = {e["asset_id"] for e in diff["models"] if e["breaking_changes"]}
    assert seen["modified"] <= own | now.updated.keys() | standing | _edges_lost(diff, now, before, after)


def _edges_lost(diff: Answer, now: Happening, before: dict[str, Answer], after: dict[str, Answer]) -> set[str]:
    """Items whose dependencies are fewer than before."""
    return {
        id
        for id in before.keys() & after.keys()
        if now.edges_removed and before[id]["metadata"].get("depends_on") != after[id]["metadata"].get("depends_on")
    }


def _agree_with_outcome(scene: Scene, entry: Answer, id: str, now: Happening) -> None:
    published, proposed = now.published.get(id), now.proposed.get(id)
    match entry["schema_change_type"]:
        case "breaking":
            assert published is None
            newest = scene.all("/proposals", asset_id=id)[0]["id"]
            assert proposed is None or newest == proposed.proposal_id
            status = scene.get(f"/proposals/{newest}")
            assert status["status"] == "pending"
            assert status["breaking_changes"] == entry["breaking_changes"]
            shown = scene.get(f"/proposals/{newest}", include_status="false")
            assert shown["proposed_version"] == entry["suggested_version"]
        case "compatible":
            assert proposed is None and entry["breaking_changes"] == []
            types = {change["type"] for change in entry["changes"]}
            if types != {"type_undeclared"}:
                assert published is not None and published.version == entry["suggested_version"]
                assert [c.fingerprint for c in published.changes] == [c["fingerprint"] for c in entry["changes"]]
        case "none":
            assert proposed is None and entry["changes"] == []
            assert published is None or (published.changes, published.version) == ((), entry["suggested_version"])
        case None:
            assert proposed is None
            first = entry["has_schema"] and entry["current_version"] is None
            assert (published.version if published else None) == ("1.0.0" if first else None)


def _agree_with_impact(impact: Answer, diff: Answer, past: Happening, now: Happening, names: dict[str, str]) -> None:
    entries = {entry["fqn"]: entry for entry in diff["models"]}
    results = {result["fqn"]: result for result in impact["results"]}
    left_out = entries.keys() - results.keys()
    assert results.keys() <= entries.keys()
    assert all(entries[fqn]["change_type"] == "deleted" and not entries[fqn]["breaking_changes"] for fqn in left_out)
    assert impact["breaking_changes_count"] == diff["summary"]["breaking"]
    assert impact["models_with_contracts"] == sum(1 for e in entries.values() if e["current_version"])
    for fqn, result in results.items():
        entry = entries[fqn]
        for name in ("node_id", "asset_id", "breaking_changes", "current_version", "suggested_version"):
            assert result[name] == entry[name], (fqn, name)
        assert result["has_contract"] == (entry["current_version"] is not None)
        assert result["safe_to_publish"] == (not entry["breaking_changes"])
        published, proposed = now.published.get(result["asset_id"]), now.proposed.get(result["asset_id"])
        event = proposed or (published if published and entry["current_version"] else None)
        if event is not None:
            assert event.change_type is not None and result["change_type"] == event.change_type.value
        _agree_on_who_is_hit(result, past, names)


def _agree_on_who_is_hit(result: Answer, past: Happening, names: dict[str, str]) -> None:
    """The names and depths that a plain walk over the log's edges and registrations finds."""
    if result["safe_to_publish"]:
        assert result["impacted_assets"] == result["impacted_consumers"] == []
        return
    depths = past.reached(result["asset_id"])
    assets = {(a["asset_id"], a["fqn"], a["depth"]) for a in result["impacted_assets"]}
    assert assets == {(id, names[id], depth) for id, depth in depths.items() if depth}
    teams: dict[str, int] = {}
    for asset, team in past.consumers():
        if asset in depths:
            teams[team] = min(depths[asset], teams.get(team, depths[asset]))
    assert {c["team_id"]: c["depth"] for c in result["impacted_consumers"]} == teams
