"""Generated dbt projects: models of 20 columns in layers, with tests, refs and owners; about 19 KB a model."""

from typing import Any

import msgspec

VERSION = "https://schemas.getdbt.com/dbt/manifest/v12.json"
TEAMS = [f"team-{n}" for n in range(8)]
COLUMNS = 20
_TYPES = ["bigint", "varchar(255)", "numeric(18, 2)", "timestamp", "boolean"]
_PROJECT = "shop"
_Node = dict[str, Any]


def manifest(models: int, *, changed_every: int = 0) -> bytes:
    """A manifest of so many models. With `changed_every`, each so-manieth has a column more (or one less, in turn)."""
    nodes: dict[str, _Node] = {}
    for n in range(models):
        change = 0 if not changed_every or n % changed_every else 1 if n % (2 * changed_every) else -1
        nodes[_id(n)] = _model(n, COLUMNS + change)
        nodes.update(_tests(n))
    sources = {f"source.{_PROJECT}.raw.table_{n}": _source(n) for n in range(max(1, models // 10))}
    parents = {id: node["depends_on"]["nodes"] for id, node in nodes.items()}
    return msgspec.json.encode(
        {
            "metadata": {"dbt_schema_version": VERSION, "project_name": _PROJECT, "adapter_type": "postgres"},
            "nodes": nodes,
            "sources": sources,
            "macros": {f"macro.{_PROJECT}.m{n}": _macro(n) for n in range(models // 10)},
            "parent_map": parents,
            "disabled": {},
            "exposures": {},
        }
    )


def upload(document: bytes, **options: object) -> bytes:
    """The body of a document request."""
    rest = msgspec.json.encode(options)[1:-1]
    return b'{"manifest":' + document + (b"," + rest if rest else b"") + b"}"


def _id(n: int) -> str:
    return f"model.{_PROJECT}.model_{n}"


def _upstream(n: int) -> list[str]:
    """Two earlier models, near ones, so that chains grow long; the first ones read sources."""
    if n < 10:
        return [f"source.{_PROJECT}.raw.table_0"]
    return [_id(n - 1 - n % 7), _id(n // 2)]


def _model(n: int, columns: int) -> _Node:
    name = f"model_{n}"
    select = ",\n".join(f"    base.column_{c} as column_{c}" for c in range(COLUMNS))
    code = f"with base as (\n select * from upstream_{n}\n)\nselect\n{select}\nfrom base\nwhere is_deleted = false\n"
    return {
        **_common(name, "model", f"marts/area_{n % 9}/{name}.sql"),
        "description": f"One row for each thing number {n}, as the area's analysts count them after deduplication.",
        "tags": ["daily", f"area_{n % 9}"],
        "meta": {"muniment": {"owner_team": TEAMS[n % len(TEAMS)]}},
        "columns": {f"column_{c}": _column(n, c) for c in range(columns)},
        "depends_on": {"macros": ["macro.dbt.run_query"], "nodes": _upstream(n)},
        "refs": [{"name": id.rpartition(".")[2], "package": None, "version": None} for id in _upstream(n)],
        "raw_code": code,
        "compiled_code": code * 2,
        "compiled_path": f"target/compiled/{_PROJECT}/models/marts/area_{n % 9}/{name}.sql",
        "patch_path": f"{_PROJECT}://models/marts/area_{n % 9}/schema.yml",
    }


def _column(n: int, c: int) -> _Node:
    return {
        "name": f"column_{c}",
        "description": f"What system {n} calls attribute {c}, cast to one type and with blanks as nulls.",
        "meta": {},
        "data_type": _TYPES[c % len(_TYPES)],
        "constraints": [],
        "quote": None,
        "tags": ["pii"] if c == 7 else [],
    }


def _tests(n: int) -> dict[str, _Node]:
    kinds: list[tuple[str, int, _Node]] = [
        ("not_null", 0, {}),
        ("unique", 0, {}),
        ("not_null", 1, {}),
        ("accepted_values", 1, {"values": ["placed", "shipped", "returned"]}),
        ("not_null", 2, {}),
    ]
    found = {}
    for k, (kind, column, arguments) in enumerate(kinds):
        name = f"{kind}_model_{n}_column_{column}"
        found[f"test.{_PROJECT}.{name}.{n * 10 + k:010x}"] = {
            **_common(name, "test", f"{name}.sql"),
            "depends_on": {"macros": [f"macro.dbt.test_{kind}", "macro.dbt.get_where_subquery"], "nodes": [_id(n)]},
            "attached_node": _id(n),
            "column_name": f"column_{column}",
            "test_metadata": {
                "name": kind,
                "kwargs": {
                    "column_name": f"column_{column}",
                    "model": f"{{{{ get_where_subquery(ref('model_{n}')) }}}}",
                    **arguments,
                },
                "namespace": None,
            },
            "raw_code": f"{{{{ test_{kind}(**_dbt_generic_test_kwargs) }}}}",
            "compiled_code": f"select column_{column} from db.main.model_{n} where column_{column} is null " * 3,
        }
    return found


def _source(n: int) -> _Node:
    return {
        **_common(f"table_{n}", "source", "models/sources.yml"),
        "identifier": f"raw_table_{n}",
        "columns": {f"column_{c}": _column(n, c) for c in range(COLUMNS)},
    }


def _common(name: str, kind: str, path: str) -> _Node:
    return {
        "database": "warehouse",
        "schema": "main",
        "name": name,
        "resource_type": kind,
        "package_name": _PROJECT,
        "path": path,
        "original_file_path": f"models/{path}",
        "unique_id": f"{kind}.{_PROJECT}.{name}",
        "fqn": [_PROJECT, *path.split("/")],
        "alias": name,
        "checksum": {"name": "sha256", "checksum": "64167ac929ec348c5e6e7ba457170e8df1022a604ee7c61889992be9fde25e91"},
        "config": {
            "enabled": True,
            "alias": None,
            "schema": None,
            "database": None,
            "tags": [],
            "meta": {},
            "group": None,
            "materialized": "table" if kind == "model" else kind,
            "severity": "ERROR",
            "store_failures": None,
            "where": None,
            "limit": None,
            "persist_docs": {},
            "quoting": {},
            "column_types": {},
            "full_refresh": None,
            "on_schema_change": "ignore",
            "grants": {},
            "packages": [],
            "docs": {"show": True, "node_color": None},
            "contract": {"enforced": False, "alias_types": True},
        },
        "tags": [],
        "description": "",
        "columns": {},
        "meta": {},
        "docs": {"show": True, "node_color": None},
        "unrendered_config": {"materialized": "table"},
        "created_at": 1729285314.765545,
        "relation_name": f'"warehouse"."main"."{name}"',
        "language": "sql",
        "refs": [],
        "sources": [],
        "metrics": [],
        "depends_on": {"macros": [], "nodes": []},
        "contract": {"enforced": False, "alias_types": True, "checksum": None},
        "access": "protected",
        "constraints": [],
        "version": None,
    }


def _macro(n: int) -> _Node:
    return {
        "name": f"m{n}",
        "resource_type": "macro",
        "package_name": _PROJECT,
        "macro_sql": "{% macro m(x) %}\n  select {{ x }} from {{ ref('y') }}\n{% endmacro %}\n" * 20,
        "depends_on": {"macros": []},
    }
