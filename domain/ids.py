"""Names to stream ids. Assets and keys have random ids; what is one of a kind derives its id from its name."""

from uuid import UUID, uuid5

_NAMESPACE = UUID("6d756e69-6d65-5e74-8000-000000000000")

# The last hexadecimal digits of a UUID, up to its last hyphen.
_PLACE = 12

# Teams (and people, by id) live in one stream, since their names are unique among all of them.
DIRECTORY = str(uuid5(_NAMESPACE, "directory"))


def source_stream(kind: str, key: str, environment: str) -> str:
    """The stream of one source: a dbt project, an API or a schema in one environment."""
    return str(uuid5(_NAMESPACE, "\x1f".join(("source", kind, key, environment))))


def first_edge(asset_id: str, place: int) -> str:
    """The id of an edge with which an asset came to be, counted from 0: where it stands, behind what its asset is."""
    return f"{asset_id[:-_PLACE]}{place:0{_PLACE}x}"


def place_of(edge_id: str) -> int:
    """Which of its asset's first edges an edge is, by its id."""
    return int(edge_id[-_PLACE:], 16)


def audit_runs_stream(asset_id: str) -> str:
    """The stream of the audit runs of one asset."""
    return str(uuid5(_NAMESPACE, "\x1f".join(("audit-runs", asset_id))))
