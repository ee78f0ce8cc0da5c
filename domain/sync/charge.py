"""Charge a caller only with what differs between a document and its merge base (api.md 2.6, `base`)."""

from domain.sync.plan import ItemPlan, Plan


def charged(made: Plan, base: Plan) -> Plan:
    """The plan, with items that are as they were at the merge base counted as unchanged.

    What the catalog alone has gained since is nobody's charge. A change stays charged where the base did not have it.
    """
    before = {item.spec.item: item for item in base.items if item.spec}
    for item in made.items:
        old = before.get(item.spec.item) if item.spec else None
        if old is not None:
            _charge(item, old)
    gone_before = {item.before.id for item in base.deletions}
    made.deletions = [item for item in made.deletions if item.before.id not in gone_before]
    return made


def _charge(item: ItemPlan, old: ItemPlan) -> None:
    if item.schema_digest == old.schema_digest and item.guarantees == old.guarantees:
        item.judgement = None
    elif item.judgement is not None and old.judgement is not None:
        item.judgement = item.judgement.without(old.judgement)
    item.differs = item.differs and (
        item.judgement is not None or item.metadata != old.metadata or item.upstream != old.upstream
    )
