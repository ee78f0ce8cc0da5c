"""A catalog in memory, for the planner alone: documents are planned on it and their events taken in."""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from adapters.contract_engine import ENGINE
from domain import events as e
from domain.asset import Asset, evolve, replay
from domain.context import Context
from domain.directory import Directory
from domain.schema.canonical import digest
from domain.sync.known import Known
from domain.sync.options import Permission, SyncOptions
from domain.sync.plan import Plan, Request
from domain.sync.planner import plan
from domain.sync.spec import AssetSpec, Document
from domain.values import Object
from tests.spec import AT, SHOP, given

Specs: TypeAlias = tuple[AssetSpec, ...]


class World:
    """Assets by id, the schemas that they name, and the teams shop, finance and sales."""

    def __init__(self) -> None:
        self.directory: Directory = given().directory
        self.assets: dict[str, Asset] = {}
        self.history: dict[str, list[e.AssetEvent]] = {}
        self.schemas: dict[str, Object] = {}
        self._syncs = 0

    def planned(self, specs: Specs, options: SyncOptions, key: str = "shop") -> Plan:
        """The plan of a document, on the catalog as it is; nothing is taken in."""
        document = Document(kind="dbt", key=key, key_certain=True, specs=specs)
        context = Context(at=AT, actor=e.Actor(type="system"), seed=f"sync {self._syncs}", engine=ENGINE)
        request = Request(
            document=document, digest="sha256:d", options=options, permission=Permission(admin=True), context=context
        )
        return plan(request, self._known(key, options))

    def synced(self, specs: Specs, options: SyncOptions, key: str = "shop") -> Plan:
        """The plan of a document, taken in unless it is refused."""
        made = self.planned(specs, options, key)
        self._syncs += 1
        if made.refusal is None:
            for item in made.touched():
                self._take(item.before, item.events)
                if item.schema is not None:
                    self.schemas[digest(item.schema)] = item.schema
        return made

    def happened(self, fqn: str, *events: e.AssetEvent) -> None:
        """What people did to an asset."""
        (asset,) = [asset for asset in self.assets.values() if asset.fqn == fqn]
        self._take(asset, list(events))

    def _take(self, before: Asset, events: list[e.AssetEvent]) -> None:
        self.history.setdefault(before.id, []).extend(events)
        state = before
        for event in events:
            state = evolve(state, event)
        self.assets[before.id] = state
        assert state == replay(before.id, self.history[before.id])

    def _known(self, key: str, options: SyncOptions) -> Known:
        here = [asset for asset in self.assets.values() if asset.environment == options.environment]
        here.sort(key=lambda asset: not asset.deleted)
        ours: Mapping[str, str] = {
            asset.source.item: asset.id for asset in here if asset.source is not None and asset.source.key == key
        }
        return Known(
            directory=self.directory,
            by_item=ours,
            by_fqn={asset.fqn: asset.id for asset in here},
            states=dict(self.assets),
            schemas=self.schemas,
        )

    def asset(self, fqn: str) -> Asset:
        (found,) = [asset for asset in self.assets.values() if asset.fqn == fqn]
        return found


def spec(item: str, columns: Mapping[str, Object] | None = None, **members: object) -> AssetSpec:
    """The item `ITEM` named `db.ITEM`, with a schema of these columns."""
    schema: Object | None = None if columns is None else {"type": "object", "properties": {**columns}, "required": []}
    known: dict[str, object] = {"fqn": f"db.{item}", "resource_type": "model", "schema": schema}
    known["schema_digest"] = None if schema is None else digest(schema)
    return AssetSpec(item=item, **{**known, **members})  # type: ignore[arg-type]


def options(**members: object) -> SyncOptions:
    """Everything on: overwrite, publish, propose, register."""
    known: dict[str, object] = {
        "owner_team_id": SHOP,
        "conflict_mode": "overwrite",
        "auto_publish_contracts": True,
        "auto_create_proposals": True,
        "auto_register_consumers": True,
    }

    return msgspec.convert({**known, **members}, SyncOptions)
