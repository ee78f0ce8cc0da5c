"""A plan read as the answer of a sync (api.md 2.3)."""

import msgspec

from domain import events as e
from domain.asset import Contract, Proposal
from domain.schema.change import Change
from domain.sync.plan import ItemPlan, Plan
from domain.sync.wording import Wording, wording
from domain.values import JSON, Object

_WRITTEN = ("created", "updated", "unchanged", "restored")


def action_of(item: ItemPlan) -> str:
    """The action to report: `unchanged` for an item set to the document where nothing differed or happened."""
    if item.action == "referred":
        return "skipped"
    if item.action == "updated" and not item.differs and not _own_events(item):
        return "unchanged"
    return item.action


def _own_events(item: ItemPlan) -> bool:
    return any(not isinstance(event, e.RegistrationCreated | e.RegistrationEnded) for event in item.events)


def changes_json(changes: tuple[Change, ...]) -> list[JSON]:
    """Changes as wire objects."""
    return [msgspec.structs.asdict(change) for change in changes]


def counts(made: Plan) -> dict[str, int]:
    """How many assets met which fate, by name."""
    actions = [action_of(item) for item in made.items]
    errors = len(made.item_errors)
    moved = sum(1 for item in made.items if item.action == "updated" and _move(item))
    return {
        "created": actions.count("created"),
        "updated": actions.count("updated") + actions.count("unchanged"),
        "skipped": actions.count("skipped") + actions.count("skipped_changed") + actions.count("error") + errors,
        "restored": actions.count("restored"),
        "deleted": sum(1 for item in made.deletions if item.action == "deleted"),
        "unchanged": actions.count("unchanged"),
        "moved": moved,
        "skipped_changed": actions.count("skipped_changed"),
    }


def _move(item: ItemPlan) -> e.AssetMoved | None:
    return next((event for event in item.events if isinstance(event, e.AssetMoved)), None)


def status_code(made: Plan) -> int:
    """200, or 207 if something that was asked for could not be done."""
    return 207 if made.warnings.undone else 200


def sync_answer(made: Plan, position: int | None, dry_run: bool) -> Object:
    """The whole answer of a sync, or of a dry run; ids of what would be new are then null."""
    document, options, warnings = made.request.document, made.request.options, made.warnings
    words = wording(document.kind)
    answer: Object = {
        "status": "partial_success" if warnings.undone else "success",
        "dry_run": dry_run,
        "conflict_mode": options.conflict_mode.value,
        "environment": options.environment,
        "source": {
            "kind": document.kind,
            "key": document.key,
            "environment": options.environment,
            "document_digest": made.request.digest,
        },
        "position": position,
        "assets": _assets(made),
        "contracts": _contracts(made, dry_run),
        "proposals": _proposals(made, dry_run),
        "registrations": _registrations(made, dry_run),
        "dependencies": {
            "synced": _edges_added(made),
            "removed": _count(made, e.DependencyRemoved),
            "unresolved": [{"asset_fqn": fqn, "node_id": node} for fqn, node in made.unresolved],
        },
        "guarantees_extracted": sum(1 for i in made.items if i.spec and i.spec.guarantees and action_of(i) in _WRITTEN),
        "ownership_warnings": [*warnings.ownership],
        "contract_warnings": [*warnings.contract],
        "registration_warnings": [*warnings.registration],
        "dependency_warnings": [*warnings.dependency],
        "warnings": [*warnings.general],
        "parse_errors": [*document.parse_errors],
        words.items: _entries(made, dry_run),
    }
    if not words.has_meta:
        fates = counts(made)
        answer[f"{words.items}_processed"] = sum(fates[each] for each in ("created", "updated", "skipped", "restored"))
    return {**answer, **document.about}


def unread(made: Plan) -> list[JSON]:
    """What a preview says of items that could not be taken, each once."""
    said = (*made.request.document.parse_errors, *(error.message for error in made.item_errors))
    return [*dict.fromkeys(said)]


def _assets(made: Plan) -> Object:
    fqns: dict[str, list[JSON]] = {"skipped_changed": [], "restored": [], "deleted": []}
    for item in [*made.items, *made.deletions]:
        action = action_of(item)
        if action in fqns:
            fqns[action].append(item.fqn)
    moves = [_move(item) for item in made.items if item.action == "updated"]
    return {
        **counts(made),
        "skipped_changed_fqns": fqns["skipped_changed"],
        "restored_fqns": fqns["restored"],
        "deleted_fqns": fqns["deleted"],
        "moved_fqns": [{"from": move.from_fqn, "to": move.to_fqn} for move in moves if move],
    }


def _count(made: Plan, kind: type[e.AssetEvent]) -> int:
    return sum([type(event) for event in plan.events].count(kind) for plan in made.touched())


def _edges_added(made: Plan) -> int:
    """Edges of assets that there were, and those with which new ones come to be."""
    first = (event for plan in made.items for event in plan.events[:1] if isinstance(event, e.AssetCreated))
    return _count(made, e.DependencyAdded) + sum(len(ids) for event in first for ids in event.upstream.values())


def _published(item: ItemPlan) -> Contract | None:
    return item.after.contracts[-1] if len(item.after.contracts) > len(item.before.contracts) else None


def _proposed(item: ItemPlan) -> Proposal | None:
    return item.after.proposals[-1] if len(item.after.proposals) > len(item.before.proposals) else None


def _asset_id(item: ItemPlan, dry_run: bool) -> str | None:
    if item.before.exists:
        return item.before.id
    return None if dry_run or not item.events else item.before.id


def _contracts(made: Plan, dry_run: bool) -> Object:
    details: list[JSON] = []
    withheld: list[JSON] = []
    for item in [*made.items, *made.deletions]:
        contract, previous = _published(item), item.before.active_contract
        named: Object = {"asset_id": _asset_id(item, dry_run), "asset_fqn": item.fqn}
        if contract:
            kind = item.judgement.change_type.value if item.judgement else None
            details.append(
                {
                    **named,
                    "contract_id": None if dry_run else contract.id,
                    "version": contract.version,
                    "previous_version": previous.version if previous else None,
                    "change_type": kind if previous else "initial",
                }
            )
        if item.withheld:
            breaking = changes_json(item.judgement.breaking) if item.judgement else []
            withheld.append(
                {
                    **named,
                    "code": item.withheld.code,
                    "reason": item.withheld.reason,
                    "breaking_changes": breaking,
                }
            )
    return {"published": len(details), "details": details, "withheld": withheld}


def _proposal_entry(item: ItemPlan, proposal: Proposal, dry_run: bool) -> Object:
    return {
        "proposal_id": None if dry_run else proposal.id,
        "asset_id": _asset_id(item, dry_run),
        "asset_fqn": item.fqn,
        "change_type": proposal.change_type.value,
        "breaking_changes_count": sum(1 for change in proposal.changes if change.incompatible),
        "suggested_version": proposal.proposed_version,
    }


def _proposals(made: Plan, dry_run: bool) -> Object:
    details: list[JSON] = []
    pending: list[JSON] = []
    for item in made.items:
        created = _proposed(item)
        if created:
            details.append(_proposal_entry(item, created, dry_run))
        if item.pending:
            pending.append(_proposal_entry(item, item.pending, False))
    return {"created": len(details), "details": details, "pending": pending}


def _registrations(made: Plan, dry_run: bool) -> Object:
    details: list[JSON] = []
    for item in made.touched():
        for event in item.events:
            if isinstance(event, e.RegistrationCreated):
                team = made.known.directory.team(event.consumer_team_id)
                details.append(
                    {
                        "registration_id": None if dry_run else event.registration_id,
                        "asset_id": _asset_id(item, dry_run),
                        "asset_fqn": item.fqn,
                        "consumer_team_id": event.consumer_team_id,
                        "consumer_team_name": team.name if team else None,
                        "origin": event.origin,
                    }
                )
    return {"created": len(details), "ended": _count(made, e.RegistrationEnded), "details": details}


def _entries(made: Plan, dry_run: bool) -> list[JSON]:
    words = wording(made.request.document.kind)
    entries: list[JSON] = [_entry(item, words, dry_run) for item in made.items]
    entries.extend(
        {
            "fqn": error.fqn,
            "action": "error",
            "asset_id": None,
            "contract_id": None,
            "proposal_id": None,
            "error": error.message,
            **error.labels,
        }
        for error in made.item_errors
    )
    entries.extend(_entry(item, words, dry_run) for item in made.deletions if item.action == "deleted")
    return entries


def _entry(item: ItemPlan, words: Wording, dry_run: bool) -> Object:
    contract, proposal = _published(item), _proposed(item)
    active = contract or item.after.active_contract
    new = contract is not None and dry_run
    open_one = proposal or item.pending
    return {
        "fqn": item.fqn,
        "action": action_of(item),
        "asset_id": _asset_id(item, dry_run),
        "contract_id": None if new or active is None else active.id,
        "proposal_id": None if open_one is None or (proposal and dry_run) else open_one.id,
        "error": item.error,
        **words.in_sync(item),
    }
