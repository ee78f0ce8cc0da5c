"""What the domain says no to. Each refusal has a stable code; adapters map codes to answers in one table."""

from domain.values import Object


class Refused(Exception):
    """A command that the domain does not accept.

    `code` is the stable upper-case name (api.md 1.3), `detail` one sentence for a person, `details` for machines.
    """

    def __init__(self, code: str, detail: str, details: Object | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.details: Object = details or {}


def not_found(kind: str, id: str) -> Refused:
    """The refusal for an entity that does not exist or is deleted: `not_found("team", id)` → `TEAM_NOT_FOUND`."""
    code = kind.upper().replace(" ", "_") + "_NOT_FOUND"
    return Refused(code, f"The {kind} {id} was not found: {kind} not found.")
