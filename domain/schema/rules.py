"""The rules of comparison as data: one id, one sentence, one step of the version, one example each.

Documentation and tests are made from this table. The usual verdicts are those of api.md 4.4; where the search decides
otherwise, it has the last word.
"""

from domain.schema.change import ChangeKind
from domain.schema.guarantee_rules import GUARANTEE_RULES
from domain.schema.rule import Example, Rule, Subject
from domain.values import JSON

_MAJOR, _MINOR, _PATCH = ChangeKind.major, ChangeKind.minor, ChangeKind.patch


def _object(required: list[str] | None = None, **properties: JSON) -> JSON:
    schema: dict[str, JSON] = {"type": "object", "properties": properties}
    return {**schema, "required": [*required]} if required else schema


def _allows(*places: str) -> JSON:
    return {"x-graphql-directives": {"cached": {"allows": [*places]}}}


_TABLE = (
    Rule(
        id="property_added",
        kind=_MINOR,
        sentence="{name} was added.",
        example=Example(_object(a={}), _object(a={}, b={}), "safe", "safe"),
    ),
    Rule(
        id="property_removed",
        kind=_MAJOR,
        sentence="{name} was removed.",
        advice="Keep the property, and mark it as deprecated until nobody reads it.",
        example=Example(_object(a={}, b={}), _object(a={}), "breaking", "safe"),
    ),
    Rule(
        id="required_added",
        kind=_MAJOR,
        sentence="{name} became required.",
        advice="Leave it optional, or give those who write it time to send it.",
        example=Example(_object(a={}), _object(["a"], a={}), "breaking", "safe"),
    ),
    Rule(
        id="required_removed",
        kind=_MINOR,
        sentence="{name} is no longer required.",
        advice="Go on requiring it where readers rely on it.",
        example=Example(_object(["a"], a={}), _object(a={}), "risky", "breaking"),
    ),
    Rule(
        id="type_changed",
        kind=_MAJOR,
        sentence="The type of {name} changed from {old} to {new}.",
        advice="Add a property of the new type beside the old one.",
        example=Example({"type": "string"}, {"type": "integer"}, "breaking", "breaking"),
    ),
    Rule(
        id="type_widened",
        kind=_MINOR,
        sentence="The type of {name} was widened from {old} to {new}.",
        advice="Keep the old type for what consumers read.",
        example=Example({"type": "integer"}, {"type": "number"}, "risky", "breaking"),
    ),
    Rule(
        id="type_narrowed",
        kind=_MAJOR,
        sentence="The type of {name} was narrowed from {old} to {new}.",
        advice="Keep the old type for what producers write.",
        example=Example({"type": "number"}, {"type": "integer"}, "breaking", "safe"),
    ),
    Rule(
        id="nullable_added",
        kind=_MINOR,
        sentence="{name} may now be null.",
        advice="Leave the property out instead of sending null, if it is optional.",
        example=Example({"type": "string"}, {"type": ["string", "null"]}, "risky", "breaking"),
    ),
    Rule(
        id="nullable_removed",
        kind=_MAJOR,
        sentence="{name} may no longer be null.",
        advice="Go on taking null.",
        example=Example({"type": ["string", "null"]}, {"type": "string"}, "breaking", "safe"),
    ),
    Rule(
        id="enum_values_added",
        kind=_MINOR,
        sentence="{name} takes more values than before: {new}.",
        advice="Tell readers to expect values that they do not know.",
        example=Example({"enum": ["a"]}, {"enum": ["a", "b"]}, "risky", "breaking"),
    ),
    Rule(
        id="enum_values_removed",
        kind=_MAJOR,
        sentence="{name} no longer takes some of its values: {old}.",
        advice="Go on taking the old values.",
        example=Example({"enum": ["a", "b"]}, {"enum": ["a"]}, "breaking", "safe"),
    ),
    Rule(
        id="const_changed",
        kind=_MAJOR,
        sentence="The constant of {name} changed from {old} to {new}.",
        advice="Take both values with `enum` for a while.",
        example=Example({"const": "a"}, {"const": "b"}, "breaking", "breaking"),
    ),
    Rule(
        id="constraint_relaxed",
        kind=_MINOR,
        sentence="{keyword} of {name} was relaxed from {old} to {new}.",
        advice="Keep the constraint for what consumers read.",
        example=Example({"maxLength": 1}, {"maxLength": 2}, "risky", "breaking"),
    ),
    Rule(
        id="constraint_tightened",
        kind=_MAJOR,
        sentence="{keyword} of {name} was tightened from {old} to {new}.",
        advice="Keep the constraint as it was for what producers write.",
        example=Example({"pattern": "^a"}, {"pattern": "^ab"}, "breaking", "safe"),
    ),
    Rule(
        id="composition_changed",
        kind=_MAJOR,
        sentence="{subject} {name} changed{branches}.",
        advice="Keep the branches that documents make use of.",
        example=Example(
            {"anyOf": [{"type": "string"}, {"type": "null"}]}, {"anyOf": [{"type": "string"}]}, "breaking", "safe"
        ),
    ),
    Rule(
        id="default_added",
        kind=_PATCH,
        sentence="{name} got a default: {new}.",
        example=Example({}, {"default": 1}, "safe", "safe"),
    ),
    Rule(
        id="default_removed",
        kind=_PATCH,
        sentence="{name} lost its default, {old}.",
        example=Example({"default": 1}, {}, "safe", "safe"),
    ),
    Rule(
        id="default_changed",
        kind=_PATCH,
        sentence="The default of {name} changed from {old} to {new}.",
        example=Example({"default": 1}, {"default": 2}, "safe", "safe"),
    ),
    Rule(
        id="undecidable",
        kind=_MAJOR,
        sentence="What changed in {name} cannot be judged: {why}.",
        advice="Say the same with keywords that can be compared.",
        example=Example({"pattern": "(?=a)"}, {"pattern": "(?=b)"}, "unknown", "unknown"),
    ),
    Rule(
        id="version_stamp_changed",
        kind=_MINOR,
        sentence="The version stamp of {name} changed from {old} to {new}.",
        example=Example({"const": "1.0.0"}, {"const": "1.1.0"}, "safe", "safe"),
    ),
    Rule(
        id="type_declared",
        kind=_MINOR,
        sentence="{name} got a declared type, {new}; nothing had been promised before.",
        example=Example(_object(a={}), _object(a={"type": "string"}), "safe", "safe", Subject.dbt_asset),
    ),
    Rule(
        id="type_undeclared",
        kind=_MINOR,
        sentence="The type of {name} is no longer declared; the one promised last stays.",
        advice="Declare `data_type` again, or pass a catalog.",
        example=Example(_object(a={"type": "string"}), _object(a={}), "risky", "risky", Subject.dbt_asset),
    ),
    Rule(
        id="not_null_removed",
        kind=_MINOR,
        sentence="Nothing tests any longer that {name} is never null.",
        advice="Keep the not_null test.",
        example=Example(_object(["a"], a={}), _object(a={}), "risky", "risky", Subject.dbt_asset),
    ),
    Rule(
        id="asset_removed",
        kind=_MAJOR,
        sentence="{name} is no longer declared.",
        advice="Keep it, and mark it as deprecated until nobody reads it.",
        example=Example({"fqn": "shop.orders"}, None, "breaking", "breaking", Subject.asset),
    ),
    Rule(
        id="kind_changed",
        kind=_MAJOR,
        sentence="{name} changed its kind from {old} to {new}.",
        advice="Add a type of the new kind beside the old one.",
        example=Example({"x-graphql-kind": "object"}, {"x-graphql-kind": "interface"}, "breaking", "breaking"),
    ),
    Rule(
        id="interface_added",
        kind=_MINOR,
        sentence="{name} implements {new}.",
        advice="Tell readers of that interface to expect types that they do not know.",
        example=Example({"x-graphql-interfaces": []}, {"x-graphql-interfaces": ["Node"]}, "risky", "breaking"),
    ),
    Rule(
        id="interface_removed",
        kind=_MAJOR,
        sentence="{name} no longer implements {old}.",
        advice="Go on implementing it until nobody asks by it.",
        example=Example({"x-graphql-interfaces": ["Node"]}, {"x-graphql-interfaces": []}, "breaking", "breaking"),
    ),
    Rule(
        id="directive_added",
        kind=_MINOR,
        sentence="{name} is declared.",
        advice="Declare it on every server before clients write it.",
        example=Example({"x-graphql-directives": {}}, {"x-graphql-directives": {"cached": {}}}, "safe", "breaking"),
    ),
    Rule(
        id="directive_removed",
        kind=_MAJOR,
        sentence="{name} is no longer declared.",
        advice="Keep the declaration until nobody writes the directive.",
        example=Example({"x-graphql-directives": {"cached": {}}}, {"x-graphql-directives": {}}, "breaking", "safe"),
    ),
    Rule(
        id="directive_relaxed",
        kind=_MINOR,
        sentence="{name} may now be written as {new}.",
        advice="Allow it on every server before clients write it so.",
        example=Example(_allows("FIELD"), _allows("FIELD", "QUERY"), "safe", "breaking"),
    ),
    Rule(
        id="directive_tightened",
        kind=_MAJOR,
        sentence="{name} may no longer be written as {old}.",
        advice="Go on allowing it until nobody writes it there.",
        example=Example(_allows("FIELD", "repeatable"), _allows("FIELD"), "breaking", "safe"),
    ),
    Rule(
        id="directive_use_added",
        kind=_MINOR,
        sentence="{name} got the directive {new}, which may change what consumers see.",
        example=Example({"x-graphql-uses": {}}, {"x-graphql-uses": {"": ["@auth"]}}, "risky", "risky"),
    ),
    Rule(
        id="directive_use_removed",
        kind=_MINOR,
        sentence="{name} lost the directive {old}, which may change what consumers see.",
        example=Example({"x-graphql-uses": {"": ["@auth"]}}, {"x-graphql-uses": {}}, "risky", "risky"),
    ),
    Rule(
        id="security_tightened",
        kind=_MAJOR,
        sentence="What callers showed before is no longer enough: security was {old} and is {new}.",
        advice="Go on taking calls as before beside those that are better secured.",
        example=Example({}, {"x-security": [{"key": []}]}, "breaking", "breaking", Subject.operation),
    ),
    Rule(
        id="deprecation_changed",
        kind=_PATCH,
        sentence="Deprecation changed: {old} became {new}.",
        example=Example({}, {"x-deprecated": True}, "safe", "safe", Subject.operation),
    ),
    Rule(
        id="security_relaxed",
        kind=_MINOR,
        sentence="Callers may show what was not enough before: security was {old} and is {new}.",
        example=Example({"x-security": [{"key": []}]}, {}, "safe", "safe", Subject.operation),
    ),
)
_OF_SCHEMAS = {rule.id: rule for rule in _TABLE}
# One name is of both: a column that leaves `required` has lost its not-null test.
RULES: dict[str, Rule] = {**_OF_SCHEMAS, **GUARANTEE_RULES, **_OF_SCHEMAS}
