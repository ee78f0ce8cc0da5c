"""What requests about users look like (api.md 3.2), and what is checked of them beyond their types."""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from adapters.http.lists import Page, Uuid
from adapters.http.problems import invalid
from adapters.http.teams import Name
from domain.values import Object

Password = Annotated[str, msgspec.Meta(min_length=8, max_length=128)]
UserType = Literal["human", "bot"]
Role = Literal["user", "team_admin", "admin"]
_USERNAME = re.compile(r"[a-z](?:[a-z0-9._-]{0,253}[a-z0-9])?")
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f-\x9f]+@[^@\s\x00-\x1f\x7f-\x9f]+")


# What counts comes of trimming and lowering: the description says what is to be sent.
_TOLD_USERNAME = {"minLength": 1, "maxLength": 255, "pattern": "^[a-z]([a-z0-9._-]*[a-z0-9])?$"}
_TOLD_EMAIL = {"minLength": 3, "maxLength": 254, "pattern": r"^[^@\s\x00-\x1f\x7f-\x9f]+@[^@\s\x00-\x1f\x7f-\x9f]+$"}
Username = Annotated[str, msgspec.Meta(max_length=10_000, extra_json_schema={"x-told": _TOLD_USERNAME})]
Email = Annotated[str, msgspec.Meta(max_length=10_000, extra_json_schema={"x-told": _TOLD_EMAIL})]


class NewUser(msgspec.Struct, frozen=True, kw_only=True):
    """`password` is checked for its form and not kept: people sign in with keys."""

    username: Username
    name: Name
    email: Email | None = None
    user_type: UserType = "human"
    role: Role = "user"
    team_id: Uuid | None = None
    password: Password | None = None
    metadata: Object = {}


class ChangedUser(msgspec.Struct, frozen=True, kw_only=True):
    """`null` clears `email` and `team_id`, and is like absent for the rest (api.md 1.1)."""

    username: Username | None = None
    name: Name | None = None
    email: Email | None | UnsetType = UNSET
    user_type: UserType | None = None
    role: Role | None = None
    team_id: Uuid | None | UnsetType = UNSET
    password: Password | None = None
    metadata: Object | None = None
    notification_preferences: Object | None = None


class UsersQuery(Page, frozen=True, kw_only=True):
    team_id: Uuid | None = None
    username: str | None = None
    email: str | None = None
    name: str | None = None
    user_type: UserType | None = None
    include_deactivated: bool = False


class Erasing(msgspec.Struct, frozen=True, kw_only=True):
    """`erase` empties the user's names for good, beside deactivating."""

    erase: bool = False


def username(text: str) -> str:
    """A username, trimmed and lowered. Raises `VALIDATION_ERROR`."""
    found = text.strip().lower()
    if not _USERNAME.fullmatch(found):
        raise invalid(
            "body.username",
            "must begin with a letter, go on with a-z, 0-9, dots, underscores or hyphens, and end in a letter or "
            "digit; at most 255 characters",
        )
    return found


def email(text: str | None) -> str | None:
    """An email address, lowered. Raises `VALIDATION_ERROR`."""
    if text is None:
        return None
    found = text.strip().lower()
    if len(found) > 254 or not _EMAIL.fullmatch(found):
        raise invalid("body.email", "must be an email address of at most 254 characters")
    return found


def check_password(user_type: str | None, password: str | None) -> None:
    """Refuse a password beside `user_type: "bot"`."""
    if user_type == "bot" and password is not None:
        raise invalid("body.password", "is not for bots")
