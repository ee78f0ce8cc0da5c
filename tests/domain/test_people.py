"""Users: what the log tells of them, and what it does not (api.md 3.2)."""

from typing import Any

import msgspec
import pytest

from domain import commands as c
from domain import events as e
from domain.directory import Directory, Person, replay, with_people
from domain.errors import Refused
from domain.people import Decided, decide
from tests.spec import CONTEXT, FINANCE, SHOP, given

ADA, BOB = "user-ada", "user-bob"
PEOPLE = {ADA: Person(username="ada", name="Ada", email="ada@x.org"), BOB: Person(username="bob", name="Bob")}
BOTH = (e.UserCreated(user_id=ADA, team_id=SHOP), e.UserCreated(user_id=BOB, user_type="bot"))
CREATE = c.CreateUser(username="eve", name="Eve", email="eve@x.org", team_id=SHOP)


def known(*events: e.DirectoryEvent) -> Directory:
    """Ada of team shop and the bot Bob, and what happened then."""
    return with_people(given(*BOTH, *events).directory, PEOPLE)


def refusal(state: Directory, command: c.UserCommand) -> str:
    with pytest.raises(Refused) as refused:
        decide(state, command, CONTEXT)
    return refused.value.code


def test_a_user_is_made_and_no_event_tells_the_names() -> None:
    made = decide(known(), CREATE, CONTEXT)
    id = CONTEXT.new_id("user")
    person = Person(username="eve", name="Eve", email="eve@x.org")
    assert made == Decided(user_id=id, events=[e.UserCreated(user_id=id, team_id=SHOP)], person=person)
    assert refusal(known(), msgspec.structs.replace(CREATE, team_id="none")) == "TEAM_NOT_FOUND"


@pytest.mark.parametrize("same", [{"username": "ada"}, {"email": "ada@x.org"}])
def test_username_and_email_are_free_once_their_user_went(same: dict[str, Any]) -> None:
    command = msgspec.structs.replace(CREATE, **same)
    assert refusal(known(), command) == "DUPLICATE_USER"
    gone = known(e.UserDeactivated(user_id=ADA))
    assert decide(gone, command, CONTEXT).events
    assert decide(gone, c.UpdateUser(user_id=BOB, **same), CONTEXT).events
    assert refusal(known(), c.UpdateUser(user_id=BOB, **same)) == "DUPLICATE_USER"
    back = (e.UserDeactivated(user_id=ADA), e.UserReactivated(user_id=ADA))
    assert refusal(known(*back), command) == "DUPLICATE_USER"


def test_a_change_tells_which_names_changed_and_what_else_did() -> None:
    command = c.UpdateUser(user_id=ADA, username="ada", name="Countess", email=None, role="admin", metadata={"a": 1})
    made = decide(known(), command, CONTEXT)
    assert made.events == [e.UserUpdated(user_id=ADA, names=("name", "email"), role="admin", metadata={"a": 1})]
    assert made.person == Person(username="ada", name="Countess")
    assert decide(known(), c.UpdateUser(user_id=ADA, name="Ada", team_id=SHOP), CONTEXT).events == []
    assert refusal(known(), c.UpdateUser(user_id="none")) == "USER_NOT_FOUND"
    assert refusal(known(), c.UpdateUser(user_id=ADA, team_id="none")) == "TEAM_NOT_FOUND"


def test_who_was_erased_does_not_come_back() -> None:
    gone = e.UserDeactivated(user_id=ADA)
    made = decide(known(), c.DeactivateUser(user_id=ADA), CONTEXT)
    assert (made.events, made.person) == ([gone], PEOPLE[ADA])
    assert refusal(known(gone), c.DeactivateUser(user_id=ADA)) == "USER_NOT_FOUND"
    erased = decide(known(gone), c.DeactivateUser(user_id=ADA, erase=True), CONTEXT)
    assert (erased.events, erased.person) == ([e.UserDeactivated(user_id=ADA, erased=True)], None)
    again = (c.DeactivateUser(user_id=ADA, erase=True), c.ReactivateUser(user_id=ADA), c.UpdateUser(user_id=ADA))
    for command in again:
        assert refusal(known(gone, *erased.events), command) == "USER_NOT_FOUND"


def test_a_user_comes_back_unless_the_name_was_taken() -> None:
    gone = e.UserDeactivated(user_id=ADA)
    assert decide(known(gone), c.ReactivateUser(user_id=ADA), CONTEXT).events == [e.UserReactivated(user_id=ADA)]
    assert decide(known(), c.ReactivateUser(user_id=ADA), CONTEXT).events == []
    taken = with_people(known(gone), {**PEOPLE, BOB: Person(username="ada", name="Bob")})
    assert refusal(taken, c.ReactivateUser(user_id=ADA)) == "DUPLICATE_USER"


def test_a_user_is_meant_by_username_or_email_in_any_case() -> None:
    for reference in ("ada", "ADA@X.org", " ada "):
        user = known().user_named(reference)
        assert user is not None and user.id == ADA
    assert known(e.UserDeactivated(user_id=ADA)).user_named("ada") is None
    assert known().user_named("") is known().user_named(ADA) is None


def test_a_directory_without_names_knows_users_by_id() -> None:
    state = replay([*BOTH, e.UserUpdated(user_id=BOB, team_id=FINANCE)])
    assert (state.users[BOB].team_id, state.users[BOB].user_type, state.users[BOB].revision) == (FINANCE, "bot", 1)
    assert decide(state, c.UpdateUser(user_id=ADA, name="Ada"), CONTEXT).person == Person(username="", name="Ada")
