"""Every event there is. Reading this page top to bottom tells what can ever happen in a catalog.

Tags are permanent: a stored event is found again by its tag for ever. Decoding tolerates unknown members, and every
member added after a release has a default. `UNSET` in an update means that the member stayed as it was.
"""

from datetime import datetime
from typing import TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from domain.schema.change import Change, ChangeKind, Direction, Mode
from domain.values import Object


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="tag"):
    """The parent of all events: immutable, keyword-only, told apart by `tag`."""


class SourceRef(msgspec.Struct, frozen=True, kw_only=True):
    """The item of a foreign document that declared an asset: dbt `unique_id`, path and method, or type name."""

    kind: str
    key: str
    item: str


# --- the directory: teams -------------------------------------------------------------------------------------------


class TeamCreated(Event, tag="team-created", frozen=True, kw_only=True):
    team_id: str
    name: str
    metadata: Object = {}


class TeamUpdated(Event, tag="team-updated", frozen=True, kw_only=True):
    team_id: str
    name: str | UnsetType = UNSET
    metadata: Object | UnsetType = UNSET


class TeamDeleted(Event, tag="team-deleted", frozen=True, kw_only=True):
    team_id: str
    forced: bool = False


class TeamRestored(Event, tag="team-restored", frozen=True, kw_only=True):
    team_id: str


# --- the directory: people ------------------------------------------------------------------------------------------
# Username, name and email are no part of the log: they lie in a table of their own, which can be emptied.


class UserCreated(Event, tag="user-created", frozen=True, kw_only=True):
    user_id: str
    user_type: str = "human"
    role: str = "user"
    team_id: str | None = None
    metadata: Object = {}


class UserUpdated(Event, tag="user-updated", frozen=True, kw_only=True):
    """A user changed. `names` tells which of `username`, `name` and `email` did, and not to what."""

    user_id: str
    names: tuple[str, ...] = ()
    user_type: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    team_id: str | None | UnsetType = UNSET
    metadata: Object | UnsetType = UNSET
    notification_preferences: Object | UnsetType = UNSET


class UserDeactivated(Event, tag="user-deactivated", frozen=True, kw_only=True):
    """A user went. `erased`: username, name and email were deleted for good, so that the user cannot come back."""

    user_id: str
    erased: bool = False


class UserReactivated(Event, tag="user-reactivated", frozen=True, kw_only=True):
    user_id: str


# --- changes to many assets at once: one stream each ----------------------------------------------------------------


class AssetsReassigned(Event, tag="bulk-assets-reassigned", frozen=True, kw_only=True):
    """Assets went from one team to another. Each of them has its own event beside this one."""

    bulk_id: str
    from_team_id: str
    to_team_id: str
    asset_ids: tuple[str, ...] = ()


class OwnerAssigned(Event, tag="bulk-owner-assigned", frozen=True, kw_only=True):
    """Assets got another responsible user, or none. Each of them has its own event beside this one."""

    bulk_id: str
    owner_user_id: str | None = None
    asset_ids: tuple[str, ...] = ()


# --- API keys: one stream a key -------------------------------------------------------------------------------------


class KeySource(msgspec.Struct, frozen=True, kw_only=True):
    """A source that a key may sync for any owner."""

    kind: str
    key: str


class ApiKeyCreated(Event, tag="api-key-created", frozen=True, kw_only=True):
    """A key came to be. Only the SHA-256 of its text is kept; `prefix` is what people may see of it."""

    key_id: str
    prefix: str
    digest: str
    name: str
    team_id: str
    scopes: tuple[str, ...]
    sources: tuple[KeySource, ...] | None = None
    user_id: str | None = None
    expires_at: datetime | None = None


class ApiKeyRevoked(Event, tag="api-key-revoked", frozen=True, kw_only=True):
    key_id: str


# --- assets ---------------------------------------------------------------------------------------------------------


class AssetCreated(Event, tag="asset-created", frozen=True, kw_only=True):
    """An asset came to be. `declared` is what the source wrote as metadata; `metadata` is null where it equals that.

    `upstream` are the assets that it depends on by what its document says, under the types of these edges. The n-th of
    them all has the id `first_edge(asset, n)`.
    """

    fqn: str
    environment: str
    owner_team_id: str
    resource_type: str
    owner_user_id: str | None = None
    description: str | None = None
    guarantee_mode: str = "notify"
    semver_mode: str = "auto"
    metadata: Object | None = None
    declared: Object | None = None
    tags: tuple[str, ...] = ()
    source: SourceRef | None = None
    referred: bool = False
    upstream: dict[str, tuple[str, ...]] = {}


class AssetUpdated(Event, tag="asset-updated", frozen=True, kw_only=True):
    """Fields of an asset changed.

    Where a sync wrote, `declares` are the members of the metadata that its document now has otherwise, `undeclares` the
    names of those that it no longer has. `declared` replaces what the source wrote before as a whole.
    """

    owner_team_id: str | UnsetType = UNSET
    resource_type: str | UnsetType = UNSET
    owner_user_id: str | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    guarantee_mode: str | UnsetType = UNSET
    semver_mode: str | UnsetType = UNSET
    metadata: Object | UnsetType = UNSET
    declared: Object | UnsetType = UNSET
    declares: Object | UnsetType = UNSET
    undeclares: tuple[str, ...] | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    source: SourceRef | UnsetType = UNSET
    referred: bool | UnsetType = UNSET


class AssetMoved(Event, tag="asset-moved", frozen=True, kw_only=True):
    """An asset took another name. Its id, contracts, registrations and edges are as before."""

    from_fqn: str
    to_fqn: str
    from_environment: str
    to_environment: str


class AssetDeleted(Event, tag="asset-deleted", frozen=True, kw_only=True):
    """An asset went, softly: contracts and registrations wait for its return."""


class AssetRestored(Event, tag="asset-restored", frozen=True, kw_only=True):
    """A deleted asset came back under its id and name."""


class DependencyAdded(Event, tag="dependency-added", frozen=True, kw_only=True):
    """This asset depends on another. `origin` is `manual` or `sync`."""

    dependency_id: str
    upstream_id: str
    type: str
    origin: str


class DependencyRemoved(Event, tag="dependency-removed", frozen=True, kw_only=True):
    dependency_id: str


# --- contracts ------------------------------------------------------------------------------------------------------


class ContractPublished(Event, tag="contract-published", frozen=True, kw_only=True):
    """A version was promised. `changes` justify it; `force_reason` or `proposal_id` say what allowed a breaking one."""

    contract_id: str
    version: str
    schema_digest: str
    mode: Mode
    published_by: str
    schema_format: str = "json_schema"
    direction: Direction | None = None
    guarantees: Object | None = None
    field_descriptions: dict[str, str] = {}
    field_tags: dict[str, tuple[str, ...]] = {}
    published_by_user_id: str | None = None
    change_type: ChangeKind | None = None
    changes: tuple[Change, ...] = ()
    force_reason: str | None = None
    proposal_id: str | None = None


class ContractDeprecated(Event, tag="contract-deprecated", frozen=True, kw_only=True):
    """A newer version took the place of this one."""

    contract_id: str


class ContractGuaranteesUpdated(Event, tag="contract-guarantees-updated", frozen=True, kw_only=True):
    """The active contract's guarantees were replaced as a whole; its schema and version stayed."""

    contract_id: str
    guarantees: Object | None


class ContractRetired(Event, tag="contract-retired", frozen=True, kw_only=True):
    """A version is no longer to be relied on. If it was the active one, the asset promises nothing from here on."""

    contract_id: str


# --- registrations --------------------------------------------------------------------------------------------------


class RegistrationCreated(Event, tag="registration-created", frozen=True, kw_only=True):
    """A team began to rely on the asset. `origin` is `manual`, `meta` or `ref`; `source` is set for the last two.

    `items` are the ids of the items that give the reason, in that source.
    """

    registration_id: str
    consumer_team_id: str
    contract_id: str | None = None
    pinned_version: str | None = None
    origin: str = "manual"
    source: KeySource | None = None


class RegistrationUpdated(Event, tag="registration-updated", frozen=True, kw_only=True):
    """A consumer changed how it relies on the asset: `active`, `migrating` or `inactive`, and on which version."""

    registration_id: str
    status: str | UnsetType = UNSET
    pinned_version: str | None | UnsetType = UNSET


class RegistrationEnded(Event, tag="registration-ended", frozen=True, kw_only=True):
    """A registration ended: by a person, or since the source that gave the reason no longer gives it."""

    registration_id: str
    by_person: bool = False


# --- proposals ------------------------------------------------------------------------------------------------------


class AffectedAsset(msgspec.Struct, frozen=True, kw_only=True):
    """A dependent asset of another team, as it was when the proposal was made."""

    asset_id: str
    asset_fqn: str
    owner_team_id: str
    dependency_type: str
    owner_user_id: str | None = None


class Acknowledgment(msgspec.Struct, frozen=True, kw_only=True):
    """A consumer's answer. `carried_from` names the superseded proposal that it was given to, if any."""

    acknowledgment_id: str
    consumer_team_id: str
    response: str
    responded_at: datetime
    user_id: str | None = None
    migration_deadline: datetime | None = None
    notes: str | None = None
    carried_from: str | None = None


class ProposalCreated(Event, tag="proposal-created", frozen=True, kw_only=True):
    """A breaking change awaits the consumers' agreement. `source` is set where a sync opened it."""

    proposal_id: str
    schema_digest: str
    mode: Mode
    proposed_by: str
    proposed_version: str
    change_type: ChangeKind
    expires_at: datetime
    schema_format: str = "json_schema"
    base_contract_id: str | None = None
    direction: Direction | None = None
    guarantees: Object | None = None
    field_descriptions: dict[str, str] = {}
    field_tags: dict[str, tuple[str, ...]] = {}
    proposed_by_user_id: str | None = None
    changes: tuple[Change, ...] = ()
    affected: tuple[AffectedAsset, ...] = ()
    source: KeySource | None = None
    supersedes: str | None = None
    carried: tuple[Acknowledgment, ...] = ()


class ProposalAcknowledged(Event, tag="proposal-acknowledged", frozen=True, kw_only=True):
    proposal_id: str
    acknowledgment: Acknowledgment


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """What a team has against a proposal. It blocks nothing, and is there to be read."""

    team_id: str
    reason: str
    objected_at: datetime
    user_id: str | None = None


class ProposalObjected(Event, tag="proposal-objected", frozen=True, kw_only=True):
    proposal_id: str
    objection: Objection


class ProposalApproved(Event, tag="proposal-approved", frozen=True, kw_only=True):
    """All required consumers agreed, or the owner forced it (`forced_reason` may then say why)."""

    proposal_id: str
    forced: bool = False
    forced_reason: str | None = None


class ProposalRejected(Event, tag="proposal-rejected", frozen=True, kw_only=True):
    proposal_id: str


class ProposalWithdrawn(Event, tag="proposal-withdrawn", frozen=True, kw_only=True):
    """A proposal was taken back: by a person, by a sync that no longer breaks, or for the one that supersedes it."""

    proposal_id: str
    by_person: bool = False
    superseded_by: str | None = None


class ProposalExpired(Event, tag="proposal-expired", frozen=True, kw_only=True):
    proposal_id: str


class ProposalRebased(Event, tag="proposal-rebased", frozen=True, kw_only=True):
    """A compatible version was published meanwhile: the proposal now stands against that one.

    `reopened`: it was approved, but breaks more against the new version than was agreed to, and is pending again.
    """

    proposal_id: str
    base_contract_id: str
    change_type: ChangeKind
    proposed_version: str
    changes: tuple[Change, ...] = ()
    acknowledgments: tuple[Acknowledgment, ...] = ()
    reopened: bool = False


class ProposalPublished(Event, tag="proposal-published", frozen=True, kw_only=True):
    proposal_id: str
    contract_id: str


# --- audit runs: one stream for those of an asset -------------------------------------------------------------------


class GuaranteeResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one guarantee fared in a run of data tests, as reported."""

    guarantee_id: str
    passed: bool
    error_message: str | None = None
    rows_checked: int | None = None
    rows_failed: int | None = None
    metadata: Object | None = None


class AuditRunReported(Event, tag="audit-run-reported", frozen=True, kw_only=True):
    """Data tests ran somewhere and told what they found: `passed`, `failed` or `partial`; counts are as reported.

    The contract is the one that was active then; `run_id` is the reporter's own.
    """

    audit_run_id: str
    asset_id: str
    status: str
    triggered_by: str
    run_at: datetime
    checked: int = 0
    passed: int = 0
    failed: int = 0
    contract_id: str | None = None
    contract_version: str | None = None
    run_id: str | None = None
    details: Object | None = None
    results: tuple[GuaranteeResult, ...] | None = None


# --- webhooks: one stream each --------------------------------------------------------------------------------------
# What signs their messages is no part of the log: it lies beside it, and goes with the webhook.


class WebhookRegistered(Event, tag="webhook-registered", frozen=True, kw_only=True):
    """Messages of these types go to this address from here on; with a team, those that concern it."""

    webhook_id: str
    url: str
    events: tuple[str, ...]
    team_id: str | None = None


class WebhookDeleted(Event, tag="webhook-deleted", frozen=True, kw_only=True):
    webhook_id: str


# --- sources --------------------------------------------------------------------------------------------------------


class SourceSynced(Event, tag="source-synced", frozen=True, kw_only=True):
    """A document of a source changed the catalog. `counts` are those of the sync's answer; `options` as given."""

    sync_id: str
    kind: str
    key: str
    environment: str
    document_digest: str
    title: str | None = None
    options: Object = {}
    counts: dict[str, int] = {}
    commit: str | None = None


TeamEvent: TypeAlias = TeamCreated | TeamUpdated | TeamDeleted | TeamRestored
UserEvent: TypeAlias = UserCreated | UserUpdated | UserDeactivated | UserReactivated
DirectoryEvent: TypeAlias = TeamEvent | UserEvent
BulkEvent: TypeAlias = AssetsReassigned | OwnerAssigned
KeyEvent: TypeAlias = ApiKeyCreated | ApiKeyRevoked
ProposalEvent: TypeAlias = (
    ProposalCreated
    | ProposalAcknowledged
    | ProposalObjected
    | ProposalApproved
    | ProposalRejected
    | ProposalWithdrawn
    | ProposalExpired
    | ProposalRebased
    | ProposalPublished
)
AssetEvent: TypeAlias = (
    AssetCreated
    | AssetUpdated
    | AssetMoved
    | AssetDeleted
    | AssetRestored
    | DependencyAdded
    | DependencyRemoved
    | ContractPublished
    | ContractDeprecated
    | ContractGuaranteesUpdated
    | ContractRetired
    | RegistrationCreated
    | RegistrationUpdated
    | RegistrationEnded
    | ProposalEvent
)
# What readers see of an asset itself changes with these: its members, and its active contract.
ShownOfAsset: TypeAlias = (
    AssetCreated | AssetUpdated | AssetMoved | AssetDeleted | AssetRestored | ContractPublished | ContractRetired
)
SourceEvent: TypeAlias = SourceSynced
AuditRunEvent: TypeAlias = AuditRunReported
WebhookEvent: TypeAlias = WebhookRegistered | WebhookDeleted
AnyEvent: TypeAlias = DirectoryEvent | BulkEvent | KeyEvent | AssetEvent | AuditRunEvent | SourceEvent | WebhookEvent


# --- the envelope ---------------------------------------------------------------------------------------------------


class Actor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who acted: an API key (`api_key`, with its id), the bootstrap key (`bootstrap`), or the service (`system`)."""

    type: str
    id: str | None = None
    team_id: str | None = None


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event in the log. `position` counts from 1 over the whole log, `version` from 0 within the stream.

    `end` is the position of the last event of the same append; `at` is in UTC and never runs backwards. `stored` is the
    JSON object of the log whose member `event` is the event, but for what its append shares.
    """

    position: int
    end: int
    stream: str
    version: int
    at: datetime
    actor: Actor
    request_id: str | None
    event: AnyEvent
    stored: bytes
