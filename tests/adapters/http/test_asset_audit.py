"""The audit trail of one asset: its own events and those of whatever belongs to it, of no other, on both stores."""

from tests.conftest import Server
from tests.manifests import depends, manifest, model, upload

FLAGS = {"auto_publish_contracts": True, "auto_register_consumers": True, "conflict_mode": "overwrite"}


def test_all_that_belongs_to_one_asset(server: Server) -> None:
    api = server.client()
    team = api.post("/teams", json={"name": "shop"}).json()["id"]
    api.post("/teams", json={"name": "finance"})
    for consumers in (["finance"], []):
        said = {"muniment": {"consumers": consumers}}
        orders = model("orders", {"id": "int"}, depends_on=depends("raw"), meta=said)
        document = manifest(model("raw", {"id": "int"}), orders)
        assert api.post("/sync/dbt/upload", content=upload(document, owner_team_id=team, **FLAGS)).status_code == 200
    (asset,) = api.get("/assets", params={"fqn_exact": "db.main.orders"}).json()["results"]
    own = api.get("/audit/events", params={"asset_id": asset["id"].upper()}).json()
    assert [event["action"] for event in own["results"]][::-1] == [
        "asset.created",
        "contract.published",
        "registration.created",
        "asset.updated",
        "registration.deleted",
    ]
    registered = api.get("/audit/events", params={"asset_id": asset["id"], "entity_type": "registration"}).json()
    assert registered["total"] == 2
    assert api.get("/audit/events", params={"asset_id": "x"}).json()["code"] == "VALIDATION_ERROR"
