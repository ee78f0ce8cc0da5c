"""Refusals (api.md 1.3): every code within reach, its status, and the words that clients search for."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from adapters.http.problems import STATUS, status_of
from tests.adapters.http.world import GONE, asset, made, publish, refused, table, team, unique

Request = Callable[[httpx.Client, "World"], httpx.Response]


class World:
    """A team with an asset that has a contract, a consumer, an edge and a pending proposal."""

    def __init__(self, api: httpx.Client) -> None:
        self.name = unique("team")
        self.team, self.consumer = team(api, self.name), team(api)
        self.fqn = unique("db.t")
        self.asset, self.other = asset(api, self.team, self.fqn), asset(api, self.team)
        self.contract = publish(api, self.asset, self.team, table(a="string"))["contract"]
        self.registration = {"contract_id": self.contract["id"], "consumer_team_id": self.consumer}
        made(api.post("/registrations", json=self.registration))
        self.edge = {"depends_on_asset_id": self.other}
        made(api.post(f"/assets/{self.asset}/dependencies", json=self.edge))
        self.proposal = publish(api, self.asset, self.team, table(b="string"))["proposal"]["id"]
        self.strict = asset(api, self.team, semver_mode="enforce")
        publish(api, self.strict, self.team, table(a="string"), version="2.0.0")

    def publish(self, api: httpx.Client, asset_id: str, schema: Any, query: str = "", **more: Any) -> httpx.Response:
        return api.post(f"/assets/{asset_id}/publish?published_by={self.team}{query}", json={"schema": schema, **more})


@pytest.fixture(scope="module")
def world(api: httpx.Client) -> World:
    return World(api)


_CASES: list[tuple[str, str, Request]] = [
    ("DUPLICATE_TEAM", "already exists", lambda api, w: api.post("/teams", json={"name": f" {w.name} "})),
    (
        "DUPLICATE_ASSET",
        "already exists",
        lambda api, w: api.post("/assets", json={"fqn": w.fqn, "owner_team_id": w.team}),
    ),
    ("DUPLICATE_ASSET", "already exists", lambda api, w: api.patch(f"/assets/{w.other}", json={"fqn": w.fqn})),
    ("DUPLICATE_REGISTRATION", "already exists", lambda api, w: api.post("/registrations", json=w.registration)),
    (
        "DUPLICATE_DEPENDENCY",
        "already exists",
        lambda api, w: api.post(f"/assets/{w.asset}/dependencies", json=w.edge),
    ),
    (
        "SELF_DEPENDENCY",
        "cannot depend on itself",
        lambda api, w: api.post(f"/assets/{w.asset}/dependencies", json={"depends_on_asset_id": w.asset}),
    ),
    ("DUPLICATE_PROPOSAL", "pending proposal", lambda api, w: w.publish(api, w.asset, table(c="string"))),
    ("VERSION_EXISTS", "already exists", lambda api, w: w.publish(api, w.asset, table(a="string"), version="1.0.0")),
    (
        "INVALID_VERSION",
        "must be greater than",
        lambda api, w: w.publish(api, w.strict, table(a="string"), version="1.9.0"),
    ),
    (
        "INVALID_VERSION",
        "major version bump",
        lambda api, w: w.publish(api, w.strict, table(b="string"), version="2.1.0"),
    ),
    ("INVALID_INPUT", "force_reason", lambda api, w: w.publish(api, GONE, table(), "&force=true")),
    ("INVALID_INPUT", "asset_id", lambda api, w: api.post("/registrations", json={"consumer_team_id": w.team})),
    ("INVALID_SCHEMA", "type", lambda api, w: w.publish(api, w.asset, {"type": "nonsense"})),
    ("AUDIT_REQUIRED", "audit", lambda api, w: w.publish(api, w.asset, table(a="string"), "&require_audit_pass=1")),
    ("INVALID_FQN", "parts", lambda api, w: api.post("/assets", json={"fqn": "a", "owner_team_id": w.team})),
    ("INVALID_AS_OF", "position", lambda api, w: api.get("/teams?as_of=999999999")),
    ("INVALID_AS_OF", "position", lambda api, w: api.get("/teams?as_of=" + "9" * 40)),
    ("INVALID_AS_OF", "future", lambda api, w: api.get("/teams?as_of=9999-12-31T23:59:59Z")),
    ("NOT_FOUND", "not found", lambda api, w: api.get(f"/audit/events/{GONE}")),
    ("TEAM_NOT_FOUND", "not found", lambda api, w: api.get(f"/teams/{GONE}")),
    ("ASSET_NOT_FOUND", "not found", lambda api, w: api.get(f"/assets/{GONE}")),
    ("ASSET_NOT_FOUND", "not found", lambda api, w: api.get(f"/assets/{GONE}/dependencies")),
    ("ASSET_NOT_FOUND", "not found", lambda api, w: api.get(f"/assets/{GONE}/lineage")),
    ("ASSET_NOT_FOUND", "not found", lambda api, w: api.get(f"/assets/{GONE}/contracts")),
    ("ASSET_NOT_FOUND", "not found", lambda api, w: api.get(f"/assets/{GONE}/contracts/history")),
    ("ASSET_NOT_FOUND", "not found", lambda api, w: api.post(f"/assets/{GONE}/restore")),
    ("ASSET_NOT_FOUND", "not found", lambda api, w: api.delete(f"/assets/{GONE}")),
    (
        "ASSET_NOT_FOUND",
        "not found",
        lambda api, w: api.post(f"/assets/{w.asset}/dependencies", json={"depends_on_asset_id": GONE}),
    ),
    (
        "ASSET_NOT_FOUND",
        "not found",
        lambda api, w: api.post("/registrations", json={"asset_id": GONE, "consumer_team_id": w.team}),
    ),
    ("DEPENDENCY_NOT_FOUND", "not found", lambda api, w: api.delete(f"/assets/{w.asset}/dependencies/{GONE}")),
    ("CONTRACT_NOT_FOUND", "not found", lambda api, w: api.get(f"/contracts/{GONE}")),
    ("CONTRACT_NOT_FOUND", "not found", lambda api, w: api.get(f"/contracts/{GONE}/registrations")),
    (
        "CONTRACT_NOT_FOUND",
        "not found",
        lambda api, w: api.post("/registrations", json={"contract_id": GONE, "consumer_team_id": w.team}),
    ),
    (
        "TEAM_NOT_FOUND",
        "not found",
        lambda api, w: api.post("/registrations", json={**w.registration, "consumer_team_id": GONE}),
    ),
    ("TEAM_NOT_FOUND", "not found", lambda api, w: api.post("/api-keys", json={"name": "k", "team_id": GONE})),
    ("TEAM_NOT_FOUND", "not found", lambda api, w: w.publish(api, w.asset, table(), f"&published_by={GONE}")),
    ("USER_NOT_FOUND", "not found", lambda api, w: api.patch(f"/assets/{w.asset}", json={"owner_user_id": GONE})),
    ("REGISTRATION_NOT_FOUND", "not found", lambda api, w: api.get(f"/registrations/{GONE}")),
    ("PROPOSAL_NOT_FOUND", "not found", lambda api, w: api.get(f"/proposals/{GONE}")),
    ("PROPOSAL_NOT_FOUND", "not found", lambda api, w: api.get(f"/proposals/{GONE}/status")),
    ("API_KEY_NOT_FOUND", "not found", lambda api, w: api.get(f"/api-keys/{GONE}")),
    ("API_KEY_NOT_FOUND", "not found", lambda api, w: api.delete(f"/api-keys/{GONE}")),
    (
        "TEAM_NOT_FOUND",
        "not found",
        lambda api, w: api.post("/sync/dbt/upload", json={"manifest": {}, "owner_team_id": GONE}),
    ),
    (
        "CONFLICT_MODE_INVALID",
        "conflict_mode",
        lambda api, w: api.post("/sync/dbt/upload", json={"manifest": {}, "conflict_mode": "x"}),
    ),
    ("INVALID_MANIFEST", "nodes", lambda api, w: api.post("/sync/dbt/upload", json={"manifest": {"nodes": 1}})),
]


@pytest.mark.parametrize(
    ("code", "words", "request_"), _CASES, ids=[f"{code}-{n}" for n, (code, _, _) in enumerate(_CASES)]
)
def test_each_refusal_says_its_words(api: httpx.Client, world: World, code: str, words: str, request_: Request) -> None:
    head = api.get("/teams").headers["muniment-position"]
    answer = request_(api, world)
    body = refused(answer, status_of(code)[0], code)
    assert words in body["detail"]
    assert answer.headers["muniment-position"] == head == api.get("/teams").headers["muniment-position"]


def test_details_for_machines(api: httpx.Client, world: World) -> None:
    def details(code: str) -> dict[str, Any]:
        found: dict[str, Any] = next(r for c, _, r in _CASES if c == code)(api, world).json()["details"]
        return found

    assert details("DUPLICATE_PROPOSAL") == {"proposal_id": world.proposal}
    assert details("VERSION_EXISTS") == {"existing_contract_id": world.contract["id"]}
    assert details("INVALID_VERSION")["provided_version"] == "1.9.0"
    assert details("INVALID_VERSION")["version_suggestion"]["suggested_version"] == "2.0.1"
    for code in ("INVALID_SCHEMA", "INVALID_MANIFEST"):
        errors = details(code)["errors"]
        assert errors and all(isinstance(error, str) for error in errors)


_DOCUMENTED = """VALIDATION_ERROR 422 MALFORMED_JSON 400 BAD_REQUEST 400 INVALID_INPUT 400 INVALID_SCHEMA 400
INVALID_VERSION 400 INVALID_FQN 422 INVALID_MANIFEST 400 INVALID_OPENAPI_SPEC 400 INVALID_GRAPHQL_SCHEMA 400
INVALID_CATALOG 400 CONFLICT_MODE_INVALID 400 INVALID_AS_OF 400 ASSET_NOT_FOUND 404 TEAM_NOT_FOUND 404
USER_NOT_FOUND 404 CONTRACT_NOT_FOUND 404 PROPOSAL_NOT_FOUND 404 REGISTRATION_NOT_FOUND 404 DEPENDENCY_NOT_FOUND 404
API_KEY_NOT_FOUND 404 WEBHOOK_NOT_FOUND 404 NOT_FOUND 404 METHOD_NOT_ALLOWED 405 DUPLICATE_TEAM 409 DUPLICATE_USER 409
DUPLICATE_ASSET 409 DUPLICATE_REGISTRATION 409 DUPLICATE_DEPENDENCY 409 VERSION_EXISTS 409 DUPLICATE_ACKNOWLEDGMENT 409
DUPLICATE_OBJECTION 409 DUPLICATE_PROPOSAL 409 PROPOSAL_NOT_PENDING 400 PROPOSAL_STALE 409 SELF_DEPENDENCY 400
CONTRACT_NOT_ACTIVE 400 USER_TEAM_MISMATCH 400 SAME_TEAM 400 TEAM_HAS_ASSETS 409 MASS_DELETE 409 TARGET_MISMATCH 409
SYNC_CONFLICT 409 CONCURRENT_CHANGE 409 AUDIT_REQUIRED 412 AUDIT_FAILED 412 PRECONDITION_FAILED 412
IDEMPOTENCY_KEY_REUSED 422 IDEMPOTENCY_IN_PROGRESS 409 FORBIDDEN 403 PAYLOAD_TOO_LARGE 413 UNSUPPORTED_MEDIA_TYPE 415
RATE_LIMITED 429 INTERNAL_ERROR 500 UNAVAILABLE 503 INSUFFICIENT_STORAGE 507 MISSING_API_KEY 401 INVALID_AUTH_HEADER 401
INVALID_API_KEY 401 INSUFFICIENT_SCOPE 403 UNAUTHORIZED_TEAM 403""".split()


def test_every_code_has_the_status_of_the_reference() -> None:
    documented = dict(zip(_DOCUMENTED[::2], map(int, _DOCUMENTED[1::2]), strict=True))
    assert {code: status_of(code)[0] for code in documented} == documented
    assert set(STATUS) <= set(documented)
