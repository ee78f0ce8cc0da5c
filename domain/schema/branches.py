"""Branches of two compositions side by side: which stands for which."""

from collections.abc import Callable

from domain.schema.canonical import canonical, value_key
from domain.values import JSON

Aligned = tuple[list[tuple[int, JSON, JSON]], list[JSON], list[JSON]]


def aligned(old: list[JSON], new: list[JSON]) -> Aligned:
    """Pairs (with the number of the old branch), branches that went, and branches that came.

    Equal ones stand for each other, then those with the same reference, constants or title, and if as many are left on
    both sides, those in their order.
    """
    pairs: list[tuple[int, JSON, JSON]] = []
    gone, come = list(enumerate(old)), list(new)
    for key in (value_key, _identity):
        gone, come = _matched(gone, come, key, pairs)
    if len(gone) == len(come):
        pairs += [(n, before, after) for (n, before), after in zip(gone, come, strict=True)]
        gone, come = [], []
    return sorted(pairs, key=lambda each: each[0]), [before for _, before in gone], come


def _matched(
    gone: list[tuple[int, JSON]],
    come: list[JSON],
    key: Callable[[JSON], bytes | None],
    pairs: list[tuple[int, JSON, JSON]],
) -> tuple[list[tuple[int, JSON]], list[JSON]]:
    """Pair what shares a key. Returns what is left on both sides."""
    waiting: dict[bytes, list[int]] = {}
    for at, branch in enumerate(come):
        name = key(branch)
        if name is not None:
            waiting.setdefault(name, []).append(at)
    left, taken = [], set()
    for n, branch in gone:
        places = waiting.get(key(branch) or b"", [])
        if places:
            taken.add(places[0])
            pairs.append((n, branch, come[places.pop(0)]))
        else:
            left.append((n, branch))
    return left, [branch for at, branch in enumerate(come) if at not in taken]


def _identity(branch: JSON) -> bytes | None:
    """What a branch is recognised by although it changed."""
    if not isinstance(branch, dict):
        return None
    if "$ref" in branch:
        return canonical(branch["$ref"])
    properties = branch.get("properties")
    named = properties if isinstance(properties, dict) else {}
    constants = {name: each for name, each in named.items() if isinstance(each, dict) and _is_constant(each)}
    if constants:
        return canonical({name: [each.get("const"), each.get("enum")] for name, each in constants.items()})
    return canonical(branch["title"]) if "title" in branch else None


def _is_constant(schema: dict[str, JSON]) -> bool:
    values = schema.get("enum")
    return "const" in schema or (isinstance(values, list) and len(values) == 1)
