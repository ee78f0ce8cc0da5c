"""Differences in words that a person understands."""

import msgspec

from domain.schema.canonical import value_key
from domain.schema.difference import Difference, Steps
from domain.values import JSON

_LONGEST = 100
_MOST_BRANCHES = 5
_ALTERNATIVES = (("anyOf",), ("oneOf",))
_COMPOSITIONS = (*_ALTERNATIVES, ("allOf",), ("not",), ("if",))
# Steps to an argument that are no names.
_UNNAMED = frozenset({"properties", "default", "required", "arguments", "allows"})


def sentence(difference: Difference, pattern: str) -> str:
    """A rule's sentence about a difference, and what it may have been meant for."""
    pattern = _special(difference) or pattern
    of_type = difference.type.startswith("type_")
    show = _type_shown if of_type else _shown
    text = pattern.format(
        name=_name(difference),
        keyword=f"`{difference.steps[-1]}`" if difference.steps else "What is said",
        old=show(difference.old) if "{old}" in pattern else "",
        new=show(difference.new) if "{new}" in pattern else "",
        why=difference.why,
        branches=_branches(difference) if "{branches}" in pattern else "",
        subject="the alternatives for" if difference.steps[-1:] in _ALTERNATIVES else "the conditions on",
    )
    return f"{text[:1].upper()}{text[1:]} {difference.hint}".strip()


def _special(difference: Difference) -> str:
    """What says it better than the rule's sentence, where something does."""
    if difference.type == "composition_changed" and difference.steps[-1:] not in _COMPOSITIONS:
        return "{name} takes other values than before."
    if difference.type == "property_added" and difference.refuses_new and not difference.written:
        return "{name} was added; before, no such value could stand there."
    if difference.type not in ("constraint_relaxed", "constraint_tightened"):
        return ""
    if difference.new is None:
        return "{keyword} of {name} was dropped; it was {old}."
    if difference.old is None:
        return "{keyword} of {name} is new: {new}."
    return "{keyword} of {name} changed from {old} to {new}." if _both_ways(difference) else ""


def _both_ways(difference: Difference) -> bool:
    return difference.refuses_old and difference.refuses_new


def _name(difference: Difference) -> str:
    steps, part = difference.steps, difference.part
    if not part:
        return _named(difference, steps)
    inner = steps[difference.lead :]
    return f"{_named(difference, inner)} of {part}" if _has_name(inner) else _part(steps) + part


def _named(difference: Difference, steps: Steps) -> str:
    """What stands at the end of some steps of a difference."""
    required = steps[-1:] == ("required",)
    member = [str(difference.new if difference.new is not None else difference.old)] if required else []
    part, *inner = steps or ("",)
    if part in ("x-graphql-arguments", "x-graphql-directives"):
        path = [step for step in inner if step not in _UNNAMED] + member
        at = "@" if part == "x-graphql-directives" else ""
        return f"{'directive' if at and len(path) == 1 else 'argument'} {at}{'.'.join(path)}"
    if part == "x-graphql-uses":
        return _user(inner[0] if inner else "")
    names = [step for before, step in zip(steps, steps[1:], strict=False) if before == "properties"] + member
    whole = f"property {'.'.join(names)}" if names else "the schema"
    return whole if required else _part(steps) + whole


def _has_name(steps: Steps) -> bool:
    return "properties" in steps[:-1] or steps[-1:] == ("required",)


def _user(place: str) -> str:
    """What of a type bears a directive: a member, a part that has no name, or the type itself."""
    return f"member {place}" if place.isidentifier() or "." in place else place or "the type"


def _part(steps: Steps) -> str:
    """What of the property named last is meant."""
    last = max((n for n, step in enumerate(steps[:-1]) if step == "properties"), default=-2)
    inner = steps[last + 2 :]
    if "additionalProperties" in inner[:-1] or "patternProperties" in inner[:-1]:
        return "what else stands in "
    return "an item of " if "items" in inner[:-1] or "prefixItems" in inner[:-1] or inner == ("items",) else ""


def _shown(value: JSON) -> str:
    if value is None:
        return "none"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _type_shown(value: JSON) -> str:
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return " or ".join(map(str, value))
    return "any type" if value is None else _shown(value)


def _branches(difference: Difference) -> str:
    """Which branches of a composition went, came and changed, in brackets."""
    old, new = difference.old, difference.new
    if not isinstance(old, list | None) or not isinstance(new, list | None) or not (old or new):
        return ""
    olds, news = {value_key(each): each for each in old or []}, {value_key(each): each for each in new or []}
    gone = [_label(olds[key]) for key in olds.keys() - news.keys()]
    come = [_label(news[key]) for key in news.keys() - olds.keys()]
    parts = {
        "without": sorted(set(gone) - set(come)),
        "now with": sorted(set(come) - set(gone)),
        "changed": sorted(set(gone) & set(come)),
    }
    told = [f"{words} {_listed(labels)}" for words, labels in parts.items() if labels]
    return f" ({difference.steps[-1]}: {'; '.join(told)})" if told and difference.steps else ""


def _listed(labels: list[str]) -> str:
    more = len(labels) - _MOST_BRANCHES
    return ", ".join(labels[:_MOST_BRANCHES]) + (f" and {more} more" if more > 0 else "")


def _label(branch: JSON) -> str:
    """What a branch is called by those who know the schema."""
    if not isinstance(branch, dict):
        return _shown(branch)
    reference, title = branch.get("$ref"), branch.get("title")
    if isinstance(reference, str):
        return reference.rpartition("/")[2]
    if isinstance(title, str):
        return title
    for key in ("const", "type"):
        if key in branch:
            return _type_shown(branch[key]) if key == "type" else _shown(branch[key])
    return _shown(branch)
