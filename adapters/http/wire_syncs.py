"""Answers of syncs and of their previews (api.md 2), for each kind of document."""

from functools import lru_cache
from typing import Annotated, Literal

import msgspec

from adapters.http.impact import ImpactedAsset
from adapters.http.wire import Count, Id, Initial
from adapters.kinds import Action, KindName
from domain.schema.change import Change, ChangeKind
from domain.sync.options import ConflictMode
from domain.sync.wording import wording
from domain.values import Object

# What a kind's documents tell of themselves.
_ABOUT: dict[str, tuple[str, ...]] = {"openapi": ("api_title", "api_version")}
WouldBe = Annotated[
    Object | None,
    msgspec.Meta(
        description="The whole answer that the sync would give, with its `status_code`, if an option asks for it."
    ),
]


class SyncSource(msgspec.Struct, kw_only=True):
    kind: str
    key: str
    environment: str
    document_digest: str


class Move(msgspec.Struct, kw_only=True, rename={"old": "from", "new": "to"}):
    old: str
    new: str


class SyncedAssets(msgspec.Struct, kw_only=True):
    """How many assets met which fate, and the names of those that people ask about."""

    created: Count
    updated: Count
    skipped: Count
    restored: Count
    deleted: Count
    unchanged: Count
    moved: Count
    skipped_changed: Count
    skipped_changed_fqns: tuple[str, ...]
    restored_fqns: tuple[str, ...]
    deleted_fqns: tuple[str, ...]
    moved_fqns: tuple[Move, ...]


class SyncedContract(msgspec.Struct, kw_only=True):
    asset_id: Id | None
    asset_fqn: str
    contract_id: Id | None
    version: str
    previous_version: str | None
    change_type: Initial | None


class Withheld(msgspec.Struct, kw_only=True):
    """A publication or deletion that was asked for and is not done."""

    asset_id: Id | None
    asset_fqn: str
    code: str
    reason: str
    breaking_changes: tuple[Change, ...]


class SyncedContracts(msgspec.Struct, kw_only=True):
    published: Count
    details: tuple[SyncedContract, ...]
    withheld: tuple[Withheld, ...]


class SyncedProposal(msgspec.Struct, kw_only=True):
    proposal_id: Id | None
    asset_id: Id | None
    asset_fqn: str
    change_type: ChangeKind
    breaking_changes_count: Count
    suggested_version: str


class SyncedProposals(msgspec.Struct, kw_only=True):
    """`details` are the proposals created, `pending` those already open with the same schema."""

    created: Count
    details: tuple[SyncedProposal, ...]
    pending: tuple[SyncedProposal, ...]


class SyncedRegistration(msgspec.Struct, kw_only=True):
    registration_id: Id | None
    asset_id: Id | None
    asset_fqn: str
    consumer_team_id: Id
    consumer_team_name: str | None
    origin: str


class SyncedRegistrations(msgspec.Struct, kw_only=True):
    created: Count
    ended: Count
    details: tuple[SyncedRegistration, ...]


class Unresolved(msgspec.Struct, kw_only=True):
    asset_fqn: str
    node_id: str


class SyncedDependencies(msgspec.Struct, kw_only=True):
    synced: Count
    removed: Count
    unresolved: tuple[Unresolved, ...]


class Sync(msgspec.Struct, kw_only=True):
    """What a sync did, or would do. `partial_success` goes with status 207: something asked for could not be done."""

    status: Literal["success", "partial_success"]
    dry_run: bool
    conflict_mode: ConflictMode
    environment: str
    source: SyncSource
    position: Count | None
    assets: SyncedAssets
    contracts: SyncedContracts
    proposals: SyncedProposals
    registrations: SyncedRegistrations
    dependencies: SyncedDependencies
    guarantees_extracted: Count
    ownership_warnings: tuple[str, ...]
    contract_warnings: tuple[str, ...]
    registration_warnings: tuple[str, ...]
    dependency_warnings: tuple[str, ...]
    warnings: tuple[str, ...]
    parse_errors: tuple[str, ...]


class SyncItem(msgspec.Struct, kw_only=True):
    """What became of one item of the document."""

    fqn: str
    action: Literal[
        "created", "updated", "unchanged", "skipped", "skipped_changed", "restored", "deleted", "moved", "error"
    ]
    asset_id: Id | None
    contract_id: Id | None
    proposal_id: Id | None
    error: str | None


class ImpactedConsumer(msgspec.Struct, kw_only=True):
    """A team that relies on the asset (depth 0) or on one downstream of it."""

    team_id: Id
    team_name: str
    pinned_version: str | None
    depth: Count


class Impact(msgspec.Struct, kw_only=True):
    """What a document would break, and who is hit."""

    status: Literal["success", "breaking_changes_detected"]
    breaking_changes_count: Count
    warnings: tuple[str, ...]
    parse_errors: tuple[str, ...]


class ImpactItem(msgspec.Struct, kw_only=True):
    fqn: str
    has_contract: bool
    safe_to_publish: bool
    change_type: ChangeKind | None
    breaking_changes: tuple[Change, ...]
    asset_id: Id | None
    current_version: str | None
    suggested_version: str | None
    impacted_consumers: tuple[ImpactedConsumer, ...]
    impacted_assets: tuple[ImpactedAsset, ...]


class DiffSummary(msgspec.Struct, kw_only=True):
    """Counts of entries; the first four add up to all of them."""

    new: Count
    modified: Count
    deleted: Count
    unchanged: Count
    breaking: Count
    moved: Count


class Diff(msgspec.Struct, kw_only=True):
    """What a document would change, and whether that should stop a pull request (`blocking`)."""

    status: Literal["clean", "changes_detected", "breaking_changes_detected"]
    summary: DiffSummary
    blocking: bool
    warnings: tuple[str, ...]
    parse_errors: tuple[str, ...]
    would_be: WouldBe


class DiffItem(msgspec.Struct, kw_only=True):
    fqn: str
    change_type: Literal["new", "modified", "deleted", "unchanged"]
    has_schema: bool
    schema_change_type: Literal["none", "compatible", "breaking"] | None
    breaking_changes: tuple[Change, ...]
    changes: tuple[Change, ...]
    previous_fqn: str | None
    asset_id: Id | None
    current_version: str | None
    suggested_version: str | None


class OwnedDiffItem(DiffItem, kw_only=True):
    """An item, with who owns and who consumes it, by name."""

    owner_team: str | None
    consumers_declared: tuple[str, ...]
    consumers_from_refs: tuple[str, ...]
    registered_consumers: tuple[str, ...]


_PARTS: dict[Action, tuple[type[msgspec.Struct], type[msgspec.Struct]]] = {
    "sync": (Sync, SyncItem),
    "impact": (Impact, ImpactItem),
    "diff": (Diff, DiffItem),
}


@lru_cache(maxsize=64)
def document_answer(kind: KindName, action: Action) -> type[msgspec.Struct]:
    """The answer of a sync, an impact or a diff: the common members, and those that go by the kind of document."""
    words, (answer, item) = wording(kind), _PARTS[action]
    title = f"{kind.capitalize()}{answer.__name__}"
    labels = words.labels if action == "sync" else words.shown
    item = OwnedDiffItem if action == "diff" and words.has_meta else item
    entry = msgspec.defstruct(f"{title}Item", [(name, str | None) for name in labels], bases=(item,), kw_only=True)
    entries: object = tuple[entry, ...]  # type: ignore[valid-type]  # made here, from the kind's words
    members: list[tuple[str, object]] = [("results" if action == "impact" else words.items, entries)]
    if action == "impact":
        members += [(f"total_{words.items}", Count), (f"{words.items}_with_contracts", Count)]
    elif action == "sync" and not words.has_meta:
        members.append((f"{words.items}_processed", Count))
    if action != "sync" and words.has_meta:
        members.append(("meta_errors", tuple[str, ...]))
    members += [(name, str) for name in _ABOUT.get(kind, ())]
    namespace = {"__doc__": answer.__doc__}
    return msgspec.defstruct(title, members, bases=(answer,), namespace=namespace, kw_only=True)
