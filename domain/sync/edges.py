"""Edges: what an item depends on, as assets."""

from domain.asset import Asset
from domain.context import Context
from domain.events import AssetEvent, DependencyAdded, DependencyRemoved
from domain.sync.plan import ItemPlan, Plan


def resolve_edges(made: Plan) -> None:
    """Lead every edge of the document to an asset; what leads nowhere is unresolved (a warning)."""
    gone = {i.before.id for i in made.deletions if i.action == "deleted"}
    here = {i.spec.item: i.before.id for i in made.items if i.spec and (i.writable or i.before.exists)}
    for item in made.items:
        found: list[tuple[str, str]] = []
        for edge in item.spec.upstream if item.spec else ():
            target = here.get(edge.item) or made.known.foreign.get(edge.item)
            if target is None or target in gone:
                made.unresolved.append((item.fqn, edge.item))
                made.warnings.dependency.append(f"{item.fqn}: depends on {edge.item}, which is not in the catalog")
            elif target != item.before.id and (target, edge.type) not in found:
                found.append((target, edge.type))
        item.upstream = tuple(found)


def compare_edges(item: ItemPlan) -> bool:
    """Whether the edges of the document are others than those that syncs made."""
    return _standing(item.before) != set(item.upstream) - _manual(item.before)


def first_edges(item: ItemPlan) -> dict[str, tuple[str, ...]]:
    """The edges of an item that is new, for its first event."""
    found: dict[str, list[str]] = {}
    for upstream_id, type in item.upstream:
        found.setdefault(type, []).append(upstream_id)
    return {type: tuple(ids) for type, ids in found.items()}


def edge_events(item: ItemPlan, context: Context) -> list[AssetEvent]:
    """Remove and add edges until those of syncs are the document's. Edges that people drew are left alone."""
    wanted = set(item.upstream)
    events: list[AssetEvent] = [
        DependencyRemoved(dependency_id=d.id)
        for d in item.after.dependencies
        if d.origin == "sync" and (d.upstream_id, d.type) not in wanted
    ]
    standing = {(d.upstream_id, d.type) for d in item.after.dependencies}
    for upstream_id, type in item.upstream:
        if (upstream_id, type) not in standing:
            id = context.new_id("dependency", item.before.id, upstream_id, type)
            events.append(DependencyAdded(dependency_id=id, upstream_id=upstream_id, type=type, origin="sync"))
    return events


def _standing(asset: Asset) -> set[tuple[str, str]]:
    return {(d.upstream_id, d.type) for d in asset.dependencies if d.origin == "sync"}


def _manual(asset: Asset) -> set[tuple[str, str]]:
    return {(d.upstream_id, d.type) for d in asset.dependencies if d.origin != "sync"}
