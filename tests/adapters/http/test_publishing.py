"""Publishing by hand (api.md 3.6): the table of situations, row by row, and the bounds of what may be sent."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, key, made, publish, refused, table, team, with_key

ONE, WIDER, BROKEN = table(a="string"), table(a="string", b="string"), table(b="string")
FORCED = {"force": "true", "force_reason": "agreed by phone"}


class Desk:
    """A team with an asset on which one thing after another is published."""

    def __init__(self, api: httpx.Client, **more: Any) -> None:
        self.api, self.team = api, team(api)
        self.asset = asset(api, self.team, **more)
        self.path = f"/assets/{self.asset}/publish"

    def publish(self, schema: Any, **more: Any) -> dict[str, Any]:
        return publish(self.api, self.asset, self.team, schema, **more)

    def send(self, schema: Any, query: str = "", **more: Any) -> httpx.Response:
        return self.api.post(f"{self.path}?published_by={self.team}{query}", json={"schema": schema, **more})

    @property
    def active(self) -> str | None:
        version: str | None = made(self.api.get(f"/assets/{self.asset}"))["active_contract_version"]
        return version


def test_first_compatible_unchanged_and_breaking(each_store: httpx.Client) -> None:
    desk = Desk(each_store)
    first = desk.send(ONE)
    body = made(first)
    assert first.status_code == 201 and set(body) == {"action", "contract", "version_auto_generated"}
    assert (body["action"], body["contract"]["version"], body["version_auto_generated"]) == ("published", "1.0.0", True)

    wider = desk.publish(WIDER)
    assert set(wider) == {"action", "contract", "version_auto_generated", "change_type"}
    assert (wider["contract"]["version"], wider["change_type"]) == ("1.1.0", "minor")
    assert made(each_store.get(f"/contracts/{body['contract']['id']}"))["status"] == "deprecated"

    same = desk.publish(WIDER, version="1.5.0")
    assert set(same) == {"action", "contract", "change_type"}
    assert (same["contract"]["version"], same["change_type"]) == ("1.5.0", "patch")

    broken = desk.send(BROKEN)
    body = made(broken)
    assert broken.status_code == 201
    assert set(body) == {"action", "proposal", "change_type", "breaking_changes", "message"}
    assert (body["action"], body["change_type"], desk.active) == ("proposal.created", "major", "1.5.0")
    assert [change["path"] for change in body["breaking_changes"]] == ["properties.a"]
    assert body["proposal"]["proposed_version"] == "2.0.0"
    refused(desk.send(table(c="string")), 409, "DUPLICATE_PROPOSAL")


def test_force(api: httpx.Client) -> None:
    desk = Desk(api)
    desk.publish(ONE)
    forced = desk.publish(BROKEN, query=FORCED)
    assert set(forced) == {"action", "contract", "version_auto_generated", "change_type", "breaking_changes", "warning"}
    assert (forced["action"], forced["contract"]["version"]) == ("force.published", "2.0.0")
    history = made(api.get(f"/audit/entities/contract/{forced['contract']['id']}/history"))["results"]
    assert [event["action"] for event in history] == ["contract.force_published"]
    assert history[0]["payload"]["force_reason"] == FORCED["force_reason"]
    # Force where nothing breaks is a plain publication.
    assert desk.publish(table(b="string", c="string"), query=FORCED)["action"] == "published"
    for reason, length in (("x" * 9, 9), ("x" * 501, 501), ("", 0)):
        assert fields(desk.send(ONE, f"&force=true&force_reason={reason}")) == ["query.force_reason"], length
    refused(desk.send(ONE, "&force=1"), 400, "INVALID_INPUT")
    assert fields(desk.send(ONE, "&force=maybe")) == ["query.force"]


def test_prereleases(api: httpx.Client) -> None:
    desk = Desk(api)
    desk.publish(ONE, version="1.0.0-alpha")
    beta = desk.publish(BROKEN, version="1.0.0-beta.1+build.5")
    assert (beta["action"], beta["contract"]["version"]) == ("published", "1.0.0-beta.1+build.5")
    assert "Pre-release" in beta["message"] and beta["breaking_changes"]
    graduated = desk.publish(ONE, version="1.0.0")
    assert graduated["action"] == "published" and "Graduated" in graduated["message"]
    # A pre-release over a stable version: whoever relies on the stable one is asked.
    assert desk.publish(BROKEN, version="2.0.0-rc.1")["action"] == "proposal.created"
    assert desk.active == "1.0.0"


def test_semver_modes(api: httpx.Client) -> None:
    suggest = Desk(api, semver_mode="suggest")
    head = api.get("/teams").headers["muniment-position"]
    answer = suggest.send(ONE)
    body = made(answer)
    assert (answer.status_code, body["action"], answer.headers["muniment-position"]) == (200, "version.required", head)
    assert set(body) == {"action", "message", "version_suggestion"}
    assert body["version_suggestion"] == {
        "suggested_version": "1.0.0",
        "current_version": None,
        "change_type": "patch",
        "reason": body["version_suggestion"]["reason"],
        "is_first_contract": True,
        "breaking_changes": [],
    }
    assert suggest.publish(ONE, version="3.0.0")["contract"]["version"] == "3.0.0"
    assert suggest.publish(ONE, version="1.0.0")["contract"]["version"] == "1.0.0", "a smaller unused one is accepted"
    refused(suggest.send(ONE, version="3.0.0"), 409, "VERSION_EXISTS")

    enforce = Desk(api, semver_mode="enforce")
    enforce.publish(ONE, version="0.1.0")
    for schema, version, words in [
        (ONE, "0.0.9", "must be greater than"),
        (ONE, "0.1.0-rc.1", "must be greater than"),
        (WIDER, "0.1.1", "must be greater than"),
        (BROKEN, "0.2.0", "major version bump"),
    ]:
        body = refused(enforce.send(schema, version=version), 400, "INVALID_VERSION")
        assert words in body["detail"]
        assert set(body["details"]) == {"provided_version", "version_suggestion"}
    assert enforce.publish(WIDER, version="7.0.0")["contract"]["version"] == "7.0.0"
    assert enforce.publish(WIDER)["contract"]["version"] == "7.0.1"


def test_what_is_carried_over(api: httpx.Client) -> None:
    desk = Desk(api)
    nullability, accepted = {"a": "never", "b": "never"}, {"b": ["x", 1, None]}
    guarantees = {
        "nullability": nullability,
        "accepted_values": accepted,
        "custom": [{"type": "unique", "column": "a"}],
    }
    described = {"$.properties.a": "A", "$.properties.b": "B"}
    desk.publish(
        WIDER,
        guarantees=guarantees,
        compatibility_mode="none",
        direction="produced",
        field_descriptions=described,
        field_tags={"$.properties.b": ["pii", "key"]},
    )
    kept = desk.publish(BROKEN)["contract"]
    assert kept["guarantees"] == {
        "freshness": None,
        "volume": None,
        "nullability": {"b": "never"},
        "accepted_values": accepted,
        "custom": [],
    }
    assert (kept["compatibility_mode"], kept["direction"]) == ("none", "produced")
    assert kept["field_descriptions"] == {"$.properties.b": "B"}
    assert kept["field_tags"] == {"$.properties.b": ["pii", "key"]}
    given = desk.publish(BROKEN, guarantees={}, field_descriptions={"$.properties.b": "new"})["contract"]
    assert given["field_descriptions"] == {"$.properties.b": "new"}
    assert given["guarantees"] == {"freshness": None, "volume": None, "nullability": None, "accepted_values": None}


def test_the_new_mode_judges(api: httpx.Client) -> None:
    desk = Desk(api)
    desk.publish(ONE)
    assert desk.publish(BROKEN, compatibility_mode="none")["action"] == "published"
    assert desk.publish(ONE, compatibility_mode="backward")["action"] == "proposal.created"


def test_guarantee_modes(api: httpx.Client) -> None:
    for mode, action in (("notify", "published"), ("ignore", "published"), ("strict", "proposal.created")):
        desk = Desk(api, guarantee_mode=mode)
        desk.publish(ONE, guarantees={"nullability": {"a": "never"}})
        body = desk.publish(ONE, guarantees={})
        assert body["action"] == action
        assert ("guarantee_changes" in body) == (mode == "notify")
        if mode == "strict":
            assert [change["type"] for change in body["breaking_changes"]] == ["not_null_removed"]


def _nested(depth: int) -> dict[str, Any]:
    """A schema whose JSON is nested to this depth."""
    schema: dict[str, Any] = {}
    for _ in range(depth - 1):
        schema = {"not": schema}
    return schema


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.schema"),
        ({"schema": None}, "body.schema"),
        ({"schema": True}, "body.schema"),
        ({"schema": []}, "body.schema"),
        ({"schema": {"description": "x" * 1_000_001}}, "body.schema"),
        ({"schema": {"properties": {f"c{n}": {} for n in range(5001)}}}, "body.schema"),
        ({"schema": _nested(33)}, "body.schema"),
        ({"schema": ONE, "version": "1.0"}, "body.version"),
        ({"schema": ONE, "version": "01.0.0"}, "body.version"),
        ({"schema": ONE, "version": "1.0.0\n"}, "body.version"),
        ({"schema": ONE, "version": "1.0.0-" + "x" * 50}, "body.version"),
        ({"schema": ONE, "version": 1}, "body.version"),
        ({"schema": ONE, "schema_format": "xml"}, "body.schema_format"),
        ({"schema": ONE, "compatibility_mode": "sideways"}, "body.compatibility_mode"),
        ({"schema": ONE, "direction": "up"}, "body.direction"),
        ({"schema": ONE, "guarantees": []}, "body.guarantees"),
        ({"schema": ONE, "guarantees": {"nullability": {"a": 1}}}, "body.guarantees.nullability.*"),
        ({"schema": ONE, "guarantees": {"accepted_values": {"a": "x"}}}, "body.guarantees.accepted_values.*"),
        ({"schema": ONE, "guarantees": {"freshness": 5}}, "body.guarantees.freshness"),
        ({"schema": ONE, "field_descriptions": {"a": 1}}, "body.field_descriptions.*"),
        ({"schema": ONE, "field_descriptions": None}, "body.field_descriptions"),
        ({"schema": ONE, "field_tags": {"a": "x"}}, "body.field_tags.*"),
        ({"schema": ONE, "field_tags": {"a": [1]}}, "body.field_tags.*.0"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_publications_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post(f"/assets/{GONE}/publish?published_by={GONE}", json=body)) == [field]


def test_schemas_at_their_bounds(each_store: httpx.Client) -> None:
    for schema in (
        _nested(32),
        {"properties": {f"c{n}": {"type": "string"} for n in range(5000)}},
        {"description": "x" * 900_000},
        {"maximum": 2**70, "minimum": -(10**300), "const": "a\u2028\U0001f600"},
    ):
        got = Desk(each_store).publish(schema)["contract"]
        assert got["schema"] == got["schema_def"] == schema


def test_who_publishes(api: httpx.Client) -> None:
    desk = Desk(api)
    other = team(api)
    assert fields(api.post(desk.path, json={"schema": ONE})) == ["query.published_by"]
    assert fields(api.post(f"{desk.path}?published_by=x", json={"schema": ONE})) == ["query.published_by"]
    refused(api.post(f"{desk.path}?published_by={GONE}", json={"schema": ONE}), 404, "TEAM_NOT_FOUND")
    mine = with_key(api, key(api, desk.team))
    assert made(mine.post(desk.path, json={"schema": ONE}))["contract"]["published_by"] == desk.team
    refused(mine.post(f"{desk.path}?published_by={other}", json={"schema": ONE}), 403, "UNAUTHORIZED_TEAM")
    by_other = api.post(f"{desk.path}?published_by={other.upper()}", json={"schema": ONE})
    assert made(by_other)["contract"]["published_by"] == other


def test_of_many_publications_at_once_one_contract_is_active(each_store: httpx.Client) -> None:
    desk = Desk(each_store)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: desk.send(table(**{f"c{n}": "string"})), range(8)))
    codes = {answer.status_code for answer in answers}
    assert codes <= {201, 409}
    contracts = made(each_store.get(f"/assets/{desk.asset}/contracts"))["results"]
    assert [c["status"] for c in contracts] == ["active"]
    assert made(each_store.get(f"/proposals?asset_id={desk.asset}&status=pending"))["total"] == 1


def _avro(*names: str) -> dict[str, Any]:
    return {"type": "record", "name": "R", "fields": [{"name": name, "type": "string"} for name in names]}


def test_avro_is_converted_and_what_it_was_is_told(each_store: httpx.Client) -> None:
    desk = Desk(each_store)
    first = desk.publish(_avro("a", "b"), schema_format="avro")
    assert set(first) == {"action", "contract", "version_auto_generated", "schema_converted_from"}
    assert (first["schema_converted_from"], first["contract"]["schema_format"]) == ("avro", "avro")
    text = {"type": "string"}
    assert first["contract"]["schema"] == {
        "type": "object",
        "properties": {"a": text, "b": text},
        "required": ["a", "b"],
    }
    suggested = {"schema": _avro("a"), "schema_format": "avro"}
    suggestion = made(each_store.post(f"/assets/{desk.asset}/version-suggestion", json=suggested))
    assert suggestion["suggested_version"] == "2.0.0"
    proposal = desk.publish(_avro("a"), schema_format="avro")
    assert (proposal["action"], proposal["schema_converted_from"]) == ("proposal.created", "avro")
    id = proposal["proposal"]["id"]
    made(each_store.post(f"/proposals/{id}/force"))
    published = made(each_store.post(f"/proposals/{id}/publish", json={"published_by": desk.team}))
    assert published["contract"]["schema_format"] == "avro"
    assert "schema_converted_from" not in desk.publish(first["contract"]["schema"], compatibility_mode="none")


def test_what_is_no_avro_schema_is_refused(api: httpx.Client) -> None:
    desk = Desk(api)
    for schema in ({"type": "object"}, {"type": "record", "name": "R"}, {}):
        errors = refused(desk.send(schema, schema_format="avro"), 400, "INVALID_SCHEMA")["details"]["errors"]
        assert errors and all(isinstance(error, str) for error in errors)
        body = {"schema": schema, "schema_format": "avro"}
        refused(api.post(f"/assets/{desk.asset}/version-suggestion", json=body), 400, "INVALID_SCHEMA")
