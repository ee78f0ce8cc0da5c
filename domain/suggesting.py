"""Which version to publish next, and why (api.md 3.5, 4.3)."""

import msgspec

from domain.asset import Asset
from domain.publishing import first_version, unused
from domain.schema.change import Change, ChangeKind
from domain.schema.judge import Judgement
from domain.schema.versions import suggest

_REASONS = {
    ChangeKind.major: "The change breaks somebody, or is incompatible in the contract's mode.",
    ChangeKind.minor: "Something was added or widened.",
    ChangeKind.patch: "Nothing that readers or writers depend on changed.",
}


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """The version that the service would make. `change_type` is `major` also where only the contract's mode says so.

    `current_version` is null where no contract is active: before the first one, and once the last one was retired.
    """

    suggested_version: str
    current_version: str | None
    change_type: ChangeKind
    reason: str
    is_first_contract: bool
    breaking_changes: list[Change] = []


def suggestion(asset: Asset, judgement: Judgement | None) -> Suggestion:
    """What fits a change of the asset's active contract; `judgement` is None where there is no such contract."""
    active = asset.active_contract
    if judgement is None or active is None:
        return _without_base(asset)
    kind = judgement.change_type if judgement.compatible else ChangeKind.major
    return Suggestion(
        suggested_version=unused(asset, suggest(active.version, judgement.change_type, not judgement.compatible)),
        current_version=active.version,
        change_type=kind,
        reason=_REASONS[kind],
        is_first_contract=False,
        breaking_changes=[*judgement.breaking],
    )


def _without_base(asset: Asset) -> Suggestion:
    first = not asset.contracts
    return Suggestion(
        suggested_version=unused(asset, first_version(asset)),
        current_version=None,
        change_type=ChangeKind.patch if first else ChangeKind.major,
        reason="This is the first contract of the asset." if first else "The contract before was retired.",
        is_first_contract=first,
    )
