"""`GET /metrics` (api.md 1.6): counts of what there is, and of what was answered, as Prometheus reads them."""

import re
from collections import Counter

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, key, made, publish, table, team, with_key
from tests.surface.conformity import check

_SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="[^"\\\n]*",?)*)\})? (-?[0-9.]+(?:e[+-][0-9]+)?)')


def scraped(api: httpx.Client) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Every sample by its name and labels. Each family says what it is before its first sample."""
    answer = api.get(api.base_url.join("/metrics"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert answer.text.endswith("\n")
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    said: list[str] = []
    for line in answer.text.splitlines():
        if line.startswith("# "):
            kind, name, rest = line[2:].split(" ", 2)
            assert kind in ("HELP", "TYPE") and rest
            said.append(name)
            continue
        sample = _SAMPLE.fullmatch(line)
        assert sample, line
        assert said[-2:] == [sample[1]] * 2
        labels = tuple(re.findall(r'([a-z_]+)="([^"]*)"', sample[2] or ""))
        assert labels not in found.setdefault(sample[1], {})
        found[sample[1]][labels] = float(sample[3])
    return found


def answered(api: httpx.Client) -> Counter[tuple[str, str, str]]:
    """How often each route answered with each status, so far."""
    samples = scraped(api)["muniment_requests_total"]
    told = [(dict(labels), value) for labels, value in samples.items()]
    assert len({labels["process"] for labels, _ in told}) == 1
    return Counter({(each["method"], each["route"], each["status"]): int(value) for each, value in told})


def total(api: httpx.Client, name: str, **labels: str) -> float:
    return scraped(api)[f"muniment_{name}"][tuple(labels.items())]


def test_what_there_is_is_counted(own_store: httpx.Client) -> None:
    api = own_store
    assert total(api, "assets", resource_type="model") == total(api, "proposals", status="pending") == 0
    shop, finance, gone = team(api), team(api), team(api)
    made_user = made(api.post("/users", json={"username": "ada", "name": "Ada"}))["id"]
    orders, other = asset(api, shop, resource_type="model"), asset(api, shop)
    publish(api, orders, shop, table(id="integer", total="number"))
    publish(api, orders, shop, table(id="integer", total="number", more="string"))
    made(api.post("/registrations", json={"asset_id": orders, "consumer_team_id": finance}))
    publish(api, orders, shop, table(id="integer"))
    assert (total(api, "teams"), total(api, "users")) == (3, 1)
    assert (total(api, "assets", resource_type="model"), total(api, "assets", resource_type="other")) == (1, 1)
    assert [total(api, "contracts", status=status) for status in ("active", "deprecated", "retired")] == [1, 1, 0]
    assert total(api, "registrations", status="active") == total(api, "proposals", status="pending") == 1
    for path in (f"/teams/{gone}", f"/users/{made_user}", f"/assets/{other}", f"/assets/{orders}"):
        assert api.delete(path).status_code == 204
    assert (total(api, "teams"), total(api, "users")) == (2, 0)
    assert total(api, "assets", resource_type="model") == total(api, "assets", resource_type="other") == 0
    assert total(api, "proposals", status="withdrawn") == 1
    assert total(api, "position") == int(api.get("/teams").headers["muniment-position"])


def test_what_was_answered_is_counted_by_route_and_status(own_store: httpx.Client) -> None:
    api = own_store
    id = team(api)
    tag = api.get(f"/teams/{id}").headers["etag"]
    before = answered(api)
    for _ in range(3):
        api.get(f"/teams/{id}")
    api.get(f"/teams/{id}", headers={"If-None-Match": tag})
    api.head(f"/teams/{id}")
    api.get(f"/teams/{GONE}")
    api.post("/teams", json={})
    httpx.get(api.base_url.join("/healthz"))
    since = answered(api) - before
    route = "/api/v1/teams/{team_id}"
    assert since == {
        ("GET", route, "200"): 4,
        ("GET", route, "304"): 1,
        ("GET", route, "404"): 1,
        ("POST", "/api/v1/teams", "422"): 1,
        ("GET", "/healthz", "200"): 1,
        ("GET", "/metrics", "200"): 1,
    }
    took = scraped(api)["muniment_request_seconds_total"]
    assert all(0 < seconds < 60 for seconds in took.values())
    assert {labels[:2] for labels in took} >= {(("method", "GET"), ("route", route))}


def test_callers_cannot_make_up_labels(own_store: httpx.Client) -> None:
    api = own_store
    before = answered(api)
    api.get("/nothing-here")
    api.request("PROPFIND", "/teams")
    httpx.get(f'{api.base_url}made"up')
    since = answered(api) - before
    assert since == {("", "", "404"): 1, ("", "", "405"): 1, ("", "", "401"): 1, ("GET", "/metrics", "200"): 1}


def test_metrics_need_a_key_of_any_scope_and_know_no_past(own_store: httpx.Client) -> None:
    api = own_store
    place = api.base_url.join("/metrics")
    assert httpx.get(place).json()["code"] == "MISSING_API_KEY"
    reader = with_key(api, key(api, team(api), "read"))
    assert reader.get(place).status_code == reader.get(place, params={"as_of": "0"}).status_code == 200
    assert api.post(place).headers["allow"] == "GET"


@pytest.mark.parametrize(("media", "body"), [("application/json", "{}"), ("text/html", "x")])
def test_another_kind_of_answer_is_noticed(media: str, body: str) -> None:
    headers = {"x-request-id": "r", "muniment-position": "1", "content-type": media}
    answer = httpx.Response(200, text=body, headers=headers, request=httpx.Request("GET", "http://m/metrics"))
    with pytest.raises(AssertionError, match=media):
        check(answer)
