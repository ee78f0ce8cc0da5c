"""A second opinion on witnesses, from a validator that is not ours (jsonschema-rs). It never fetches anything."""

import logging
from functools import lru_cache

import msgspec
from jsonschema_rs import ReferencingError, Validator, validator_for

from domain.schema.canonical import canonical
from domain.values import JSON

log = logging.getLogger("muniment.engine")


class Validators:
    """Checks with jsonschema-rs. Formats and content keywords are not asserted."""

    def proves(self, inner: JSON, outer: JSON, witness: JSON) -> bool | None:
        try:
            one, other = _validator(canonical(inner)), _validator(canonical(outer))
            proven = one.is_valid(witness) and not other.is_valid(witness)
        except (ValueError, ReferencingError, RecursionError):
            return None
        if not proven:
            log.warning("a witness was refuted: %s", canonical([inner, outer, witness])[:2000].decode())
        return proven


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Validator:
    return validator_for(msgspec.json.decode(schema), validate_formats=False, offline=True)
