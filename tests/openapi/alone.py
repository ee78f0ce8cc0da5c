"""Two descriptions brought closer: the older one with nothing but one kind of change of the newer one."""

from collections.abc import Callable
from typing import Any

from tests.openapi.checks import About

_NAMED = ("properties", "patternProperties", "schemas", "$defs", "dependentSchemas")


def alone(old: Any, new: Any, about: About) -> Any:
    """The old document with what the new one says in some keywords, or with its members, and nothing else."""
    if isinstance(old, dict) and isinstance(new, dict):
        return _of_schema(old, new, about)
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [alone(*each, about) for each in zip(old, new, strict=True)]
    return old


def _of_schema(old: dict[str, Any], new: dict[str, Any], about: About) -> dict[str, Any]:
    found = {name: value for name, value in old.items() if name not in about.keywords}
    for name in found.keys() & new.keys():
        if name in _NAMED and isinstance(old[name], dict) and isinstance(new[name], dict):
            found[name] = _of_names(old[name], new[name], about, keep=not (about.members and name == "properties"))
        elif name == "parameters" and about.members:
            found[name] = _of_list(old[name], new[name], about, key=lambda each: (each.get("in"), each.get("name")))
        elif name == "required" and about.members:
            found[name] = new[name]
        else:
            found[name] = alone(old[name], new[name], about)
    taken = {name: new[name] for name in about.keywords if name in new}
    if about.members:
        taken |= {name: new[name] for name in ("properties", "parameters") if name in new and name not in old}
    return {**found, **taken}


def _of_names(old: dict[str, Any], new: dict[str, Any], about: About, *, keep: bool) -> dict[str, Any]:
    """A map from names to schemas. Its names are those of the old document, unless members are what it is about."""
    names = old if keep else new
    return {name: alone(old[name], new[name], about) if name in old and name in new else names[name] for name in names}


def _of_list(old: Any, new: Any, about: About, key: Callable[[Any], Any]) -> Any:
    known = {key(each): each for each in old}
    return [alone(known[key(each)], each, about) if key(each) in known else each for each in new]
