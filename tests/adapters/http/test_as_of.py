"""Time travel (api.md 1.5): `as_of` on every GET below `/api/v1`."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.http.routes import ROUTES, Route
from tests.adapters.http.test_security import filled
from tests.adapters.http.world import asset, made, publish, refused, table, team, unique

GETS = [route for route in ROUTES if route.takes_as_of]


class History:
    """An asset's life, with the answers of every GET about it at some of its moments."""

    def __init__(self, api: httpx.Client) -> None:
        self.api = api
        self.before = self.position()
        self.owner, self.consumer = team(api), team(api)
        self.upstream = asset(api, self.owner)
        self.name = unique("db.named")
        self.asset = asset(api, self.owner, self.name, tags=["first"])
        body = {"username": unique("u"), "name": "U", "team_id": self.owner}
        self.user = made(api.post("/users", json=body))["id"]
        self.contract = publish(api, self.asset, self.owner, table(a="string"))["contract"]["id"]
        body = {"contract_id": self.contract, "consumer_team_id": self.consumer}
        self.registration = made(api.post("/registrations", json=body))["id"]
        edge = {"depends_on_asset_id": self.upstream}
        self.edge = made(api.post(f"/assets/{self.asset}/dependencies", json=edge))["id"]
        self.proposal = publish(api, self.asset, self.owner, table(b="string"))["proposal"]["id"]
        created = made(api.post("/api-keys", json={"name": unique("k"), "team_id": self.owner}))
        self.key = created["id"]
        hook = {"url": "https://hooks.invalid/", "events": ["contract.published"]}
        self.webhook = made(api.post("/webhooks", json=hook))["id"]
        self._sync()
        self.sync = made(api.get("/syncs?limit=1"))["results"][0]["id"]
        self.event = made(api.get("/audit/events?limit=1"))["results"][0]["id"]
        self.moment, self.at = self.position(), self.event_time()
        self.answers = {path: api.get(path) for path in self.paths()}
        self._go_on()

    def _sync(self) -> None:
        """Another asset of a source of its own."""
        body = {"schema": f"type Query {{ {unique('f')}: String }}", "service": unique("s"), "prefix": unique("p")}
        made(self.api.post("/sync/graphql", json={**body, "owner_team_id": self.owner}))

    def position(self) -> int:
        return int(self.api.get("/teams").headers["muniment-position"])

    def event_time(self) -> str:
        at: str = made(self.api.get("/audit/events?limit=1"))["results"][0]["occurred_at"]
        return at

    def paths(self) -> list[str]:
        a = f"/assets/{self.asset}"
        return [
            "/teams", f"/teams/{self.owner}", "/assets?limit=100", f"/assets?owner={self.owner}&has_contract=true",
            f"/assets/search?q=db&owner={self.owner}", a, f"{a}/dependencies", f"{a}/lineage", f"{a}/contracts",
            f"{a}/contracts/history", f"{a}/contracts/diff?from_version=1.0.0&to_version=1.0.0",
            f"{a}/audit-history", f"{a}/audit-trends", "/contracts", f"/contracts/{self.contract}",
            f"/contracts/{self.contract}/registrations", "/registrations", f"/registrations/{self.registration}",
            f"/registrations?contract_id={self.contract}", "/proposals", f"/proposals/{self.proposal}",
            f"/proposals/pending/{self.consumer}",
            f"/proposals/{self.proposal}?include_status=false", f"/proposals/{self.proposal}/status",
            f"/proposals?pending_ack_for={self.consumer}", f"/proposals?consumer_team_id={self.consumer}",
            "/audit/events", f"/audit/events/{self.event}", f"/audit/entities/asset/{self.asset}/history",
            "/api-keys", f"/api-keys/{self.key}", "/sources", "/syncs", f"/syncs/{self.sync}",
            "/webhooks", f"/webhooks/{self.webhook}",
            "/users", f"/users/{self.user}", f"/teams/{self.owner}/members", f"/teams/{self.consumer}/inbox",
            f"/search?q={self.name}",
        ]  # fmt: skip

    def _go_on(self) -> None:
        api, path = self.api, f"/assets/{self.asset}"
        made(api.post("/registrations", json={"asset_id": self.asset, "consumer_team_id": team(api)}))
        api.delete(f"{path}/dependencies/{self.edge}")
        publish(api, self.asset, self.owner, table(c="string"), query={"force": "true", "force_reason": "for the test"})
        api.patch(path, json={"tags": ["second"], "fqn": unique("db.moved"), "owner_team_id": self.consumer})
        api.delete(path)
        api.delete(f"/assets/{self.upstream}")
        self._sync()
        api.delete(f"/api-keys/{self.key}")
        api.delete(f"/users/{self.user}")
        api.delete(f"/webhooks/{self.webhook}")
        asset(api, self.owner)


@pytest.fixture(scope="module")
def past(each_store: httpx.Client) -> History:
    return History(each_store)


def _at(path: str, moment: object) -> str:
    return f"{path}{'&' if '?' in path else '?'}as_of={moment}"


def test_every_get_answers_as_it_did_then(past: History) -> None:
    places = {"/api/v1" + re.sub(r"[0-9a-f-]{36}", "{}", path.split("?")[0]) for path in past.answers}
    # What becomes of messages is no history (test_webhooks).
    places |= {"/api/v1/webhooks/deliveries", "/api/v1/webhooks/deliveries/{}"}
    assert {re.sub(r"\{\w+\}", "{}", r.path.replace("{entity_type}", "asset")) for r in GETS} == places
    for path, then in past.answers.items():
        for moment in (past.moment, past.at, past.at.replace("Z", "%2B00:00")):
            now = past.api.get(_at(path, moment))
            assert now.content == then.content, path
            assert now.headers["muniment-position"] == str(past.moment)
            assert now.headers.get("etag") == then.headers.get("etag")
    changed = [path for path, then in past.answers.items() if past.api.get(path).content != then.content]
    assert len(changed) > len(past.answers) / 2


@pytest.mark.parametrize(
    "member", ["asset", "contract", "registration", "proposal", "key", "event", "owner", "sync", "user", "webhook"]
)
def test_what_did_not_exist_then_is_not_found_and_lists_are_empty(past: History, member: str) -> None:
    id = getattr(past, member)
    for path in (path for path in past.paths() if path.split("?")[0].endswith(id) or f"{id}/" in path):
        answer = past.api.get(_at(path, past.before))
        if "/audit/entities/" in path:
            assert made(answer)["total"] == 0
        else:
            assert answer.status_code == 404 and "not found" in answer.json()["detail"]
    for path in ("/teams", "/assets", "/contracts", "/registrations", "/proposals", "/audit/events", "/syncs"):
        assert made(past.api.get(_at(path, 0)))["total"] == 0


def test_a_moment_is_rounded_down_to_the_end_of_an_append(past: History) -> None:
    """A forced publication is two events at least: at the first of them, nothing of it is to be seen."""
    api = past.api
    (event,) = made(api.get("/audit/events?action=contract.force_published&entity_type=contract"))["results"][:1]
    inside = event["position"]
    together = made(api.get("/audit/events?limit=100"))["results"]
    end = max(other["position"] for other in together if other["request_id"] == event["request_id"])
    assert end > inside
    assert int(api.get(_at("/teams", inside)).headers["muniment-position"]) < inside
    path = f"/assets/{past.asset}/contracts"
    assert made(api.get(_at(path, inside)))["total"] == 1
    assert made(api.get(_at(path, end - 1)))["total"] == 1
    assert made(api.get(_at(path, end)))["total"] == 2
    assert made(api.get(_at(path, event["occurred_at"])))["total"] == 2
    just_before = datetime.fromisoformat(event["occurred_at"]) - timedelta(microseconds=1)
    assert made(api.get(_at(path, just_before.isoformat().replace("+", "%2B"))))["total"] == 1


def test_times_before_the_log_and_in_any_offset(past: History) -> None:
    for moment in ("0001-01-01T00:00:00Z", "0999-12-31T00:00:00Z", "2000-01-01T00:00:00-12:00"):
        assert made(past.api.get(_at("/teams", moment)))["total"] == 0
    shifted = datetime.fromisoformat(past.at).astimezone(UTC) + timedelta(hours=5, minutes=30)
    text = shifted.replace(tzinfo=None).isoformat() + "%2B05:30"
    assert past.api.get(_at("/teams", text)).headers["muniment-position"] == str(past.moment)


@pytest.mark.parametrize("route", GETS, ids=lambda r: r.path)
def test_every_get_refuses_a_moment_outside_the_log(past: History, route: Route) -> None:
    path = filled(route.path).removeprefix("/api/v1") + "?q=x"
    for moment in (10**12, "9999-01-01T00:00:00Z"):
        refused(past.api.get(_at(path, moment)), 400, "INVALID_AS_OF")
    assert past.api.get(f"{path}&%61s_of={10**12}").status_code == 400
