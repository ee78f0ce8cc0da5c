"""What a comparison of two schemas says: a list of changes, each with a verdict."""

from enum import StrEnum

import msgspec

from domain.values import JSON


class Verdict(StrEnum):
    """How one change stands under a mode and a direction (api.md 4.4). `breaking` and `unknown` are incompatible."""

    breaking = "breaking"
    unknown = "unknown"
    risky = "risky"
    safe = "safe"


class Mode(StrEnum):
    """Compatibility mode of a contract: who must keep working."""

    backward = "backward"
    forward = "forward"
    full = "full"
    none = "none"


class Direction(StrEnum):
    """Which way a contract points: consumers read what is produced, and write what is accepted."""

    produced = "produced"
    accepted = "accepted"


class ChangeKind(StrEnum):
    """The step of the semantic version that a change asks for."""

    major = "major"
    minor = "minor"
    patch = "patch"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference between two schemas.

    `path` is dotted from the schema's root (`properties.email`), `pointer` the same as a JSON Pointer. `witness` is an
    instance that was valid and no longer is (or the reverse), or null; null may be that instance. `fingerprint` names
    the change itself: the digest of asset, rule, path, before and after.
    """

    type: str
    path: str
    message: str
    old_value: JSON = None
    new_value: JSON = None
    pointer: str
    rule: str
    verdict: Verdict
    witness: JSON = None
    fingerprint: str = ""

    @property
    def incompatible(self) -> bool:
        return self.verdict in (Verdict.breaking, Verdict.unknown)
