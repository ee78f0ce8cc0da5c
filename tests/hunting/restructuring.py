"""Changes of a schema that move parts of it about: into definitions, into branches, out of both."""

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

Schema = dict[str, Any]


def _into_a_definition(random: Random, root: Schema, place: Schema) -> str:
    """The place becomes a reference to itself, moved; sometimes to a definition that was there, or to the root."""
    definitions = root.setdefault("$defs", {})
    if not isinstance(definitions, dict):
        return "$defs"
    known = [f"#/$defs/{name}" for name in definitions if "/" not in name and "~" not in name and "%" not in name]
    if place is root or (known and random.random() < 0.4):
        branch = {"$ref": random.choice([*known, "#"])}
        name = random.choice(["a", "b", "foo"])
        place["properties"] = {**_map(place, "properties"), name: branch}
        return "$ref"
    name = f"moved{len(definitions)}"
    definitions[name] = deepcopy(place)
    place.clear()
    place["$ref"] = f"#/$defs/{name}"
    return "$ref"


def _into_a_branch(random: Random, root: Schema, place: Schema) -> str:
    """A property, or what stands beside it, moves into a branch."""
    keyword = random.choice(["allOf", "allOf", "anyOf"])
    movable = [key for key in ("properties", "required", "additionalProperties", "type", "enum") if key in place]
    if not movable:
        return keyword
    branch: Schema = {}
    for key in random.sample(movable, random.randint(1, len(movable))):
        value = place[key]
        if key == "properties" and isinstance(value, dict) and value:
            name = random.choice(list(value))
            branch["properties"] = {name: value.pop(name)}
        else:
            branch[key] = place.pop(key)
    listed = place.get(keyword)
    place[keyword] = [*(listed if isinstance(listed, list) else []), branch]
    return keyword


def _out_of_a_branch(random: Random, root: Schema, place: Schema) -> str:
    """What the only branch says, the schema says beside it."""
    for keyword in ("allOf", "anyOf", "oneOf"):
        branches = place.get(keyword)
        if isinstance(branches, list) and branches and isinstance(branches[-1], dict):
            branch = branches.pop()
            if not branches:
                del place[keyword]
            for key, value in branch.items():
                place.setdefault(key, value)
            return keyword
    return "allOf"


def _whole_into_a_branch(random: Random, root: Schema, place: Schema) -> str:
    if place is root:
        return "anyOf"
    keyword = random.choice(["allOf", "anyOf", "oneOf"])
    inner = deepcopy(place)
    place.clear()
    place[keyword] = [inner, *([{"type": random.choice(["null", "integer"])}] if random.random() < 0.5 else [])]
    return keyword


STRUCTURES: tuple[Callable[[Random, Schema, Schema], str], ...] = (
    _into_a_definition,
    _into_a_definition,
    _into_a_branch,
    _into_a_branch,
    _out_of_a_branch,
    _whole_into_a_branch,
)


def _map(schema: Schema, keyword: str) -> dict[str, Any]:
    value = schema.get(keyword)
    return value if isinstance(value, dict) else {}
