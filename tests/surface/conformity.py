"""Answers held against the API's description: every client of the tests does so, with every answer that it gets.

It is stricter than the description: objects may have no member that the description does not name, since a member that
nobody wrote down is a mistake here, whatever clients may tolerate.
"""

from functools import lru_cache
from typing import Any

import httpx
import jsonschema_rs
from starlette.routing import compile_path

from adapters.http.description import document

# Objects to which people may add members of their own.
_OPEN = {"KnownGuarantees"}
_UNKNOWN = {"NOT_FOUND", "METHOD_NOT_ALLOWED"}


def check(response: httpx.Response) -> None:
    """Fail unless the answer is one that its operation may give: status, code, media type, headers, body."""
    request = response.request
    method, path = request.method, request.url.path
    operation = operation_of("GET" if method == "HEAD" else method, path)
    response.read()
    if operation is None:
        where = f"{method} {path}"
        _refused_everywhere(response, where)
        return
    where = f"{method} {operation}: {response.status_code}"
    described = _described(operation, "get" if method == "HEAD" else method.lower(), response.status_code)
    assert described is not None, f"{where} is not described: {response.text[:2000]}"
    missing = [name for name in described["headers"] if name not in _WHEN and name not in response.headers]
    assert not missing, f"{where} has no header {missing}"
    assert ("etag" in response.headers) <= ("ETag" in described["headers"]), f"{where} has an ETag"
    contents = described.get("content", {})
    if method == "HEAD" or not contents:
        assert not response.content, f"{where} has a body"
        return
    media_type = response.headers["content-type"]
    assert media_type in contents, f"{where} is {media_type}"
    errors = _errors(operation, "get" if method == "HEAD" else method.lower(), response.status_code, response.content)
    assert not errors, f"{where} is not as described: {errors} in {response.text[:2000]}"


_WHEN = {"Link", "Idempotency-Replayed"}


def _refused_everywhere(response: httpx.Response, where: str) -> None:
    """No route answers: that, or what comes before it, is what the answer says."""
    if where.endswith(("/openapi.json", "/docs")):
        return
    assert response.status_code >= 400, f"{where} is not described"
    validator = _validator({"$ref": "#/components/schemas/Problem"})
    errors = [error.message for error in validator.iter_errors(response.json())] if response.content else []
    assert not errors, f"{where}: {errors}"


@lru_cache(maxsize=1)
def _closed() -> dict[str, Any]:
    """The components of the description, their objects closed."""
    components: dict[str, Any] = document()["components"]  # type: ignore[assignment]
    schemas = {name: schema if name in _OPEN else _close(schema) for name, schema in components["schemas"].items()}
    return {**components, "schemas": schemas}


def _close(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_close(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _close(value) for key, value in schema.items()}
    if isinstance(closed.get("properties"), dict) and closed.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed


@lru_cache(maxsize=1)
def _paths() -> list[tuple[Any, str, Any]]:
    paths: dict[str, Any] = document()["paths"]  # type: ignore[assignment]
    ordered = sorted(paths, key=lambda path: path.count("{"))
    return [(compile_path(path)[0], path, paths[path]) for path in ordered]


def operation_of(method: str, path: str) -> str | None:
    """The path, as described, of the operation that answers."""
    for pattern, described, methods in _paths():
        if pattern.fullmatch(path) and method.lower() in methods:
            return described
    return None


@lru_cache(maxsize=2000)
def _described(path: str, method: str, status: int) -> dict[str, Any] | None:
    paths: dict[str, Any] = document()["paths"]  # type: ignore[assignment]
    response: dict[str, Any] | None = paths[path][method]["responses"].get(str(status))
    while response is not None and "$ref" in response:
        response = _closed()["responses"][response["$ref"].rpartition("/")[2]]
    return response


@lru_cache(maxsize=2000)
def _response_validator(path: str, method: str, status: int) -> jsonschema_rs.Draft202012Validator:
    described = _described(path, method, status)
    assert described is not None
    (content,) = described["content"].values()
    return _validator(content["schema"])


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**schema, "components": _closed()}, validate_formats=True)


def _errors(path: str, method: str, status: int, content: bytes) -> list[str]:
    validator = _response_validator(path, method, status)
    described = _described(path, method, status)
    is_text = described is not None and any(media.startswith("text/") for media in described["content"])
    body = content.decode() if is_text else httpx.Response(200, content=content).json()
    return [f"{error.message} at {list(error.instance_path)}" for error in validator.iter_errors(body)]
