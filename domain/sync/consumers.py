"""Registrations that a sync makes and ends: consumers named in `meta`, and owners of dependent items (api.md 2.5)."""

from domain.asset import Asset, Registration
from domain.events import RegistrationCreated, RegistrationEnded
from domain.proposals import judged_again
from domain.sync.plan import ItemPlan, Plan, Reason


def collect_reasons(made: Plan) -> None:
    """Find who counts as a consumer of what, and why, by the document."""
    if not made.request.options.auto_register_consumers:
        _warn_about_consumers(made, writing=False)
        return
    _from_meta(made)
    if made.request.options.infer_consumers_from_refs:
        _from_edges(made)


def required_after(made: Plan, item: ItemPlan) -> frozenset[str]:
    """The teams that must agree to a breaking change once this sync's registrations are made and ended."""
    asset, reasons = item.after, made.reasons.get(item.before.id, {})
    ended = {r.consumer_team_id for r in _without_reason(made, asset)}
    new = {team for team, reason in reasons.items() if _is_due(asset, team, reason)}
    return ((asset.required_consumers - ended) | new) - {asset.owner_team_id}


def plan_registrations(made: Plan) -> None:
    """Register consumers that the document gives a reason for, and end registrations whose reason has gone."""
    if not made.request.options.auto_register_consumers:
        return
    plans = {i.before.id: i for i in made.items}
    # A document says nothing about the consumers of what it no longer declares: these keep it from being deleted.
    gone = {i.before.id for i in made.deletions}
    for asset_id in _concerned(made):
        item = None if asset_id in gone else plans.get(asset_id) or _other(made, asset_id)
        if item is not None:
            _register(made, item)


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


def _silent(made: Plan) -> list[Asset]:
    """Assets that the document says nothing about to be followed: unreadable, left alone, of other teams."""
    unread = [made.known.by_item.get(error.item) for error in made.item_errors]
    silent = [made.known.states[id] for id in unread if id is not None]
    return silent + [item.before for item in made.items if not _speaks(made, item)]


def _from_meta(made: Plan) -> None:
    _warn_about_consumers(made, writing=True)
    for item in made.items:
        for consumer in item.spec.consumers if item.spec and _speaks(made, item) else ():
            team = made.known.directory.named(consumer.team)
            if team is not None:
                made.reasons.setdefault(item.before.id, {})[team.id] = Reason("meta", True)
    for asset in _silent(made):
        for registration in asset.registrations:
            if registration.origin == "meta":
                made.reasons.setdefault(asset.id, {})[registration.consumer_team_id] = Reason("meta", False)


def _from_edges(made: Plan) -> None:
    speaking = [(i.after.owner_team_id, [id for id, _ in i.upstream]) for i in made.items if _speaks(made, i)]
    silent = [(asset.owner_team_id, [d.upstream_id for d in asset.dependencies]) for asset in _silent(made)]
    for new, found in ((True, speaking), (False, silent)):
        for owner, upstream in found:
            if made.known.directory.team(owner) is not None:
                for id in upstream:
                    made.reasons.setdefault(id, {}).setdefault(owner, Reason("ref", new))


def _concerned(made: Plan) -> list[str]:
    """Assets with a reason for a registration, or with registrations that this source made."""
    source = made.request.source
    concerned = dict.fromkeys(made.reasons)
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


def _register(made: Plan, item: ItemPlan) -> None:
    if not item.after.exists or item.after.deleted:
        return
    ended = [RegistrationEnded(registration_id=r.id) for r in _without_reason(made, item.after)]
    item.add([*ended])
    for team_id, reason in made.reasons.get(item.before.id, {}).items():
        if _is_due(item.after, team_id, reason):
            item.add([_created(made, item.after, team_id, reason)])
    if ended:
        item.add(judged_again(item.after))


def _without_reason(made: Plan, asset: Asset) -> list[Registration]:
    """Registrations that this source made and gives no reason for any longer. Refs count only where asked for."""
    options, reasons = made.request.options, made.reasons.get(asset.id, {})
    if not options.auto_register_consumers:
        return []
    origins = ("ref", "meta") if options.infer_consumers_from_refs else ("meta",)
    return [
        r
        for r in asset.registrations
        if r.source == made.request.source and r.origin in origins and r.consumer_team_id not in reasons
    ]


def _is_due(asset: Asset, team_id: str, reason: Reason) -> bool:
    standing = any(r.consumer_team_id == team_id for r in asset.registrations)
    return reason.new and not standing and not _ended_by_people(asset, team_id, reason)


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
