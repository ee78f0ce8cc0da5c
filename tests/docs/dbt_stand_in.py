"""A stand-in for dbt in the guides' tests: `dbt parse [--target NAME]` makes target/manifest.json from models/*.yml.

It knows what the guides use: models, sources, meta, columns, and generic tests. Real manifests are tested elsewhere.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

PROJECT = "shop"


def manifest(documents: list[dict[str, Any]], schema: str) -> dict[str, Any]:
    """The manifest of a project whose YAML files hold these documents, built into a schema."""
    nodes: dict[str, Any] = {}
    sources: dict[str, Any] = {}
    for document in documents:
        for model in document.get("models", []):
            nodes[f"model.{PROJECT}.{model['name']}"] = _model(model, schema)
            nodes.update(_tests(model))
        for group in document.get("sources", []):
            for table in group["tables"]:
                sources[f"source.{PROJECT}.{group['name']}.{table['name']}"] = _source(group, table)
    version = "https://schemas.getdbt.com/dbt/manifest/v12.json"
    return {
        "metadata": {"dbt_schema_version": version, "project_name": PROJECT},
        "nodes": nodes,
        "sources": sources,
    }


def _model(model: dict[str, Any], schema: str) -> dict[str, Any]:
    config = model.get("config", {})
    return {
        "resource_type": "model",
        "package_name": PROJECT,
        "name": model["name"],
        "database": "warehouse",
        "schema": schema,
        "path": f"{model['name']}.sql",
        "description": model.get("description", ""),
        "config": config,
        "meta": config.get("meta", {}),
        "tags": config.get("tags", []),
        "columns": _columns(model),
        "depends_on": {"nodes": [f"model.{PROJECT}.{name}" for name in model.get("refs", [])]},
    }


def _columns(model: dict[str, Any]) -> dict[str, Any]:
    kept = ("name", "description", "data_type", "meta", "tags")
    return {
        column["name"]: {name: column[name] for name in kept if name in column} for column in model.get("columns", [])
    }


def _source(group: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    return {
        "resource_type": "source",
        "package_name": PROJECT,
        "source_name": group["name"],
        "name": table["name"],
        "identifier": table["name"],
        "database": "warehouse",
        "schema": group["name"],
        "columns": _columns(table),
        "freshness": table.get("freshness"),
        "loaded_at_field": table.get("loaded_at_field"),
    }


def _tests(model: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for column in model.get("columns", []):
        for test in column.get("data_tests", []):
            name, kwargs = (test, {}) if isinstance(test, str) else next(iter(test.items()))
            id = f"test.{PROJECT}.{name}_{model['name']}_{column['name']}"
            found[id] = {
                "resource_type": "test",
                "package_name": PROJECT,
                "name": id.rpartition(".")[2],
                "column_name": column["name"],
                "attached_node": f"model.{PROJECT}.{model['name']}",
                "depends_on": {"nodes": [f"model.{PROJECT}.{model['name']}"]},
                "test_metadata": {"name": name, "kwargs": {"column_name": column["name"], **kwargs}},
            }
    return found


def main(arguments: list[str]) -> None:
    assert arguments[0] == "parse", f"the stand-in cannot do {arguments}"
    schema = arguments[arguments.index("--target") + 1] if "--target" in arguments else "prod"
    documents = [yaml.safe_load(path.read_text()) for path in sorted(Path("models").glob("*.yml"))]
    Path("target").mkdir(exist_ok=True)
    Path("target/manifest.json").write_text(json.dumps(manifest(documents, schema)))


if __name__ == "__main__":
    main(sys.argv[1:])
