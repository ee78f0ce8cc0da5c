"""The plan of a sync: what a document would change, and why. Sync, dry run, diff and impact all read this one."""

import msgspec

from domain.asset import Asset, Proposal, evolve
from domain.context import Context
from domain.errors import Refused
from domain.events import AssetEvent, KeySource, SourceSynced
from domain.schema.judge import Judgement
from domain.sync.known import Known
from domain.sync.options import Permission, SyncOptions
from domain.sync.spec import AssetSpec, Document, ItemError
from domain.values import Object


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A document to be planned, and how. `base` is the same kind of document at the merge base, for previews."""

    document: Document
    digest: str
    options: SyncOptions
    permission: Permission
    context: Context
    stated_options: Object = {}

    @property
    def source(self) -> KeySource:
        return KeySource(kind=self.document.kind, key=self.document.key)


class Withheld(msgspec.Struct, frozen=True, kw_only=True):
    """A publication or deletion that was asked for and is not done."""

    code: str
    reason: str


class Reason(msgspec.Struct, frozen=True):
    """Why a team counts as a consumer. `new` reasons make registrations, others only keep what stands."""

    origin: str
    new: bool


class ItemPlan:
    """What happens to one asset. Mutable while the plan is made: each step appends events and evolves `after`.

    `charged` is false in a preview with a merge base, for an item that is as it was there.
    """

    __slots__ = (
        "spec",
        "before",
        "after",
        "events",
        "action",
        "error",
        "moved_from",
        "differs",
        "judgement",
        "schema",
        "schema_digest",
        "guarantees",
        "upstream",
        "withheld",
        "pending",
        "writable",
        "metadata",
        "charged",
    )

    def __init__(self, spec: AssetSpec | None, before: Asset) -> None:
        self.spec = spec
        self.before = before
        self.after = before
        self.events: list[AssetEvent] = []
        self.action = "unchanged"
        self.error: str | None = None
        self.moved_from: str | None = None
        self.differs = False
        self.judgement: Judgement | None = None
        self.schema: Object | None = None
        self.schema_digest: str | None = None
        self.guarantees: Object | None = None
        self.upstream: tuple[tuple[str, str], ...] = ()
        self.withheld: Withheld | None = None
        self.pending: Proposal | None = None
        self.writable = True
        self.metadata: Object = {}
        self.charged = True

    def add(self, events: list[AssetEvent]) -> None:
        """Take events into the plan, and go on from the state after them."""
        for event in events:
            self.after = evolve(self.after, event)
        self.events.extend(events)

    def refuse(self, why: str) -> None:
        """Leave the asset as it is, and say why: the item counts as skipped, with an error."""
        self.writable = False
        self.action = "error"
        self.error = why

    @property
    def fqn(self) -> str:
        return self.spec.fqn if self.spec else self.before.fqn


class Warnings(msgspec.Struct, kw_only=True):
    """What a sync has to say, by subject. `undone` tells that something asked for was not done (207)."""

    ownership: list[str] = []
    contract: list[str] = []
    registration: list[str] = []
    dependency: list[str] = []
    general: list[str] = []
    meta_errors: list[str] = []
    undone: bool = False


class Plan(msgspec.Struct, kw_only=True):
    """A whole sync: one entry an item, the assets touched beside them, deletions, and what to say.

    `others` are assets that only gain or lose registrations; `deletions` are what the source no longer declares,
    whether or not the plan deletes them; `unknown` are assets with a contract whose item is there and could not be
    read: nothing happens to them. `reasons` are those of consumers, by asset and team. `refusal` is why the
    sync as a whole may not happen.
    """

    request: Request
    known: Known
    items: list[ItemPlan]
    item_errors: list[ItemError]
    others: list[ItemPlan]
    deletions: list[ItemPlan]
    unknown: list[ItemPlan]
    unresolved: list[tuple[str, str]]
    warnings: Warnings
    reasons: dict[str, dict[str, Reason]] = msgspec.field(default_factory=dict)
    refusal: Refused | None = None
    synced: SourceSynced | None = None

    def touched(self) -> list[ItemPlan]:
        """Every asset with events, each once."""
        return [p for group in (self.items, self.others, self.deletions) for p in group if p.events]
