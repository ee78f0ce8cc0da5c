"""Guarantees: what a contract promises beyond its schema, and what a change of them means (api.md 3.11)."""

from collections.abc import Iterator

import msgspec

from domain.schema.canonical import same, value_key
from domain.schema.change import Change, Verdict
from domain.schema.guarantee_rules import GUARANTEE_RULES
from domain.schema.judge import fingerprint
from domain.values import JSON, Object

_RULED = frozenset({"nullability", "accepted_values", "freshness", "volume", "custom"})
_CUSTOM_NAMES = {"unique": "unique", "relationships": "relationship", "dbt_utils.expression_is_true": "expression"}


class GuaranteeChange(msgspec.Struct, frozen=True, kw_only=True):
    """One difference. `severity` is `info` (added or tightened) or `warning` (removed or relaxed)."""

    type: str
    path: str
    message: str
    severity: str
    old_value: JSON = None
    new_value: JSON = None


def changes(old: Object | None, new: Object | None) -> tuple[GuaranteeChange, ...]:
    """What differs between two sets of guarantees, by path and type."""
    before, after = old or {}, new or {}
    found = [
        *_nullability(_object(before, "nullability"), _object(after, "nullability")),
        *_accepted(_object(before, "accepted_values"), _object(after, "accepted_values")),
        *_measure("freshness", before.get("freshness"), after.get("freshness")),
        *_measure("volume", before.get("volume"), after.get("volume")),
        *_custom(before.get("custom"), after.get("custom")),
        *_free(before, after),
    ]
    return tuple(sorted(found, key=lambda change: (change.path, change.type)))


def _object(guarantees: Object, name: str) -> Object:
    value = guarantees.get(name)
    return value if isinstance(value, dict) else {}


def _made(type: str, path: str, old: JSON, new: JSON) -> GuaranteeChange:
    rule = GUARANTEE_RULES[type]
    return GuaranteeChange(
        type=type,
        path=path,
        message=rule.sentence.format(name=path),
        severity="info" if rule.example.backward == "safe" else "warning",
        old_value=old,
        new_value=new,
    )


def _nullability(old: Object, new: Object) -> Iterator[GuaranteeChange]:
    for column in old.keys() | new.keys():
        before, after = old.get(column), new.get(column)
        path = f"nullability.{column}"
        if before != after and after == "never":
            yield _made("not_null_added", path, before, after)
        elif before != after and (before == "never" or after is None):
            yield _made("not_null_removed", path, before, after)
        elif before != after:
            yield _made("not_null_added" if before is None else "not_null_removed", path, before, after)


def _accepted(old: Object, new: Object) -> Iterator[GuaranteeChange]:
    for column in old.keys() | new.keys():
        before, after = old.get(column), new.get(column)
        path = f"accepted_values.{column}"
        if column not in old:
            yield _made("accepted_values_added", path, None, after)
        elif column not in new:
            yield _made("accepted_values_removed", path, before, None)
        else:
            olds, news = _values(before), _values(after)
            if news - olds:
                yield _made("accepted_values_expanded", path, before, after)
            if olds - news:
                yield _made("accepted_values_contracted", path, before, after)


def _values(value: JSON) -> frozenset[bytes]:
    return frozenset(value_key(each) for each in (value if isinstance(value, list) else [value]))


# Members of freshness and volume whose smaller (-1) or larger (1) value promises more.
_TIGHTER = {"max_staleness_minutes": -1, "max_delay_hours": -1, "min_rows": 1, "max_rows": -1, "max_row_delta_pct": -1}


def _measure(name: str, old: JSON, new: JSON) -> Iterator[GuaranteeChange]:
    if same(old, new):
        return
    if old is None or new is None:
        yield _made(f"{name}_added" if old is None else f"{name}_removed", name, old, new)
        return
    yield _made(f"{name}_tightened" if _is_tighter(old, new) else f"{name}_relaxed", name, old, new)


def _is_tighter(old: JSON, new: JSON) -> bool:
    """Whether every member that changed promises more. What cannot be compared counts as relaxed."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return False
    return all(_member_tighter(key, old.get(key), new.get(key)) for key in old.keys() | new.keys())


def _member_tighter(key: str, old: JSON, new: JSON) -> bool:
    if same(old, new):
        return True
    sense = _TIGHTER.get(key)
    if sense is None or not isinstance(new, int | float) or isinstance(new, bool) or isinstance(old, bool):
        return False
    return old is None or (isinstance(old, int | float) and (new - old) * sense > 0)


def _custom(old: JSON, new: JSON) -> Iterator[GuaranteeChange]:
    before, after = _by_name(old), _by_name(new)
    for name in before.keys() | after.keys():
        one, other = before.get(name), after.get(name)
        kind = _CUSTOM_NAMES.get(name[0], "custom_guarantee")
        path = "custom." + ".".join(part for part in name if part)
        if one is None or other is None:
            yield _made(f"{kind}_added" if one is None else f"{kind}_removed", path, one, other)
        elif not same(one, other):
            changed = kind if kind in ("expression", "custom_guarantee") else "custom_guarantee"
            yield _made(f"{changed}_changed", path, one, other)


def _free(old: Object, new: Object) -> Iterator[GuaranteeChange]:
    """Members that have no rules of their own: people may promise what they like."""
    for name in (old.keys() | new.keys()) - _RULED:
        before, after = old.get(name), new.get(name)
        if before is None or after is None:
            if before is not after:
                yield _made(f"custom_guarantee_{'added' if before is None else 'removed'}", name, before, after)
        elif not same(before, after):
            yield _made("custom_guarantee_changed", name, before, after)


def _by_name(value: JSON) -> dict[tuple[str, str, str], JSON]:
    """Custom guarantees by type and column; several of one name by their place among these."""
    found: dict[tuple[str, str, str], JSON] = {}
    for entry in value if isinstance(value, list) else []:
        named: Object = entry if isinstance(entry, dict) else {"type": str(entry)}
        type, column = str(named.get("type", "")), str(named.get("column") or named.get("name") or "")
        place = sum(1 for known in found if known[:2] == (type, column))
        found[(type, column, str(place) if place else "")] = entry
    return found


def as_breaking(found: tuple[GuaranteeChange, ...], subject: str) -> tuple[Change, ...]:
    """Under `guarantee_mode=strict`, each `warning` as a breaking change."""
    return tuple(
        Change(
            type=change.type,
            path=change.path,
            message=change.message,
            old_value=change.old_value,
            new_value=change.new_value,
            pointer="/" + change.path.replace(".", "/"),
            rule=change.type,
            verdict=Verdict.breaking,
            fingerprint=fingerprint(subject, change.type, change.path, change.old_value, change.new_value),
        )
        for change in found
        if change.severity == "warning"
    )


def without_fields(guarantees: Object | None, schema: Object) -> Object | None:
    """Guarantees carried over to a schema: entries for fields that it no longer has are left out (api.md 3.6)."""
    if guarantees is None:
        return None
    properties = schema.get("properties")
    fields: Object = properties if isinstance(properties, dict) else {}
    kept: Object = dict(guarantees)
    for name in ("nullability", "accepted_values"):
        value = guarantees.get(name)
        if isinstance(value, dict):
            kept[name] = {column: each for column, each in value.items() if column in fields}
    custom = guarantees.get("custom")
    if isinstance(custom, list):
        kept["custom"] = [each for each in custom if not _about_missing(each, fields)]
    return kept


def _about_missing(entry: JSON, fields: Object) -> bool:
    column = entry.get("column") if isinstance(entry, dict) else None
    return isinstance(column, str) and column not in fields
