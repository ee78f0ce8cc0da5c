"""Small dbt manifests for tests, and requests with them."""

import json
from collections.abc import Mapping
from typing import Any

VERSION = "https://schemas.getdbt.com/dbt/manifest/v12.json"


def model(name: str, columns: Mapping[str, str | None] | None = None, **members: Any) -> dict[str, Any]:
    """A model of project `shop`, with columns by name and type."""
    return {
        "resource_type": "model",
        "package_name": "shop",
        "name": name,
        "database": "db",
        "schema": "main",
        "path": f"{name}.sql",
        "columns": {key: {"name": key, "data_type": kind} for key, kind in (columns or {}).items()},
        **members,
    }


def manifest(*models: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A manifest of project `shop`."""
    nodes = {f"model.{each['package_name']}.{each['name']}": each for each in models}
    return {
        "metadata": {"dbt_schema_version": VERSION, "project_name": "shop"},
        "nodes": nodes,
        "sources": {},
        **members,
    }


def depends(*names: str) -> dict[str, Any]:
    return {"nodes": [f"model.shop.{name}" for name in names]}


def upload(document: dict[str, Any] | bytes, **options: Any) -> bytes:
    """The body of a document request."""
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    rest = json.dumps(options)[1:-1].encode()
    return b'{"manifest":' + text + (b"," + rest if rest else b"") + b"}"
