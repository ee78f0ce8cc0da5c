"""oasdiff's check ids, read: how grave its catalogue holds each, and which part of an operation it is about.

Its ids say what changed, and where: `request-property-max-length-decreased`.
"""

import json
import re
from pathlib import Path

import msgspec

# The levels of the checks that the corpora's pairs name, as oasdiff's own catalogue of that time has them (where shared
# vectors state a level, `test_pairs` holds it against these).
CATALOGUE = Path(__file__).parent / "oasdiff_levels.json"
LEVELS = {"INFO": 0, "WARN": 1, "ERR": 2}
_LEVEL_OF: dict[str, str] = {
    check: level for level, named in json.loads(CATALOGUE.read_text()).items() for check in named
}
_PLACES = re.compile(r"(request|response)-(body|property|parameter-property|parameter|header-property|mediatype)-")
_KEYWORDS = re.compile(
    r"(contains|min-contains|max-contains|content-schema|content-encoding|content-media-type|dependent-required|"
    r"prefix-items|property-names|unevaluated-items|unevaluated-properties|all-of|any-of|one-of|pattern)-\w+"
)
# Checks that are about several keywords, or name theirs in another way.
_OTHERS = {
    "dependent-schema": ("dependentSchemas",),
    "pattern-property": ("patternProperties",),
    "exclusive-min": ("exclusiveMinimum",),
    "exclusive-max": ("exclusiveMaximum",),
    "enum-value": ("enum",),
    "became-enum": ("enum",),
    "list-of-types": ("type", "anyOf", "oneOf"),
    "type-": ("type", "format", "nullable"),
}


class About(msgspec.Struct, frozen=True):
    """What a check is about: keywords, or that members (properties, parameters) come or go."""

    keywords: frozenset[str] = frozenset()
    members: bool = False


def level(check: str) -> str:
    """`ERR`, `WARN` or `INFO`. Raises `KeyError` for a check that the pairs of the corpora do not name."""
    return _LEVEL_OF[check]


def parts(check: str) -> tuple[str, ...]:
    """The members of a contract that a check is about: what their paths begin with."""
    if "request" in check:
        return ("properties.request", "properties.parameters", "required")
    return ("properties.response", "properties.headers") if check.startswith("response") else ("",)


def about(check: str) -> About:
    """What of a schema a check looks at; nothing in particular for those that look at more."""
    tail = _PLACES.sub("", check, count=1)
    if re.fullmatch(r"(\w+-)?property-removed|removed|new-(optional|required)-\S+|\S*required-property-added", tail):
        return About(members=True)
    found = _KEYWORDS.match(tail)
    if found:
        head, *rest = found[1].split("-")
        return About(frozenset({head + "".join(each.capitalize() for each in rest)}))
    return About(frozenset(next((names for start, names in _OTHERS.items() if tail.startswith(start)), ())))
