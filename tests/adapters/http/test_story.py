"""The main flow on both stores, through a real socket: sync, sync again, a breaking change, a proposal, history."""

from typing import Any

import httpx

from tests.conftest import Server
from tests.manifests import depends, manifest, model, upload

FLAGS = {"auto_publish_contracts": True, "auto_register_consumers": True, "conflict_mode": "overwrite"}


def _team(api: httpx.Client, name: str) -> str:
    answer = api.post("/teams", json={"name": name})
    assert answer.status_code == 201
    id: str = answer.json()["id"]
    return id


def _sync(api: httpx.Client, document: dict[str, Any], **options: Any) -> dict[str, Any]:
    answer = api.post("/sync/dbt/upload", content=upload(document, **options))
    body: dict[str, Any] = {"code": answer.status_code, **answer.json()}
    return body


def _shop(orders: dict[str, str | None]) -> dict[str, Any]:
    report = model("report", {"n": "int"}, depends_on=depends("orders"), meta={"muniment": {"owner_team": "finance"}})
    return manifest(model("orders", orders), report)


def test_from_first_sync_to_an_open_proposal(server: Server) -> None:
    api = server.client()
    producer, consumer = _team(api, "shop"), _team(api, "finance")

    first = _sync(api, _shop({"id": "int", "total": "numeric"}), owner_team_id=producer, **FLAGS)
    assert (first["code"], first["assets"]["created"], first["contracts"]["published"]) == (200, 2, 2)
    assert [entry["consumer_team_id"] for entry in first["registrations"]["details"]] == [consumer]
    head = int(api.get("/assets").headers["muniment-position"])
    assert first["position"] == head

    again = _sync(api, _shop({"id": "int", "total": "numeric"}), owner_team_id=producer, **FLAGS)
    assert (again["position"], again["assets"]["unchanged"]) == (None, 2)
    assert int(api.get("/assets").headers["muniment-position"]) == head

    broken = _shop({"id": "int"})
    diff = api.post("/sync/dbt/diff", content=upload(broken)).json()
    assert (diff["status"], diff["blocking"]) == ("breaking_changes_detected", True)
    (changed,) = [entry for entry in diff["models"] if entry["breaking_changes"]]
    assert changed["registered_consumers"] == ["finance"]
    assert [c["path"] for c in changed["breaking_changes"]] == ["properties.total"]
    impact = api.post("/sync/dbt/impact", content=upload(broken)).json()
    (hit,) = [entry for entry in impact["results"] if not entry["safe_to_publish"]]
    assert [team["team_name"] for team in hit["impacted_consumers"]] == ["finance"]
    assert int(api.get("/assets").headers["muniment-position"]) == head

    proposed = _sync(api, broken, owner_team_id=producer, auto_create_proposals=True, **FLAGS)
    assert (proposed["code"], proposed["proposals"]["created"]) == (200, 1)
    status = api.get(f"/proposals/{proposed['proposals']['details'][0]['proposal_id']}").json()
    assert (status["status"], status["consumers"]["pending"]) == ("pending", 1)
    assert [team["team_name"] for team in status["pending_consumers"]] == ["finance"]
    assert [asset["asset_fqn"] for asset in status["affected_assets"]] == ["db.main.report"]

    same = _sync(api, broken, owner_team_id=producer, auto_create_proposals=True, **FLAGS)
    assert (same["position"], len(same["proposals"]["pending"])) == (None, 1)

    back = _sync(api, _shop({"id": "int", "total": "numeric"}), owner_team_id=producer, **FLAGS)
    assert back["position"] is not None
    assert api.get(f"/proposals/{status['id']}").json()["status"] == "withdrawn"


def test_any_moment_can_be_asked_for(server: Server) -> None:
    api = server.client()
    team = _team(api, "shop")
    _sync(api, manifest(model("orders", {"id": "int"})), owner_team_id=team, **FLAGS)
    (asset,) = api.get("/assets").json()["results"]
    before = int(api.get("/assets").headers["muniment-position"])
    assert api.delete(f"/assets/{asset['id']}").status_code == 204
    assert api.get(f"/assets/{asset['id']}").status_code == 404
    then = api.get(f"/assets/{asset['id']}", params={"as_of": before})
    assert then.status_code == 200
    assert then.json() == asset
    assert api.get("/assets", params={"as_of": before}).json()["total"] == 1
    assert api.get("/assets", params={"as_of": 0}).json()["total"] == 0
    assert api.get("/assets", params={"as_of": before + 999}).json()["code"] == "INVALID_AS_OF"
    assert api.get("/assets", params={"as_of": asset["created_at"]}).json()["total"] == 1


def test_a_repeated_request_has_one_effect(server: Server) -> None:
    api = server.client()
    headers = {"Idempotency-Key": "k1"}
    first = api.post("/teams", json={"name": "shop"}, headers=headers)
    second = api.post("/teams", json={"name": "shop"}, headers=headers)
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert second.headers["idempotency-replayed"] == "true"
    assert api.post("/teams", json={"name": "other"}, headers=headers).json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    team = first.json()["id"]
    body = upload(manifest(model("orders", {"id": "int"})), owner_team_id=team)
    one = api.post("/sync/dbt/upload", content=body, headers={"Idempotency-Key": "k2"})
    two = api.post("/sync/dbt/upload", content=body, headers={"Idempotency-Key": "k2"})
    assert one.json() == two.json()
    assert two.headers["idempotency-replayed"] == "true"
