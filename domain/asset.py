"""One asset: its state, and how each of its events changes it. The deciders are in the modules beside this one."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TypeVar, assert_never, get_args

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from domain import events as e
from domain.ids import first_edge
from domain.schema.change import Change, ChangeKind, Direction, Mode
from domain.values import Object

T = TypeVar("T")


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """A published version. `status` is `active`, `deprecated` or `retired`."""

    id: str
    version: str
    schema_digest: str
    mode: Mode
    direction: Direction | None
    guarantees: Object | None
    field_descriptions: dict[str, str]
    field_tags: dict[str, tuple[str, ...]]
    status: str = "active"


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """A team that relies on the asset. `status` is `active`, `migrating` or `inactive`.

    One that a sync made is confirmed once somebody says how the team relies on the asset.
    """

    id: str
    consumer_team_id: str
    origin: str
    source: e.KeySource | None
    status: str = "active"
    pinned_version: str | None = None
    confirmed: bool = True


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """An edge to an asset that this one depends on."""

    id: str
    upstream_id: str
    type: str
    origin: str


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A breaking change under discussion, or closed. `by_person` says who closed it."""

    id: str
    status: str
    schema_digest: str
    guarantees: Object | None
    base_contract_id: str | None
    proposed_version: str
    change_type: ChangeKind
    created: e.ProposalCreated
    changes: tuple[Change, ...]
    acknowledgments: tuple[e.Acknowledgment, ...] = ()
    objectors: frozenset[str] = frozenset()
    expires_at: datetime
    by_person: bool = False


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """An asset as its deciders need it. `version` is that of the stream, -1 before its first event.

    `revision` is the version of the last event that changed what readers see of the asset itself: its members and its
    active contract, not its registrations, edges or proposals. `metadata` is what readers see; `declared` is the part
    that the source wrote last. `ended_by_people` are the teams whose registration a person ended: inference does not
    make these again.
    """

    id: str
    version: int = -1
    revision: int = -1
    fqn: str = ""
    environment: str = ""
    owner_team_id: str = ""
    owner_user_id: str | None = None
    description: str | None = None
    resource_type: str = "other"
    guarantee_mode: str = "notify"
    semver_mode: str = "auto"
    metadata: Object = {}
    declared: Object = {}
    tags: tuple[str, ...] = ()
    source: e.SourceRef | None = None
    referred: bool = False
    deleted: bool = False
    contracts: tuple[Contract, ...] = ()
    registrations: tuple[Registration, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    ended_by_people: frozenset[str] = frozenset()

    @property
    def exists(self) -> bool:
        return self.version >= 0

    @property
    def active_contract(self) -> Contract | None:
        """The contract that holds now; the newest publication is the active one."""
        for contract in reversed(self.contracts):
            if contract.status == "active":
                return contract
        return None

    @property
    def pending_proposal(self) -> Proposal | None:
        return next((p for p in reversed(self.proposals) if p.status == "pending"), None)

    @property
    def required_consumers(self) -> frozenset[str]:
        """Teams that must agree to a breaking change: registered and not inactive, the owner aside (api.md 4.2)."""
        live = (r.consumer_team_id for r in self.registrations if r.status in ("active", "migrating"))
        return frozenset(team for team in live if team != self.owner_team_id)


_SHOWN = frozenset(get_args(e.ShownOfAsset))


def replay(id: str, events: list[e.AssetEvent]) -> Asset:
    """The asset after all events of its stream."""
    state = Asset(id=id)
    for event in events:
        state = evolve(state, event)
    return state


def evolve(state: Asset, event: e.AssetEvent) -> Asset:
    """The asset after one of its events. Never fails, never checks."""
    after = _evolved(state, event, state.version + 1)
    return replace(after, revision=after.version) if type(event) in _SHOWN else after


def _evolved(state: Asset, event: e.AssetEvent, version: int) -> Asset:
    match event:
        case e.AssetCreated():
            return _created(state, event, version)
        case e.AssetUpdated():
            return _updated(state, event, version)
        case e.AssetMoved():
            return replace(state, version=version, fqn=event.to_fqn, environment=event.to_environment)
        case e.AssetDeleted():
            return replace(state, version=version, deleted=True)
        case e.AssetRestored():
            return replace(state, version=version, deleted=False)
        case e.DependencyAdded():
            edge = Dependency(
                id=event.dependency_id, upstream_id=event.upstream_id, type=event.type, origin=event.origin
            )
            return replace(state, version=version, dependencies=(*state.dependencies, edge))
        case e.DependencyRemoved():
            kept = tuple(d for d in state.dependencies if d.id != event.dependency_id)
            return replace(state, version=version, dependencies=kept)
        case e.ContractPublished():
            return replace(state, version=version, contracts=(*state.contracts, _contract(event)))
        case e.ContractDeprecated() | e.ContractRetired() | e.ContractGuaranteesUpdated():
            changed = tuple(_changed(c, event) if c.id == event.contract_id else c for c in state.contracts)
            return replace(state, version=version, contracts=changed)
        case e.RegistrationCreated() | e.RegistrationUpdated() | e.RegistrationEnded():
            return _registration(state, event, version)
        case _:
            return replace(state, version=version, proposals=_proposals(state.proposals, event))


def _created(state: Asset, event: e.AssetCreated, version: int) -> Asset:
    declared = event.declared or {}
    return replace(
        state,
        version=version,
        fqn=event.fqn,
        environment=event.environment,
        owner_team_id=event.owner_team_id,
        owner_user_id=event.owner_user_id,
        description=event.description,
        resource_type=event.resource_type,
        guarantee_mode=event.guarantee_mode,
        semver_mode=event.semver_mode,
        declared=declared,
        metadata=declared if event.metadata is None else event.metadata,
        tags=event.tags,
        source=event.source,
        referred=event.referred,
        dependencies=tuple(
            Dependency(id=first_edge(state.id, place), upstream_id=upstream_id, type=type, origin="sync")
            for place, (type, upstream_id) in enumerate(first_edges(event))
        ),
    )


def first_edges(event: e.AssetCreated) -> Iterator[tuple[str, str]]:
    """The edges with which an asset came to be, in order: type and upstream asset."""
    return ((type, each) for type, ids in event.upstream.items() for each in ids)


def _or(new: T | UnsetType, old: T) -> T:
    return old if isinstance(new, UnsetType) else new


def revised(members: Mapping[str, T], changed: Mapping[str, T], gone: Collection[str]) -> dict[str, T]:
    """Metadata after some members changed and others went: what a sync says of it in few words."""
    return {**{name: value for name, value in members.items() if name not in gone}, **changed}


def _declared(state: Asset, event: e.AssetUpdated) -> tuple[Object, Object]:
    """What the source declares after an update, and the metadata that follows if none is stated."""
    declared = _or(event.declared, state.declared)
    implied = state.metadata if event.declared is UNSET else declared
    changed, gone = _or(event.declares, {}), _or(event.undeclares, ())
    if not changed and not gone:
        return declared, implied
    # What is one thing before is one thing after: whoever asks whether people wrote sees it at once.
    after = revised(declared, changed, gone)
    return after, after if implied is declared else revised(implied, changed, gone)


def _updated(state: Asset, event: e.AssetUpdated, version: int) -> Asset:
    declared, implied = _declared(state, event)
    return replace(
        state,
        version=version,
        owner_team_id=_or(event.owner_team_id, state.owner_team_id),
        owner_user_id=_or(event.owner_user_id, state.owner_user_id),
        description=_or(event.description, state.description),
        resource_type=_or(event.resource_type, state.resource_type),
        guarantee_mode=_or(event.guarantee_mode, state.guarantee_mode),
        semver_mode=_or(event.semver_mode, state.semver_mode),
        declared=declared,
        metadata=_or(event.metadata, implied),
        tags=_or(event.tags, state.tags),
        source=_or(event.source, state.source),
        referred=_or(event.referred, state.referred),
    )


def _contract(event: e.ContractPublished) -> Contract:
    return Contract(
        id=event.contract_id,
        version=event.version,
        schema_digest=event.schema_digest,
        mode=event.mode,
        direction=event.direction,
        guarantees=event.guarantees,
        field_descriptions=event.field_descriptions,
        field_tags=event.field_tags,
    )


def _changed(
    contract: Contract, event: e.ContractDeprecated | e.ContractRetired | e.ContractGuaranteesUpdated
) -> Contract:
    if isinstance(event, e.ContractGuaranteesUpdated):
        return replace(contract, guarantees=event.guarantees)
    return replace(contract, status="retired" if isinstance(event, e.ContractRetired) else "deprecated")


def _relying(registration: Registration, event: e.RegistrationUpdated) -> Registration:
    return replace(
        registration,
        status=_or(event.status, registration.status),
        pinned_version=_or(event.pinned_version, registration.pinned_version),
        confirmed=True,
    )


def _registration(
    state: Asset, event: e.RegistrationCreated | e.RegistrationUpdated | e.RegistrationEnded, version: int
) -> Asset:
    if isinstance(event, e.RegistrationCreated):
        registration = Registration(
            id=event.registration_id,
            consumer_team_id=event.consumer_team_id,
            origin=event.origin,
            source=event.source,
            pinned_version=event.pinned_version,
            confirmed=event.source is None,
        )
        return replace(state, version=version, registrations=(*state.registrations, registration))
    if isinstance(event, e.RegistrationUpdated):
        changed = tuple(_relying(r, event) if r.id == event.registration_id else r for r in state.registrations)
        return replace(state, version=version, registrations=changed)
    gone = [r for r in state.registrations if r.id == event.registration_id]
    kept = tuple(r for r in state.registrations if r.id != event.registration_id)
    people = state.ended_by_people.union(r.consumer_team_id for r in gone if event.by_person)
    return replace(state, version=version, registrations=kept, ended_by_people=people)


def _proposals(proposals: tuple[Proposal, ...], event: e.ProposalEvent) -> tuple[Proposal, ...]:
    if isinstance(event, e.ProposalCreated):
        return (*proposals, _proposal(event))
    return tuple(_answered(p, event) if p.id == event.proposal_id else p for p in proposals)


def _proposal(event: e.ProposalCreated) -> Proposal:
    return Proposal(
        id=event.proposal_id,
        status="pending",
        schema_digest=event.schema_digest,
        guarantees=event.guarantees,
        base_contract_id=event.base_contract_id,
        proposed_version=event.proposed_version,
        change_type=event.change_type,
        created=event,
        changes=event.changes,
        acknowledgments=event.carried,
        expires_at=event.expires_at,
    )


def _answered(proposal: Proposal, event: e.ProposalEvent) -> Proposal:
    match event:
        case e.ProposalCreated():
            return proposal
        case e.ProposalAcknowledged():
            return replace(proposal, acknowledgments=(*proposal.acknowledgments, event.acknowledgment))
        case e.ProposalObjected():
            return replace(proposal, objectors=proposal.objectors | {event.objection.team_id})
        case e.ProposalApproved():
            return replace(proposal, status="approved")
        case e.ProposalRejected():
            return replace(proposal, status="rejected")
        case e.ProposalWithdrawn():
            return replace(proposal, status="withdrawn", by_person=event.by_person)
        case e.ProposalExpired():
            return replace(proposal, status="expired")
        case e.ProposalRebased():
            return replace(
                proposal,
                base_contract_id=event.base_contract_id,
                proposed_version=event.proposed_version,
                change_type=event.change_type,
                changes=event.changes,
                acknowledgments=event.acknowledgments,
                status="pending" if event.reopened else proposal.status,
            )
        case e.ProposalPublished():
            return replace(proposal, status="published")
        case _:
            assert_never(event)
