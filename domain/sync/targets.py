"""Whether a sync looks like a run against another target: a guard (api.md 2.3, `TARGET_MISMATCH`)."""

from domain.sync.plan import ItemPlan

MOVES_TOLERATED = 5
_Change = tuple[str, str, str]


def retargeted(moved: list[ItemPlan]) -> list[ItemPlan]:
    """The moved items, if more than a few moved and all by the same change of database or schema."""
    if len(moved) <= MOVES_TOLERATED:
        return []
    shared = _changes(moved[0])
    for item in moved[1:]:
        shared &= _changes(item)
    return moved if shared else []


def _changes(item: ItemPlan) -> set[_Change]:
    """How database and schema changed; none where the relation has another name, or the name other parts."""
    before, after = (item.moved_from or "").split("."), item.fqn.split(".")
    if len(before) != len(after) or before[-1] != after[-1]:
        return set()
    places = (str(n) for n in range(len(before) - 1))
    return {
        (place, *_replaced(old, new))
        for place, old, new in zip(places, before[:-1], after[:-1], strict=True)
        if old != new
    }


def _replaced(old: str, new: str) -> tuple[str, str]:
    """What was put in place of what: `main_staging` to `ci_staging` is `main` to `ci`, as dbt builds schema names."""
    length = next((n for n, (a, b) in enumerate(zip(old[::-1], new[::-1], strict=False)) if a != b), None)
    shared = min(len(old), len(new)) if length is None else length
    return old[: len(old) - shared], new[: len(new) - shared]
