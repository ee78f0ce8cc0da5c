"""The API's own description: OpenAPI 3.1, made from the route table, what is said of each route, and the wire types."""

import re
from functools import lru_cache
from importlib import resources

import msgspec

from adapters.config import version
from adapters.http import wire
from adapters.http.description.components import Components
from adapters.http.description.documents import document_told
from adapters.http.description.operations import TOLD
from adapters.http.description.parameters import (
    HEADERS,
    PARAMETERS,
    headers,
    path_parameters,
    query_parameters,
    referred,
)
from adapters.http.description.refusals import Refusals
from adapters.http.description.told import Told
from adapters.http.routes import ROUTES, Route
from adapters.http.wire import Listed
from domain.values import JSON, Object

PREFIX = "/api/v1"
_ABOUT = """\
An append-only catalog of data contracts: who promised which shape of data to whom, when it changed, who agreed.

Every answer carries `Muniment-Position`, the log position that it reflects; every GET takes `as_of`, and answers as of
then. Refusals are `application/problem+json` with a stable `code`. Unknown members and parameters are ignored."""
_HEALTH: dict[str, tuple[str, type[msgspec.Struct]]] = {
    "/health": ("Tell how the server is", wire.Health),
    "/health/ready": ("Tell whether the server is ready", wire.Readiness),
    "/readyz": ("Tell whether the server is ready, by the other name", wire.Readiness),
    "/health/live": ("Tell whether the server lives", wire.Liveness),
    "/healthz": ("Tell whether the server lives, by the other name", wire.Liveness),
}


def key_of(route: Route) -> str:
    """How the description names a route: method, and path below `/api/v1`."""
    return f"{route.method} {route.path.removeprefix(PREFIX)}"


def told(route: Route) -> Told:
    """What is said of a route. Raises `KeyError` for a route of which nothing is said."""
    document = route.document
    if document is None or document.kind is None:
        return TOLD[key_of(route)]
    return document_told(document, document.kind)


@lru_cache(maxsize=1)
def document() -> Object:
    """The whole description."""
    said = [(route, told(route)) for route in ROUTES]
    answered = [each.answer for _, each in said if each.answer is not None]
    queries = Components([each.query for _, each in said if each.query is not None], answers=False)
    requests = Components([each.body for _, each in said if each.body is not None], answers=False)
    answers = Components([*answered, wire.Problem, *(type for _, type in _HEALTH.values())], answers=True)
    refusals = Refusals()
    paths: dict[str, Object] = {path: {"get": _probe(path, answers)} for path in _HEALTH}
    for route, each in said:
        operation = _operation(route, each, queries, requests)
        responses = {**_answers(route, each, answers), **refusals.of(route, each)}
        paths.setdefault(route.path, {})[route.method.lower()] = {**operation, "responses": responses}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Muniment", "version": version(), "description": _ABOUT, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": _sorted(paths),
        "components": {
            "schemas": _sorted({**answers.components, **queries.components, **requests.components}),
            "responses": _sorted(refusals.components),
            "headers": {**HEADERS},
            "parameters": {**PARAMETERS},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key."}},
        },
    }


def _sorted(parts: dict[str, Object]) -> Object:
    return {name: parts[name] for name in sorted(parts)}


@lru_cache(maxsize=1)
def examples() -> dict[str, Object]:
    """Real requests and answers by operation, as `python -m tests.surface.examples` recorded them."""
    text = resources.files(__name__).joinpath("examples.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, Object])


def _probe(path: str, answers: Components) -> Object:
    summary, type = _HEALTH[path]
    content: Object = {"application/json": {"schema": answers.of(type)}}
    found: Object = {"200": {"description": "As it is.", "headers": headers(), "content": content}}
    if type is wire.Readiness:
        found["503"] = {"description": "It is not.", "headers": headers(), "content": content}
    return {"operationId": _id(summary), "summary": summary, "tags": ["health"], "security": [], "responses": found}


def _id(summary: str) -> str:
    """`Get an asset` → `get_asset`."""
    words = re.findall(r"[a-z]+", summary.lower())
    return "_".join(word for word in words if word not in ("a", "an", "the"))


def _operation(route: Route, each: Told, queries: Components, requests: Components) -> Object:
    example = examples().get(key_of(route), {})
    made: Object = {
        "operationId": _id(each.summary),
        "summary": each.summary,
        "description": f"Needs a key with the scope `{route.scope}`.",
        "tags": [route.path.removeprefix(PREFIX).split("/")[1]],
        "parameters": _parameters(route, each, queries),
    }
    if each.body is not None:
        content: Object = {"schema": requests.of(each.body)}
        if "request" in example:
            content["example"] = example["request"]
        made["requestBody"] = {"required": not each.body_optional, "content": {"application/json": content}}
    return made


def _parameters(route: Route, each: Told, queries: Components) -> list[JSON]:
    found = path_parameters(route.path)
    if each.query is not None:
        found += query_parameters(queries, each.query)
    if route.takes_as_of:
        found += [referred("parameters", name) for name in ("AsOf", *(("IfNoneMatch",) if each.tagged else ()))]
    elif route.write is not None or (route.document is not None and route.document.action == "sync"):
        on_one = ("IfMatch",) if route.write is not None and "{" in route.path else ()
        found += [referred("parameters", name) for name in (*on_one, "IdempotencyKey")]
    return found


def _answers(route: Route, each: Told, answers: Components) -> Object:
    if each.answer is None:
        return {"204": {"description": "Done.", "headers": headers()}}
    schema, example = answers.of(each.answer), examples().get(key_of(route), {})
    paged = ("X-Total-Count", "Link") if getattr(each.answer, "__origin__", None) is Listed else ()
    tag = ("ETag",) if each.tagged else ()
    repeated = ("Idempotency-Replayed",) if route.method != "GET" else ()
    found: Object = {}
    for status in each.status:
        content: Object = {"schema": schema}
        if example.get("status") == status:
            content["example"] = example["answer"]
        response: Object = {"description": _STATUS[status], "headers": headers(*paged, *tag, *repeated)}
        found[str(status)] = {**response, "content": {each.media_type: content}}
    if each.tagged and route.method == "GET":
        found["304"] = {"description": "It is still the one of `If-None-Match`.", "headers": headers("ETag")}
    return found


_STATUS = {
    200: "Done.",
    201: "Created.",
    202: "Accepted.",
    207: "Done but for something that was asked for: the answer names it.",
}
