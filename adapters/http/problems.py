"""Refusals as problem+json. One table from code to status and title (api.md 1.3)."""

import errno

import msgspec

from adapters.clock import Clock
from adapters.log.protocol import OutcomeUnknown, StorageFull, Unavailable
from domain.errors import Refused
from domain.values import Object
from projections.times import wire_time

MEDIA_TYPE = "application/problem+json"

STATUS: dict[str, tuple[int, str]] = {
    "VALIDATION_ERROR": (422, "Request has the wrong shape"),
    "MALFORMED_JSON": (400, "Body is not JSON"),
    "BAD_REQUEST": (400, "Bad request"),
    "INVALID_INPUT": (400, "Inputs do not go together"),
    "INVALID_SCHEMA": (400, "Not a valid schema"),
    "INVALID_VERSION": (400, "Version against the rules"),
    "INVALID_FQN": (422, "Not a valid name of an asset"),
    "INVALID_MANIFEST": (400, "Manifest is unusable"),
    "INVALID_OPENAPI_SPEC": (400, "OpenAPI document is unusable"),
    "INVALID_GRAPHQL_SCHEMA": (400, "GraphQL schema is unusable"),
    "INVALID_CATALOG": (400, "Catalog is unusable"),
    "CONFLICT_MODE_INVALID": (400, "Unknown conflict mode"),
    "INVALID_AS_OF": (400, "Moment outside the log"),
    "NOT_FOUND": (404, "Not found"),
    "METHOD_NOT_ALLOWED": (405, "Method not allowed"),
    "MISSING_API_KEY": (401, "API key missing"),
    "INVALID_AUTH_HEADER": (401, "Authorization header malformed"),
    "INVALID_API_KEY": (401, "API key not accepted"),
    "INSUFFICIENT_SCOPE": (403, "Key lacks the scope"),
    "UNAUTHORIZED_TEAM": (403, "Key may not act for this team"),
    "FORBIDDEN": (403, "Forbidden"),
    "PROPOSAL_NOT_PENDING": (400, "Proposal is not pending"),
    "PROPOSAL_STALE": (409, "Proposal is stale"),
    "SELF_DEPENDENCY": (400, "Asset cannot depend on itself"),
    "CONTRACT_NOT_ACTIVE": (400, "Contract is not active"),
    "USER_TEAM_MISMATCH": (400, "User is of another team"),
    "SAME_TEAM": (400, "Teams are the same"),
    "TEAM_HAS_ASSETS": (409, "Team owns assets"),
    "MASS_DELETE": (409, "Sync would delete most of a source"),
    "TARGET_MISMATCH": (409, "Sync of another target"),
    "SYNC_CONFLICT": (409, "Assets exist already"),
    "CONCURRENT_CHANGE": (409, "Lost a race"),
    "VERSION_EXISTS": (409, "Version exists"),
    "AUDIT_REQUIRED": (412, "Audit required"),
    "AUDIT_FAILED": (412, "Audit failed"),
    "PRECONDITION_FAILED": (412, "Precondition failed"),
    "IDEMPOTENCY_KEY_REUSED": (422, "Idempotency key used with another body"),
    "IDEMPOTENCY_IN_PROGRESS": (409, "First request still running"),
    "PAYLOAD_TOO_LARGE": (413, "Body too large"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Unsupported media type"),
    "RATE_LIMITED": (429, "Too many requests"),
    "INTERNAL_ERROR": (500, "Internal error"),
    "UNAVAILABLE": (503, "Log unavailable"),
    "INSUFFICIENT_STORAGE": (507, "Log cannot grow"),
}


def status_of(code: str) -> tuple[int, str]:
    """HTTP status and title of a code. Families share theirs: `…_NOT_FOUND` 404, `DUPLICATE_…` 409."""
    if code in STATUS:
        return STATUS[code]
    words = code.replace("_", " ").capitalize()
    if code.endswith("_NOT_FOUND"):
        return 404, words
    if code.startswith("DUPLICATE_"):
        return 409, words
    return 400, words


def problem(refused: Refused, path: str, request_id: str, clock: Clock) -> tuple[int, bytes]:
    """Status and body of a refusal: RFC 9457 members, and the older envelope beside them."""
    status, title = status_of(refused.code)
    if isinstance(refused, Unfit):
        status = 400
    inner: Object = {
        "code": refused.code,
        "message": refused.detail,
        "details": refused.details,
        "request_id": request_id,
        "timestamp": wire_time(clock.now()),
    }
    body: Object = {
        "type": "urn:muniment:problem:" + refused.code.lower().replace("_", "-"),
        "title": title,
        "status": status,
        "detail": refused.detail,
        "instance": path,
        "code": refused.code,
        "request_id": request_id,
        "details": refused.details,
        "error": inner,
    }
    return status, msgspec.json.encode(body)


def unserved(error: Unavailable | StorageFull | OSError) -> Refused:
    """The refusal that tells of a store, a disk or a process that is not to be had now."""
    if isinstance(error, OutcomeUnknown):
        return Refused(
            "UNAVAILABLE",
            "The answer was lost on the way: this was written as a whole, or not at all. "
            "Send it again, with the same Idempotency-Key if it had one.",
        )
    if isinstance(error, StorageFull) or (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)):
        return Refused("INSUFFICIENT_STORAGE", "There is no space left; nothing was written.")
    return Refused("UNAVAILABLE", "The log cannot be reached; nothing was written. Try again.")


def invalid(field: str, message: str, type: str = "value_error") -> Refused:
    """A `VALIDATION_ERROR` about one place, `field` dotted from `body`, `query` or `path`."""
    return Refused(
        "VALIDATION_ERROR",
        f"{field}: {message}",
        {"errors": [{"field": field, "message": message, "type": type}]},
    )


class Unfit(Refused):
    """A `VALIDATION_ERROR` that only the state of the entity brings to light: it is answered 400 (api.md 3.2)."""

    def __init__(self, field: str, message: str) -> None:
        known = invalid(field, message)
        super().__init__(known.code, known.detail, known.details)
