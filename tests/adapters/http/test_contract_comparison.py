"""Two versions held against each other, and the version to publish next (api.md 3.5)."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, made, publish, refused, table, team

CHANGE = {
    "type", "path", "message", "old_value", "new_value", "pointer", "rule", "verdict", "witness", "fingerprint",
}  # fmt: skip
DIFF = {
    "asset_id", "asset_fqn", "from_version", "to_version", "change_type", "is_compatible", "breaking_changes",
    "all_changes", "compatibility_mode",
}  # fmt: skip
SUGGESTION = {
    "suggested_version", "current_version", "change_type", "reason", "is_first_contract", "breaking_changes",
}  # fmt: skip
FORCED = {"force": "true", "force_reason": "agreed by phone"}
ONE, WIDER, BROKEN = table(a="string"), table(a="string", b="string"), table(b="string")


class Shelf:
    """An asset with the versions 1.0.0 (backward), 1.1.0 (none), 2.0.0."""

    def __init__(self, api: httpx.Client) -> None:
        self.api, self.owner = api, team(api)
        self.asset = asset(api, self.owner)
        modes = ("backward", "none", "backward")
        self.contracts = [
            publish(api, self.asset, self.owner, schema, compatibility_mode=mode, query=FORCED)["contract"]
            for schema, mode in zip((ONE, WIDER, BROKEN), modes, strict=True)
        ]

    def diff(self, old: str, new: str) -> dict[str, Any]:
        return made(self.api.get(f"/assets/{self.asset}/contracts/diff?from_version={old}&to_version={new}"))


@pytest.fixture(scope="module")
def shelf(each_store: httpx.Client) -> Shelf:
    return Shelf(each_store)


def _paths(changes: list[dict[str, Any]]) -> list[str]:
    assert all(set(change) == CHANGE for change in changes)
    return [change["path"] for change in changes]


def test_a_diff_of_two_versions_has_every_member(shelf: Shelf) -> None:
    got = shelf.diff("1.0.0", "2.0.0")
    assert set(got) == DIFF
    fqn = made(shelf.api.get(f"/assets/{shelf.asset}"))["fqn"]
    assert (got["asset_id"], got["asset_fqn"]) == (shelf.asset, fqn)
    assert (got["from_version"], got["to_version"]) == ("1.0.0", "2.0.0")
    assert (got["change_type"], got["is_compatible"], got["compatibility_mode"]) == ("major", False, "backward")
    assert _paths(got["breaking_changes"]) == ["properties.a"]
    assert _paths(got["all_changes"]) == ["properties.a", "properties.b"]


def test_a_diff_goes_by_the_mode_of_the_version_that_it_starts_from(shelf: Shelf) -> None:
    lenient = shelf.diff("1.1.0", "2.0.0")
    assert (lenient["compatibility_mode"], lenient["is_compatible"], lenient["change_type"]) == ("none", True, "major")
    assert lenient["breaking_changes"] == [] and _paths(lenient["all_changes"]) == ["properties.a"]
    back = shelf.diff("2.0.0", "1.1.0")
    assert (back["compatibility_mode"], back["is_compatible"], back["change_type"]) == ("backward", True, "minor")
    same = shelf.diff("1.1.0", "1.1.0")
    assert (same["change_type"], same["is_compatible"], same["all_changes"]) == ("patch", True, [])


def test_refusals_of_a_diff(shelf: Shelf) -> None:
    api, path = shelf.api, f"/assets/{shelf.asset}/contracts/diff"
    for query in ("from_version=1.0.0&to_version=9.0.0", "from_version=&to_version=1.0.0"):
        assert "not found" in refused(api.get(f"{path}?{query}"), 404, "CONTRACT_NOT_FOUND")["detail"]
    versions = "from_version=1.0.0&to_version=1.1.0"
    refused(api.get(f"/assets/{GONE}/contracts/diff?{versions}"), 404, "ASSET_NOT_FOUND")
    assert fields(api.get(f"{path}?to_version=1.0.0")) == ["query.from_version"]
    assert fields(api.get(f"{path}?from_version=1.0.0")) == ["query.to_version"]
    assert fields(api.get(f"/assets/x/contracts/diff?{versions}")) == ["path.asset_id"]
    assert fields(api.get(f"{path}?from_version=a%00b&to_version=1")) == ["query.from_version"]


def test_a_diff_as_of_a_moment_knows_the_versions_of_then(each_store: httpx.Client) -> None:
    shelf = Shelf(each_store)
    events = made(each_store.get(f"/audit/events?asset_id={shelf.asset}&action=contract.force_published"))["results"]
    second = events[-2]["position"] + 1
    path = f"/assets/{shelf.asset}/contracts/diff?as_of={second}&from_version=1.0.0&to_version="
    assert made(each_store.get(path + "1.1.0"))["to_version"] == "1.1.0"
    assert each_store.get(path + "1.1.0").headers["muniment-position"] == str(second)
    refused(each_store.get(path + "2.0.0"), 404, "CONTRACT_NOT_FOUND")
    made(each_store.get(path + "1.1.0"))
    assert each_store.delete(f"/assets/{shelf.asset}").status_code == 204
    refused(
        each_store.get(f"/assets/{shelf.asset}/contracts/diff?from_version=1.0.0&to_version=1.1.0"),
        404,
        "ASSET_NOT_FOUND",
    )
    assert made(each_store.get(path + "1.1.0"))["change_type"] == "minor"


def test_guarantees_count_where_they_do_in_publishing(api: httpx.Client) -> None:
    owner = team(api)
    for mode, compatible in (("strict", False), ("notify", True)):
        id = asset(api, owner, guarantee_mode=mode)
        for promised in ({"nullability": {"a": "never"}}, {}):
            publish(api, id, owner, ONE, guarantees=promised, query=FORCED)
        versions = sorted(c["version"] for c in made(api.get(f"/assets/{id}/contracts"))["results"])
        path = f"/assets/{id}/contracts/diff?from_version={versions[0]}&to_version={versions[1]}"
        got = made(api.get(path))
        assert got["is_compatible"] is compatible
        assert [c["type"] for c in got["breaking_changes"]] == ([] if compatible else ["not_null_removed"])


def _compare(shelf: Shelf, first: str, second: str, **more: Any) -> httpx.Response:
    return shelf.api.post("/contracts/compare", json={"contract_id_1": first, "contract_id_2": second, **more})


def test_two_contracts_are_compared_by_the_mode_given_or_that_of_the_first(shelf: Shelf) -> None:
    one, _, three = shelf.contracts
    got = made(_compare(shelf, one["id"].upper(), three["id"]))
    assert set(got) == {
        "contract_1", "contract_2", "change_type", "is_compatible", "breaking_changes", "all_changes",
        "compatibility_mode",
    }  # fmt: skip
    for side, contract in (("contract_1", one), ("contract_2", three)):
        assert got[side] == {name: contract[name] for name in ("id", "version", "published_at", "asset_id")}
    assert (got["change_type"], got["is_compatible"], got["compatibility_mode"]) == ("major", False, "backward")
    assert _paths(got["breaking_changes"]) == ["properties.a"]
    assert _paths(got["all_changes"]) == ["properties.a", "properties.b"]
    forward = made(_compare(shelf, one["id"], three["id"], compatibility_mode="forward"))
    assert (forward["compatibility_mode"], forward["is_compatible"]) == ("forward", True)
    assert made(_compare(shelf, one["id"], three["id"], compatibility_mode=None))["compatibility_mode"] == "backward"
    assert made(_compare(shelf, one["id"], one["id"]))["all_changes"] == []


def test_contracts_of_two_assets_and_of_deleted_ones_are_compared_too(each_store: httpx.Client) -> None:
    shelf, other = Shelf(each_store), Shelf(each_store)
    each_store.delete(f"/assets/{other.asset}")
    got = made(_compare(shelf, shelf.contracts[0]["id"], other.contracts[2]["id"]))
    assert (got["contract_2"]["asset_id"], got["is_compatible"]) == (other.asset, False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.contract_id_1"),
        ({"contract_id_1": GONE}, "body.contract_id_2"),
        ({"contract_id_1": None, "contract_id_2": GONE}, "body.contract_id_1"),
        ({"contract_id_1": 1, "contract_id_2": GONE}, "body.contract_id_1"),
        ({"contract_id_1": GONE, "contract_id_2": "x"}, "body.contract_id_2"),
        ({"contract_id_1": GONE, "contract_id_2": GONE, "compatibility_mode": "up"}, "body.compatibility_mode"),
    ],
)
def test_comparisons_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post("/contracts/compare", json=body)) == [field]


def test_unknown_contracts_are_not_compared(shelf: Shelf) -> None:
    one = shelf.contracts[0]["id"]
    for pair in ((GONE, one), (one, GONE), (shelf.asset, one)):
        assert "not found" in refused(_compare(shelf, *pair), 404, "CONTRACT_NOT_FOUND")["detail"]


def _suggest(api: httpx.Client, id: str, schema: Any, **more: Any) -> httpx.Response:
    return api.post(f"/assets/{id}/version-suggestion", json={"schema": schema, **more})


def test_suggestions_by_the_size_of_the_change(each_store: httpx.Client) -> None:
    api, owner = each_store, team(each_store)
    id = asset(api, owner)
    head = api.get("/teams").headers["muniment-position"]
    first = made(_suggest(api, id, ONE, schema_format="json_schema"))
    assert first == {
        "suggested_version": "1.0.0",
        "current_version": None,
        "change_type": "patch",
        "reason": first["reason"],
        "is_first_contract": True,
        "breaking_changes": [],
    }
    assert first["reason"]
    assert api.get("/teams").headers["muniment-position"] == head, "a suggestion writes nothing"
    publish(api, id, owner, ONE, version="1.2.3")
    for schema, version, kind, breaking in [
        (ONE, "1.2.4", "patch", []),
        (WIDER, "1.3.0", "minor", []),
        (BROKEN, "2.0.0", "major", ["properties.a"]),
    ]:
        got = made(_suggest(api, id, schema))
        assert set(got) == SUGGESTION and got["reason"]
        assert (got["suggested_version"], got["change_type"]) == (version, kind)
        assert (got["current_version"], got["is_first_contract"]) == ("1.2.3", False)
        assert _paths(got["breaking_changes"]) == breaking


def test_a_suggestion_is_what_publishing_makes_also_where_versions_are_used_or_the_mode_alone_breaks(
    api: httpx.Client,
) -> None:
    owner = team(api)
    id = asset(api, owner)
    for version in ("1.1.0", "1.0.0"):
        publish(api, id, owner, ONE, version=version)
    assert made(_suggest(api, id, WIDER))["suggested_version"] == "1.1.1"
    assert publish(api, id, owner, WIDER)["contract"]["version"] == "1.1.1"
    publish(api, id, owner, WIDER, compatibility_mode="full")
    nullable = {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"type": "string"}}}
    got = made(_suggest(api, id, nullable))
    assert (got["change_type"], got["suggested_version"]) == ("major", "2.0.0")


def test_refusals_of_a_suggestion(api: httpx.Client) -> None:
    id = asset(api, team(api))
    refused(_suggest(api, GONE, ONE), 404, "ASSET_NOT_FOUND")
    refused(_suggest(api, GONE, {"type": "text"}), 404, "ASSET_NOT_FOUND")
    details = refused(_suggest(api, id, {"type": "text"}), 400, "INVALID_SCHEMA")["details"]
    assert details["errors"] and all(isinstance(error, str) for error in details["errors"])
    for body, field in [
        ({}, "body.schema"),
        ({"schema": None}, "body.schema"),
        ({"schema": [ONE]}, "body.schema"),
        ({"schema": {"description": "x" * 1_000_001}}, "body.schema"),
        ({"schema": ONE, "schema_format": "xml"}, "body.schema_format"),
    ]:
        assert fields(api.post(f"/assets/{id}/version-suggestion", json=body)) == [field]
