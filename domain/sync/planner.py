"""From a document and the catalog to a plan. Pure: the same inputs give the same plan, on every machine."""

from domain.errors import Refused
from domain.events import AssetCreated, AssetMoved, AssetRestored, SourceRef, SourceSynced
from domain.sync import consumers, contracts, deletions
from domain.sync.declaration import compare_fields, field_events, proposed_metadata
from domain.sync.edges import compare_edges, edge_events, first_edges, resolve_edges
from domain.sync.known import Known
from domain.sync.matching import beaten_in_name, match, unreadable
from domain.sync.options import ConflictMode
from domain.sync.owners import Ownership
from domain.sync.plan import ItemPlan, Plan, Request, Warnings
from domain.sync.reading import counts
from domain.sync.targets import retargeted


def plan(request: Request, known: Known) -> Plan:
    """Plan the sync of a document. Nothing is refused here: `Plan.refusal` says what would be."""
    items, beaten = match(request, known)
    made = Plan(
        request=request,
        known=known,
        items=items,
        item_errors=[*request.document.errors, *beaten],
        others=[],
        deletions=[],
        unknown=unreadable(request, known),
        unresolved=[],
        warnings=Warnings(general=list(request.document.warnings)),
    )
    deletions.plan_deletions(made)
    ownership = Ownership(made)
    for item in items:
        ownership.settle(item)
    _settle_names(made)
    resolve_edges(made)
    moved = {i.fqn: i.moved_from for i in items if i.moved_from is not None}
    for item in items:
        _plan_item(made, item, ownership, moved)
    consumers.collect_reasons(made)
    for item in items:
        if _is_set(item):
            contracts.plan_contract(made, item)
    consumers.plan_registrations(made)
    made.refusal = _refusal(made)
    _warn(made)
    if made.touched():
        made.synced = _synced(made)
    return made


def _settle_names(made: Plan) -> None:
    takers = [i for i in made.items if _is_written(made.request, i) and (i.before.deleted or i.before.fqn != i.fqn)]
    gone = [i.before.id for i in made.deletions if i.action == "deleted"]
    for item in beaten_in_name(takers, gone, made.known):
        item.refuse(f"the name {item.fqn} belongs to another asset")
        made.warnings.undone = True


def _is_written(request: Request, item: ItemPlan) -> bool:
    """Whether the item's asset is made, brought back or set to the document, as the conflict mode has it."""
    before, overwrites = item.before, request.options.conflict_mode is ConflictMode.overwrite
    return item.writable and (not before.exists or before.deleted or overwrites or _taken_over(request, item))


def _plan_item(made: Plan, item: ItemPlan, ownership: Ownership, moved: dict[str, str]) -> None:
    request = made.request
    item.metadata = proposed_metadata(item)
    contracts.compare_contract(made, item)
    if item.before.exists:
        item.differs = compare_fields(item, moved) or compare_edges(item) or contracts.changes_contract(item)
    if not item.writable:
        return
    if not _is_written(request, item):
        item.action = "skipped_changed" if item.differs else "skipped"
        return
    if not item.before.exists:
        _create(request, item, ownership)
    elif item.before.deleted:
        item.action = "restored"
        item.add([AssetRestored()])
    if item.before.exists:
        _set_to_document(request, item, ownership)
        item.add(edge_events(item, request.context))


def _is_set(item: ItemPlan) -> bool:
    return item.action in ("created", "updated", "restored")


def _taken_over(request: Request, item: ItemPlan) -> bool:
    """Whether a source that declares the asset takes it from those that only referred to it."""
    return item.before.referred and item.spec is not None and not item.spec.refers


def _create(request: Request, item: ItemPlan, ownership: Ownership) -> None:
    spec = item.spec
    assert spec is not None
    owner, user = ownership.owner_of(item)
    item.action = "created"
    item.add(
        [
            AssetCreated(
                fqn=spec.fqn,
                environment=request.options.environment,
                owner_team_id=owner,
                owner_user_id=user,
                resource_type=spec.resource_type,
                description=spec.description,
                guarantee_mode=spec.guarantee_mode or "notify",
                semver_mode=spec.semver_mode or "auto",
                declared=item.metadata,
                tags=spec.tags,
                source=_source_ref(request, item),
                referred=spec.refers,
                upstream=first_edges(item),
            )
        ]
    )


def _set_to_document(request: Request, item: ItemPlan, ownership: Ownership) -> None:
    before, spec = item.after, item.spec
    assert spec is not None
    if before.fqn != spec.fqn:
        environment = before.environment
        item.add(
            [AssetMoved(from_fqn=before.fqn, to_fqn=spec.fqn, from_environment=environment, to_environment=environment)]
        )
    changed = field_events(item, ownership.owner_of(item), _source_ref(request, item))
    item.add(changed)
    if item.action != "restored":
        item.action = "updated"


def _source_ref(request: Request, item: ItemPlan) -> SourceRef:
    assert item.spec is not None
    return SourceRef(kind=request.document.kind, key=request.document.key, item=item.spec.item)


def _refusal(made: Plan) -> Refused | None:
    options = made.request.options
    if options.auto_delete and not made.request.document.key_certain:
        return Refused(
            "INVALID_INPUT", "The project's name is a guess, so nothing can be deleted: pass `project` to name it."
        )
    if options.conflict_mode is ConflictMode.fail:
        conflicts = [
            i.before.fqn
            for i in made.items
            if i.before.exists and not i.before.deleted and not _taken_over(made.request, i) and i.action != "referred"
        ]
        if conflicts:
            return Refused(
                "SYNC_CONFLICT",
                f"{len(conflicts)} assets exist already, and conflict_mode is fail.",
                {"conflicts": [*conflicts]},
            )
    moved = retargeted([item for item in made.items if item.after.fqn != item.before.fqn and item.moved_from])
    if moved and not options.accept_moves:
        return Refused(
            "TARGET_MISMATCH",
            f"{len(moved)} assets would all move from one database or schema to another, as a run against another "
            "target does. Pass `accept_moves: true` if this is meant.",
            {"moves": [{"from": i.moved_from, "to": i.fqn} for i in moved]},
        )
    return deletions.guard(made)


def _warn(made: Plan) -> None:
    document, warnings = made.request.document, made.warnings
    last = made.known.last_title
    if last is not None and document.title is not None and last != document.title:
        warnings.general.append(
            f"The last document of {document.kind} source {document.key!r} was titled {last!r}, this one "
            f"{document.title!r}."
        )
    for item in made.items:
        spec = item.spec
        if spec is None or not (spec.problems or spec.owner_problems or spec.remarks):
            continue
        warnings.general.extend(f"{item.fqn}: {text}" for text in (*spec.problems, *spec.remarks))
        warnings.ownership.extend(f"{item.fqn}: {text}" for text in spec.owner_problems)
        warnings.meta_errors.extend(f"{item.fqn}: {text}" for text in (*spec.problems, *spec.owner_problems))
    if made.item_errors or document.parse_errors:
        warnings.undone = True


def _synced(made: Plan) -> SourceSynced:
    request = made.request
    return SourceSynced(
        sync_id=request.context.new_id("sync"),
        kind=request.document.kind,
        key=request.document.key,
        environment=request.options.environment,
        document_digest=request.digest,
        title=request.document.title,
        options=request.stated_options,
        counts=counts(made),
        commit=request.options.commit,
    )
