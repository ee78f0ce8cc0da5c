"""The preview of a publication (api.md 3.14): `POST /assets/{id}/impact-preview`."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, key, made, publish, refused, table, team, with_key

MEMBERS = {
    "is_breaking", "change_type", "breaking_changes", "non_breaking_changes", "guarantee_changes",
    "affected_consumers", "affected_downstream", "unconfirmed_consumers", "suggested_version", "version_reason",
    "would_create_proposal", "proposal_would_notify", "migration_suggestions", "current_version", "compatibility_mode",
}  # fmt: skip
ONE, WIDER, BROKEN = table(a="string"), table(a="string", b="string"), table(b="string")


class Desk:
    """An asset with a contract, two consumers and the owner registered, and two assets of a third team downstream."""

    def __init__(self, api: httpx.Client, **more: Any) -> None:
        self.api, self.owner, self.one, self.two, self.down = api, team(api), team(api), team(api), team(api)
        self.asset = asset(api, self.owner, **more)
        self.contract = publish(api, self.asset, self.owner, ONE, guarantees={"nullability": {"a": "never"}})[
            "contract"
        ]
        self.registrations = {
            id: made(api.post("/registrations", json={"asset_id": self.asset, "consumer_team_id": id, **pinned}))
            for id, pinned in ((self.one, {"pinned_version": "1.0.0"}), (self.two, {}), (self.owner, {}))
        }
        self.near, self.far = asset(api, self.down), asset(api, self.owner)
        for down, up in ((self.near, self.asset), (self.far, self.near)):
            made(api.post(f"/assets/{down}/dependencies", json={"depends_on_asset_id": up}))

    def name(self, id: str) -> str:
        name: str = made(self.api.get(f"/teams/{id}"))["name"]
        return name

    def preview(self, schema: Any, **more: Any) -> dict[str, Any]:
        answer = self.api.post(f"/assets/{self.asset}/impact-preview", json={"proposed_schema": schema, **more})
        got = made(answer)
        assert answer.status_code == 200 and set(got) == MEMBERS
        return got


@pytest.fixture(scope="module")
def desk(each_store: httpx.Client) -> Desk:
    return Desk(each_store)


def test_what_breaks_and_whom_it_concerns(desk: Desk) -> None:
    head = desk.api.get("/teams").headers["muniment-position"]
    got = desk.preview(BROKEN)
    assert (got["is_breaking"], got["change_type"]) == (True, "MAJOR")
    assert [c["path"] for c in got["breaking_changes"]] == ["properties.a"]
    assert [c["path"] for c in got["non_breaking_changes"]] == ["properties.b"]
    assert (got["current_version"], got["suggested_version"]) == ("1.0.0", "2.0.0")
    assert got["version_reason"] and got["compatibility_mode"] == "backward"
    assert got["unconfirmed_consumers"] == []
    shown = {c["consumer_team_id"]: c for c in got["affected_consumers"]}
    assert shown.keys() == desk.registrations.keys()
    for id, registration in desk.registrations.items():
        assert shown[id] == {
            "consumer_team_id": id,
            "consumer_team_name": desk.name(id),
            "registration_id": registration["id"],
            "contract_id": desk.contract["id"],
            "pinned_version": registration["pinned_version"],
            "status": "active",
        }
    fqns = [made(desk.api.get(f"/assets/{id}"))["fqn"] for id in (desk.near, desk.far)]
    assert got["affected_downstream"] == [
        {
            "asset_id": id,
            "asset_fqn": fqn,
            "owner_team_name": desk.name(owner),
            "dependency_type": "consumes",
            "depth": depth,
        }
        for id, fqn, owner, depth in ((desk.near, fqns[0], desk.down, 1), (desk.far, fqns[1], desk.owner, 2))
    ]
    assert got["would_create_proposal"] is True
    assert got["proposal_would_notify"] == sorted(desk.name(id) for id in (desk.one, desk.two, desk.down))
    assert desk.api.get("/teams").headers["muniment-position"] == head


def test_what_is_safe_notifies_nobody(desk: Desk) -> None:
    for schema, kind, version in ((WIDER, "MINOR", "1.1.0"), (ONE, "PATCH", "1.0.1")):
        got = desk.preview(schema)
        assert (got["is_breaking"], got["change_type"], got["suggested_version"]) == (False, kind, version)
        assert (got["would_create_proposal"], got["proposal_would_notify"]) == (False, [])
        assert (got["breaking_changes"], got["migration_suggestions"]) == ([], [])
        assert len(got["affected_consumers"]) == 3


def test_a_mode_in_the_place_of_the_contracts(desk: Desk) -> None:
    lenient = desk.preview(BROKEN, compatibility_mode_override="none")
    assert (lenient["compatibility_mode"], lenient["is_breaking"], lenient["change_type"]) == ("none", False, "MAJOR")
    full = desk.preview(WIDER, compatibility_mode_override="full")
    assert full["compatibility_mode"] == "full"


def test_ways_around_what_breaks(desk: Desk) -> None:
    (way,) = desk.preview(BROKEN)["migration_suggestions"]
    assert set(way) == {"strategy", "description", "confidence", "suggested_schema", "changes_made"}
    assert (way["strategy"], way["confidence"], way["suggested_schema"]) == (
        "keep_field",
        "high",
        table(a="string", b="string"),
    )
    assert desk.preview(way["suggested_schema"])["is_breaking"] is False


def test_guarantees_are_told_by_the_mode_of_the_asset(api: httpx.Client) -> None:
    for mode, told, breaks in (("notify", 1, False), ("strict", 1, True), ("ignore", 0, False)):
        desk = Desk(api, guarantee_mode=mode)
        got = desk.preview(ONE, proposed_guarantees={})
        assert ([c["type"] for c in got["guarantee_changes"]], got["is_breaking"]) == (
            ["not_null_removed"] * told,
            breaks,
        )
        if told:
            assert set(got["guarantee_changes"][0]) == {
                "type", "path", "message", "severity", "old_value", "new_value",
            }  # fmt: skip
        kept = desk.preview(ONE)
        assert (kept["guarantee_changes"], kept["is_breaking"]) == ([], False), "null keeps those of now"


def test_without_consumers_nobody_would_have_to_agree(api: httpx.Client) -> None:
    desk = Desk(api)
    for id, registration in desk.registrations.items():
        if id == desk.one:
            made(api.patch(f"/registrations/{registration['id']}", json={"status": "inactive"}))
        elif id == desk.two:
            api.delete(f"/registrations/{registration['id']}")
    got = desk.preview(BROKEN)
    assert (got["is_breaking"], got["would_create_proposal"]) == (True, False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.proposed_schema"),
        ({"proposed_schema": None}, "body.proposed_schema"),
        ({"proposed_schema": True}, "body.proposed_schema"),
        ({"proposed_schema": {"description": "x" * 1_000_001}}, "body.proposed_schema"),
        ({"proposed_schema": ONE, "proposed_guarantees": []}, "body.proposed_guarantees"),
        ({"proposed_schema": ONE, "proposed_guarantees": {"volume": 1}}, "body.proposed_guarantees.volume"),
        ({"proposed_schema": ONE, "compatibility_mode_override": "up"}, "body.compatibility_mode_override"),
    ],
)
def test_requests_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post(f"/assets/{GONE}/impact-preview", json=body)) == [field]


def test_refusals(api: httpx.Client) -> None:
    bare, body = asset(api, team(api)), {"proposed_schema": {"type": "text"}}
    refused(api.post(f"/assets/{GONE}/impact-preview", json=body), 404, "ASSET_NOT_FOUND")
    detail = refused(api.post(f"/assets/{bare}/impact-preview", json=body), 404, "CONTRACT_NOT_FOUND")["detail"]
    assert "not found" in detail
    desk = Desk(api)
    answer = api.post(f"/assets/{desk.asset}/impact-preview", json=body)
    assert refused(answer, 400, "INVALID_SCHEMA")["details"]["errors"]
    made(api.post(f"/contracts/{desk.contract['id']}/retire"))
    refused(api.post(f"/assets/{desk.asset}/impact-preview", json=body), 404, "CONTRACT_NOT_FOUND")
    reader = with_key(api, key(api, team(api), "read"))
    other = Desk(api)
    answer = reader.post(f"/assets/{other.asset}/impact-preview", json={"proposed_schema": BROKEN})
    assert made(answer)["is_breaking"] is True
