"""Names of users beside their ids, in contracts and proposals (api.md 3.5, 3.8): always those of now."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, made, publish, table, team, unique

ONE, BROKEN = table(a="string"), table(b="string")


class Desk:
    """A contract and a proposal, in which three people had a hand; a fourth owns what is made from the asset."""

    def __init__(self, api: httpx.Client) -> None:
        self.api, self.owner, self.one, self.two = api, team(api), team(api), team(api)
        self.ada, self.bob, self.cy, self.dee = (self._user(name) for name in ("Ada", "Bob", "Cy", "Dee"))
        self.asset = asset(api, self.owner)
        self.down = asset(api, self.two, owner_user_id=self.dee)
        made(api.post(f"/assets/{self.down}/dependencies", json={"depends_on_asset_id": self.asset}))
        by = {"published_by_user_id": self.ada.upper()}
        self.contract = publish(api, self.asset, self.owner, ONE, query=by)["contract"]
        for id in (self.one, self.two):
            made(api.post("/registrations", json={"asset_id": self.asset, "consumer_team_id": id}))
        self.proposal = publish(api, self.asset, self.owner, BROKEN, query=by)["proposal"]
        path = f"/proposals/{self.proposal['id']}"
        answer = {"consumer_team_id": self.one, "response": "approved", "acknowledged_by_user_id": self.bob.upper()}
        self.answer = made(api.post(f"{path}/acknowledge", json=answer))
        query = {"objector_team_id": self.two, "objector_user_id": self.cy}
        self.filed = made(api.post(f"{path}/object", params=query, json={"reason": "we read it"}))

    def _user(self, name: str) -> str:
        body = {"username": unique(name.lower()), "name": name, "team_id": self.two if name == "Dee" else self.owner}
        id: str = made(self.api.post("/users", json=body))["id"]
        return id

    @property
    def status(self) -> dict[str, Any]:
        return made(self.api.get(f"/proposals/{self.proposal['id']}"))


@pytest.fixture
def desk(each_store: httpx.Client) -> Desk:
    return Desk(each_store)


def test_who_published_proposed_answered_objected_and_is_affected(desk: Desk) -> None:
    for shown in (desk.contract, made(desk.api.get(f"/contracts/{desk.contract['id']}"))):
        assert (shown["published_by_user_id"], shown["published_by_user_name"]) == (desk.ada, "Ada")
    listed = made(desk.api.get(f"/contracts?asset_id={desk.asset}"))["results"]
    assert [c["published_by_user_name"] for c in listed] == ["Ada"]
    status = desk.status
    assert (status["proposed_by"]["user_id"], status["proposed_by"]["user_name"]) == (desk.ada, "Ada")
    (answer,) = status["acknowledgments"]
    assert (answer["acknowledged_by_user_id"], answer["acknowledged_by_user_name"]) == (desk.bob, "Bob")
    assert desk.answer["acknowledged_by_user_id"] == desk.bob
    for objection in (*status["objections"], desk.filed["objection"]):
        assert (objection["objected_by_user_id"], objection["objected_by_user_name"]) == (desk.cy, "Cy")
    for affected in (*status["affected_assets"], *desk.proposal["affected_assets"]):
        assert (affected["owner_user_id"], affected["owner_user_name"]) == (desk.dee, "Dee")
    made(desk.api.post(f"/proposals/{desk.proposal['id']}/force"))
    body = {"published_by": desk.owner, "published_by_user_id": desk.bob}
    published = made(desk.api.post(f"/proposals/{desk.proposal['id']}/publish", json=body))["contract"]
    assert (published["published_by_user_id"], published["published_by_user_name"]) == (desk.bob, "Bob")


def test_names_follow_the_person_and_not_those_who_are_deactivated(desk: Desk) -> None:
    made(desk.api.patch(f"/users/{desk.ada}", json={"name": "Ada L."}))
    assert made(desk.api.get(f"/contracts/{desk.contract['id']}"))["published_by_user_name"] == "Ada L."
    assert desk.status["proposed_by"]["user_name"] == "Ada L."
    assert desk.api.delete(f"/users/{desk.cy}").status_code == 204
    (objection,) = desk.status["objections"]
    assert (objection["objected_by_user_id"], objection["objected_by_user_name"]) == (desk.cy, None)


def test_unknown_people_are_recorded_as_given(api: httpx.Client) -> None:
    owner = team(api)
    id = asset(api, owner)
    contract = publish(api, id, owner, ONE, query={"published_by_user_id": GONE})["contract"]
    assert (contract["published_by_user_id"], contract["published_by_user_name"]) == (GONE, None)
    proposal = publish(api, id, owner, BROKEN, query={"published_by_user_id": GONE})["proposal"]
    status = made(api.get(f"/proposals/{proposal['id']}"))
    assert status["proposed_by"] == {**status["proposed_by"], "user_id": GONE, "user_name": None}
