"""Schemas that people send: their bounds, their validity, and the JSON Schema that they stand for (api.md 3.6)."""

from typing import Literal, TypeAlias

from adapters.http.problems import invalid
from adapters.sources import avro
from domain.errors import Refused
from domain.schema.validity import limit_problems, problems
from domain.values import Object

SchemaFormat: TypeAlias = Literal["json_schema", "avro"]


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


def as_json_schema(schema: Object, format: SchemaFormat) -> Object:
    """The JSON Schema that a schema is or stands for. Raises `INVALID_SCHEMA`."""
    if format == "avro":
        schema, errors = avro.to_json_schema(schema)
        if errors:
            raise Refused("INVALID_SCHEMA", f"Not a valid Avro schema: {errors[0]}", {"errors": [*errors]})
    require_valid(schema)
    return schema
