"""Parameters and headers in the description."""

import re

import msgspec

from adapters.http.description.components import Components
from domain.values import JSON, Object

_NAMES = re.compile(r"\{([a-z_]+)\}")
_UUID: Object = {"type": "string", "format": "uuid"}


def _header(description: str, type: str = "string") -> Object:
    return {"description": description, "schema": {"type": type}}


HEADERS: dict[str, Object] = {
    "X-Request-ID": _header("The request's own id if it had a fit one, else a new one: it leads to the log."),
    "Muniment-Position": _header("The log position that this answer reflects.", "integer"),
    "ETag": _header('`"v<version>-<digest of the body>"`.'),
    "X-Total-Count": _header("How many entries match, whatever the page.", "integer"),
    "Link": _header("The pages after and before this one, where there are any."),
    "Idempotency-Replayed": _header("`true` where this is the answer to an earlier request with the same key."),
    "WWW-Authenticate": _header("`Bearer`."),
    "Retry-After": _header("How many seconds to wait.", "integer"),
}


def _parameter(name: str, where: str, description: str, schema: Object) -> Object:
    return {"name": name, "in": where, "description": description, "schema": schema}


PARAMETERS: dict[str, Object] = {
    "AsOf": _parameter(
        "as_of",
        "query",
        "Answer as of then: a log position, or an RFC 3339 time.",
        {"type": "string", "format": "as-of"},
    ),
    "IfMatch": _parameter(
        "If-Match", "header", "Change only this version of the entity.", {"type": "string", "format": "etag"}
    ),
    "IfNoneMatch": _parameter(
        "If-None-Match", "header", "Answer 304 if the entity is still this one.", {"type": "string", "format": "etag"}
    ),
    "IdempotencyKey": _parameter(
        "Idempotency-Key",
        "header",
        "The same request again, within 24 hours, gets the first one's answer.",
        {"type": "string", "pattern": "^[ -~]{1,255}$"},
    ),
}


def referred(kind: str, name: str) -> Object:
    """A reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def headers(*names: str) -> Object:
    """References to the headers of one answer, with those that every answer has."""
    every = ("X-Request-ID", "Muniment-Position", *names)
    return {name: referred("headers", name) for name in every}


def path_parameters(path: str) -> list[JSON]:
    """The parameters of a path: ids, and the words that are none."""
    return [
        {"name": name, "in": "path", "required": True, "schema": _UUID if name.endswith("_id") else {"type": "string"}}
        for name in _NAMES.findall(path)
    ]


def query_parameters(components: Components, query: type[msgspec.Struct]) -> list[JSON]:
    """The members of a query, which is no component."""
    schema = components.members_of(query)
    properties, required = schema["properties"], schema.get("required", [])
    assert isinstance(properties, dict) and isinstance(required, list)
    return [_query_parameter(name, each, name in required) for name, each in properties.items()]


def _query_parameter(name: str, schema: JSON, required: bool) -> Object:
    """A parameter of a query string, where absence says what null says elsewhere."""
    assert isinstance(schema, dict)
    kept = {key: value for key, value in schema.items() if key != "default" or value is not None}
    choices = kept.pop("anyOf", None)
    if isinstance(choices, list):
        (only,) = [each for each in choices if isinstance(each, dict) and each.get("type") != "null"]
        kept = {**only, **kept}
    return {"name": name, "in": "query", "schema": kept, **({"required": True} if required else {})}
