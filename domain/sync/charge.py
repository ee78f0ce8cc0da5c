"""Charge a caller only with what differs between a document and its merge base (api.md 2.6, `base`)."""

from collections.abc import Mapping

from domain.sync.declaration import under_old_names
from domain.sync.plan import ItemPlan, Plan


def charged(made: Plan, base: Plan) -> Plan:
    """The plan, with items that are as they were at the merge base counted as unchanged.

    What the catalog alone has gained since is nobody's charge. A change stays charged where the base did not have it.
    """
    before = {item.spec.item: item for item in base.items if item.spec}
    pairs = [(item, before[item.spec.item]) for item in made.items if item.spec and item.spec.item in before]
    names = {item.fqn: old.fqn for item, old in pairs}
    for item, old in pairs:
        _charge(item, old, names)
    gone_before = {item.before.id for item in base.deletions}
    made.deletions = [item for item in made.deletions if item.before.id not in gone_before]
    made.warnings.meta_errors = _new_errors(made.warnings.meta_errors, base.warnings.meta_errors, names)
    return made


def _charge(item: ItemPlan, old: ItemPlan, names: Mapping[str, str]) -> None:
    if item.fqn == old.fqn:
        item.moved_from = None
    if item.schema_digest == old.schema_digest and item.guarantees == old.guarantees:
        item.judgement = None
    elif item.judgement is not None and old.judgement is not None:
        item.judgement = item.judgement.without(old.judgement)
    item.charged = item.judgement is not None or not _declares_the_same(item, old, names)


def _declares_the_same(item: ItemPlan, old: ItemPlan, names: Mapping[str, str]) -> bool:
    new, was = item.spec, old.spec
    assert new is not None and was is not None
    return (
        (new.description, new.tags, new.resource_type, new.guarantee_mode, new.semver_mode)
        == (was.description, was.tags, was.resource_type, was.guarantee_mode, was.semver_mode)
        and (item.schema_digest, item.upstream) == (old.schema_digest, old.upstream)
        and under_old_names(new.metadata, names) == was.metadata
    )


def _new_errors(found: list[str], before: list[str], names: Mapping[str, str]) -> list[str]:
    """Errors that the base did not have, whatever its items were named."""
    known = set(before)
    parts = ((text, *text.partition(": ")) for text in found)
    return [text for text, fqn, colon, rest in parts if names.get(fqn, fqn) + colon + rest not in known]
