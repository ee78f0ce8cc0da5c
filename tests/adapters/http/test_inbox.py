"""What awaits a team, in one call: proposals to answer, contracts to leave, registrations to confirm."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, made, publish, refused, table, team, unique
from tests.manifests import depends, manifest, model

WIDE, NARROW = table(id="integer", total="number"), table(id="integer")


@pytest.fixture
def shop(each_store: httpx.Client) -> str:
    return team(each_store)


@pytest.fixture
def finance(each_store: httpx.Client) -> str:
    return team(each_store)


def inbox(api: httpx.Client, team_id: str, **query: Any) -> dict[str, Any]:
    return made(api.get(f"/teams/{team_id}/inbox", params=query))


def registered(api: httpx.Client, asset_id: str, team_id: str, **more: Any) -> str:
    body = {"asset_id": asset_id, "consumer_team_id": team_id, **more}
    id: str = made(api.post("/registrations", json=body))["id"]
    return id


def test_nothing_awaits_a_new_team(each_store: httpx.Client, finance: str) -> None:
    name = made(each_store.get(f"/teams/{finance}"))["name"]
    empty: dict[str, list[Any]] = {"proposals": [], "deprecated_contracts": [], "unconfirmed_registrations": []}
    assert inbox(each_store, finance) == {"team_id": finance, "team_name": name, **empty, "total": 0}


def test_a_proposal_awaits_the_consumer_until_it_answers(each_store: httpx.Client, shop: str, finance: str) -> None:
    api = each_store
    orders = asset(api, shop)
    publish(api, orders, shop, WIDE)
    registered(api, orders, finance)
    proposal = publish(api, orders, shop, NARROW)["proposal"]["id"]
    before = made(api.get("/audit/events", params={"limit": 1}))["results"][0]["position"]
    pending = made(api.get(f"/proposals/pending/{finance}"))["pending_proposals"]
    assert inbox(api, finance)["proposals"] == pending and [each["proposal_id"] for each in pending] == [proposal]
    assert inbox(api, finance)["total"] == 1
    assert inbox(api, shop)["total"] == 0
    made(api.post(f"/proposals/{proposal}/acknowledge", json={"consumer_team_id": finance, "response": "blocked"}))
    assert inbox(api, finance)["total"] == 0
    assert inbox(api, finance, as_of=before)["total"] == 1


def test_a_pinned_version_that_is_deprecated_is_to_be_left(each_store: httpx.Client, shop: str, finance: str) -> None:
    api = each_store
    fqn = unique("db.t")
    orders = asset(api, shop, fqn)
    first = publish(api, orders, shop, NARROW)["contract"]["id"]
    registration = registered(api, orders, finance, pinned_version="1.0.0")
    assert inbox(api, finance)["deprecated_contracts"] == []
    publish(api, orders, shop, WIDE)
    assert inbox(api, finance)["deprecated_contracts"] == [
        {
            "registration_id": registration,
            "asset_id": orders,
            "asset_fqn": fqn,
            "contract_id": first,
            "version": "1.0.0",
            "status": "deprecated",
            "active_version": "1.1.0",
        }
    ]
    made(api.patch(f"/registrations/{registration}", json={"pinned_version": None}))
    assert inbox(api, finance)["deprecated_contracts"] == []


def test_a_retired_contract_without_an_active_one_is_to_be_left(
    each_store: httpx.Client, shop: str, finance: str
) -> None:
    api = each_store
    orders = asset(api, shop)
    contract = publish(api, orders, shop, NARROW)["contract"]["id"]
    registration = registered(api, orders, finance)
    made(api.post(f"/contracts/{contract}/retire"))
    (left,) = inbox(api, finance)["deprecated_contracts"]
    assert (left["contract_id"], left["status"], left["active_version"]) == (contract, "retired", None)
    made(api.patch(f"/registrations/{registration}", json={"status": "inactive"}))
    assert inbox(api, finance)["total"] == 0


def test_a_registration_by_a_sync_is_confirmed_by_saying_its_status(
    each_store: httpx.Client, shop: str, finance: str
) -> None:
    api, environment = each_store, unique("env")
    owned = {"meta": {"muniment": {"owner_team": made(api.get(f"/teams/{finance}"))["name"]}}}
    document = manifest(
        model("orders", {"id": "integer"}), model("revenue", depends_on=depends("orders"), config=owned)
    )
    body = {"manifest": document, "owner_team_id": shop, "environment": environment, "auto_register_consumers": True}
    (detail,) = made(api.post("/sync/dbt/upload", json=body))["registrations"]["details"]
    (awaiting,) = inbox(api, finance)["unconfirmed_registrations"]
    assert awaiting.pop("registered_at").endswith("Z")
    id = detail["registration_id"]
    assert awaiting == {
        "registration_id": id,
        "asset_id": detail["asset_id"],
        "asset_fqn": "db.main.orders",
        "source": {"kind": "dbt", "key": "shop"},
    }
    assert made(api.get(f"/registrations/{id}"))["acknowledged_at"] is None
    confirmed = made(api.patch(f"/registrations/{id}", json={"status": "active"}))
    assert confirmed["acknowledged_at"] == confirmed["updated_at"]
    assert inbox(api, finance)["total"] == 0
    assert made(api.patch(f"/registrations/{id}", json={"status": "active"})) == confirmed


def test_inbox_of_nobody(each_store: httpx.Client) -> None:
    refused(each_store.get(f"/teams/{GONE}/inbox"), 404, "TEAM_NOT_FOUND")
    assert fields(each_store.get("/teams/1/inbox")) == ["path.team_id"]
