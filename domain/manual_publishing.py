"""Publishing by hand: from a command to a version, a proposal, or a suggestion (api.md 3.6)."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from domain import events as e
from domain import guarantees as promises
from domain.asset import Asset, Contract
from domain.commands import PublishContract
from domain.context import Context
from domain.errors import Refused
from domain.proposals import Opening, open_proposal, rebase_open
from domain.publishing import Draft, Warrant, carried_fields, judge_draft, promised_schema, publish_version
from domain.schema.change import ChangeKind, Mode
from domain.schema.judge import Judgement
from domain.schema.library import take_apart
from domain.schema.meaning import Engine
from domain.schema.versions import is_prerelease, objection, parse
from domain.suggesting import Suggestion, suggestion
from domain.values import Object


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a publication may look at beyond the asset."""

    schemas: Mapping[str, Object]
    affected: tuple[e.AffectedAsset, ...] = ()


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the events, and the members of the answer beside contract and proposal."""

    action: str
    schema_digest: str
    events: tuple[e.AssetEvent, ...] = ()
    members: Object = {}
    contract_id: str | None = None
    proposal_id: str | None = None


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What a command would promise, and what that changes. `judgement` is None where no contract is active."""

    draft: Draft
    judgement: Judgement | None
    suggestion: Suggestion


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """A publication under way."""

    asset: Asset
    command: PublishContract
    draft: Draft
    judgement: Judgement | None
    version: str
    members: Object


def is_version(text: str) -> bool:
    """Whether a text is a semantic version."""
    return parse(text) is not None


def judged(asset: Asset, command: PublishContract, schemas: Mapping[str, Object], engine: Engine) -> Judged:
    """What a publication would change: the judgement that every publication and every preview of one goes by."""
    active = asset.active_contract
    draft = _draft(command, active)
    judgement = None
    if active is not None:
        judgement = judge_draft(asset, draft, promised_schema(asset, schemas), active.guarantees, engine)
    return Judged(draft=draft, judgement=judgement, suggestion=suggestion(asset, judgement))


def publish(asset: Asset, command: PublishContract, around: Surroundings, context: Context) -> Published:
    """Publish, propose or suggest. Raises `Refused`: `VERSION_EXISTS`, `INVALID_VERSION`, `DUPLICATE_PROPOSAL`."""
    found = judged(asset, command, around.schemas, context.engine)
    draft, judgement, suggested = found.draft, found.judgement, found.suggestion
    if command.version is None and asset.semver_mode == "suggest":
        message = "This asset asks for a version with each publication; here is one that fits."
        members: Object = {"message": message, "version_suggestion": msgspec.to_builtins(suggested)}
        return Published(action="version.required", schema_digest=draft.schema_digest, members=members)
    _check_version(asset, command, judgement, suggested)
    case = _Case(
        asset=asset,
        command=command,
        draft=draft,
        judgement=judgement,
        version=command.version or suggested.suggested_version,
        members=_members(asset, command, draft, judgement),
    )
    return _carried_out(case, around, context)


def _draft(command: PublishContract, active: Contract | None) -> Draft:
    schema, described, tagged = command.schema, dict(command.field_descriptions), dict(command.field_tags)
    guarantees = command.guarantees
    if active is not None:
        for path in carried_fields(schema, active.field_descriptions, described):
            described[path] = active.field_descriptions[path]
        for path in carried_fields(schema, active.field_tags, tagged):
            tagged[path] = active.field_tags[path]
        guarantees = promises.without_fields(active.guarantees, schema) if guarantees is None else guarantees
    return Draft(
        schema=schema,
        schema_digest=take_apart(schema).digest,
        schema_format=command.schema_format,
        mode=command.mode or (active.mode if active else Mode.backward),
        direction=command.direction or (active.direction if active else None),
        guarantees=guarantees,
        field_descriptions=described,
        field_tags=tagged,
        published_by=command.published_by,
        published_by_user_id=command.published_by_user_id,
    )


def _check_version(asset: Asset, command: PublishContract, judgement: Judgement | None, suggested: Suggestion) -> None:
    if command.version is None:
        return
    existing = next((c for c in asset.contracts if c.version == command.version), None)
    if existing is not None:
        raise Refused(
            "VERSION_EXISTS",
            f"Version {command.version} of this asset already exists.",
            {"existing_contract_id": existing.id},
        )
    active = asset.active_contract
    if asset.semver_mode == "enforce" and active is not None and judgement is not None:
        kind = judgement.change_type if judgement.compatible else ChangeKind.major
        why = objection(active.version, command.version, kind)
        if why is not None:
            details: Object = {
                "provided_version": command.version,
                "version_suggestion": msgspec.to_builtins(suggested),
            }
            raise Refused("INVALID_VERSION", why, details)


def _members(asset: Asset, command: PublishContract, draft: Draft, judgement: Judgement | None) -> Object:
    members: Object = {} if command.version else {"version_auto_generated": True}
    if command.schema_format != "json_schema":
        members["schema_converted_from"] = command.schema_format
    active = asset.active_contract
    if judgement is None or active is None:
        return members
    members["change_type"] = judgement.change_type.value
    changes = promises.changes(active.guarantees, draft.guarantees)
    if changes and asset.guarantee_mode == "notify":
        members["guarantee_changes"] = [msgspec.to_builtins(change) for change in changes]
    if not judgement.compatible:
        members["breaking_changes"] = [msgspec.to_builtins(change) for change in judgement.breaking]
    return members


def _carried_out(case: _Case, around: Surroundings, context: Context) -> Published:
    active, judgement = case.asset.active_contract, case.judgement
    if active is None or judgement is None or judgement.compatible:
        return _published(case, around, context, "published", {})
    if case.command.force_reason is not None:
        warning = "The change is breaking and was forced."
        return _published(case, around, context, "force.published", {"warning": warning})
    if is_prerelease(active.version):
        if is_prerelease(case.version):
            message = "Pre-release versions may break each other."
            return _published(case, around, context, "published", {"message": message})
        if (parsed := parse(active.version)) and parse(case.version) == replace(parsed, pre="", build=""):
            return _published(case, around, context, "published", {"message": "Graduated from a pre-release."})
    if case.asset.pending_proposal is not None:
        pending = case.asset.pending_proposal.id
        raise Refused("DUPLICATE_PROPOSAL", "The asset has a pending proposal already.", {"proposal_id": pending})
    return _proposed(case, judgement, around, context)


def _published(case: _Case, around: Surroundings, context: Context, action: str, more: Object) -> Published:
    warrant = Warrant(judgement=case.judgement, force_reason=case.command.force_reason)
    events = publish_version(case.asset, case.draft, case.version, warrant, context)
    first = events[0]
    assert isinstance(first, e.ContractPublished)
    base = (replace(case.draft, version=case.version), case.draft.schema)
    # What is forced through leaves open proposals on a base that is gone: they are stale (api.md 4.2).
    forced = action == "force.published"
    rebased = [] if forced else rebase_open(case.asset, first.contract_id, around.schemas, base, context.engine)
    return Published(
        action=action,
        schema_digest=case.draft.schema_digest,
        events=(*events, *rebased),
        members={**case.members, **more},
        contract_id=first.contract_id,
    )


def _proposed(case: _Case, judgement: Judgement, around: Surroundings, context: Context) -> Published:
    events = open_proposal(case.asset, case.draft, judgement, Opening(affected=around.affected), context)
    created = events[-1]
    assert isinstance(created, e.ProposalCreated)
    message = "The change is breaking: consumers are asked, and the contract stays until they agree."
    members = {name: value for name, value in case.members.items() if name != "version_auto_generated"}
    return Published(
        action="proposal.created",
        schema_digest=case.draft.schema_digest,
        events=tuple(events),
        members={**members, "message": message},
        proposal_id=created.proposal_id,
    )
