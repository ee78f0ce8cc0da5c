"""Small values that the whole domain shares."""

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    # A decoded JSON value. Recursive, so that the checkers see through every level of it.
    JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
else:
    # msgspec builds decoders from annotations and knows no recursive aliases; to it, any JSON value will do.
    JSON = Any

Object: TypeAlias = dict[str, JSON]
