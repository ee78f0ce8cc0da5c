"""A plan read as a diff: what differs between document and catalog (api.md 2.6)."""

from domain.schema.change import Change
from domain.schema.versions import suggest
from domain.sync.deletions import removed
from domain.sync.plan import ItemPlan, Plan
from domain.sync.reading import changes_json, unread
from domain.sync.wording import wording
from domain.values import JSON, Object


def diff_entries(made: Plan) -> list[Object]:
    """One entry for each item of the document, then one for each asset that the source declares no longer."""
    words, refs = wording(made.request.document.kind), consumers_from_refs(made)
    entries: list[Object] = []
    for item in [*made.items, *made.unknown, *made.deletions]:
        entry = {"fqn": item.fqn, **words.in_previews(item), **(_entry(item) if item.spec else _gone(made, item))}
        entries.append({**entry, **_people(made, item, refs)} if words.has_meta else entry)
    return entries


def consumers_from_refs(made: Plan) -> dict[str, list[str]]:
    """For each asset id, the names of teams that own dependents in this document. One pass over all edges."""
    found: dict[str, dict[str, None]] = {}
    directory = made.known.directory
    for item in made.items:
        team = directory.team(owner_id(made, item))
        for upstream_id, _ in item.upstream if team else ():
            if team:
                found.setdefault(upstream_id, {})[team.name] = None
    return {asset_id: sorted(names) for asset_id, names in found.items()}


def owner_id(made: Plan, item: ItemPlan) -> str:
    """The team that owns the item after the sync, or "" where nobody would."""
    return item.after.owner_team_id if item.after.exists else (made.request.options.owner_team_id or "")


def _owner_name(made: Plan, item: ItemPlan) -> str | None:
    named = made.known.directory.named(item.spec.owner_team) if item.spec and item.spec.owner_team else None
    team = named or made.known.directory.team(owner_id(made, item))
    return team.name if team else None


def registered(made: Plan, item: ItemPlan) -> list[str]:
    """Names of the teams registered on the asset, sorted."""
    teams = (made.known.directory.teams.get(r.consumer_team_id) for r in item.before.registrations)
    return sorted(team.name for team in teams if team)


def suggested_version(item: ItemPlan) -> str | None:
    """The version that publishing the document would make; null where nothing would be published."""
    active = item.before.active_contract
    if item.schema is None:
        return None
    if active is None:
        return suggest(None, None, False)
    if item.judgement is None:
        return active.version
    return suggest(active.version, item.judgement.change_type, not item.judgement.compatible)


def _schema_change(item: ItemPlan) -> str | None:
    if item.before.active_contract is None or (item.schema is None and item.judgement is None):
        return None
    if item.judgement is None or not item.judgement.changes:
        return "none"
    return "compatible" if item.judgement.compatible else "breaking"


def change_type(item: ItemPlan) -> str:
    """`new`, `modified` or `unchanged`: document against catalog, whatever the conflict mode is."""
    if not item.charged:
        return "unchanged"
    if not item.before.exists or item.before.deleted:
        return "new"
    return "modified" if item.differs and item.action != "referred" else "unchanged"


def breaking_changes(item: ItemPlan) -> tuple[Change, ...]:
    return item.judgement.breaking if item.judgement else ()


def _people(made: Plan, item: ItemPlan, from_refs: dict[str, list[str]]) -> Object:
    """Who owns the item and who consumes it; of what is gone, who is registered."""
    teams: list[JSON] = [*registered(made, item)]
    declared: list[JSON] = [c.team for c in item.spec.consumers] if item.spec else teams
    refs: list[JSON] = [*from_refs.get(item.before.id, [])] if item.spec else []
    return {
        "owner_team": _owner_name(made, item),
        "consumers_declared": declared,
        "consumers_from_refs": refs,
        "registered_consumers": teams,
    }


def _entry(item: ItemPlan) -> Object:
    active = item.before.active_contract
    return {
        "change_type": change_type(item),
        "has_schema": item.schema is not None,
        "schema_change_type": _schema_change(item),
        "breaking_changes": changes_json(breaking_changes(item)),
        "changes": changes_json(item.judgement.changes) if item.judgement else [],
        "previous_fqn": item.moved_from,
        "asset_id": item.before.id if item.before.exists else None,
        "current_version": active.version if active else None,
        "suggested_version": suggested_version(item),
    }


def _gone(made: Plan, item: ItemPlan) -> Object:
    active = item.before.active_contract
    changes = removed(made, item)
    breaking = tuple(change for change in changes if change.incompatible)
    return {
        "change_type": "deleted",
        "has_schema": active is not None,
        "schema_change_type": ("breaking" if breaking else "compatible") if active else None,
        "breaking_changes": changes_json(breaking),
        "changes": changes_json(changes),
        "previous_fqn": None,
        "asset_id": item.before.id,
        "current_version": active.version if active else None,
        "suggested_version": None,
    }


def summary(entries: list[Object]) -> Object:
    """The counts of a diff; the first four add up to the entries."""
    kinds = [entry["change_type"] for entry in entries]
    return {
        "new": kinds.count("new"),
        "modified": kinds.count("modified"),
        "deleted": kinds.count("deleted"),
        "unchanged": kinds.count("unchanged"),
        "breaking": sum(1 for entry in entries if entry["breaking_changes"]),
        "moved": sum(1 for entry in entries if entry["previous_fqn"] is not None),
    }


def status_of(counts: Object) -> str:
    """`breaking_changes_detected`, `changes_detected` or `clean`."""
    if counts["breaking"]:
        return "breaking_changes_detected"
    return "changes_detected" if any(counts[k] for k in ("new", "modified", "deleted")) else "clean"


def diff_answer(made: Plan, fail_on_breaking: bool, would_be: Object | None) -> Object:
    """The whole answer of a diff."""
    entries = diff_entries(made)
    counts = summary(entries)
    warnings: list[JSON] = [*made.warnings.general, *made.warnings.dependency]
    warnings.extend(
        f"{item.before.fqn}: no longer declared, and {len(item.before.registrations)} consumer teams are registered"
        for item in made.deletions
        if item.before.registrations
    )
    document, words = made.request.document, wording(made.request.document.kind)
    meta_errors: list[JSON] = [*made.warnings.meta_errors] if words.has_meta else []
    answer: Object = {
        "status": status_of(counts),
        **document.about,
        "summary": counts,
        "blocking": bool(counts["breaking"] and fail_on_breaking) or bool(meta_errors),
        words.items: [*entries],
        "warnings": warnings,
        "parse_errors": unread(made),
        "would_be": would_be,
    }
    return {**answer, "meta_errors": meta_errors} if words.has_meta else answer
