"""Neutral values for members that a stored event lacks, so that no event of any age stops the log from being read."""

from datetime import UTC, datetime
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from domain.events import AnyEvent

_TYPES: dict[str, type[Any]] = {str(kind.__struct_config__.tag): kind for kind in get_args(AnyEvent)}
_NEUTRAL: dict[object, object] = {str: "", int: 0, float: 0.0, bool: False, dict: {}, list: [], tuple: []}


def event_type(tag: str) -> type[Any]:
    """The class of a tag. Raises KeyError for a tag that no release ever wrote."""
    return _TYPES[tag]


def filled(kind: type[Any], members: dict[str, object]) -> dict[str, object]:
    """The members of a Struct, with neutral values for required ones that are missing, at every depth."""
    result = dict(members)
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        if name in result:
            result[name] = _inside(field.type, result[name])
        elif field.required:
            result[name] = _neutral(field.type)
    return result


def _neutral(kind: Any) -> object:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return filled(kind, {})
    if kind is datetime:
        return datetime.min.replace(tzinfo=UTC)
    if get_origin(kind) in (Union, UnionType):
        return None if type(None) in get_args(kind) else _neutral(get_args(kind)[0])
    return _NEUTRAL.get(get_origin(kind) or kind)


def _inside(kind: Any, value: object) -> object:
    """Fill what lies inside a member: Structs, and lists of them."""
    if get_origin(kind) in (Union, UnionType):
        inner = [part for part in get_args(kind) if part is not type(None)]
        return _inside(inner[0], value) if inner else value
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        return filled(kind, value)
    if get_origin(kind) in (tuple, list) and isinstance(value, list):
        return [_inside(get_args(kind)[0], entry) for entry in value]
    return value
