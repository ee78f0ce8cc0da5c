"""Real documents with one thing wrong: a member that the reader knows set to another value, or dropped."""

import copy
from typing import Any

DROPPED = object()
Place = tuple[str | int, ...]
_GROUPS = ("metadata", "nodes", "sources")
_KNOWN = frozenset(
    "resource_type package_name name alias identifier database schema description path original_file_path fqn tags "
    "meta source_meta config columns constraints depends_on attached_node column_name test_metadata loaded_at_field "
    "freshness compiled_code raw_code enabled materialized severity where nodes kwargs namespace type data_type "
    "warn_after error_after count period dbt_schema_version project_name project_id model values arguments".split()
)


def places(document: dict[str, Any]) -> list[Place]:
    """Every member that the reader knows, wherever it stands, in the order of the document."""
    found: list[Place] = []
    for group in _GROUPS:
        if group in document:
            found.append((group,))
            _walk(document[group], (group,), found)
    return found


def _walk(value: Any, place: Place, found: list[Place]) -> None:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        here = (*place, key)
        named = len(here) == 2 or place[-1] in ("columns", "kwargs", "nodes") or isinstance(key, int)
        if key in _KNOWN or named:
            found.append(here)
            _walk(inner, here, found)


def mutated(document: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """A copy in which the place holds `value`, or is gone if that is `DROPPED`. Only the way there is copied."""
    top = dict(document)
    inner: Any = top
    for key in place[:-1]:
        inner[key] = copy.copy(inner[key])
        inner = inner[key]
    if value is DROPPED:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return top
