"""Names of users where answers about other things tell them: always those of now (api.md 3.2, 3.5, 3.8)."""

from typing import Any

import httpx
import pytest

from tests.adapters.http.world import asset, made, publish, table, team, user


class Cast:
    """A contract and a proposal in which users of the two teams had a part."""

    def __init__(self, api: httpx.Client) -> None:
        self.api, self.owner, self.consumer = api, team(api), team(api)
        self.ada, self.bob = user(api, name="Ada", team_id=self.owner), user(api, name="Bob", team_id=self.consumer)
        self.asset, dependent = asset(api, self.owner), asset(api, self.consumer, owner_user_id=self.bob)
        made(api.post(f"/assets/{dependent}/dependencies", json={"depends_on_asset_id": self.asset}))
        by = {"published_by_user_id": self.ada.upper()}
        self.contract = publish(api, self.asset, self.owner, table(a="string"), query=by)["contract"]
        made(api.post("/registrations", json={"asset_id": self.asset, "consumer_team_id": self.consumer}))
        self.opened = publish(api, self.asset, self.owner, table(b="string"), query=by)["proposal"]
        self.proposal = self.opened["id"]
        self.objected = self._objected()
        answer = {"consumer_team_id": self.consumer, "response": "approved", "acknowledged_by_user_id": self.bob}
        made(api.post(f"/proposals/{self.proposal}/acknowledge", json=answer))

    def _objected(self) -> dict[str, Any]:
        query = {"objector_team_id": self.consumer, "objector_user_id": self.bob}
        answer = self.api.post(f"/proposals/{self.proposal}/object", params=query, json={"reason": "no"})
        objection: dict[str, Any] = made(answer)["objection"]
        return objection

    def status(self) -> dict[str, Any]:
        return made(self.api.get(f"/proposals/{self.proposal}/status"))


@pytest.fixture
def cast(each_store: httpx.Client) -> Cast:
    return Cast(each_store)


def test_a_contract_tells_who_published_it(cast: Cast) -> None:
    api, id = cast.api, cast.contract["id"]
    assert cast.contract["published_by_user_name"] == "Ada"
    assert made(api.get(f"/contracts/{id}"))["published_by_user_name"] == "Ada"
    made(api.patch(f"/users/{cast.ada}", json={"name": "Ada L."}))
    assert made(api.get(f"/contracts?asset_id={cast.asset}"))["results"][0]["published_by_user_name"] == "Ada L."
    api.delete(f"/users/{cast.ada}?erase=true")
    erased = made(api.get(f"/contracts/{id}"))
    assert erased["published_by_user_name"] is None
    assert erased["published_by_user_id"] == cast.ada
    nobodys = publish(api, asset(api, cast.owner), cast.owner, table())["contract"]
    assert (nobodys["published_by_user_id"], nobodys["published_by_user_name"]) == (None, None)


def test_the_names_of_users_who_have_gone_are_not_told(cast: Cast) -> None:
    cast.api.delete(f"/users/{cast.bob}")
    status = cast.status()
    (objection,) = status["objections"]
    assert (objection["objected_by_user_id"], objection["objected_by_user_name"]) == (cast.bob, None)
    answered = status["acknowledgments"][0]
    assert (answered["acknowledged_by_user_id"], answered["acknowledged_by_user_name"]) == (cast.bob, None)
    cast.api.delete(f"/users/{cast.bob}?erase=true")
    assert "Bob" not in cast.api.get(f"/proposals/{cast.proposal}").text
