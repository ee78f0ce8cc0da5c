"""Names to stream ids. Assets and keys have random ids; what is one of a kind derives its id from its name."""

from uuid import UUID, uuid5

_NAMESPACE = UUID("6d756e69-6d65-5e74-8000-000000000000")

# Teams (and people, by id) live in one stream, since their names are unique among all of them.
DIRECTORY = str(uuid5(_NAMESPACE, "directory"))


def source_stream(kind: str, key: str, environment: str) -> str:
    """The stream of one source: a dbt project, an API or a schema in one environment."""
    return str(uuid5(_NAMESPACE, "\x1f".join(("source", kind, key, environment))))


def audit_runs_stream(asset_id: str) -> str:
    """The stream of the audit runs of one asset."""
    return str(uuid5(_NAMESPACE, "\x1f".join(("audit-runs", asset_id))))
