"""Which asset an item of a document stands for (api.md 2.1, "Matching an item to an asset")."""

from collections import Counter

from domain.asset import Asset
from domain.sync.known import Known
from domain.sync.plan import ItemPlan, Request
from domain.sync.spec import AssetSpec, ItemError

MOVES_TOLERATED = 5


def match(request: Request, known: Known) -> tuple[list[ItemPlan], list[ItemError]]:
    """One entry for each item whose name is free to take; the others, beaten in their name, as errors."""
    plans = [_matched(spec, request, known) for spec in request.document.specs]
    return _with_names_settled(plans, request, known)


def _matched(spec: AssetSpec, request: Request, known: Known) -> ItemPlan:
    asset_id = known.by_item.get(spec.item) if request.document.key_certain else None
    if asset_id is None:
        asset_id = known.by_fqn.get(spec.fqn)
    if asset_id is None:
        return ItemPlan(spec, Asset(id=request.context.new_id("asset", spec.item)))
    item = ItemPlan(spec, known.states[asset_id])
    if item.before.fqn != spec.fqn:
        item.moved_from = item.before.fqn
    return item


def _with_names_settled(
    plans: list[ItemPlan], request: Request, known: Known
) -> tuple[list[ItemPlan], list[ItemError]]:
    """Drop items that lead to an asset taken by an earlier item, or whose new name a staying asset holds."""
    kept: list[ItemPlan] = []
    errors: list[ItemError] = []
    claimed: set[str] = set()
    leaving = {p.before.id for p in plans if p.moved_from is not None}
    for plan in sorted(plans, key=lambda p: p.moved_from is None and p.before.exists, reverse=True):
        reason = _obstacle(plan, claimed, leaving, known)
        if reason and plan.spec:
            errors.append(ItemError(fqn=plan.fqn, item=plan.spec.item, message=reason, labels=plan.spec.labels))
        else:
            claimed.add(plan.before.id)
            kept.append(plan)
    order = {spec.item: n for n, spec in enumerate(request.document.specs)}
    kept.sort(key=lambda p: order[p.spec.item] if p.spec else 0)
    return kept, errors


def _obstacle(plan: ItemPlan, claimed: set[str], leaving: set[str], known: Known) -> str | None:
    if plan.before.id in claimed:
        return f"another item of the document stands for the same asset {plan.before.fqn}"
    if plan.moved_from is None and not plan.before.deleted:
        return None
    holder = known.by_fqn.get(plan.fqn)
    if holder is None or holder == plan.before.id or holder in leaving or known.states[holder].deleted:
        return None
    return f"the name {plan.fqn} belongs to another asset"


def retargeted(plans: list[ItemPlan]) -> list[ItemPlan]:
    """The moved items, if more than a few moved all by the same change of database or schema (api.md 2.3)."""
    moved = [p for p in plans if p.moved_from is not None]
    if len(moved) <= MOVES_TOLERATED:
        return []
    changes = Counter(_namespace_change(p) for p in moved)
    (change, count), *_ = changes.most_common(1)
    return moved if count == len(moved) and change is not None else []


def _namespace_change(plan: ItemPlan) -> tuple[str, str] | None:
    before, _, old = (plan.moved_from or "").rpartition(".")
    after, _, new = plan.fqn.rpartition(".")
    return (before, after) if old == new and before != after else None
