"""The rules of comparison: one id, one sentence, one step of the version. Documentation and tests are made from it."""

import msgspec

from domain.schema.change import ChangeKind


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of difference (api.md 4.4). `sentence` is formatted with `name`, `old` and `new`."""

    id: str
    kind: ChangeKind
    sentence: str


def _rule(id: str, kind: ChangeKind, sentence: str) -> tuple[str, Rule]:
    return id, Rule(id=id, kind=kind, sentence=sentence)


_MAJOR, _MINOR, _PATCH = ChangeKind.major, ChangeKind.minor, ChangeKind.patch

RULES: dict[str, Rule] = dict(
    (
        _rule("property_added", _MINOR, "{name} was added."),
        _rule("property_removed", _MAJOR, "{name} was removed."),
        _rule("required_added", _MAJOR, "{name} became required."),
        _rule("required_removed", _MINOR, "{name} is no longer required."),
        _rule("type_changed", _MAJOR, "The type of {name} changed from {old} to {new}."),
        _rule("type_widened", _MINOR, "The type of {name} was widened from {old} to {new}."),
        _rule("type_narrowed", _MAJOR, "The type of {name} was narrowed from {old} to {new}."),
        _rule("nullable_added", _MINOR, "{name} may now be null."),
        _rule("nullable_removed", _MAJOR, "{name} may no longer be null."),
        _rule("enum_values_added", _MINOR, "{name} takes more values than before."),
        _rule("enum_values_removed", _MAJOR, "{name} no longer takes some of its values."),
        _rule("const_changed", _MAJOR, "The constant of {name} changed."),
        _rule("constraint_relaxed", _MINOR, "A constraint of {name} was relaxed."),
        _rule("constraint_tightened", _MAJOR, "A constraint of {name} was tightened."),
        _rule("composition_changed", _MAJOR, "How {name} is composed changed."),
        _rule("default_added", _PATCH, "{name} got a default."),
        _rule("default_removed", _PATCH, "{name} lost its default."),
        _rule("default_changed", _PATCH, "The default of {name} changed."),
        _rule("undecidable", _MAJOR, "It cannot be decided what the change of {name} means, so it counts as breaking."),
        _rule("type_declared", _MINOR, "{name} got a declared type; nothing had been promised before."),
        _rule("type_undeclared", _MINOR, "The type of {name} is no longer declared; the one promised last stays."),
        _rule("not_null_removed", _MINOR, "Nothing tests any longer that {name} is never null."),
        _rule("version_stamp_changed", _MINOR, "The version stamp of {name} changed."),
        _rule("asset_removed", _MAJOR, "{name} is no longer declared."),
        _rule("security_tightened", _MAJOR, "{name} asks for more than before."),
        _rule("security_relaxed", _MINOR, "{name} asks for less than before."),
    )
)
