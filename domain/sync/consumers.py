"""Registrations that a sync makes and ends: consumers named in `meta`, and owners of dependent items (api.md 2.5)."""

import msgspec

from domain.asset import Asset
from domain.events import RegistrationCreated, RegistrationEnded
from domain.proposals import judged_again
from domain.sync.plan import ItemPlan, Plan


class Reason(msgspec.Struct, frozen=True):
    """Why a team counts as a consumer. `new` reasons make registrations, others only keep what stands."""

    origin: str
    new: bool


Reasons = dict[str, dict[str, Reason]]


def plan_registrations(made: Plan) -> None:
    """Register consumers that the document gives a reason for, and end registrations whose reason has gone."""
    if not made.request.options.auto_register_consumers:
        _warn_about_consumers(made, writing=False)
        return
    reasons: Reasons = {}
    _from_meta(made, reasons)
    if made.request.options.infer_consumers_from_refs:
        _from_edges(made, reasons)
    plans = {i.before.id: i for i in (*made.items, *made.deletions)}
    for asset_id in _concerned(made, reasons):
        item = plans.get(asset_id) or _other(made, asset_id)
        if item is not None:
            _register(made, item, reasons.get(asset_id, {}))


def _warn_about_consumers(made: Plan, writing: bool) -> None:
    for item in made.items:
        for consumer in item.spec.consumers if item.spec else ():
            if made.known.directory.named(consumer.team) is None:
                text = f"{item.fqn}: consumer team {consumer.team!r} not found"
                made.warnings.meta_errors.append(text)
                if writing and _speaks(made, item):
                    made.warnings.registration.append(text)
                    made.warnings.undone = True


def _speaks(made: Plan, item: ItemPlan) -> bool:
    """Whether the document's word about this item counts: not for assets that `ignore` leaves alone."""
    return item.writable and not item.action.startswith("skipped")


def _from_meta(made: Plan, reasons: Reasons) -> None:
    _warn_about_consumers(made, writing=True)
    for item in made.items:
        speaks = _speaks(made, item)
        for consumer in item.spec.consumers if item.spec else ():
            team = made.known.directory.named(consumer.team)
            if team is not None:
                reasons.setdefault(item.before.id, {})[team.id] = Reason("meta", speaks)


def _from_edges(made: Plan, reasons: Reasons) -> None:
    for item in made.items:
        speaks = _speaks(made, item)
        upstream = item.upstream if speaks else [(d.upstream_id, d.type) for d in item.before.dependencies]
        for upstream_id, _ in upstream:
            owner = item.after.owner_team_id
            if made.known.directory.team(owner) is not None:
                reasons.setdefault(upstream_id, {}).setdefault(owner, Reason("ref", speaks))


def _concerned(made: Plan, reasons: Reasons) -> list[str]:
    """Assets with a reason for a registration, or with registrations that this source made."""
    source = made.request.source
    concerned = dict.fromkeys(reasons)
    for asset in made.known.states.values():
        if any(r.source == source for r in asset.registrations):
            concerned[asset.id] = None
    return list(concerned)


def _other(made: Plan, asset_id: str) -> ItemPlan | None:
    state = made.known.states.get(asset_id)
    if state is None or state.deleted:
        return None
    item = ItemPlan(None, state)
    made.others.append(item)
    return item


def _register(made: Plan, item: ItemPlan, reasons: dict[str, Reason]) -> None:
    asset, source = item.after, made.request.source
    if not asset.exists or asset.deleted:
        return
    standing = {r.consumer_team_id for r in asset.registrations}
    ended = [
        RegistrationEnded(registration_id=r.id)
        for r in asset.registrations
        if r.source == source and r.origin in ("ref", "meta") and r.consumer_team_id not in reasons
    ]
    item.add([*ended])
    for team_id, reason in reasons.items():
        if reason.new and team_id not in standing and not _ended_by_people(asset, team_id, reason):
            item.add([_created(made, item.after, team_id, reason)])
    if ended:
        item.add(judged_again(item.after))


def _ended_by_people(asset: Asset, team_id: str, reason: Reason) -> bool:
    return reason.origin == "ref" and team_id in asset.ended_by_people


def _created(made: Plan, asset: Asset, team_id: str, reason: Reason) -> RegistrationCreated:
    active = asset.active_contract
    return RegistrationCreated(
        registration_id=made.request.context.new_id("registration", asset.id, team_id),
        consumer_team_id=team_id,
        contract_id=active.id if active else None,
        origin=reason.origin,
        source=made.request.source,
    )
