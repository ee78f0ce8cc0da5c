"""Guarantees replaced, and contracts retired (api.md 3.6, 4.1)."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.test_contracts import MEMBERS
from tests.adapters.http.world import GONE, asset, fields, key, made, publish, refused, table, team, with_key

ONE, WIDER, BROKEN = table(a="string"), table(a="string", b="string"), table(b="string")
NAMED = {"freshness": None, "volume": None, "nullability": None, "accepted_values": None}
PROMISED = {"freshness": {"max_staleness_minutes": 60}, "nullability": {"a": "never"}, "custom": [{"type": "x"}]}


class Desk:
    """An asset with the versions 1.0.0 (deprecated) and 1.1.0 (active)."""

    def __init__(self, api: httpx.Client, **more: Any) -> None:
        self.api, self.owner = api, team(api)
        self.asset = asset(api, self.owner, **more)
        self.old = publish(api, self.asset, self.owner, ONE)["contract"]["id"]
        self.new = publish(api, self.asset, self.owner, WIDER, guarantees={"volume": {"min_rows": 1}})["contract"]["id"]

    def promise(self, guarantees: Any, contract: str = "", **headers: str) -> httpx.Response:
        path = f"/contracts/{contract or self.new}/guarantees"
        return self.api.patch(path, json={"guarantees": guarantees}, headers=headers)

    def retire(self, contract: str) -> httpx.Response:
        return self.api.post(f"/contracts/{contract}/retire")

    def audited(self, contract: str) -> list[str]:
        history = made(self.api.get(f"/audit/entities/contract/{contract}/history"))["results"]
        return [event["action"] for event in reversed(history)]


@pytest.fixture
def desk(each_store: httpx.Client) -> Desk:
    return Desk(each_store)


def test_guarantees_are_replaced_as_a_whole(desk: Desk) -> None:
    before = made(desk.api.get(f"/contracts/{desk.new}"))
    answer = desk.promise(PROMISED)
    got = made(answer)
    assert answer.status_code == 200 and set(got) == MEMBERS
    assert got["guarantees"] == {**NAMED, **PROMISED}, "the volume of before is gone"
    changed = {"guarantees", "updated_at"}
    assert {k: v for k, v in got.items() if k not in changed} == {k: v for k, v in before.items() if k not in changed}
    assert made(desk.api.get(f"/contracts/{desk.new}")) == got
    assert desk.audited(desk.new) == ["contract.published", "contract.guarantees_updated"]
    event = made(desk.api.get("/audit/events?action=contract.guarantees_updated&limit=1"))["results"][0]
    assert (event["entity_type"], event["entity_id"]) == ("contract", desk.new)
    assert event["payload"]["guarantees"] == PROMISED
    # What is promised now is what a later version carries over, and is judged against.
    later = publish(desk.api, desk.asset, desk.owner, {**WIDER, "title": "T"})
    assert later["contract"]["guarantees"] == got["guarantees"]


def test_null_clears_and_what_is_absent_or_the_same_writes_nothing(desk: Desk) -> None:
    cleared = made(desk.promise(None))
    assert cleared["guarantees"] is None
    head = desk.api.get("/teams").headers["muniment-position"]
    absent = desk.api.patch(f"/contracts/{desk.new}/guarantees", json={})
    for answer in (absent, desk.promise(None)):
        assert made(answer) == cleared and answer.headers["muniment-position"] == head
    assert made(desk.promise({}))["guarantees"] == NAMED


def test_guarantees_of_what_is_not_active_or_not_there_stay(desk: Desk) -> None:
    body = refused(desk.promise(PROMISED, desk.old), 400, "CONTRACT_NOT_ACTIVE")
    assert "deprecated" in body["detail"]
    for unknown in (GONE, desk.asset):
        assert "not found" in refused(desk.promise(PROMISED, unknown), 404, "CONTRACT_NOT_FOUND")["detail"]
    assert fields(desk.api.patch("/contracts/x/guarantees", json={})) == ["path.contract_id"]
    desk.api.delete(f"/assets/{desk.asset}")
    refused(desk.promise(PROMISED), 404, "ASSET_NOT_FOUND")


@pytest.mark.parametrize(
    ("guarantees", "field"),
    [
        ([], "body.guarantees"),
        ("x", "body.guarantees"),
        (1, "body.guarantees"),
        ({"freshness": 5}, "body.guarantees.freshness"),
        ({"volume": []}, "body.guarantees.volume"),
        ({"nullability": {"a": 1}}, "body.guarantees.nullability.*"),
        ({"nullability": []}, "body.guarantees.nullability"),
        ({"accepted_values": {"a": "x"}}, "body.guarantees.accepted_values.*"),
    ],
)
def test_guarantees_of_the_wrong_shape(api: httpx.Client, guarantees: Any, field: str) -> None:
    assert fields(api.patch(f"/contracts/{GONE}/guarantees", json={"guarantees": guarantees})) == [field]


def test_guarantees_belong_to_the_owner_and_may_be_held_to_a_version(api: httpx.Client) -> None:
    desk = Desk(api)
    stranger = with_key(api, key(api, team(api)))
    refused(stranger.patch(f"/contracts/{desk.new}/guarantees", json={"guarantees": {}}), 403, "UNAUTHORIZED_TEAM")
    tag = api.get(f"/contracts/{desk.new}").headers["etag"]
    changed = desk.promise(PROMISED, **{"If-Match": tag})
    assert changed.headers["etag"] == api.get(f"/contracts/{desk.new}").headers["etag"] != tag
    details = refused(desk.promise({}, **{"If-Match": tag}), 412, "PRECONDITION_FAILED")["details"]
    assert details == {"current_etag": changed.headers["etag"]}


def test_where_guarantees_break_open_proposals_are_judged_again(each_store: httpx.Client) -> None:
    desk, consumer = Desk(each_store, guarantee_mode="strict"), team(each_store)
    made(each_store.post("/registrations", json={"asset_id": desk.asset, "consumer_team_id": consumer}))
    published = publish(desk.api, desk.asset, desk.owner, BROKEN, guarantees={"volume": {"min_rows": 1}})
    proposal = published["proposal"]["id"]
    answer = {"consumer_team_id": consumer, "response": "approved"}
    made(desk.api.post(f"/proposals/{proposal}/acknowledge", json=answer))
    assert made(desk.api.get(f"/proposals/{proposal}"))["status"] == "approved"
    made(desk.promise({"volume": {"min_rows": 1}, "nullability": {"b": "never"}}))
    status = made(desk.api.get(f"/proposals/{proposal}"))
    assert status["status"] == "pending", "it would now break a guarantee that nobody was asked about"
    assert "not_null_removed" in [change["type"] for change in status["breaking_changes"]]


def test_a_contract_is_retired_once(desk: Desk) -> None:
    for contract, before in ((desk.old, "deprecated"), (desk.new, "active")):
        assert made(desk.api.get(f"/contracts/{contract}"))["status"] == before
        answer = desk.retire(contract)
        got = made(answer)
        assert (answer.status_code, set(got), got["status"]) == (200, MEMBERS, "retired")
        assert made(desk.api.get(f"/contracts/{contract}")) == got
        again = refused(desk.retire(contract), 400, "CONTRACT_NOT_ACTIVE")
        assert "retired" in again["detail"]
        assert desk.audited(contract)[-1] == "contract.retired"
    refused(desk.promise({}), 400, "CONTRACT_NOT_ACTIVE")
    listed = made(desk.api.get(f"/contracts?asset_id={desk.asset}&status=retired"))["results"]
    assert [c["id"] for c in listed] == [desk.new, desk.old]


def test_after_the_active_one_is_retired_the_asset_promises_nothing_and_begins_anew(desk: Desk) -> None:
    tag = desk.api.get(f"/assets/{desk.asset}").headers["etag"]
    made(desk.retire(desk.new))
    shown = desk.api.get(f"/assets/{desk.asset}")
    assert (made(shown)["active_contract_id"], made(shown)["active_contract_version"]) == (None, None)
    assert shown.headers["etag"] != tag
    suggested = made(desk.api.post(f"/assets/{desk.asset}/version-suggestion", json={"schema": BROKEN}))
    assert (suggested["suggested_version"], suggested["current_version"]) == ("2.0.0", None)
    assert suggested["is_first_contract"] is False and suggested["reason"]
    anew = publish(desk.api, desk.asset, desk.owner, BROKEN)
    assert (anew["action"], anew["contract"]["version"]) == ("published", "2.0.0")
    refused(
        desk.api.post(
            f"/assets/{desk.asset}/publish?published_by={desk.owner}", json={"schema": BROKEN, "version": "1.1.0"}
        ),
        409,
        "VERSION_EXISTS",
    )


def test_a_proposal_against_what_was_retired_is_stale(desk: Desk) -> None:
    proposal = publish(desk.api, desk.asset, desk.owner, BROKEN)["proposal"]["id"]
    made(desk.api.post(f"/proposals/{proposal}/force"))
    made(desk.retire(desk.new))
    answer = desk.api.post(f"/proposals/{proposal}/publish", json={"published_by": desk.owner})
    refused(answer, 409, "PROPOSAL_STALE")


def test_who_may_retire_what(api: httpx.Client) -> None:
    desk = Desk(api)
    owner = with_key(api, key(api, desk.owner))
    details = refused(owner.post(f"/contracts/{desk.new}/retire"), 403, "INSUFFICIENT_SCOPE")["details"]
    assert details == {"required_scope": "admin"}
    for unknown in (GONE, desk.asset):
        refused(desk.retire(unknown), 404, "CONTRACT_NOT_FOUND")
    assert fields(desk.retire("x")) == ["path.contract_id"]
    stale = api.post(f"/contracts/{desk.new}/retire", headers={"If-Match": '"v99-x"'})
    refused(stale, 412, "PRECONDITION_FAILED")
    assert api.post(f"/contracts/{desk.new}/retire", json={}).status_code == 200
    api.delete(f"/assets/{desk.asset}")
    refused(desk.retire(desk.old), 404, "ASSET_NOT_FOUND")
    assert made(api.get(f"/contracts/{desk.old}"))["status"] == "deprecated", "deleting the asset retires nothing"
