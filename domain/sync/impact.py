"""A plan read as an impact: what would break, and whom it hits (api.md 2.6)."""

from collections.abc import Callable

from domain.reach import Reached
from domain.schema.change import Change
from domain.sync.deletions import removed
from domain.sync.diff import suggested_version
from domain.sync.plan import ItemPlan, Plan
from domain.sync.reading import changes_json, unread
from domain.sync.wording import Wording, wording
from domain.values import Object

Reach = Callable[[str], Reached]


def impact_answer(made: Plan, reach: Reach) -> Object:
    """The whole answer of an impact. `reach` finds who is hit, and is asked only where something breaks."""
    document, words = made.request.document, wording(made.request.document.kind)
    results = [_result(item, words, reach) for item in [*made.items, *made.unknown]]
    results += [_gone(item, words, reach, lost) for item in made.deletions if (lost := removed(made, item))]
    unsafe = sum(1 for result in results if not result["safe_to_publish"])
    answer: Object = {
        "status": "breaking_changes_detected" if unsafe else "success",
        **document.about,
        f"total_{words.items}": len(made.items) + len(made.item_errors),
        f"{words.items}_with_contracts": sum(1 for result in results if result["has_contract"]),
        "breaking_changes_count": unsafe,
        "results": [*results],
        "warnings": [*made.warnings.general, *made.warnings.dependency],
        "parse_errors": unread(made),
    }
    return {**answer, "meta_errors": [*made.warnings.meta_errors]} if words.has_meta else answer


def _result(item: ItemPlan, words: Wording, reach: Reach) -> Object:
    active, judgement = item.before.active_contract, item.judgement
    breaking = judgement.breaking if judgement else ()
    judged = active is not None and (item.schema is not None or judgement is not None)
    kind = (judgement.change_type.value if judgement else "patch") if judged else None
    return {
        "fqn": item.fqn,
        **words.in_previews(item),
        "has_contract": active is not None,
        "safe_to_publish": not breaking,
        "change_type": kind,
        **_hit(item, breaking, reach),
        "current_version": active.version if active else None,
        "suggested_version": suggested_version(item),
    }


def _gone(item: ItemPlan, words: Wording, reach: Reach, lost: tuple[Change, ...]) -> Object:
    active = item.before.active_contract
    breaking = tuple(change for change in lost if change.incompatible)
    return {
        "fqn": item.before.fqn,
        **words.in_previews(item),
        "has_contract": True,
        "safe_to_publish": not breaking,
        "change_type": "major",
        **_hit(item, breaking, reach),
        "current_version": active.version if active else None,
        "suggested_version": None,
    }


def _hit(item: ItemPlan, breaking: tuple[Change, ...], reach: Reach) -> Object:
    reached = reach(item.before.id) if breaking else Reached()
    return {
        "breaking_changes": changes_json(breaking),
        "asset_id": item.before.id if item.before.exists else None,
        "impacted_consumers": [
            {
                "team_id": team.team_id,
                "team_name": team.team_name,
                "pinned_version": team.pinned_version,
                "depth": team.depth,
            }
            for team in reached.teams
        ],
        "impacted_assets": [
            {"asset_id": each.asset_id, "fqn": each.fqn, "dependency_type": each.dependency_type, "depth": each.depth}
            for each in reached.assets
        ],
    }
