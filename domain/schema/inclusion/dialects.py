"""Which keywords a dialect does not know: they say nothing there, whatever they say in others."""

_AFTER_2019 = frozenset({"prefixItems", "$dynamicRef"})
_AFTER_7 = _AFTER_2019 | frozenset(
    "dependentRequired dependentSchemas unevaluatedProperties unevaluatedItems minContains maxContains "
    "$recursiveRef".split()
)
_AFTER_6 = _AFTER_7 | frozenset({"if", "then", "else"})
_AFTER_4 = _AFTER_6 | frozenset({"const", "contains", "propertyNames"})
_UNKNOWN: tuple[tuple[tuple[str, ...], frozenset[str]], ...] = (
    (("draft-03", "draft3", "draft-04", "draft4"), _AFTER_4),
    (("draft-06", "draft6"), _AFTER_6),
    (("draft-07", "draft7"), _AFTER_7),
    (("2019-09",), _AFTER_2019),
)


def unknown_keywords(dialect: str) -> frozenset[str]:
    """The keywords that a dialect, named by its URI, does not know; none where the URI is not one of ours."""
    name = dialect.lower()
    return next((words for names, words in _UNKNOWN if any(each in name for each in names)), frozenset())


def stood_alone(dialect: str) -> bool:
    """Whether a reference stood alone, up to draft 7: what is written beside it does not count."""
    return "$recursiveRef" in unknown_keywords(dialect)


def flagged_bounds(dialect: str) -> bool:
    """Whether bounds were made exclusive by a boolean beside them, up to draft 4."""
    return "const" in unknown_keywords(dialect)
