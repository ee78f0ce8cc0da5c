"""Edges and lineage (api.md 3.4)."""

import httpx

from tests.adapters.http.world import GONE, asset, fields, made, publish, refused, table, team


def test_edges_are_drawn_listed_and_removed(each_store: httpx.Client) -> None:
    api, owner = each_store, team(each_store)
    id, up = asset(api, owner), [asset(api, owner) for _ in range(2)]
    path = f"/assets/{id}/dependencies"
    answer = api.post(path, json={"depends_on_asset_id": up[0].upper()})
    edge = made(answer)
    assert answer.status_code == 201
    assert edge == {
        "id": edge["id"],
        "dependent_asset_id": id,
        "dependency_asset_id": up[0],
        "dependency_type": "consumes",
        "source": "manual",
        "created_at": edge["created_at"],
    }
    for kind in ("references", "transforms"):
        made(api.post(path, json={"depends_on_asset_id": up[0], "dependency_type": kind}))
    refused(api.post(path, json={"depends_on_asset_id": up[0]}), 409, "DUPLICATE_DEPENDENCY")
    listed = made(api.get(path))
    assert (listed["total"], listed["results"][-1]) == (3, edge)
    assert api.delete(f"{path}/{edge['id']}").status_code == 204
    refused(api.delete(f"{path}/{edge['id']}"), 404, "DEPENDENCY_NOT_FOUND")
    refused(api.delete(f"/assets/{GONE}/dependencies/{edge['id']}"), 404, "ASSET_NOT_FOUND")
    again = made(api.post(path, json={"depends_on_asset_id": up[0]}))
    assert again["id"] != edge["id"]


def test_edges_of_the_wrong_shape(api: httpx.Client) -> None:
    path = f"/assets/{asset(api, team(api))}/dependencies"
    assert fields(api.post(path, json={})) == ["body.depends_on_asset_id"]
    assert fields(api.post(path, json={"depends_on_asset_id": "x"})) == ["body.depends_on_asset_id"]
    wrong = {"depends_on_asset_id": GONE, "dependency_type": "uses"}
    assert fields(api.post(path, json=wrong)) == ["body.dependency_type"]


def test_lineage_is_one_step_each_way_with_the_consumers(api: httpx.Client) -> None:
    owner, consumer = team(api), team(api)
    names = {id: made(api.get(f"/teams/{id}"))["name"] for id in (owner, consumer)}
    ids = [asset(api, owner) for _ in range(4)]
    fqns = [made(api.get(f"/assets/{id}"))["fqn"] for id in ids]
    for n in range(3):
        made(api.post(f"/assets/{ids[n]}/dependencies", json={"depends_on_asset_id": ids[n + 1]}))
    # A cycle is fine.
    made(api.post(f"/assets/{ids[3]}/dependencies", json={"depends_on_asset_id": ids[0]}))
    contract = publish(api, ids[1], owner, table(a="string"))["contract"]["id"]
    body = {"contract_id": contract, "consumer_team_id": consumer, "pinned_version": "1.0.0"}
    made(api.post("/registrations", json=body))

    def end(n: int) -> dict[str, object]:
        kind = {"asset_id": ids[n], "asset_fqn": fqns[n], "dependency_type": "consumes"}
        return {**kind, "owner_team": names[owner]}

    registered = [{"contract_id": contract, "status": "active", "pinned_version": "1.0.0"}]
    assert made(api.get(f"/assets/{ids[1]}/lineage")) == {
        "asset_id": ids[1],
        "asset_fqn": fqns[1],
        "owner_team_id": owner,
        "owner_team_name": names[owner],
        "upstream": [end(2)],
        "downstream": [{"team_id": consumer, "team_name": names[consumer], "registrations": registered}],
        "downstream_assets": [end(0)],
    }
    api.delete(f"/assets/{ids[0]}")
    assert made(api.get(f"/assets/{ids[1]}/lineage"))["downstream_assets"] == []


def test_lineage_is_never_cut(api: httpx.Client) -> None:
    owner = team(api)
    id = asset(api, owner)
    for _ in range(120):
        made(api.post(f"/assets/{asset(api, owner)}/dependencies", json={"depends_on_asset_id": id}))
    assert len(made(api.get(f"/assets/{id}/lineage"))["downstream_assets"]) == 120
