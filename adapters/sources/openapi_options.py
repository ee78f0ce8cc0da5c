"""What people write into a description for the catalog: guarantees, tags and descriptions of fields (api.md 2.7)."""

from adapters.sources.openapi_references import definition_named
from domain.values import JSON, Object

NAMESPACES = ("x-muniment", "x-tessera")
_SHAPES: dict[str, type] = {
    "freshness": dict,
    "volume": dict,
    "nullability": dict,
    "accepted_values": dict,
    "custom": list,
}


def guarantees_of(operation: Object, default: Object | None) -> tuple[Object | None, tuple[str, ...], tuple[str, ...]]:
    """The guarantees of an operation over the default ones, what is wrong with some, and what no one knows."""
    found: Object = dict(default or {})
    problems, remarks = list[str](), list[str]()
    stated: dict[str, tuple[str, JSON]] = {}
    for space in NAMESPACES:
        options = operation.get(space)
        if not isinstance(options, dict | None):
            problems.append(f"{space}: must be an object")
        for name, value in options.items() if isinstance(options, dict) else ():
            if value is not None:
                stated.setdefault(name, (space, value))
    for name, (space, value) in stated.items():
        if name not in _SHAPES:
            remarks.append(f"{space}.{name}: no such option")
        elif not isinstance(value, _SHAPES[name]):
            problems.append(f"{space}.{name}: must be {'a list' if _SHAPES[name] is list else 'an object'}")
        else:
            found[name] = value
    return found or None, tuple(problems), tuple(remarks)


def field_notes(schema: Object) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Descriptions and tags of fields, by their path in a contract's schema.

    Fields are the parameters, and the properties of the request and the response (of the items, if these are lists).
    A reference at the top is followed; what lies deeper is told in the definitions themselves.
    """
    descriptions: dict[str, str] = {}
    tags: dict[str, list[str]] = {}
    definitions = _object(schema, "$defs")
    for name in ("request", "response", "parameters"):
        path, part = f"$.properties.{name}", _opened(_object(schema, "properties").get(name), definitions)
        if "items" in part:
            path, part = f"{path}.items", _opened(part["items"], definitions)
        path += ".properties."
        for field, each in _object(part, "properties").items():
            if isinstance(each, dict):
                description, marks = each.get("description"), _tags(each)
                if description and isinstance(description, str):
                    descriptions[path + field] = description
                if marks:
                    tags[path + field] = marks
    return descriptions, tags


def _object(holder: Object, name: str) -> Object:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _opened(schema: JSON, definitions: Object) -> Object:
    """A schema of a contract, or what it refers to."""
    for _ in range(20):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            break
        schema = definitions.get(definition_named(reference))
    return schema if isinstance(schema, dict) else {}


def _tags(schema: Object) -> list[str]:
    for space in NAMESPACES:
        if space in schema and "tags" in (options := _object(schema, space)):
            stated = options["tags"]
            return [each for each in stated if isinstance(each, str)] if isinstance(stated, list) else []
    return []
