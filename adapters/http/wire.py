"""Answers as the wire has them (api.md 3). Most are spliced from ready JSON: these types describe them.

The API's description is made of these types, and the tests hold every answer that they get against it. Every member is
always there, unless its type has `UnsetType`: those are there when they apply.
"""

from typing import Annotated, Generic, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from domain.events import KeySource, SourceRef
from domain.guarantees import GuaranteeChange
from domain.schema.change import Change, ChangeKind, Direction, Mode
from domain.suggesting import Suggestion
from domain.values import JSON, Object
from domain.webhooks import MessageType

T = TypeVar("T")
Id: TypeAlias = Annotated[str, msgspec.Meta(extra_json_schema={"format": "uuid"})]
Time: TypeAlias = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
Initial: TypeAlias = Literal["initial", "major", "minor", "patch"]
ProposalStatus: TypeAlias = Literal["pending", "approved", "rejected", "withdrawn", "expired", "published"]
ContractStatus: TypeAlias = Literal["active", "deprecated", "retired"]
RegistrationStatus: TypeAlias = Literal["active", "migrating", "inactive"]
DependencyType: TypeAlias = Literal["consumes", "references", "transforms"]
Response: TypeAlias = Literal["approved", "blocked", "migrating"]
DeliveryStatus: TypeAlias = Literal["pending", "delivered", "failed", "dead_lettered"]


class Listed(msgspec.Struct, Generic[T], kw_only=True):
    """One page of a list. `total` counts all matches; `next` is the `cursor` of the following page."""

    results: tuple[T, ...]
    total: Count
    limit: Count
    offset: Count
    next: str | None


class Team(msgspec.Struct, kw_only=True):
    id: Id
    name: str
    metadata: Object
    created_at: Time
    updated_at: Time


class TeamWithCount(Team, kw_only=True):
    """A team, and how many assets it owns."""

    asset_count: Count


class User(msgspec.Struct, kw_only=True):
    """A user. The names of one who was erased are null."""

    id: Id
    username: str | None
    name: str | None
    email: str | None
    user_type: Literal["human", "bot"]
    role: Literal["user", "team_admin", "admin"]
    team_id: Id | None
    team_name: str | None
    notification_preferences: Object
    metadata: Object
    created_at: Time
    updated_at: Time
    deactivated_at: Time | None


class TeamNamed(msgspec.Struct, kw_only=True):
    id: Id
    name: str


class Reassigned(msgspec.Struct, kw_only=True):
    """Assets that went from one team to another."""

    reassigned: Count
    source_team: TeamNamed
    target_team: TeamNamed
    asset_ids: tuple[Id, ...]


class Assigned(msgspec.Struct, kw_only=True):
    """How many assets have the responsible user now, and the ids that no asset has."""

    updated: Count
    not_found: tuple[Id, ...]
    owner_user_id: Id | None


class Asset(msgspec.Struct, kw_only=True):
    id: Id
    fqn: str
    description: str | None
    owner_team_id: Id
    owner_user_id: Id | None
    environment: str
    resource_type: str
    guarantee_mode: str
    semver_mode: str
    metadata: Object
    tags: tuple[str, ...]
    source: SourceRef | None
    created_at: Time
    updated_at: Time
    deleted_at: Time | None


class AssetWithNames(Asset, kw_only=True):
    """An asset, with its owners' names and its active contract."""

    owner_team_name: str | None
    owner_user_name: str | None
    owner_user_email: str | None
    active_contract_id: Id | None
    active_contract_version: str | None


class AssetFound(msgspec.Struct, kw_only=True):
    """What a search tells of an asset."""

    id: Id
    fqn: str
    owner_team_id: Id
    owner_team_name: str | None
    environment: str
    resource_type: str
    tags: tuple[str, ...]


class Dependency(msgspec.Struct, kw_only=True):
    """An edge from an asset to one that it is made from."""

    id: Id
    dependent_asset_id: Id
    dependency_asset_id: Id
    dependency_type: DependencyType
    source: Literal["manual", "sync"]
    created_at: Time


class LineageEnd(msgspec.Struct, kw_only=True):
    """An asset one step away. `owner_team` is the team's name."""

    asset_id: Id
    asset_fqn: str
    dependency_type: DependencyType
    owner_team: str | None


class RegistrationOfTeam(msgspec.Struct, kw_only=True):
    contract_id: Id | None
    status: RegistrationStatus
    pinned_version: str | None


class ConsumerTeam(msgspec.Struct, kw_only=True):
    team_id: Id
    team_name: str
    registrations: tuple[RegistrationOfTeam, ...]


class Lineage(msgspec.Struct, kw_only=True):
    """What an asset is made from, and who relies on it: teams, and assets one step away."""

    asset_id: Id
    asset_fqn: str
    owner_team_id: Id
    owner_team_name: str | None
    upstream: tuple[LineageEnd, ...]
    downstream: tuple[ConsumerTeam, ...]
    downstream_assets: tuple[LineageEnd, ...]


class KnownGuarantees(msgspec.Struct, kw_only=True):
    """Promises about the data beside its shape. People may add members of their own."""

    freshness: Object | None
    volume: Object | None
    nullability: dict[str, str] | None
    accepted_values: dict[str, tuple[JSON, ...]] | None
    custom: JSON | UnsetType = UNSET


class Contract(msgspec.Struct, kw_only=True):
    """One version of what an asset promises. `schema_def` repeats `schema`, `publisher_name` the team's name."""

    id: Id
    asset_id: Id
    asset_fqn: str
    version: str
    schema: Object
    schema_def: Object
    schema_format: Literal["json_schema", "avro"]
    compatibility_mode: Mode
    direction: Direction | None
    guarantees: KnownGuarantees | None
    field_descriptions: dict[str, str]
    field_tags: dict[str, tuple[str, ...]]
    status: ContractStatus
    published_at: Time
    published_by: Id
    published_by_user_id: Id | None
    published_by_team_name: str | None
    published_by_user_name: str | None
    publisher_name: str | None
    updated_at: Time


class PastContract(msgspec.Struct, kw_only=True):
    """A version in a history, held against the one before it."""

    id: Id
    version: str
    status: ContractStatus
    published_at: Time
    published_by: Id
    compatibility_mode: Mode
    change_type: Initial
    breaking_changes_count: Count


class ContractHistory(msgspec.Struct, kw_only=True):
    asset_id: Id
    asset_fqn: str
    contracts: tuple[PastContract, ...]


class Registration(msgspec.Struct, kw_only=True):
    """A team relies on an asset. `contract_id` is the contract through which it was made, if there was one."""

    id: Id
    asset_id: Id
    contract_id: Id | None
    consumer_team_id: Id
    pinned_version: str | None
    status: RegistrationStatus
    registered_at: Time
    acknowledged_at: Time | None
    updated_at: Time


class RegistrationWithName(Registration, kw_only=True):
    consumer_team_name: str | None


class AffectedTeam(msgspec.Struct, kw_only=True):
    team_id: Id
    team_name: str | None
    assets: tuple[Id, ...]


class AffectedAsset(msgspec.Struct, kw_only=True):
    asset_id: Id
    asset_fqn: str
    owner_team_id: Id
    owner_team_name: str | None
    owner_user_id: Id | None
    owner_user_name: str | None
    dependency_type: DependencyType


class Objection(msgspec.Struct, kw_only=True):
    team_id: Id
    team_name: str | None
    reason: str
    objected_at: Time
    objected_by_user_id: Id | None
    objected_by_user_name: str | None


class Proposal(msgspec.Struct, kw_only=True):
    """A breaking change that waits for those who are hit."""

    id: Id
    asset_id: Id
    proposed_schema: Object
    proposed_guarantees: Object | None
    compatibility_mode: Mode
    proposed_version: str
    base_contract_id: Id | None
    change_type: ChangeKind
    breaking_changes: tuple[Change, ...]
    status: ProposalStatus
    proposed_by: Id
    proposed_by_user_id: Id | None
    proposed_at: Time
    resolved_at: Time | None
    expires_at: Time
    auto_expire: bool
    updated_at: Time
    affected_teams: tuple[AffectedTeam, ...]
    affected_assets: tuple[AffectedAsset, ...]
    objections: tuple[Objection, ...]
    has_objections: bool
    supersedes: Id | None
    superseded_by: Id | None


class ProposalListed(msgspec.Struct, kw_only=True):
    """What a list tells of a proposal."""

    id: Id
    asset_id: Id
    asset_fqn: str
    status: ProposalStatus
    change_type: ChangeKind
    breaking_changes_count: Count
    proposed_by: Id
    proposed_at: Time
    expires_at: Time
    acknowledgment_count: Count
    total_consumers: Count


class Proposer(msgspec.Struct, kw_only=True):
    team_id: Id
    team_name: str | None
    user_id: Id | None
    user_name: str | None


class Consumers(msgspec.Struct, kw_only=True):
    """How many teams have to answer, and how they did."""

    total: Count
    acknowledged: Count
    pending: Count
    blocked: Count


class AcknowledgmentShown(msgspec.Struct, kw_only=True):
    """A team's answer, as the proposal's status tells it; `carried_from` is the proposal that it was given to first."""

    consumer_team_id: Id
    consumer_team_name: str | None
    acknowledged_by_user_id: Id | None
    acknowledged_by_user_name: str | None
    response: Response
    responded_at: Time
    migration_deadline: Time | None
    notes: str | None
    carried_from: Id | None


class PendingConsumer(msgspec.Struct, kw_only=True):
    team_id: Id
    team_name: str
    registered_at: Time


class ProposalState(msgspec.Struct, kw_only=True):
    """A proposal, with who answered and who has not."""

    proposal_id: Id
    id: Id
    status: ProposalStatus
    asset_id: Id
    asset_fqn: str
    change_type: ChangeKind
    breaking_changes: tuple[Change, ...]
    proposed_by: Proposer
    proposed_at: Time
    resolved_at: Time | None
    expires_at: Time
    auto_expire: bool
    proposed_schema: Object
    proposed_guarantees: Object | None
    affected_teams: tuple[AffectedTeam, ...]
    affected_assets: tuple[AffectedAsset, ...]
    objections: tuple[Objection, ...]
    has_objections: bool
    consumers: Consumers
    acknowledgments: tuple[AcknowledgmentShown, ...]
    pending_consumers: tuple[PendingConsumer, ...]
    audit_status: str | None
    warnings: tuple[str, ...]


class Acknowledgment(msgspec.Struct, kw_only=True):
    """The answer that a team gave to a proposal."""

    id: Id
    proposal_id: Id
    consumer_team_id: Id
    acknowledged_by_user_id: Id | None
    response: Response
    migration_deadline: Time | None
    notes: str | None
    responded_at: Time


class ObjectionFiled(msgspec.Struct, kw_only=True):
    action: Literal["objection_filed"]
    proposal_id: Id
    asset_fqn: str
    objection: Objection
    total_objections: Count
    note: str


class ProposalPublished(msgspec.Struct, kw_only=True):
    action: Literal["published"]
    proposal_id: Id
    contract: Contract
    deprecated_contract_id: Id | None
    audit_warning: str | UnsetType = UNSET


class Expired(msgspec.Struct, kw_only=True):
    expired_count: Count
    expired_proposal_ids: tuple[Id, ...]


class Publishing(msgspec.Struct, kw_only=True):
    """What came of a publication: `action` is always there, the other members when they apply."""

    action: Literal["version.required", "published", "force.published", "proposal.created"]
    contract: Contract | UnsetType = UNSET
    proposal: Proposal | UnsetType = UNSET
    change_type: ChangeKind | UnsetType = UNSET
    breaking_changes: tuple[Change, ...] | UnsetType = UNSET
    message: str | UnsetType = UNSET
    warning: str | UnsetType = UNSET
    version_auto_generated: bool | UnsetType = UNSET
    schema_converted_from: str | UnsetType = UNSET
    guarantee_changes: tuple[GuaranteeChange, ...] | UnsetType = UNSET
    audit_warning: str | UnsetType = UNSET
    version_suggestion: Suggestion | UnsetType = UNSET


class Event(msgspec.Struct, kw_only=True):
    """One thing that happened. `payload` holds the event's own members."""

    id: Id
    entity_type: str
    entity_id: Id
    action: str
    actor_id: Id | None
    actor_type: str
    payload: Object
    occurred_at: Time
    position: Count
    request_id: str | None


class Key(msgspec.Struct, kw_only=True):
    """An API key, without the key itself."""

    id: Id
    key_prefix: str
    name: str
    team_id: Id
    user_id: Id | None
    scopes: tuple[Literal["read", "write", "admin"], ...]
    sources: tuple[KeySource, ...] | None
    created_at: Time
    expires_at: Time | None
    last_used_at: Time | None
    revoked_at: Time | None


class KeyOnce(Key, kw_only=True):
    """An API key with its text, this once: a repeated request finds null."""

    key: str | None


class KeysListed(msgspec.Struct, kw_only=True):
    keys: tuple[Key, ...]
    total: Count
    limit: Count
    offset: Count


class Webhook(msgspec.Struct, kw_only=True):
    """Who is told of what: of all such events, or of those that concern a team."""

    id: Id
    url: str
    events: tuple[MessageType, ...]
    team_id: Id | None
    active: bool
    created_at: Time


class WebhookOnce(Webhook, kw_only=True):
    """A webhook with the secret that signs its messages, this once: a repeated request finds null."""

    secret: str | None


class WebhookMessage(msgspec.Struct, kw_only=True):
    """What is sent to a webhook. `id` is the event's in the audit trail; `data` depends on the type."""

    id: Id
    type: MessageType
    occurred_at: Time
    position: Count
    data: Object


class Delivery(msgspec.Struct, kw_only=True):
    """A message to a webhook, and what became of it: `failed` ones are tried again, `dead_lettered` ones are not."""

    id: Id
    webhook_id: Id
    event_type: MessageType
    payload: WebhookMessage
    url: str
    status: DeliveryStatus
    attempts: Count
    last_attempt_at: Time | None
    last_error: str | None
    last_status_code: int | None
    created_at: Time
    delivered_at: Time | None


class ProblemEnvelope(msgspec.Struct, kw_only=True):
    """What a problem says, in the older shape."""

    code: str
    message: str
    details: Object
    request_id: str
    timestamp: Time


class Problem(msgspec.Struct, kw_only=True):
    """A refusal (RFC 9457). `code` is stable, `detail` is one sentence for a person, `details` are for machines."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    details: Object
    error: ProblemEnvelope


class Check(msgspec.Struct, kw_only=True):
    status: Literal["healthy", "unhealthy"]


class DatabaseCheck(Check, kw_only=True):
    latency_ms: float


class ProjectionsCheck(Check, kw_only=True):
    position: Count | None
    head: Count | None


class Checks(msgspec.Struct, kw_only=True):
    database: DatabaseCheck
    projections: ProjectionsCheck


class Health(msgspec.Struct, kw_only=True):
    """How the server is; healthy means that every check is."""

    status: Literal["healthy", "degraded"]
    version: str
    uptime_seconds: float
    checks: Checks


class Readiness(msgspec.Struct, kw_only=True):
    status: Literal["ready", "not_ready"]
    database: bool


class Liveness(msgspec.Struct, kw_only=True):
    status: Literal["alive"]
