"""A second opinion on witnesses, from a validator that is not ours (jsonschema-rs). It never fetches anything."""

import logging
import re
from functools import lru_cache

import msgspec
from jsonschema_rs import ReferencingError, Validator, validator_for

from adapters.proof_costs import affordable
from domain.schema.canonical import canonical, whole
from domain.values import JSON

_CONTENT = ("contentEncoding", "contentMediaType")
# Texts without these have no float as large as that, and no keyword that `asserted` looks at.
_POWER = re.compile(rb"\de")
_SPECIAL = re.compile(rb'"(?:nullable|contentEncoding|contentMediaType)":')
log = logging.getLogger("muniment.engine")


# Where a schema names no dialect and the newest knows it for none, as with a list in `items` or a boolean
# `exclusiveMinimum`, it may be one of these.
_OLDER = tuple(
    f"{place}#" for place in ("http://json-schema.org/draft-07/schema", "http://json-schema.org/draft-04/schema")
)


class Validators:
    """Checks with jsonschema-rs. Formats and content keywords are not asserted.

    `dialect` is the URI of the one that holds for schemas that state none; the newest that knows both if empty.
    """

    def __init__(self, dialect: str = "") -> None:
        self._dialect = dialect

    def proves(self, inner: JSON, outer: JSON, witness: JSON) -> bool | None:
        if not affordable(inner, witness) or not affordable(outer, witness):
            return None
        proven = _opinion(inner, outer, witness, self._dialect)
        if proven is None and not self._dialect:
            return True if any(_opinion(inner, outer, witness, each) for each in _OLDER) else None
        if proven is False:
            log.warning("a witness was refuted: %s", canonical([inner, outer, witness])[:2000].decode())
        return proven


def _opinion(inner: JSON, outer: JSON, witness: JSON, dialect: str) -> bool | None:
    """Whether the witness proves something in a dialect; None where either schema is none there."""
    try:
        one, other = (_validator(canonical(each), dialect) for each in (inner, outer))
        shown = in_full(witness)
        return one.is_valid(shown) and not other.is_valid(shown)
    except (ValueError, ReferencingError, RecursionError):
        return None


@lru_cache(maxsize=256)
def _validator(schema: bytes, dialect: str) -> Validator:
    value = msgspec.json.decode(schema)
    # Most schemas have nothing of the kind, and to go through them twice takes as long as to make the validator.
    if _POWER.search(schema):
        value = in_full(value)
    if _SPECIAL.search(schema):
        value = asserted(value)
    if not isinstance(value, dict):
        return validator_for(value is not False, validate_formats=False, offline=True)
    if dialect:
        value.setdefault("$schema", dialect)
    return validator_for(value, validate_formats=False, offline=True)


def in_full(value: JSON) -> JSON:
    """A value with large floats as the whole numbers that their texts say; versions of validators differ in them."""
    if isinstance(value, float) and value.is_integer() and whole(value) != int(value):
        return whole(value)
    if isinstance(value, list):
        return [in_full(each) for each in value]
    return {name: in_full(each) for name, each in value.items()} if isinstance(value, dict) else value


def asserted(value: JSON) -> JSON:
    """The schema as the engine reads it: `nullable` said by `type`, as validators know it, and content not asserted."""
    if isinstance(value, list):
        return [asserted(each) for each in value]
    if not isinstance(value, dict):
        return value
    inner = {n: asserted(each) for n, each in value.items() if not (n in _CONTENT and isinstance(each, str))}
    if value.get("nullable") is True and isinstance(value.get("type"), str | list):
        stated = value["type"]
        inner["type"] = [*(stated if isinstance(stated, list) else [stated]), "null"]
        if isinstance(stated, list) and "null" in stated:
            inner["type"] = stated
    return inner
