"""Names that people give: the grammar of FQNs written by hand (api.md 3.3)."""

import re

from domain.errors import Refused

_PART = r"[A-Za-z_][A-Za-z0-9_-]*"
_FQN = re.compile(rf"{_PART}(\.{_PART})+")


def checked_fqn(fqn: str) -> str:
    """The name itself, or `INVALID_FQN`: 3 to 1000 characters, two or more parts joined by dots."""
    if 3 <= len(fqn) <= 1000 and _FQN.fullmatch(fqn):
        return fqn
    raise Refused(
        "INVALID_FQN",
        f"{fqn[:100]!r} is no name of an asset: two or more parts joined by dots, each beginning with a letter or "
        "underscore and going on with letters, digits, underscores or hyphens; 3 to 1000 characters.",
    )
