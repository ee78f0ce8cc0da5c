"""How a breaking change could be avoided (api.md 3.14): each suggestion is a schema that was judged, not a guess."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Literal

import msgspec

from domain.schema.change import Change
from domain.schema.judge import Judgement
from domain.values import JSON, Object

# Beyond so many breaking changes there is one suggestion for all of a strategy: each is a copy of the whole schema.
MOST_SINGLE = 20
_KINDS = frozenset({"type_changed", "type_narrowed", "type_widened", "nullable_removed", "nullable_added"})
_HOPS = 20


class MigrationSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A schema near the proposed one. `confidence` is `high` where nothing breaks any more, else `medium`."""

    strategy: str
    description: str
    confidence: Literal["high", "medium"]
    suggested_schema: Object
    changes_made: list[str]


Judge = Callable[[Object], Judgement]


def migration_suggestions(base: Object, proposed: Object, judge: Judge) -> list[MigrationSuggestion]:
    """Ways around what breaks in `proposed`, in the order of the changes; a change that none was found for is left out.

    `base` is the schema that holds now, `judge` tells what a schema would change.
    """
    breaking = judge(proposed).breaking
    found = []
    for group in _groups(breaking):
        schema: Object = deepcopy(proposed)
        repaired = [change for change in group if _repair(base, schema, change)]
        left = judge(schema).breaking if repaired else breaking
        if len(left) < len(breaking):
            found.append(_suggestion(repaired, schema, nothing_breaks=not left))
    return found


def _groups(breaking: tuple[Change, ...]) -> list[list[Change]]:
    if len(breaking) <= MOST_SINGLE:
        return [[change] for change in breaking]
    groups: dict[str, list[Change]] = {}
    for change in breaking:
        groups.setdefault(_strategy(change), []).append(change)
    return [*groups.values()]


_DESCRIPTIONS = {
    "keep_field": "Keep the field, and mark it as deprecated until nobody relies on it.",
    "keep_optional": "Leave the field optional.",
    "keep_required": "Go on requiring the field.",
    "keep_type": "Keep the old type, and add a field of the new one beside it.",
    "keep_constraint": "Keep the constraint as it was.",
}


def _strategy(change: Change) -> str:
    named = {"property_removed": "keep_field", "required_added": "keep_optional", "required_removed": "keep_required"}
    named |= {"not_null_removed": "keep_required", **dict.fromkeys(_KINDS, "keep_type")}
    return named.get(change.type, "keep_constraint")


def _suggestion(repaired: list[Change], schema: Object, *, nothing_breaks: bool) -> MigrationSuggestion:
    strategy = _strategy(repaired[0])
    return MigrationSuggestion(
        strategy=strategy,
        description=_DESCRIPTIONS[strategy],
        confidence="high" if nothing_breaks else "medium",
        suggested_schema=schema,
        changes_made=[f"{strategy} {change.path or 'the whole schema'}" for change in repaired],
    )


def _repair(base: Object, schema: Object, change: Change) -> bool:
    """Undo one change in `schema`; false where its place cannot be found."""
    steps = list(_steps(change.pointer))
    if not steps:
        return False
    holder, name = _at(schema, steps[:-1]), steps[-1]
    if name == "required" and change.type in ("required_added", "required_removed", "not_null_removed"):
        return _require(schema, steps[:-1], change)
    if holder is None and steps[-2:-1] == ["properties"] and (around := _at(schema, steps[:-2])) is not None:
        holder = around["properties"] = {}
    before = _at(base, steps[:-1])
    if holder is None or before is None:
        return False
    if name in before:
        holder[name] = deepcopy(before[name])
    else:
        holder.pop(name, None)
    return True


def _require(schema: Object, steps: list[str], change: Change) -> bool:
    holder = _at(schema, steps)
    stated = holder.get("required", []) if holder is not None else None
    if holder is None or not isinstance(stated, list):
        return False
    if change.type == "required_added":
        holder["required"] = [name for name in stated if name != change.new_value]
    else:
        holder["required"] = [*stated, change.old_value]
    return True


def _steps(pointer: str) -> Iterator[str]:
    for step in pointer.split("/")[1:]:
        yield step.replace("~1", "/").replace("~0", "~")


def _at(schema: Object, steps: list[str]) -> Object | None:
    """The object at a place, through references within the document; None where there is none."""
    place: JSON = schema
    for step in steps:
        place = _opened(schema, place)
        if isinstance(place, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(place):
            place = place[int(step)]
        else:
            place = place.get(step) if isinstance(place, dict) else None
    found = _opened(schema, place)
    return found if isinstance(found, dict) else None


def _opened(schema: Object, place: JSON) -> JSON:
    for _ in range(_HOPS):
        reference = place.get("$ref") if isinstance(place, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return place
        place = schema
        for step in _steps(reference[1:]):
            place = place.get(step) if isinstance(place, dict) else None
    return None
