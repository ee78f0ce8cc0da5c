"""Query strings as the values that a Struct asks for: strict, but for what text alone can say (api.md 1.1)."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, get_args

import msgspec

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")


class QueryError(Exception):
    """A value that no parameter can have. `name` is the parameter's."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def query_members(
    parameters: Iterable[tuple[str, str]], type: type[object], repeatable: tuple[str, ...] = ()
) -> dict[str, object]:
    """The parameters of a query string, ready for a strict conversion to `type`.

    Of a parameter given twice the last counts, unless it is repeatable. Raises `QueryError` for a NUL character.
    """
    kinds = _kinds(type)  # type: ignore[arg-type]  # classes are hashable; mypy looks at their instances
    values: dict[str, object] = {}
    for name, text in parameters:
        if "\0" in name or "\0" in text:
            raise QueryError(name.replace("\0", ""), "must not contain a NUL character")
        if name in repeatable:
            kept = values.setdefault(name, [])
            assert isinstance(kept, list)
            kept.append(text)
        else:
            values[name] = _value(text, kinds.get(name))
    return values


def _value(text: str, kind: type[object] | None) -> object:
    """A number or boolean where one is asked for and the text is one; else the text, for the conversion to judge."""
    if kind is bool:
        return _BOOLEANS.get(text.lower(), text)
    if kind is int and _INTEGER.fullmatch(text):
        return int(text)
    # A plus sign that was not percent-encoded arrives as a space: `+02:00`.
    return text.replace(" ", "+") if kind is datetime else text


@lru_cache(maxsize=64)
def _kinds(type: type[object]) -> dict[str, type[object]]:
    """The parameters that are no text."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(type):  # type: ignore[arg-type]
        kinds = [kind for kind in (bool, int, datetime) if _mentions(field.type, kind)]
        if kinds:
            found[field.encode_name] = kinds[0]
    return found


def _mentions(hint: Any, kind: type[object]) -> bool:
    return hint is kind or any(_mentions(part, kind) for part in get_args(hint))
