"""What answers call the items of each kind of document (api.md 2.3, 2.6-2.8)."""

import msgspec

from domain.sync.plan import ItemPlan
from domain.values import JSON, Object


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """The words for one kind: the list's name, what names an item in a sync's answer (`labels`) and in previews.

    The labels of an item that its document no longer has are found in what was declared last. `has_meta` tells that
    items name owners and consumers in options of their own, about which previews then say more.
    """

    items: str
    labels: tuple[str, ...]
    shown: tuple[str, ...]
    has_meta: bool = False

    def in_sync(self, item: ItemPlan) -> Object:
        """What names the item in its document; for what the document no longer has, in the one before."""
        if item.spec:
            return item.spec.labels
        return {name: _declared(item, name) for name in self.labels}

    def in_previews(self, item: ItemPlan) -> Object:
        labels = self.in_sync(item)
        return {name: labels[name] for name in self.shown}


def _declared(item: ItemPlan, name: str) -> JSON:
    before = item.before
    if name == "node_id":
        return before.source.item if before.source else None
    return before.resource_type if name == "resource_type" else before.declared.get(name)


_WORDINGS = {
    "dbt": Wording(items="models", labels=("node_id", "resource_type"), shown=("node_id",), has_meta=True),
    "openapi": Wording(items="endpoints", labels=("path", "method", "operation_id"), shown=("path", "method")),
    "graphql": Wording(items="types", labels=("type_name", "kind"), shown=("type_name", "kind")),
}


def wording(kind: str) -> Wording:
    """The words for a kind of document."""
    return _WORDINGS[kind]
