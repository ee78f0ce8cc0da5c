"""Every request to change something. Shapes are checked at the edge; rules are checked by the deciders."""

from datetime import datetime
from typing import TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from domain.events import GuaranteeResult
from domain.schema.change import Direction, Mode
from domain.values import Object


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parent of all commands."""


class CreateTeam(Command, frozen=True, kw_only=True):
    name: str
    metadata: Object = {}


class UpdateTeam(Command, frozen=True, kw_only=True):
    """Members that are UNSET stay as they are."""

    team_id: str
    name: str | UnsetType = UNSET
    metadata: Object | UnsetType = UNSET


class DeleteTeam(Command, frozen=True, kw_only=True):
    """Delete a team. `assets` is the number that it still owns, which only `force` leaves behind."""

    team_id: str
    assets: int
    force: bool = False


class RestoreTeam(Command, frozen=True, kw_only=True):
    team_id: str


class CreateUser(Command, frozen=True, kw_only=True):
    username: str
    name: str
    email: str | None = None
    user_type: str = "human"
    role: str = "user"
    team_id: str | None = None
    metadata: Object = {}


class UpdateUser(Command, frozen=True, kw_only=True):
    """Members that are UNSET stay as they are."""

    user_id: str
    username: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    user_type: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    team_id: str | None | UnsetType = UNSET
    metadata: Object | UnsetType = UNSET
    notification_preferences: Object | UnsetType = UNSET


class DeactivateUser(Command, frozen=True, kw_only=True):
    """Let a user go; with `erase` the names too, even of one who went before."""

    user_id: str
    erase: bool = False


class ReactivateUser(Command, frozen=True, kw_only=True):
    user_id: str


class CreateAsset(Command, frozen=True, kw_only=True):
    fqn: str
    owner_team_id: str
    owner_user_id: str | None = None
    description: str | None = None
    environment: str = "production"
    resource_type: str = "other"
    guarantee_mode: str = "notify"
    semver_mode: str = "auto"
    metadata: Object = {}
    tags: tuple[str, ...] = ()


class UpdateAsset(Command, frozen=True, kw_only=True):
    """Members that are UNSET stay as they are."""

    fqn: str | UnsetType = UNSET
    environment: str | UnsetType = UNSET
    owner_team_id: str | UnsetType = UNSET
    owner_user_id: str | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    resource_type: str | UnsetType = UNSET
    guarantee_mode: str | UnsetType = UNSET
    semver_mode: str | UnsetType = UNSET
    metadata: Object | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET


class DeleteAsset(Command, frozen=True, kw_only=True):
    pass


class RestoreAsset(Command, frozen=True, kw_only=True):
    pass


class AddDependency(Command, frozen=True, kw_only=True):
    upstream_id: str
    type: str = "consumes"


class RemoveDependency(Command, frozen=True, kw_only=True):
    dependency_id: str


class PublishContract(Command, frozen=True, kw_only=True):
    """Publish a version, or open a proposal where that breaks somebody. `guarantees` null keeps those of now.

    `schema` is a JSON Schema; `schema_format` tells what it was written in.
    """

    schema: Object
    published_by: str
    schema_format: str = "json_schema"
    published_by_user_id: str | None = None
    version: str | None = None
    mode: Mode | None = None
    direction: Direction | None = None
    guarantees: Object | None = None
    field_descriptions: dict[str, str] = {}
    field_tags: dict[str, tuple[str, ...]] = {}
    force_reason: str | None = None


class UpdateGuarantees(Command, frozen=True, kw_only=True):
    """Replace all guarantees of the active contract."""

    contract_id: str
    guarantees: Object | None


class RetireContract(Command, frozen=True, kw_only=True):
    contract_id: str


class ReportAuditRun(Command, frozen=True, kw_only=True):
    """What data tests found. `run_at` null is now; with `results` the counts come from them."""

    status: str
    triggered_by: str
    checked: int = 0
    passed: int = 0
    failed: int = 0
    run_id: str | None = None
    run_at: datetime | None = None
    details: Object | None = None
    results: tuple[GuaranteeResult, ...] | None = None


class AcknowledgeProposal(Command, frozen=True, kw_only=True):
    """A consumer's answer: `approved`, `blocked` or `migrating`."""

    proposal_id: str
    consumer_team_id: str
    response: str
    user_id: str | None = None
    migration_deadline: datetime | None = None
    notes: str | None = None


class ObjectToProposal(Command, frozen=True, kw_only=True):
    proposal_id: str
    team_id: str
    reason: str
    user_id: str | None = None


class WithdrawProposal(Command, frozen=True, kw_only=True):
    proposal_id: str


class ForceProposal(Command, frozen=True, kw_only=True):
    proposal_id: str
    reason: str | None = None


class ExpireProposal(Command, frozen=True, kw_only=True):
    proposal_id: str


class PublishProposal(Command, frozen=True, kw_only=True):
    """Publish what was approved. `version` null lets the service choose."""

    proposal_id: str
    published_by: str
    published_by_user_id: str | None = None
    version: str | None = None


class UpdateRegistration(Command, frozen=True, kw_only=True):
    registration_id: str
    status: str | UnsetType = UNSET
    pinned_version: str | None | UnsetType = UNSET


class EndRegistration(Command, frozen=True, kw_only=True):
    registration_id: str


class RegisterWebhook(Command, frozen=True, kw_only=True):
    url: str
    events: tuple[str, ...]
    team_id: str | None = None


class RegisterConsumer(Command, frozen=True, kw_only=True):
    consumer_team_id: str
    contract_id: str | None = None
    pinned_version: str | None = None


TeamCommand: TypeAlias = CreateTeam | UpdateTeam | DeleteTeam | RestoreTeam
UserCommand: TypeAlias = CreateUser | UpdateUser | DeactivateUser | ReactivateUser
