"""One place where two schemas differ."""

import msgspec

from domain.schema.inclusion.answers import Found
from domain.values import JSON

Steps = tuple[str, ...]


def pointer_of(steps: Steps) -> str:
    """Steps as a JSON Pointer."""
    return "/".join(["", *[step.replace("~", "~0").replace("/", "~1") for step in steps]])


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One place where two schemas differ, and which side that shuts out.

    `refuses_old`: some document that the old schema takes may be refused by the new one; `refuses_new`: the reverse.
    `spared_…`: it would, but what stands around it shuts these documents out anyhow, or takes them in.
    `part` says in words what of an operation the first `lead` steps stand for. `grows` marks branches that were only
    added, `written` what GraphQL clients write by name. `witness_old` is a document of the old schema that the new one
    refuses, `witness_new` the reverse; `why` says what could not be decided, `hint` what the change may have been meant
    for. The pointers are those of the place in each document, where it has it.
    """

    type: str
    steps: Steps
    old: JSON = None
    new: JSON = None
    refuses_old: bool = False
    refuses_new: bool = False
    spared_old: bool = False
    spared_new: bool = False
    part: str = ""
    lead: int = 0
    grows: bool = False
    written: bool = False
    why: str = ""
    hint: str = ""
    witness_old: Found | None = None
    witness_new: Found | None = None
    old_pointer: str | None = None
    new_pointer: str | None = None

    @property
    def mild(self) -> bool:
        """Whether some judge takes it lightly although it shuts documents out, so that it explains no graver one."""
        return self.grows or self.type in ("enum_values_added", "const_changed")

    @property
    def path(self) -> str:
        return ".".join(self.steps)

    @property
    def pointer(self) -> str:
        return pointer_of(self.steps)
