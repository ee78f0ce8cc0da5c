"""Webhooks over HTTP (api.md 3.16): registering, telling, settling, sending again."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.adapters.http.conftest import target_of
from tests.adapters.http.world import GONE, asset, fields, key, made, publish, refused, table, team, unique, with_key
from tests.adapters.webhooks.receiver import Receiver, receiving, until
from tests.conftest import STORES, Server

MEMBERS = {"id", "url", "events", "team_id", "active", "created_at"}
DELIVERY = {
    "id", "webhook_id", "event_type", "payload", "url", "status", "attempts", "last_attempt_at", "last_error",
    "last_status_code", "created_at", "delivered_at",
}  # fmt: skip
ALL = [f"proposal.{what}" for what in "created acknowledged approved rejected force_approved withdrawn expired".split()]
ALL += ["contract.published"]


@pytest.fixture(scope="module", params=STORES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    running = Server(target_of(request, folder), folder, MUNIMENT_WEBHOOK_ALLOW_HTTP="true")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def hook(api: httpx.Client, url: str, *events: str, **more: Any) -> dict[str, Any]:
    return made(api.post("/webhooks", json={"url": url, "events": list(events) or ALL, **more}))


def told(api: httpx.Client, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages to a webhook, the oldest first."""
    listed = made(api.get("/webhooks/deliveries", params={"limit": 100}))["results"]
    return [each for each in reversed(listed) if each["webhook_id"] == webhook["id"]]


def types(receiver: Receiver) -> list[str]:
    return sorted(httpx.Response(200, content=each.body).json()["type"] for each in receiver.got)


def test_a_webhook_is_shown_with_its_secret_once(api: httpx.Client) -> None:
    owner = team(api)
    answer = api.post(
        "/webhooks",
        json={"url": "https://hooks.invalid/x?y=z", "events": ["contract.published"] * 2, "team_id": owner.upper()},
        headers={"Idempotency-Key": unique("k")},
    )
    body = made(answer)
    assert answer.status_code == 201 and set(body) == MEMBERS | {"secret"} and len(body["secret"]) == 47
    again = api.send(answer.request)
    assert again.headers["idempotency-replayed"] == "true" and made(again) == {**body, "secret": None}
    del body["secret"]
    assert (body["events"], body["team_id"], body["active"]) == (["contract.published"], owner, True)
    got = api.get(f"/webhooks/{body['id']}")
    assert made(got) == body and body in made(api.get("/webhooks"))["results"]
    assert api.get(f"/webhooks/{body['id']}", headers={"If-None-Match": got.headers["etag"]}).status_code == 304
    head = got.headers["muniment-position"]
    refused(api.delete(f"/webhooks/{body['id']}", headers={"If-Match": '"v1-0"'}), 412, "PRECONDITION_FAILED")
    assert api.delete(f"/webhooks/{body['id']}", headers={"If-Match": got.headers["etag"]}).status_code == 204
    for method in ("GET", "DELETE"):
        refused(api.request(method, f"/webhooks/{body['id']}"), 404, "WEBHOOK_NOT_FOUND")
    assert made(api.get(f"/webhooks/{body['id']}", params={"as_of": head})) == body
    assert body in made(api.get("/webhooks", params={"as_of": head}))["results"]
    assert body not in made(api.get("/webhooks"))["results"]
    events = made(api.get("/audit/events", params={"entity_id": body["id"]}))["results"]
    assert [event["action"] for event in events] == ["webhook.deleted", "webhook.created"]
    assert events[1]["payload"]["url"] == "https://hooks.invalid", "who knows the path may be trusted for it"


@pytest.mark.parametrize(
    ("member", "value", "field"),
    [
        ("url", "http://hooks.invalid/", "body.url"),
        ("url", "https://10.0.0.1/", "body.url"),
        ("url", "https://me:canary@hooks.invalid/", "body.url"),
        ("url", "https://hooks.invalid/" + "x" * 2000, "body.url"),
        ("url", "", "body.url"),
        ("url", None, "body.url"),
        ("events", [], "body.events"),
        ("events", ["asset.created"], "body.events.0"),
        ("events", "contract.published", "body.events"),
        ("team_id", "x", "body.team_id"),
        ("secret", "", "body.secret"),
        ("secret", "a\nb", "body.secret"),
        ("secret", "canary" * 50, "body.secret"),
    ],
)
def test_webhooks_of_the_wrong_shape(api: httpx.Client, member: str, value: Any, field: str) -> None:
    body = {"url": "https://hooks.invalid/", "events": ["contract.published"], member: value}
    answer = api.post("/webhooks", json=body)
    assert fields(answer) == [field] and "canary" not in answer.text


def test_a_webhooks_team_exists(api: httpx.Client) -> None:
    body = {"url": "https://hooks.invalid/", "events": ["contract.published"], "team_id": GONE}
    refused(api.post("/webhooks", json=body), 404, "TEAM_NOT_FOUND")


def test_each_kind_of_event_is_told_once_and_by_team(api: httpx.Client) -> None:
    owner, consumer, stranger = team(api), team(api), team(api)
    known = asset(api, owner)
    publish(api, known, owner, table(a="string", b="string"))
    with receiving() as all_, receiving() as theirs, receiving() as nothing:
        everything = hook(api, all_.url)
        of_consumer, of_stranger = hook(api, theirs.url, team_id=consumer), hook(api, nothing.url, team_id=stranger)
        publish(api, known, owner, table(a="string", b="string", c="string"))
        made(api.post("/registrations", json={"asset_id": known, "consumer_team_id": consumer}))

        def proposed() -> str:
            id: str = publish(api, known, owner, table(a="string"))["proposal"]["id"]
            return id

        for action in ("withdraw", "expire", "force"):
            made(api.post(f"/proposals/{proposed()}/{action}"))
        for response in ("blocked", "approved"):
            body = {"consumer_team_id": consumer, "response": response, "notes": "canary of a person"}
            last = proposed()
            made(api.post(f"/proposals/{last}/acknowledge", json=body))
        made(api.post(f"/proposals/{last}/publish", json={"published_by": owner}))
        expected = sorted([*ALL, *["proposal.created"] * 4, "proposal.acknowledged", "proposal.withdrawn"])
        # Of the two that were approved, a publication withdraws the other. There were two of these, too.
        expected.insert(0, "contract.published")
        until(lambda: len(all_.got) >= len(expected) and len(theirs.got) >= len(expected) - 1)
        assert types(all_) == expected
        # The first publication came before the consumer relied on the asset.
        assert types(theirs) == expected[1:]
        assert nothing.got == [] and not any(b"canary" in each.body for each in all_.got)
        until(lambda: {each["status"] for each in told(api, everything)} == {"delivered"})
        messages = told(api, everything)
        assert [each["event_type"] for each in messages][:2] == ["contract.published", "proposal.created"]
        assert all(set(each) == DELIVERY and each["attempts"] == 1 for each in messages)
        shown = api.get(f"/webhooks/deliveries/{messages[0]['id']}")
        assert made(shown) == messages[0] and messages[0]["last_status_code"] == 200
        event = made(api.get(f"/audit/events/{messages[0]['payload']['id']}"))
        assert event["action"] == "contract.published" and event["position"] == messages[0]["payload"]["position"]
        before = event["position"] - 1
        refused(api.get(f"/webhooks/deliveries/{messages[0]['id']}", params={"as_of": before}), 404, "NOT_FOUND")
        listed = made(api.get("/webhooks/deliveries", params={"event_type": "proposal.expired", "status": "delivered"}))
        assert {each["event_type"] for each in listed["results"]} == {"proposal.expired"} and listed["total"] >= 1
        refused(api.post(f"/webhooks/deliveries/{messages[0]['id']}/redeliver", headers={"If-Match": '"v9-"'}), 412,
                "PRECONDITION_FAILED")  # fmt: skip
        answer = api.post(f"/webhooks/deliveries/{messages[0]['id']}/redeliver")
        assert answer.status_code == 202 and (made(answer)["status"], made(answer)["attempts"]) == ("pending", 0)
        until(lambda: len(all_.got) == len(expected) + 1)
        for each in (everything, of_consumer, of_stranger):
            api.delete(f"/webhooks/{each['id']}")
        refused(api.post(f"/webhooks/deliveries/{messages[0]['id']}/redeliver"), 404, "WEBHOOK_NOT_FOUND")
        assert made(api.get(f"/webhooks/deliveries/{messages[0]['id']}"))["id"] == messages[0]["id"]
    for method, path in (("GET", ""), ("POST", "/redeliver")):
        refused(api.request(method, f"/webhooks/deliveries/{GONE}{path}"), 404, "NOT_FOUND")
        assert fields(api.request(method, f"/webhooks/deliveries/x{path}")) == ["path.delivery_id"]
    for path in ("?status=gone", "?event_type=x", "?limit=101"):
        assert len(fields(api.get("/webhooks/deliveries" + path))) == 1


def test_a_message_that_is_refused_is_tried_again(api: httpx.Client) -> None:
    owner = team(api)
    with receiving(500) as receiver:
        webhook = hook(api, receiver.url, "contract.published", team_id=owner)
        publish(api, asset(api, owner), owner, table())
        until(lambda: [each["status"] for each in told(api, webhook)] == ["failed"])
        (failed,) = told(api, webhook)
        assert (failed["attempts"], failed["last_error"], failed["last_status_code"]) == (1, "answered 500", 500)
        until(lambda: [each["status"] for each in told(api, webhook)] == ["delivered"])
        assert told(api, webhook)[0]["attempts"] == 2
        first, second = receiver.got
        assert first.body == second.body and first.headers["webhook-id"] == second.headers["webhook-id"]
        api.delete(f"/webhooks/{webhook['id']}")


def test_a_receiver_that_hangs_holds_up_no_other(api: httpx.Client) -> None:
    owner, other = team(api), team(api)
    with receiving(drip=60) as hanging, receiving() as quick:
        slow = [hook(api, hanging.url, "contract.published", team_id=owner) for _ in range(3)]
        fast = hook(api, quick.url, "contract.published", team_id=other)
        for _ in range(10):
            publish(api, asset(api, owner), owner, table())
        publish(api, asset(api, other), other, table())
        until(lambda: len(quick.got) == 1, 15)
        for each in slow:
            assert api.delete(f"/webhooks/{each['id']}").status_code == 204
        assert {each["status"] for each in told(api, slow[0])} == {"dead_lettered"}
        assert {each["last_error"] for each in told(api, slow[0])} == {"the webhook was deleted"}
        api.delete(f"/webhooks/{fast['id']}")


def _dumped(target: Path | str) -> str:
    """Everything that the tables of a store hold, save the one for secrets."""
    if isinstance(target, Path):
        connection = sqlite3.connect(target)
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}
        connection.close()
    else:
        with psycopg.connect(target) as pg:
            found = pg.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            rows = {name: pg.execute(f"SELECT * FROM {name}".encode()).fetchall() for (name,) in found}
    assert "canary" in str(rows.pop("muniment_webhook_secrets"))
    return str(rows)


def test_a_secret_is_nowhere_but_in_its_table(server: Server, api: httpx.Client) -> None:
    owner = team(api)
    with receiving(500, 200) as receiver:
        headers = {"Idempotency-Key": unique("k")}
        body = {"url": receiver.url, "events": ALL, "team_id": owner, "secret": "canary-of-a-secret"}
        webhook = made(api.post("/webhooks", json=body, headers=headers))
        assert webhook["secret"] == "canary-of-a-secret"
        publish(api, asset(api, owner), owner, table())
        until(lambda: len(receiver.got) == 2)
        assert "canary-of-a-secret" not in _dumped(server.target)
        assert "canary-of-a-secret" not in server.said.read_text()
        for path in ("/webhooks", "/webhooks/deliveries", "/audit/events", f"/webhooks/{webhook['id']}"):
            assert "canary-of-a-secret" not in api.get(path).text
        api.delete(f"/webhooks/{webhook['id']}")
    with pytest.raises(AssertionError):
        _dumped(server.target)


def test_only_admins_see_webhooks(api: httpx.Client) -> None:
    with with_key(api, key(api, team(api), "write")) as writer:
        refused(writer.get("/webhooks"), 403, "INSUFFICIENT_SCOPE")
