"""What people write into a description for the catalog: guarantees, tags and descriptions of fields (api.md 2.7)."""

from domain.values import JSON, Object

_NAMESPACES = ("x-muniment", "x-tessera")
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
    for space in _NAMESPACES:
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


def field_notes(operation: Object, schema: Object) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Descriptions and tags of fields, by their path in the contract's schema."""
    return {}, {}
