"""What a source declared before and declares no longer (api.md 2.1, 2.3)."""

import re

from domain.asset import Asset
from domain.errors import Refused
from domain.events import AssetDeleted
from domain.proposals import withdraw_open
from domain.publishing import OPERATION
from domain.schema.change import Change
from domain.schema.judge import removal
from domain.sync.plan import ItemPlan, Plan, Withheld

DELETIONS_TOLERATED = 5
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def plan_deletions(made: Plan) -> None:
    """List what the source no longer declares; delete it where that was asked for and nobody relies on it."""
    request = made.request
    if not request.document.key_certain:
        return
    here = {i.before.id for i in made.items}
    kept = {item for error in made.item_errors for item in error.items}
    for asset in made.known.states.values():
        if asset.id not in here and _declared_by(made, asset) and asset.source and asset.source.item not in kept:
            item = ItemPlan(None, asset)
            item.action = "gone"
            made.deletions.append(item)
            if request.options.auto_delete:
                _delete(made, item)


def _declared_by(made: Plan, asset: Asset) -> bool:
    source, document = asset.source, made.request.document
    return (
        source is not None
        and not asset.deleted
        and (source.kind, source.key) == (document.kind, document.key)
        and asset.environment == made.request.options.environment
    )


def _delete(made: Plan, item: ItemPlan) -> None:
    request, asset = made.request, item.before
    if not request.permission.covers(asset.owner_team_id, request.source):
        item.error = "belongs to another team than the key's"
        made.warnings.ownership.append(f"{asset.fqn}: {item.error}")
        made.warnings.undone = True
    elif asset.required_consumers and not request.options.delete_consumed:
        item.withheld = Withheld(
            code="HAS_CONSUMERS",
            reason=f"{len(asset.required_consumers)} consumer teams rely on it; pass delete_consumed to delete it",
        )
        made.warnings.contract.append(f"{asset.fqn}: not deleted: {item.withheld.reason}")
        made.warnings.undone = True
    else:
        item.action = "deleted"
        item.add(withdraw_open(asset))
        item.add([AssetDeleted()])


def removed(made: Plan, item: ItemPlan) -> tuple[Change, ...]:
    """What the loss of an asset means for its contract; nothing where it has none."""
    active = item.before.active_contract
    if active is None:
        return ()
    sunset = (
        made.known.schemas[active.schema_digest].get("x-sunset") if item.before.resource_type == OPERATION else None
    )
    today = made.request.context.at.date().isoformat()
    announced = isinstance(sunset, str) and _DAY.match(sunset) is not None and sunset[:10] < today
    return (removal(item.before.fqn, item.before.id, announced=announced),)


def guard(made: Plan) -> Refused | None:
    """Refuse to delete more than half of a source's items, and more than a few, unless their number is expected."""
    count = sum(1 for i in made.deletions if i.action == "deleted")
    standing = sum(1 for asset in made.known.states.values() if _declared_by(made, asset))
    if count <= DELETIONS_TOLERATED or count * 2 <= standing or made.request.options.expected_deletions == count:
        return None
    return Refused(
        "MASS_DELETE",
        f"{count} of {standing} assets of this source would be deleted. Pass `expected_deletions: {count}` if this is "
        "meant.",
        {"assets": [i.before.fqn for i in made.deletions if i.action == "deleted"], "count": count},
    )
