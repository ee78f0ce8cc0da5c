"""Assets (api.md 3.3): create, get, update, delete, restore. Lists are in test_lists."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import (
    GONE,
    asset,
    fields,
    key,
    made,
    publish,
    refused,
    table,
    team,
    unique,
    user,
    with_key,
)  # fmt: skip

NARROW = {
    "id", "fqn", "description", "owner_team_id", "owner_user_id", "environment", "resource_type", "guarantee_mode",
    "semver_mode", "metadata", "tags", "source", "created_at", "updated_at", "deleted_at",
}  # fmt: skip
WIDE = {"owner_team_name", "owner_user_name", "owner_user_email", "active_contract_id", "active_contract_version"}


def test_defaults_and_members(api: httpx.Client) -> None:
    owner, fqn = team(api), unique("db.t")
    answer = api.post("/assets", json={"fqn": fqn, "owner_team_id": owner})
    body = made(answer)
    assert answer.status_code == 201 and set(body) == NARROW
    given: dict[str, Any] = {"fqn": fqn, "owner_team_id": owner, "owner_user_id": None, "description": None}
    given |= {"environment": "production", "resource_type": "other", "guarantee_mode": "notify", "semver_mode": "auto"}
    given |= {"metadata": {}, "tags": [], "source": None, "deleted_at": None}
    assert {name: body[name] for name in given} == given
    got = made(api.get(f"/assets/{body['id']}"))
    assert set(got) == NARROW | WIDE
    assert {name: got[name] for name in NARROW} == body
    assert got["owner_team_name"] == made(api.get(f"/teams/{owner}"))["name"]
    assert (got["owner_user_name"], got["owner_user_email"], got["active_contract_id"]) == (None, None, None)
    contract = publish(api, body["id"], owner, table(a="string"))["contract"]
    got = made(api.get(f"/assets/{body['id']}"))
    assert (got["active_contract_id"], got["active_contract_version"]) == (contract["id"], "1.0.0")


FULL: dict[str, Any] = {
    "description": "d" * 2000,
    "environment": "é" * 50,
    "resource_type": "grpc_service",
    "guarantee_mode": "strict",
    "semver_mode": "enforce",
    "metadata": {"b": 1, "a": {"z": None}},
    "tags": ["z", "a", "z", ""],
}


def test_every_member_is_kept_as_given(each_store: httpx.Client) -> None:
    owner = team(each_store)
    body = made(each_store.post("/assets", json={"fqn": unique("db.t"), "owner_team_id": owner, **FULL}))
    assert {name: body[name] for name in FULL} == FULL
    assert list(body["metadata"]) == ["b", "a"]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    ("member", "value", "field"),
    [
        ("fqn", 1, "body.fqn"),
        ("owner_team_id", "x", "body.owner_team_id"),
        ("owner_team_id", GONE + "\n", "body.owner_team_id"),
        ("owner_team_id", 1, "body.owner_team_id"),
        ("owner_user_id", "x", "body.owner_user_id"),
        ("owner_user_id", 1, "body.owner_user_id"),
        ("description", "d" * 2001, "body.description"),
        ("description", 1, "body.description"),
        ("environment", "", "body.environment"),
        ("environment", "e" * 51, "body.environment"),
        ("resource_type", "view", "body.resource_type"),
        ("resource_type", "Model", "body.resource_type"),
        ("guarantee_mode", "loud", "body.guarantee_mode"),
        ("semver_mode", True, "body.semver_mode"),
        ("metadata", [], "body.metadata"),
        ("metadata", "x", "body.metadata"),
        ("tags", "x", "body.tags"),
        ("tags", [123], "body.tags.0"),
        ("tags", ["a", None], "body.tags.1"),
        ("tags", {"a": 1}, "body.tags"),
    ],
)
def test_members_of_the_wrong_shape(api: httpx.Client, method: str, member: str, value: Any, field: str) -> None:
    owner = team(api)
    path = "/assets" if method == "POST" else f"/assets/{asset(api, owner)}"
    body = {"fqn": unique("db.t"), "owner_team_id": owner, member: value}
    assert fields(api.request(method, path, json=body)) == [field]


def test_required_members_and_nulls_of_a_new_asset(api: httpx.Client) -> None:
    owner = team(api)
    assert fields(api.post("/assets", json={"fqn": "a.b"})) == ["body.owner_team_id"]
    assert fields(api.post("/assets", json={"owner_team_id": owner})) == ["body.fqn"]
    for member in ("fqn", "environment", "resource_type", "metadata", "tags"):
        assert fields(api.post("/assets", json={"fqn": "a.b", "owner_team_id": owner, member: None})) == [
            f"body.{member}"
        ]
    nulls = {"fqn": unique("db.t"), "owner_team_id": owner, "description": None, "owner_user_id": None}
    assert made(api.post("/assets", json=nulls))["description"] is None


@pytest.mark.parametrize("fqn", ["a.b", "_.__", "A-.b-1", "a.b.c.d.e.f", "x." + "y" * 998])
def test_names_that_are_one(each_store: httpx.Client, fqn: str) -> None:
    id = asset(each_store, team(each_store), fqn, environment=unique("e"))
    assert made(each_store.get(f"/assets/{id}"))["fqn"] == fqn


@pytest.mark.parametrize(
    "fqn",
    ["", "a", "ab", "abc", ".", "a.", ".a", "a..b", "1a.b", "a.1b", "-a.b", "a b.c", "a.b ", " a.b", "a.b\n", "é.b"]
    + ["a.b%2Ec", "a/b.c", "ａ.b", "x." + "y" * 999, "x." + "y" * 50_000],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_names_that_are_none(api: httpx.Client, method: str, fqn: str) -> None:
    owner = team(api)
    path = "/assets" if method == "POST" else f"/assets/{asset(api, owner)}"
    refused(api.request(method, path, json={"fqn": fqn, "owner_team_id": owner}), 422, "INVALID_FQN")


def test_a_name_is_unique_in_its_environment_and_by_case(each_store: httpx.Client) -> None:
    owner, fqn = team(each_store), unique("Db.T")
    id = asset(each_store, owner, fqn)
    asset(each_store, owner, fqn.lower())
    asset(each_store, owner, fqn, environment="dev")
    other = asset(each_store, owner)
    refused(each_store.post("/assets", json={"fqn": fqn, "owner_team_id": owner}), 409, "DUPLICATE_ASSET")
    refused(each_store.patch(f"/assets/{other}", json={"fqn": fqn}), 409, "DUPLICATE_ASSET")
    in_dev = asset(each_store, owner, fqn + "x", environment="dev")
    refused(each_store.patch(f"/assets/{in_dev}", json={"fqn": fqn, "environment": "dev"}), 409, "DUPLICATE_ASSET")
    assert made(each_store.patch(f"/assets/{id}", json={"fqn": fqn}))["fqn"] == fqn


def test_null_clears_what_may_be_null_and_is_like_absent_for_the_rest(api: httpx.Client) -> None:
    owner = team(api)
    id = asset(api, owner, **FULL)
    before = made(api.get(f"/assets/{id}"))
    nulls = {name: None for name in ("fqn", "owner_team_id", "owner_user_id", *FULL) if name != "description"}
    assert made(api.patch(f"/assets/{id}", json=nulls)) == {name: before[name] for name in NARROW}
    assert made(api.patch(f"/assets/{id}", json={"description": None}))["description"] is None
    replaced = made(api.patch(f"/assets/{id}", json={"metadata": {"c": 1}, "tags": ["new"]}))
    assert (replaced["metadata"], replaced["tags"]) == ({"c": 1}, ["new"])
    assert made(api.patch(f"/assets/{id}", json={"metadata": {}, "tags": []}))["tags"] == []


def test_a_rename_keeps_id_contracts_and_registrations(api: httpx.Client) -> None:
    owner, new = team(api), unique("db.new")
    id = asset(api, owner)
    old = made(api.get(f"/assets/{id}"))["fqn"]
    contract = publish(api, id, owner, table(a="string"))["contract"]["id"]
    made(api.post("/registrations", json={"asset_id": id, "consumer_team_id": team(api)}))
    assert made(api.patch(f"/assets/{id}", json={"fqn": new, "environment": "dev"}))["id"] == id
    assert made(api.get(f"/contracts/{contract}"))["asset_fqn"] == new
    assert made(api.get(f"/contracts/{contract}/registrations"))["total"] == 1
    assert asset(api, owner, old) != id
    actions = [e["action"] for e in made(api.get(f"/audit/entities/asset/{id}/history"))["results"]]
    assert actions == ["asset.moved", "asset.created"]


def test_deleted_means_404_everywhere_but_for_its_contracts_and_its_return(each_store: httpx.Client) -> None:
    api, owner = each_store, team(each_store)
    id, other = asset(api, owner), asset(api, owner)
    fqn = made(api.get(f"/assets/{id}"))["fqn"]
    contract = publish(api, id, owner, table(a="string"))["contract"]["id"]
    registered = made(api.post("/registrations", json={"asset_id": id, "consumer_team_id": team(api)}))["id"]
    made(api.post(f"/assets/{other}/dependencies", json={"depends_on_asset_id": id}))
    proposal = publish(api, id, owner, table(b="string"))["proposal"]["id"]
    answer = api.delete(f"/assets/{id}")
    assert (answer.status_code, answer.content) == (204, b"") and "content-length" not in answer.headers
    path, schema = f"/assets/{id}", {"schema": table(a="string")}
    edge, consumer = {"depends_on_asset_id": id}, {"consumer_team_id": owner, "asset_id": id}
    for gone in (
        api.get(path),
        api.get(f"{path}/dependencies"),
        api.get(f"{path}/lineage"),
        api.get(f"{path}/contracts"),
        api.get(f"{path}/contracts/history"),
        api.patch(path, json={"tags": []}),
        api.delete(path),
        api.post(f"{path}/publish?published_by={owner}", json=schema),
        api.post(f"{path}/dependencies", json={"depends_on_asset_id": other}),
        api.post(f"/assets/{other}/dependencies", json=edge),
        api.post("/registrations", json=consumer),
        api.post("/registrations", json={"consumer_team_id": owner, "contract_id": contract}),
    ):
        refused(gone, 404, "ASSET_NOT_FOUND")
    assert made(api.get(f"/assets?fqn_exact={fqn}"))["total"] == 0
    (entry,) = made(api.get(f"/assets?fqn_exact={fqn}&include_deleted=true"))["results"]
    assert entry["deleted_at"] is not None
    assert made(api.get(f"/contracts/{contract}"))["status"] == "active"
    assert made(api.get(f"/proposals/{proposal}"))["status"] == "withdrawn"
    assert made(api.get(f"/assets/{other}/dependencies"))["total"] == 0
    assert made(api.get(f"/assets/{other}/lineage"))["upstream"] == []

    back = made(api.post(f"{path}/restore"))
    assert (back["id"], back["deleted_at"], set(back)) == (id, None, NARROW)
    assert made(api.post(f"{path}/restore")) == back
    assert made(api.get(f"/assets/{other}/dependencies"))["total"] == 1
    assert made(api.get(f"/registrations/{registered}"))["status"] == "active"


def test_a_name_of_a_deleted_asset_brings_it_back_with_the_given_fields(api: httpx.Client) -> None:
    owner, fqn = team(api), unique("db.t")
    id = asset(api, owner, fqn, **{**FULL, "environment": "production"})
    contract = publish(api, id, owner, table(a="string"))["contract"]["id"]
    api.delete(f"/assets/{id}")
    answer = api.post("/assets", json={"fqn": fqn, "owner_team_id": owner, "description": "new"})
    back = made(answer)
    assert (answer.status_code, back["id"], back["description"], back["tags"]) == (201, id, "new", [])
    assert (back["metadata"], back["semver_mode"], back["deleted_at"]) == ({}, "auto", None)
    assert made(api.get(f"/assets/{id}"))["active_contract_id"] == contract


def test_a_restore_is_refused_where_the_name_was_taken(each_store: httpx.Client) -> None:
    owner, fqn = team(each_store), unique("db.t")
    first = asset(each_store, owner, fqn)
    each_store.delete(f"/assets/{first}")
    second = asset(each_store, owner)
    made(each_store.patch(f"/assets/{second}", json={"fqn": fqn}))
    refused(each_store.post(f"/assets/{first}/restore"), 409, "DUPLICATE_ASSET")
    made(each_store.patch(f"/assets/{second}", json={"fqn": unique("db.t")}))
    assert made(each_store.post(f"/assets/{first}/restore"))["fqn"] == fqn


def test_the_owner_user_is_one_of_the_owner_team(each_store: httpx.Client) -> None:
    api, owner, other = each_store, team(each_store), team(each_store)
    mine, theirs = user(api, team_id=owner, name="Ada", email=f"{unique('ada')}@x.org"), user(api, team_id=other)
    nobodys = user(api)
    new = {"fqn": unique("db.t"), "owner_team_id": owner}
    for stranger in (theirs, nobodys):
        problem = refused(api.post("/assets", json={**new, "owner_user_id": stranger}), 400, "USER_TEAM_MISMATCH")
        assert "owner" in problem["detail"] and "team" in problem["detail"]
    refused(api.post("/assets", json={**new, "owner_user_id": GONE}), 404, "USER_NOT_FOUND")
    id = asset(api, owner, owner_user_id=mine.upper())
    got = made(api.get(f"/assets/{id}"))
    person = made(api.get(f"/users/{mine}"))
    shown = (got["owner_user_id"], got["owner_user_name"], got["owner_user_email"])
    assert shown == (mine, "Ada", person["email"])
    (entry,) = made(api.get(f"/assets?owner_user={mine}"))["results"]
    assert entry == got
    made(api.patch(f"/users/{mine}", json={"name": "Ada L."}))
    assert made(api.get(f"/assets?owner_user={mine}"))["results"][0]["owner_user_name"] == "Ada L."
    path = f"/assets/{id}"
    refused(api.patch(path, json={"owner_user_id": theirs}), 400, "USER_TEAM_MISMATCH")
    refused(api.patch(path, json={"owner_user_id": GONE}), 404, "USER_NOT_FOUND")
    # Against the team after the change: the old owner is none of the new team's.
    refused(api.patch(path, json={"owner_team_id": other}), 400, "USER_TEAM_MISMATCH")
    moved = made(api.patch(path, json={"owner_team_id": other, "owner_user_id": theirs}))
    assert (moved["owner_team_id"], moved["owner_user_id"]) == (other, theirs)
    assert made(api.patch(path, json={"owner_user_id": None}))["owner_user_id"] is None


def test_a_responsible_user_who_leaves_the_team_stays_until_the_owner_changes(api: httpx.Client) -> None:
    owner, other = team(api), team(api)
    left = user(api, team_id=owner)
    id = asset(api, owner, owner_user_id=left)
    made(api.patch(f"/users/{left}", json={"team_id": other}))
    assert made(api.patch(f"/assets/{id}", json={"description": "x"}))["owner_user_id"] == left
    refused(api.patch(f"/assets/{id}", json={"owner_user_id": left}), 400, "USER_TEAM_MISMATCH")
    assert made(api.patch(f"/assets/{id}", json={"owner_team_id": other}))["owner_user_id"] == left


def test_bulk_assign(each_store: httpx.Client) -> None:
    api, owner = each_store, team(each_store)
    ada, bob = user(api, team_id=owner), user(api, team_id=owner)
    ids = [asset(api, owner), asset(api, owner, owner_user_id=bob)]
    gone, foreign = asset(api, owner), asset(api, team(api))
    api.delete(f"/assets/{gone}")
    answer = api.post(
        "/assets/bulk-assign", json={"asset_ids": [*ids, GONE, gone, ids[0].upper()], "owner_user_id": ada}
    )
    body = made(answer)
    assert answer.status_code == 200
    assert body == {"updated": 2, "not_found": [GONE, gone], "owner_user_id": ada}
    assert [made(api.get(f"/assets/{id}"))["owner_user_id"] for id in ids] == [ada, ada]
    event = made(api.get("/audit/events?action=bulk.owner_assigned"))["results"][0]
    payload = event["payload"]
    assert (event["entity_type"], payload["owner_user_id"], payload["asset_ids"]) == ("bulk", ada, ids)
    both = {"asset_ids": [ids[0], foreign], "owner_user_id": bob}
    refused(api.post("/assets/bulk-assign", json=both), 400, "USER_TEAM_MISMATCH")
    assert made(api.get(f"/assets/{ids[0]}"))["owner_user_id"] == ada, "all of them or none"
    refused(api.post("/assets/bulk-assign", json={**both, "owner_user_id": GONE}), 404, "USER_NOT_FOUND")
    cleared = made(api.post("/assets/bulk-assign", json={"asset_ids": [*ids, foreign], "owner_user_id": None}))
    assert cleared == {"updated": 3, "not_found": [], "owner_user_id": None}
    assert made(api.get(f"/assets?owner={owner}&unowned=true"))["total"] == 2
    with with_key(api, key(api, owner, "write")) as writer:
        refused(writer.post("/assets/bulk-assign", json=both), 403, "INSUFFICIENT_SCOPE")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"owner_user_id": None}, "body.asset_ids"),
        ({"asset_ids": [GONE]}, "body.owner_user_id"),
        ({"asset_ids": [], "owner_user_id": None}, "body.asset_ids"),
        ({"asset_ids": None, "owner_user_id": None}, "body.asset_ids"),
        ({"asset_ids": ["x"], "owner_user_id": None}, "body.asset_ids.0"),
        ({"asset_ids": [GONE], "owner_user_id": "x"}, "body.owner_user_id"),
    ],
)
def test_bulk_assignments_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post("/assets/bulk-assign", json=body)) == [field]
