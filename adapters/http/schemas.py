"""Schemas that people send: their bounds and their validity (api.md 3.6)."""

from adapters.http.problems import invalid
from domain.errors import Refused
from domain.schema.validity import limit_problems, problems
from domain.values import Object


def within_limits(schema: Object, field: str) -> Object:
    """The schema itself. Raises `VALIDATION_ERROR` where it is too large, has too many properties or is too deep."""
    for problem in limit_problems(schema):
        raise invalid(field, problem)
    return schema


def require_valid(schema: Object) -> None:
    """Raise `INVALID_SCHEMA`, with all that is wrong in `details.errors`."""
    errors = problems(schema)
    if errors:
        raise Refused("INVALID_SCHEMA", f"Not a valid JSON Schema: {errors[0]}", {"errors": [*errors]})
