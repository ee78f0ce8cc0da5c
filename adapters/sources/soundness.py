"""Whether what an item carries can be stored and shown: no NUL characters, no numbers or depths beyond all measure."""

import re

import msgspec

from adapters.depth import DEPTH_LIMIT
from domain.sync.spec import AssetSpec
from domain.values import JSON

_LONG_NUMBER = re.compile(rb"\d{19}")
# What an index of PostgreSQL takes (2704 bytes a row), beside the environment and the source's key.
NAME_LIMIT, ID_LIMIT = 2_000, 1_500


def unsound(spec: AssetSpec, suspicious: bool) -> str | None:
    """What is wrong with an item, naming the place, or None. `suspicious` if its document may hold a NUL.

    Cheap for the items that are fine.
    """
    if len(spec.fqn) > 1000 or len(spec.fqn.encode()) > NAME_LIMIT:
        return f"its name is longer than 1000 characters or {NAME_LIMIT} bytes"
    if len(spec.item.encode()) > ID_LIMIT:
        return f"its id is longer than {ID_LIMIT} bytes"
    if suspicious:
        place = _find_nul(msgspec.json.decode(msgspec.json.encode(spec)), "")
        if place is not None:
            return f"a NUL character at {place}"
    if spec.guarantees is None:
        return None
    try:
        text = msgspec.json.encode(spec.guarantees)
    except RecursionError:
        return f"nested deeper than {DEPTH_LIMIT} levels"
    return _odd_value(spec.guarantees, "guarantees", 0) if _LONG_NUMBER.search(text) else None


def _find_nul(value: JSON, place: str) -> str | None:
    if isinstance(value, str):
        return (place or "the item") if "\0" in value else None
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        found = f"{place}.{key!r}" if isinstance(key, str) and "\0" in key else _find_nul(each, f"{place}.{key}")
        if found is not None:
            return found
    return None


def _odd_value(value: JSON, place: str, depth: int) -> str | None:
    if depth > DEPTH_LIMIT:
        return f"nested deeper than {DEPTH_LIMIT} levels at {place[:200]}"
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return f"a number of more than 64 bits at {place}"
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        found = _odd_value(each, f"{place}.{key}", depth + 1)
        if found is not None:
            return found
    return None
