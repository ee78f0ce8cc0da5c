"""The rules of guarantees as data (api.md 3.11). A change of guarantees alone asks for a patch."""

from domain.schema.change import ChangeKind
from domain.schema.rule import Example, Rule, Subject
from domain.values import JSON

_NEVER: JSON = {"nullability": {"a": "never"}}
_ONE_VALUE: JSON = {"accepted_values": {"a": ["x"]}}
_TWO_VALUES: JSON = {"accepted_values": {"a": ["x", "y"]}}
_UNIQUE: JSON = {"custom": [{"type": "unique", "column": "a"}]}
_RELATED: JSON = {"custom": [{"type": "relationships", "column": "a"}]}
_POSITIVE: JSON = {"custom": [{"type": "dbt_utils.expression_is_true", "config": {"expression": "a > 0"}}]}
_NEGATIVE: JSON = {"custom": [{"type": "dbt_utils.expression_is_true", "config": {"expression": "a < 0"}}]}
_WEEK: JSON = {"retention": {"days": 7}}
_DAY: JSON = {"retention": {"days": 1}}
_FRESH: JSON = {"freshness": {"max_staleness_minutes": 30}}
_STALE: JSON = {"freshness": {"max_staleness_minutes": 60}}
_MANY: JSON = {"volume": {"min_rows": 100}}
_FEW: JSON = {"volume": {"min_rows": 10}}

# Each kind of guarantee, and what may become of it: before and after.
_EXAMPLES: dict[str, dict[str, tuple[JSON, JSON]]] = {
    "not_null": {"added": ({}, _NEVER), "removed": (_NEVER, {})},
    "unique": {"added": ({}, _UNIQUE), "removed": (_UNIQUE, {})},
    "relationship": {"added": ({}, _RELATED), "removed": (_RELATED, {})},
    "accepted_values": {
        "added": ({}, _ONE_VALUE),
        "removed": (_ONE_VALUE, {}),
        "expanded": (_ONE_VALUE, _TWO_VALUES),
        "contracted": (_TWO_VALUES, _ONE_VALUE),
    },
    "expression": {"added": ({}, _POSITIVE), "removed": (_POSITIVE, {}), "changed": (_POSITIVE, _NEGATIVE)},
    "custom_guarantee": {"added": ({}, _WEEK), "removed": (_WEEK, {}), "changed": (_WEEK, _DAY)},
    "freshness": {
        "added": ({}, _FRESH),
        "removed": (_FRESH, {}),
        "relaxed": (_FRESH, _STALE),
        "tightened": (_STALE, _FRESH),
    },
    "volume": {"added": ({}, _MANY), "removed": (_MANY, {}), "relaxed": (_MANY, _FEW), "tightened": (_FEW, _MANY)},
}
_PROMISE_LESS = ("removed", "relaxed", "expanded", "changed")


def _rule(kind: str, became: str) -> Rule:
    less = became in _PROMISE_LESS
    verdict = "risky" if less else "safe"
    return Rule(
        id=f"{kind}_{became}",
        kind=ChangeKind.patch,
        sentence="Guarantee at {name}: " + f"{kind} {became}".replace("_", " ") + ".",
        advice="Keep the guarantee until nobody relies on it." if less else "",
        example=Example(*_EXAMPLES[kind][became], verdict, verdict, Subject.guarantees),
    )


GUARANTEE_RULES = {f"{kind}_{became}": _rule(kind, became) for kind, ways in _EXAMPLES.items() for became in ways}
