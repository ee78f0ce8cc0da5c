"""oasdiff's check ids, read: which part of an operation a check is about, and whether it tells of a break.

Its ids say what changed, and where: `request-property-max-length-decreased`. What callers give breaks when less is
taken, what they get when more may come.
"""

import re

_KEYWORDS = (
    "contains|dependent-required|dependent-schema|if|then|else|prefix-items|property-names|pattern-property|"
    "unevaluated-items|unevaluated-properties|content-schema|media-type-schema|pattern"
)
_LESS = re.compile(
    rf"became-(required|enum|not-nullable)|all-of-added|(any|one)-of-removed|enum-value-removed|type-specialized|"
    rf"types-narrowed|(max|max-length|max-contains|exclusive-max)-(decreased|set)|"
    rf"(min|min-length|min-contains|exclusive-min)-(increased|set)|({_KEYWORDS})-added|new-required-request-\S+"
)
_MORE = re.compile(
    rf"became-(optional|nullable)|all-of-removed|(any|one)-of-added|enum-value-added|type-generalized|types-widened|"
    rf"(max|max-length|max-contains|exclusive-max)-increased|(min|min-length|min-contains|exclusive-min)-decreased|"
    rf"({_KEYWORDS})-removed|wrapped-in-one-of"
)
_EITHER = re.compile(
    "type-changed|pattern-changed|dependent-required-changed|content-(encoding|media-type)-changed|"
    "(request|optional|required)-property-removed|media-type-removed|security-added|webhook-removed"
)


def parts(check: str) -> tuple[str, ...]:
    """The members of a contract that a check is about: what their paths begin with."""
    if "request" in check:
        return ("properties.request", "properties.parameters", "required")
    return ("properties.response", "properties.headers") if check.startswith("response") else ("",)


def breaks(check: str) -> bool:
    """Whether a check tells of something that some caller may stumble over."""
    tail = _EITHER.search(check)
    ways = (_LESS if "request" in check else _MORE).search(check)
    return bool(tail or ways) and not check.endswith("annotation-only") and not check.startswith("api-global")
