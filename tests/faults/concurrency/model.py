"""A round's assets as api.md 3.3 to 3.8 and 4.2 have them, one operation after the other.

Written from the page, without the product's code, so that both may be held against each other. The schemas of a round
are objects of string columns: a change breaks exactly where a column goes, and what goes is the set of fingerprints.
"""

import copy
from collections.abc import Callable

import msgspec

from tests.faults.concurrency.operations import Operation

OPEN = ("pending", "approved")
NewId = Callable[[], str]


class Version(msgspec.Struct):
    id: str
    version: tuple[int, int, int]
    columns: frozenset[str]
    active: bool = True


class Registration(msgspec.Struct):
    team: str
    status: str = "active"


class Proposal(msgspec.Struct):
    columns: frozenset[str]
    base: str
    version: tuple[int, int, int]
    removed: frozenset[str]
    affected: frozenset[str]
    status: str = "pending"
    answers: dict[str, str] = {}
    objectors: list[str] = []


class Asset(msgspec.Struct):
    owner: str
    description: str
    deleted: bool = False
    versions: list[Version] = []
    registrations: dict[str, Registration] = {}
    proposals: dict[str, Proposal] = {}
    edges: dict[str, str] = {}

    @property
    def active(self) -> Version | None:
        return next((version for version in reversed(self.versions) if version.active), None)

    @property
    def pending(self) -> Proposal | None:
        return next((proposal for proposal in self.proposals.values() if proposal.status == "pending"), None)


class Told(msgspec.Struct, frozen=True):
    """What an operation leads to: status, error code (or what else the answer says), and the tags of its events."""

    status: int
    what: str = ""
    tags: tuple[str, ...] = ()


class World(msgspec.Struct):
    """The assets of a round by id."""

    assets: dict[str, Asset] = {}
    names: dict[str, str] = {}

    def after(self, operation: Operation, ids: NewId) -> "tuple[World, Told]":
        """The world after an operation, and what is answered. `ids` gives the ids of what comes into being."""
        world = copy.deepcopy(self)
        return world, RULES[operation.kind](world, operation, ids)

    def living(self, id: str) -> Asset | None:
        asset = self.assets.get(id)
        return None if asset is None or asset.deleted else asset

    def of_proposal(self, id: str) -> tuple[Asset, Proposal] | None:
        return next(((a, a.proposals[id]) for a in self.assets.values() if id in a.proposals), None)

    def of_registration(self, id: str) -> tuple[Asset, Registration] | None:
        return next(((a, a.registrations[id]) for a in self.assets.values() if id in a.registrations), None)


NO_ASSET, NO_PROPOSAL = Told(404, "ASSET_NOT_FOUND"), Told(404, "PROPOSAL_NOT_FOUND")
NO_REGISTRATION, NO_EDGE = Told(404, "REGISTRATION_NOT_FOUND"), Told(404, "DEPENDENCY_NOT_FOUND")
NOT_PENDING = Told(400, "PROPOSAL_NOT_PENDING")


def _create(world: World, op: Operation, ids: NewId) -> Told:
    known = world.names.get(op.target)
    if known is None:
        id = world.names[op.target] = ids()
        world.assets[id] = Asset(owner=op.team, description=op.text)
        return Told(201, tags=("asset-created",))
    asset = world.assets[known]
    if not asset.deleted:
        return Told(409, "DUPLICATE_ASSET")
    changed = ("asset-updated",) if asset.description != op.text else ()
    asset.deleted, asset.description = False, op.text
    return Told(201, tags=("asset-restored", *changed))


def _delete(world: World, op: Operation, ids: NewId) -> Told:
    asset = world.living(op.target)
    if asset is None:
        return NO_ASSET
    withdrawn = [proposal for proposal in asset.proposals.values() if proposal.status in OPEN]
    for proposal in withdrawn:
        proposal.status = "withdrawn"
    asset.deleted = True
    return Told(204, tags=(*("proposal-withdrawn" for _ in withdrawn), "asset-deleted"))


def _restore(world: World, op: Operation, ids: NewId) -> Told:
    asset = world.assets[op.target]
    tags = ("asset-restored",) if asset.deleted else ()
    asset.deleted = False
    return Told(200, tags=tags)


def _describe(world: World, op: Operation, ids: NewId) -> Told:
    asset = world.living(op.target)
    if asset is None:
        return NO_ASSET
    tags = () if asset.description == op.text else ("asset-updated",)
    asset.description = op.text
    return Told(200, tags=tags)


def _depend(world: World, op: Operation, ids: NewId) -> Told:
    asset = world.living(op.target)
    if asset is None or world.living(op.other) is None:
        return NO_ASSET
    if op.target == op.other:
        return Told(400, "SELF_DEPENDENCY")
    if op.other in asset.edges.values():
        return Told(409, "DUPLICATE_DEPENDENCY")
    asset.edges[ids()] = op.other
    return Told(201, tags=("dependency-added",))


def _part(world: World, op: Operation, ids: NewId) -> Told:
    asset = world.living(op.target)
    if asset is None:
        return NO_ASSET
    if asset.edges.pop(op.other, None) is None:
        return NO_EDGE
    return Told(204, tags=("dependency-removed",))


def _register(world: World, op: Operation, ids: NewId) -> Told:
    asset = world.living(op.target)
    if asset is None:
        return NO_ASSET
    if any(registration.team == op.team for registration in asset.registrations.values()):
        return Told(409, "DUPLICATE_REGISTRATION")
    asset.registrations[ids()] = Registration(op.team)
    return Told(201, tags=("registration-created",))


def _change_registration(world: World, op: Operation, ids: NewId) -> Told:
    found = world.of_registration(op.target)
    if found is None:
        return NO_REGISTRATION
    asset, registration = found
    if registration.status == op.text:
        return Told(200)
    registration.status = op.text
    return Told(200, tags=("registration-updated", *_judged(asset)))


def _end_registration(world: World, op: Operation, ids: NewId) -> Told:
    found = world.of_registration(op.target)
    if found is None:
        return NO_REGISTRATION
    asset, _ = found
    del asset.registrations[op.target]
    return Told(204, tags=("registration-ended", *_judged(asset)))


def _judged(asset: Asset) -> tuple[str, ...]:
    """One that blocks rejects; all required agreed, and at least one team did: approved."""
    proposal = asset.pending
    if proposal is None:
        return ()
    if "blocked" in proposal.answers.values():
        proposal.status = "rejected"
        return ("proposal-rejected",)
    required = {r.team for r in asset.registrations.values() if r.status != "inactive" and r.team != asset.owner}
    if proposal.answers and required <= proposal.answers.keys():
        proposal.status = "approved"
        return ("proposal-approved",)
    return ()


def _publish(world: World, op: Operation, ids: NewId) -> Told:
    asset = world.living(op.target)
    if asset is None:
        return NO_ASSET
    active = asset.active
    if op.version is not None and any(v.version == op.version for v in asset.versions):
        return Told(409, "VERSION_EXISTS")
    removed = active.columns - op.columns if active else frozenset()
    version = op.version or _next(asset, op.columns)
    if not removed or op.forced:
        action = "force.published" if removed else "published"
        tags = _new_version(asset, ids(), version, op.columns)
        rebased = () if removed else _rebased(asset)
        return Told(201, f"{action} {_text(version)}", (*tags, *rebased))
    if asset.pending is not None:
        return Told(409, "DUPLICATE_PROPOSAL")
    assert active is not None
    asset.proposals[ids()] = Proposal(
        columns=op.columns,
        base=active.id,
        version=(active.version[0] + 1, 0, 0),
        removed=removed,
        affected=_affected(world, op.target, asset.owner),
    )
    return Told(201, "proposal.created", ("proposal-created",))


def _affected(world: World, id: str, owner: str) -> frozenset[str]:
    """The owners of the assets that depend on this one, its own aside (api.md 3.4)."""
    dependents = (asset for asset in world.assets.values() if id in asset.edges.values() and not asset.deleted)
    return frozenset(asset.owner for asset in dependents if asset.owner != owner)


def _next(asset: Asset, columns: frozenset[str]) -> tuple[int, int, int]:
    active = asset.active
    if active is None:
        version = (1, 0, 0)
    elif active.columns - columns:
        version = (active.version[0] + 1, 0, 0)
    elif columns - active.columns:
        version = (active.version[0], active.version[1] + 1, 0)
    else:
        version = (*active.version[:2], active.version[2] + 1)
    return _unused(asset, version)


def _unused(asset: Asset, version: tuple[int, int, int]) -> tuple[int, int, int]:
    while any(known.version == version for known in asset.versions):
        version = (*version[:2], version[2] + 1)
    return version


def _text(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))


def _new_version(asset: Asset, id: str, version: tuple[int, int, int], columns: frozenset[str]) -> tuple[str, ...]:
    active = asset.active
    if active is not None:
        active.active = False
    asset.versions.append(Version(id, version, columns))
    return ("contract-published",) if active is None else ("contract-published", "contract-deprecated")


def _rebased(asset: Asset) -> tuple[str, ...]:
    """Open proposals stand against the new version; what no longer breaks is withdrawn (api.md 4.2)."""
    active, before = asset.active, asset.pending is not None
    assert active is not None
    # One that has just become pending again counts for those after it.
    return tuple(
        _rebase(p, active, before or asset.pending is not None) for p in asset.proposals.values() if p.status in OPEN
    )


def _rebase(proposal: Proposal, active: Version, others_pending: bool) -> str:
    removed = active.columns - proposal.columns
    more = not removed <= proposal.removed
    if not removed or (proposal.status == "approved" and more and others_pending):
        proposal.status = "withdrawn"
        return "proposal-withdrawn"
    if more:
        proposal.status, proposal.answers = "pending", {}
    proposal.base, proposal.removed, proposal.version = active.id, removed, (active.version[0] + 1, 0, 0)
    return "proposal-rebased"


def _acknowledge(world: World, op: Operation, ids: NewId) -> Told:
    found = world.of_proposal(op.target)
    if found is None:
        return NO_PROPOSAL
    asset, proposal = found
    if proposal.status != "pending":
        return NOT_PENDING
    if op.team in proposal.answers:
        return Told(409, "DUPLICATE_ACKNOWLEDGMENT")
    if op.team not in {registration.team for registration in asset.registrations.values()}:
        return Told(403, "UNAUTHORIZED_TEAM")
    proposal.answers[op.team] = op.text
    return Told(201, tags=("proposal-acknowledged", *_judged(asset)))


def _object(world: World, op: Operation, ids: NewId) -> Told:
    found = world.of_proposal(op.target)
    if found is None:
        return NO_PROPOSAL
    asset, proposal = found
    if proposal.status != "pending":
        return NOT_PENDING
    if op.team not in proposal.affected | {registration.team for registration in asset.registrations.values()}:
        return Told(403, "FORBIDDEN")
    if op.team in proposal.objectors:
        return Told(409, "DUPLICATE_OBJECTION")
    proposal.objectors.append(op.team)
    return Told(201, tags=("proposal-objected",))


def _settle(status: str, tag: str) -> Callable[[World, Operation, NewId], Told]:
    def settle(world: World, op: Operation, ids: NewId) -> Told:
        found = world.of_proposal(op.target)
        if found is None:
            return NO_PROPOSAL
        _, proposal = found
        if proposal.status != "pending":
            return NOT_PENDING
        proposal.status = status
        return Told(200, tags=(tag,))

    return settle


def _publish_proposal(world: World, op: Operation, ids: NewId) -> Told:
    found = world.of_proposal(op.target)
    if found is None:
        return NO_PROPOSAL
    asset, proposal = found
    active = asset.active
    if proposal.status != "approved":
        return NOT_PENDING
    if active is None or active.id != proposal.base:
        return Told(409, "PROPOSAL_STALE")
    version = _unused(asset, proposal.version)
    tags = _new_version(asset, ids(), version, proposal.columns)
    proposal.status = "published"
    return Told(200, f"published {_text(version)}", (*tags, "proposal-published", *_rebased(asset)))


RULES: dict[str, Callable[[World, Operation, NewId], Told]] = {
    "create": _create,
    "delete": _delete,
    "restore": _restore,
    "describe": _describe,
    "depend": _depend,
    "part": _part,
    "register": _register,
    "change registration": _change_registration,
    "end registration": _end_registration,
    "publish": _publish,
    "acknowledge": _acknowledge,
    "object": _object,
    "withdraw": _settle("withdrawn", "proposal-withdrawn"),
    "force": _settle("approved", "proposal-approved"),
    "publish proposal": _publish_proposal,
}
