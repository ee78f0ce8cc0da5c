"""Small OpenAPI descriptions, and requests with them."""

import json
from typing import Any

import httpx
import msgspec

from tests.syncs import World

USER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "nullable": True},
        "secret": {"type": "string", "writeOnly": True},
        "friends": {"type": "array", "items": {"$ref": "#/components/schemas/User"}},
    },
    "required": ["id", "name"],
}


def answer(schema: Any = None, media: str = "application/json") -> dict[str, Any]:
    """A response with a body, or without one."""
    return {"description": "x"} if schema is None else {"description": "x", "content": {media: {"schema": schema}}}


def operation(*parameters: Any, **members: Any) -> dict[str, Any]:
    """An operation that answers with a user."""
    user = {"$ref": "#/components/schemas/User"}
    return {"responses": {"200": answer(user)}, **({"parameters": [*parameters]} if parameters else {}), **members}


def parameter(name: str, where: str = "query", **members: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": {"type": "string"}, **members}


def spec(paths: Any, **members: Any) -> dict[str, Any]:
    """A description with these paths and the schema of a user."""
    found = {"openapi": "3.0.3", "info": {"title": "Users", "version": "1"}, "paths": paths}
    return {**found, "components": {"schemas": {"User": USER}}, **members}


class Apis(World):
    """A corner of a catalog to which OpenAPI descriptions are sent."""

    def send(self, action: str, document: Any, status: int = 200, api: httpx.Client | None = None, **more: Any) -> Any:
        body = {"spec": document, "environment": self.environment, **more}
        answer = (api or self.api).post("/sync/openapi" + action, content=json.dumps(body).encode())
        assert answer.status_code == status, (answer.status_code, answer.text[:3000])
        return answer.json()

    def sync(self, document: Any, status: int = 200, api: httpx.Client | None = None, **options: Any) -> Any:
        return self.send("", document, status, api, **{"owner_team_id": self.owner, **options})

    def diff(self, document: Any, **options: Any) -> Any:
        return self.send("/diff", document, **options)

    def impact(self, document: Any, **options: Any) -> Any:
        return self.send("/impact", document, **options)

    def sync_raw(self, document: msgspec.Raw, *allowed: int, path: str = "", **options: Any) -> Any:
        """The answer to a document that is text already."""
        body = {"spec": document, "environment": self.environment, "owner_team_id": self.owner, **options}
        answer = self.api.post("/sync/openapi" + path, content=msgspec.json.encode(body), timeout=600)
        assert answer.status_code in allowed, (answer.status_code, answer.text[:3000])
        return answer.json()
