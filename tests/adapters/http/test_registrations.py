"""Registrations (api.md 3.7): create, list, get."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, key, made, publish, refused, table, team, with_key


class Desk:
    def __init__(self, api: httpx.Client) -> None:
        self.owner, self.consumer = team(api), team(api)
        self.asset = asset(api, self.owner)
        self.contract = publish(api, self.asset, self.owner, table(a="string"))["contract"]["id"]


def test_a_registration_is_made_by_contract_or_asset_in_body_or_query(each_store: httpx.Client) -> None:
    desk = Desk(each_store)
    body = {"consumer_team_id": desk.consumer.upper(), "contract_id": desk.contract.upper(), "pinned_version": "1.0.0"}
    answer = each_store.post("/registrations", json=body)
    got = made(answer)
    assert answer.status_code == 201
    assert got == {
        "id": got["id"],
        "asset_id": desk.asset,
        "contract_id": desk.contract,
        "consumer_team_id": desk.consumer,
        "pinned_version": "1.0.0",
        "status": "active",
        "registered_at": got["registered_at"],
        "acknowledged_at": None,
        "updated_at": got["registered_at"],
    }
    assert made(each_store.get(f"/registrations/{got['id']}")) == got
    refused(each_store.post("/registrations", json=body), 409, "DUPLICATE_REGISTRATION")
    by_query = each_store.post(
        f"/registrations?contract_id={desk.contract}", json={"consumer_team_id": team(each_store)}
    )
    assert made(by_query)["contract_id"] == desk.contract
    body = {"consumer_team_id": team(each_store), "contract_id": desk.contract}
    assert made(each_store.post(f"/registrations?contract_id={GONE}", json=body))["asset_id"] == desk.asset
    by_asset = made(each_store.post("/registrations", json={"consumer_team_id": desk.owner, "asset_id": desk.asset}))
    assert by_asset["contract_id"] == desk.contract, "the owner may register too"
    bare = asset(each_store, desk.owner)
    without = made(each_store.post("/registrations", json={"consumer_team_id": desk.owner, "asset_id": bare}))
    assert without["contract_id"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.consumer_team_id"),
        ({"consumer_team_id": "x"}, "body.consumer_team_id"),
        ({"consumer_team_id": GONE, "contract_id": "x"}, "body.contract_id"),
        ({"consumer_team_id": GONE, "asset_id": 1}, "body.asset_id"),
        ({"consumer_team_id": GONE, "asset_id": GONE, "pinned_version": "1.0"}, "body.pinned_version"),
        ({"consumer_team_id": GONE, "asset_id": GONE, "pinned_version": "1.0.0\n"}, "body.pinned_version"),
        ({"consumer_team_id": GONE, "asset_id": GONE, "pinned_version": "01.0.0"}, "body.pinned_version"),
    ],
)
def test_registrations_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post("/registrations", json=body)) == [field]


def test_a_bad_contract_in_the_query(api: httpx.Client) -> None:
    assert fields(api.post("/registrations?contract_id=x", json={"consumer_team_id": GONE})) == ["query.contract_id"]


def test_lists_newest_first_with_every_filter(each_store: httpx.Client) -> None:
    one, two = Desk(each_store), Desk(each_store)
    ids = [
        made(each_store.post("/registrations", json={"contract_id": desk.contract, "consumer_team_id": consumer}))["id"]
        for desk, consumer in [(one, one.consumer), (two, one.consumer), (two, two.consumer)]
    ]
    newer = publish(each_store, two.asset, two.owner, table(a="string", b="string"))["contract"]["id"]

    def listed(query: str) -> list[int]:
        found = made(each_store.get(f"/registrations?limit=100&{query}"))["results"]
        return [ids.index(r["id"]) for r in found if r["id"] in ids]

    assert listed("") == [2, 1, 0]
    assert listed(f"consumer_team_id={one.consumer.upper()}") == [1, 0]
    assert listed(f"asset_id={two.asset}") == [2, 1]
    assert listed(f"contract_id={two.contract}") == listed(f"contract_id={newer}") == [2, 1]
    assert listed(f"contract_id={two.contract}&asset_id={one.asset}") == []
    assert listed(f"contract_id={GONE}") == []
    assert listed("status=active") == [2, 1, 0]
    assert listed("status=inactive") == []
    assert listed(f"consumer_team_id={one.consumer}&asset_id={two.asset}&status=active") == [1]
    assert fields(each_store.get("/registrations?status=gone")) == ["query.status"]
    assert fields(each_store.get("/registrations?contract_id=x")) == ["query.contract_id"]


def test_a_team_registers_itself_on_anothers_asset(api: httpx.Client) -> None:
    desk = Desk(api)
    consumer = with_key(api, key(api, desk.consumer))
    body = {"contract_id": desk.contract, "consumer_team_id": desk.consumer}
    assert made(consumer.post("/registrations", json=body))["consumer_team_id"] == desk.consumer
    # Not even the asset's owner registers another team.
    owner = with_key(api, key(api, desk.owner))
    body["consumer_team_id"] = team(api)
    refused(owner.post("/registrations", json=body), 403, "UNAUTHORIZED_TEAM")
