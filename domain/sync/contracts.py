"""Contracts inside a sync: what the document promises, judged, and published or proposed (api.md 2.3)."""

import msgspec

from domain.asset import Asset, Contract, Proposal
from domain.events import KeySource, ProposalPublished
from domain.proposals import OPEN, Opening, judged_again, open_proposal, rebase_open, withdraw_open
from domain.publishing import DBT_TYPES, Draft, Warrant, first_version, judge_draft, promised_schema, publish_version
from domain.schema.canonical import digest, same
from domain.schema.change import Direction
from domain.schema.judge import Judgement, with_types_undeclared
from domain.schema.versions import suggest
from domain.sync.consumers import required_after
from domain.sync.plan import ItemPlan, Plan, Withheld
from domain.sync.spec import AssetSpec
from domain.values import JSON, Object


def compare_contract(made: Plan, item: ItemPlan) -> None:
    """Work out what the item would promise, and judge it against the active contract."""
    spec, active = item.spec, item.before.active_contract
    if spec is None or spec.schema is None or item.action == "referred":
        return
    item.schema, item.schema_digest = spec.schema, spec.schema_digest
    declared = item.metadata.get("guarantees")
    item.guarantees = declared if isinstance(declared, dict) else spec.guarantees
    if active is None:
        return
    undeclared = _types_undeclared(item.before, spec)
    if item.schema_digest != active.schema_digest:
        _keep_types(item, spec, made.known.schemas[active.schema_digest])
    promised_alike = same(item.guarantees, active.guarantees)
    if item.schema_digest == active.schema_digest and promised_alike and not undeclared:
        return
    draft, asset, engine = _draft(made, item), _as_declared(item.before, spec), made.request.context.engine
    judgement = judge_draft(asset, draft, promised_schema(asset, made.known.schemas), active.guarantees, engine)
    judgement = with_types_undeclared(judgement, undeclared, item.before.id, draft.mode)
    # Other words for the same promise (order, descriptions) are no change.
    if judgement.changes or not promised_alike:
        item.judgement = judgement


def _as_declared(before: Asset, spec: AssetSpec) -> Asset:
    """The asset with what the item says of its kind and of its guarantees, by which the change is judged."""
    mode = spec.guarantee_mode or before.guarantee_mode
    return msgspec.structs.replace(before, resource_type=spec.resource_type, guarantee_mode=mode)


def changes_contract(item: ItemPlan) -> bool:
    """Whether the item promises something else than the active contract (false where there is none)."""
    return item.judgement is not None


def _types_undeclared(before: Asset, spec: AssetSpec) -> tuple[str, ...]:
    """Columns whose own data type the item stated at the last sync and states no longer (api.md 2.5)."""
    if spec.resource_type not in DBT_TYPES or not spec.untyped:
        return ()
    columns = before.declared.get("columns")
    if not isinstance(columns, dict):
        return ()
    return tuple(sorted(name for name in spec.untyped if _has_type(columns.get(name))))


def _has_type(column: JSON) -> bool:
    return isinstance(column, dict) and bool(column.get("data_type"))


def _keep_types(item: ItemPlan, spec: AssetSpec, promised: Object) -> None:
    """Give columns of which nothing states a type the one of the active contract."""
    old, new = promised.get("properties"), spec.schema.get("properties") if spec.schema else None
    if not spec.untyped or not isinstance(old, dict) or not isinstance(new, dict):
        return
    kept: Object = {
        name: _with_type_of(old[name], shape) if name in spec.untyped and name in old else shape
        for name, shape in new.items()
    }
    item.schema = {**(spec.schema or {}), "properties": kept}
    item.schema_digest = digest(item.schema)


def _with_type_of(old: JSON, new: JSON) -> JSON:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {**{key: value for key, value in old.items() if key != "description"}, **new}


def _draft(made: Plan, item: ItemPlan) -> Draft:
    spec, active = item.spec, item.after.active_contract
    assert spec is not None and item.schema is not None and item.schema_digest is not None
    base_mode = active.mode if active else made.request.options.compatibility_mode
    return Draft(
        schema=item.schema,
        schema_digest=item.schema_digest,
        mode=spec.compatibility_mode or base_mode,
        direction=spec.direction or (Direction.produced if spec.resource_type in DBT_TYPES else None),
        guarantees=item.guarantees,
        field_descriptions=spec.field_descriptions,
        field_tags={path: tuple(tags) for path, tags in spec.field_tags.items()},
        published_by=item.after.owner_team_id,
    )


def plan_contract(made: Plan, item: ItemPlan) -> None:
    """Publish, propose, withhold or leave, as the flags and the judgement have it."""
    if item.schema is None:
        return
    options, active, judgement = made.request.options, item.after.active_contract, item.judgement
    if active is None:
        if options.auto_publish_contracts:
            _publish(made, item, _draft(made, item), Warrant())
        return
    if judgement is not None and not judgement.compatible:
        _plan_breaking(made, item, _draft(made, item), judgement)
        return
    item.add(withdraw_open(item.after, made.request.source))
    if judgement is not None and options.auto_publish_contracts and _is_new(item, judgement, active):
        _publish(made, item, _draft(made, item), Warrant(judgement=judgement))


def _is_new(item: ItemPlan, judgement: Judgement, active: Contract) -> bool:
    """Whether there is something to publish: a type that is no longer declared stays promised, and is nothing new."""
    changed = any(change.type != "type_undeclared" for change in judgement.changes)
    return (changed and item.schema_digest != active.schema_digest) or not same(item.guarantees, active.guarantees)


def _publish(made: Plan, item: ItemPlan, draft: Draft, warrant: Warrant) -> None:
    version = next_version(item.after, warrant.judgement)
    events = publish_version(item.after, draft, version, warrant, made.request.context)
    item.add(events)
    base = (msgspec.structs.replace(draft, version=version), draft.schema)
    contract_id = item.after.contracts[-1].id
    item.add(rebase_open(item.after, contract_id, made.known.schemas, base, made.request.context.engine))


def next_version(asset: Asset, judgement: Judgement | None) -> str:
    """The version that the service makes: by the rules of api.md 4.3, and not used for this asset yet."""
    active, taken = asset.active_contract, {c.version for c in asset.contracts}
    if active is None:
        version = first_version(asset)
    elif judgement is None:
        version = suggest(active.version, None, False)
    else:
        version = suggest(active.version, judgement.change_type, not judgement.compatible)
    while version in taken:
        version = suggest(version, judgement.change_type if judgement else None, False)
    return version


def _plan_breaking(made: Plan, item: ItemPlan, draft: Draft, judgement: Judgement) -> None:
    options = made.request.options
    warrant = Warrant(judgement=judgement)
    if options.publish_unconsumed and options.auto_publish_contracts and not required_after(made, item):
        _publish(made, item, draft, warrant)
        return
    same = _same_proposal(item)
    if same is not None and _settled_by(made, item, draft, same):
        return
    if not options.auto_create_proposals:
        if options.auto_publish_contracts:
            _withhold(made, item, "BREAKING_CHANGE", "the change is breaking and auto_create_proposals is off")
        return
    standing = _superseded(item, made.request.source)
    pending = item.after.pending_proposal
    if pending is not None and pending is not standing:
        _withhold(made, item, "DUPLICATE_PROPOSAL", f"another pending proposal is in the way: {pending.id}")
        return
    opening = Opening(
        affected=made.known.dependents.get(item.before.id, ()), source=made.request.source, supersedes=standing
    )
    item.add(open_proposal(item.after, draft, judgement, opening, made.request.context))
    # Answers that were carried over may be all that it needs.
    item.add(judged_again(item.after))
    opened = item.after.proposals[-1]
    if opened.status == "approved" and options.auto_publish_contracts:
        _settled_by(made, item, draft, opened)


def _same_proposal(item: ItemPlan) -> Proposal | None:
    """The proposal of the same schema and guarantees that is open, or else the newest one, if it is closed."""
    alike = [
        p
        for p in reversed(item.after.proposals)
        if p.schema_digest == item.schema_digest and same(p.guarantees, item.guarantees) and p.status != "published"
    ]
    open_one = next((p for status in OPEN for p in alike if p.status == status), None)
    return open_one or next((p for p in alike if p is item.after.proposals[-1]), None)


def _settled_by(made: Plan, item: ItemPlan, draft: Draft, same: Proposal) -> bool:
    """Whether an earlier proposal of the same change answers this one (api.md 4.2, "The same change again")."""
    active, options = item.after.active_contract, made.request.options
    stale = active is None or same.base_contract_id != active.id
    if same.status == "pending":
        item.pending = same
        return True
    if same.status == "approved" and not stale:
        if options.auto_publish_contracts:
            warrant = Warrant(judgement=item.judgement, proposal_id=same.id)
            version = next_version(item.after, item.judgement)
            draft = msgspec.structs.replace(draft, version=version)
            item.add(publish_version(item.after, draft, version, warrant, made.request.context))
            contract_id, engine = item.after.contracts[-1].id, made.request.context.engine
            item.add([ProposalPublished(proposal_id=same.id, contract_id=contract_id)])
            item.add(rebase_open(item.after, contract_id, made.known.schemas, (draft, draft.schema), engine))
        else:
            item.pending = same
        return True
    closed = same.status in ("rejected", "expired") or (same.status == "withdrawn" and same.by_person)
    if closed and (options.auto_create_proposals or options.auto_publish_contracts):
        _withhold(made, item, "PROPOSAL_CLOSED", f"the same change was {same.status} in proposal {same.id}")
        return True
    return False


def _superseded(item: ItemPlan, source: KeySource) -> Proposal | None:
    """The newest unpublished proposal of the asset, if a sync of the same source opened it and it may be replaced."""
    ours = (p for p in reversed(item.after.proposals) if p.created.source == source and p.status != "published")
    newest = next(ours, None)
    return newest if newest is not None and newest.status in (*OPEN, "rejected") else None


def _withhold(made: Plan, item: ItemPlan, code: str, reason: str) -> None:
    item.withheld = Withheld(code=code, reason=reason)
    made.warnings.contract.append(f"{item.fqn}: {reason}")
    made.warnings.undone = True
