"""Requests about proposals of the wrong shape (api.md 3.8): each field, before anything is looked up."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, fields, refused

ACTIONS = ("acknowledge", "object", "withdraw", "force", "expire", "publish")
ANSWER = {"consumer_team_id": GONE, "response": "approved"}
PUBLICATION = {"published_by": GONE}
REASON = {"reason": "no"}
_NO_IDS: list[Any] = [None, 1, "x", {}, [GONE]]
_NO_NOTES: list[Any] = [1, [], "x" * 2001]


def _changed(body: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**body, **members}


def _without(body: dict[str, Any], member: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != member}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (_without(ANSWER, "consumer_team_id"), "consumer_team_id"),
        (_without(ANSWER, "response"), "response"),
        *((_changed(ANSWER, consumer_team_id=each), "consumer_team_id") for each in _NO_IDS),
        *((_changed(ANSWER, response=each), "response") for each in (None, 1, "perhaps", "APPROVED")),
        *((_changed(ANSWER, acknowledged_by_user_id=each), "acknowledged_by_user_id") for each in _NO_IDS[1:]),
        *(
            (_changed(ANSWER, migration_deadline=each), "migration_deadline")
            for each in (1, "soon", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00")
        ),
        *((_changed(ANSWER, notes=each), "notes") for each in _NO_NOTES),
    ],
)
def test_answers_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post(f"/proposals/{GONE}/acknowledge", json=body)) == [f"body.{field}"]


@pytest.mark.parametrize(
    ("query", "body", "field"),
    [
        ("", REASON, "query.objector_team_id"),
        ("objector_team_id=x", REASON, "query.objector_team_id"),
        (f"objector_team_id={GONE}&objector_user_id=x", REASON, "query.objector_user_id"),
        *((f"objector_team_id={GONE}", {"reason": each}, "body.reason") for each in (None, 1, "", "  ", "x" * 1001)),
        (f"objector_team_id={GONE}", {}, "body.reason"),
    ],
)
def test_objections_of_the_wrong_shape(api: httpx.Client, query: str, body: Any, field: str) -> None:
    assert fields(api.post(f"/proposals/{GONE}/object?{query}", json=body)) == [field]


@pytest.mark.parametrize("action", ["withdraw", "force", "expire"])
def test_settlements_of_the_wrong_shape(api: httpx.Client, action: str) -> None:
    path = f"/proposals/{GONE}/{action}"
    for actor in (1, "x", [GONE]):
        assert fields(api.post(path, json={"actor_id": actor})) == ["body.actor_id"]
    assert fields(api.post(f"{path}?actor_id=x")) == ["query.actor_id"]
    for reason in (1, "x" * 501):
        assert fields(api.post(path, json={"reason": reason})) == ["body.reason"]
    assert fields(api.post(f"{path}?reason={'x' * 501}")) == ["query.reason"]
    for content in (b"", b"{}", b'{"unknown": 1}', b'{"actor_id": null}'):
        refused(api.post(path, content=content), 404, "PROPOSAL_NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "published_by"),
        *((_changed(PUBLICATION, published_by=each), "published_by") for each in (None, 1, "x")),
        *(
            (_changed(PUBLICATION, version=each), "version")
            for each in (1, "", "1.0", "v1.0.0", "1.0.0 ", "1.0.0-" + "x" * 50)
        ),
        *((_changed(PUBLICATION, published_by_user_id=each), "published_by_user_id") for each in (1, "x")),
    ],
)
def test_publications_of_the_wrong_shape(api: httpx.Client, body: Any, field: str) -> None:
    assert fields(api.post(f"/proposals/{GONE}/publish", json=body)) == [f"body.{field}"]


def test_unknown_proposals_and_ids_that_are_none(api: httpx.Client) -> None:
    bodies = {"acknowledge": ANSWER, "object": REASON, "publish": PUBLICATION}
    query = f"?objector_team_id={GONE}"
    for action in ACTIONS:
        body = bodies.get(action, {})
        answer = api.post(f"/proposals/{GONE}/{action}{query}", json=body)
        assert "not found" in refused(answer, 404, "PROPOSAL_NOT_FOUND")["detail"]
        assert fields(api.post(f"/proposals/x/{action}{query}", json=body)) == ["path.proposal_id"]
    for path in ("", "/status"):
        refused(api.get(f"/proposals/{GONE}{path}"), 404, "PROPOSAL_NOT_FOUND")
        assert fields(api.get(f"/proposals/x{path}")) == ["path.proposal_id"]
