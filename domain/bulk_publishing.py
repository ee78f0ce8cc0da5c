"""Many publications in one request (api.md 3.6): each stands alone, and a preview is the same without the append."""

from typing import Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from domain import events as e
from domain.asset import Asset, Contract
from domain.commands import PublishContract
from domain.context import Context
from domain.errors import Refused
from domain.manual_publishing import Judged, Surroundings, judged, publish
from domain.schema.canonical import same
from domain.schema.change import Change

Fate: TypeAlias = Literal["published", "skipped", "proposed", "breaking", "failed"]


class ItemResult(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one item, on the wire. `error` is set exactly where it fails."""

    asset_id: str
    asset_fqn: str | None = None
    status: str = "failed"
    contract_id: str | None = None
    proposal_id: str | None = None
    suggested_version: str | None = None
    current_version: str | None = None
    reason: str | None = None
    breaking_changes: tuple[Change, ...] = ()
    error: str | None = None


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """An item's fate, what to tell of it, and the events that carry it out."""

    fate: Fate
    result: ItemResult
    events: tuple[e.AssetEvent, ...] = ()


_PREVIEWED: dict[Fate, str] = {
    "published": "will_publish",
    "skipped": "will_skip",
    "proposed": "breaking",
    "breaking": "breaking",
    "failed": "failed",
}
_EXECUTED: dict[Fate, str] = {
    "published": "published",
    "skipped": "skipped",
    "proposed": "proposal.created",
    "breaking": "failed",
    "failed": "failed",
}


def told(decided: Decided, *, preview: bool) -> ItemResult:
    """The result with its status: in a preview nothing has an id yet."""
    result = decided.result
    if preview:
        return replace(result, status=_PREVIEWED[decided.fate], contract_id=None, proposal_id=None)
    error = result.error
    if decided.fate == "breaking":
        error = "The change is breaking, and create_proposals_for_breaking is off."
    return replace(result, status=_EXECUTED[decided.fate], error=error)


def decide_item(
    asset: Asset, command: PublishContract, around: Surroundings, context: Context, *, proposals: bool
) -> Decided:
    """Decide one item; `proposals` says whether a breaking one opens a proposal. Versions are made by the service."""
    asset = replace(asset, semver_mode="auto")
    found = judged(asset, command, around.schemas, context.engine)
    active, judgement = asset.active_contract, found.judgement
    result = ItemResult(
        asset_id=asset.id,
        asset_fqn=asset.fqn,
        suggested_version=found.suggestion.suggested_version,
        current_version=found.suggestion.current_version,
        reason=found.suggestion.reason,
        breaking_changes=judgement.breaking if judgement else (),
    )
    if active is not None and _changes_nothing(found, active):
        return Decided(fate="skipped", result=replace(result, reason="Nothing changed."))
    try:
        made = publish(asset, command, around, context)
    except Refused as refused:
        return Decided(fate="failed", result=replace(result, error=refused.detail))
    if made.proposal_id is not None and not proposals:
        return Decided(fate="breaking", result=result)
    return Decided(
        fate="published" if made.proposal_id is None else "proposed",
        result=replace(result, contract_id=made.contract_id, proposal_id=made.proposal_id),
        events=made.events,
    )


def _changes_nothing(found: Judged, active: Contract) -> bool:
    draft = found.draft
    return (
        found.judgement is not None
        and not found.judgement.changes
        and same(draft.guarantees, active.guarantees)
        and (draft.mode, draft.direction) == (active.mode, active.direction)
        and (draft.field_descriptions, draft.field_tags) == (active.field_descriptions, active.field_tags)
    )
