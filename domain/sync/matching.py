"""Which asset an item of a document stands for (api.md 2.1, "Matching an item to an asset")."""

from collections.abc import Iterable

from domain.asset import Asset
from domain.schema.judge import undecided
from domain.sync.known import Known
from domain.sync.plan import ItemPlan, Request
from domain.sync.spec import AssetSpec, ItemError


def match(request: Request, known: Known) -> tuple[list[ItemPlan], list[ItemError]]:
    """One entry for each item. Items go to the asset that they declared before, the others to what has their name.

    Of two items with one name the later one is an error.
    """
    by_id = {spec.item: id for spec in request.document.specs if (id := _same_item(spec, request, known))}
    claimed = set(by_id.values())
    plans: list[ItemPlan] = []
    errors: list[ItemError] = []
    names: dict[str, str] = {}
    for spec in request.document.specs:
        first = names.setdefault(spec.fqn, spec.item)
        if first != spec.item:
            message = f"{spec.fqn} is the name of {first} too, which has it"
            errors.append(ItemError(fqn=spec.fqn, item=spec.item, message=message, labels=spec.labels))
            continue
        named = known.by_fqn.get(spec.fqn)
        asset_id = by_id.get(spec.item) or (named if named not in claimed else None)
        plans.append(_entry(spec, asset_id, request, known))
    return plans, errors


def unreadable(request: Request, known: Known) -> list[ItemPlan]:
    """The assets with a contract whose item stands in the document and cannot be read, each judged `unknown`."""
    found = []
    for error in request.document.errors if request.document.key_certain else ():
        for asset_id in (known.by_item.get(item) for item in error.items if error.unknown):
            asset = known.states[asset_id] if asset_id else None
            if asset is not None and asset.active_contract is not None and not asset.deleted:
                found.append(_unread(error, asset))
    return found


def _unread(error: ItemError, asset: Asset) -> ItemPlan:
    labels = {name: asset.declared.get(name, value) for name, value in error.labels.items()}
    spec = AssetSpec(item=error.item, fqn=asset.fqn, resource_type=asset.resource_type, labels=labels)
    item = ItemPlan(spec, asset)
    item.judgement, item.differs = undecided(error.message, asset.id), True
    return item


def _same_item(spec: AssetSpec, request: Request, known: Known) -> str | None:
    """The asset that this item of this source declared; a deleted one only while its name is free for it."""
    asset_id = known.by_item.get(spec.item) if request.document.key_certain else None
    if asset_id is None or not known.states[asset_id].deleted:
        return asset_id
    named = known.by_fqn.get(spec.fqn)
    return asset_id if named is None or known.states[named].deleted else None


def _entry(spec: AssetSpec, asset_id: str | None, request: Request, known: Known) -> ItemPlan:
    if asset_id is None:
        return ItemPlan(spec, Asset(id=request.context.new_id("asset", spec.item)))
    item = ItemPlan(spec, known.states[asset_id])
    if item.before.fqn != spec.fqn:
        item.moved_from = item.before.fqn
    return item


def beaten_in_name(takers: Iterable[ItemPlan], gone: Iterable[str], known: Known) -> list[ItemPlan]:
    """Of the items that want a name which is not theirs yet, those that cannot have it.

    A name is free if nothing living has it, or if what has it leaves in the same sync: moves to another name, or is
    deleted (`gone` are the ids of such assets). Who cannot move stays, and keeps the name from whoever wanted it.
    """
    wanted = {item.fqn: item for item in takers}
    leaving = {*gone, *(item.before.id for item in wanted.values() if item.before.exists)}
    beaten = [item for item in wanted.values() if not _is_free(item, leaving, known)]
    still = {name: item for name, item in wanted.items() if _is_free(item, leaving, known)}
    for item in beaten:
        follower = still.pop(item.before.fqn, None) if item.before.exists and not item.before.deleted else None
        if follower is not None:
            beaten.append(follower)
    return beaten


def _is_free(item: ItemPlan, leaving: set[str], known: Known) -> bool:
    holder = known.by_fqn.get(item.fqn)
    return holder is None or holder == item.before.id or holder in leaving or known.states[holder].deleted
