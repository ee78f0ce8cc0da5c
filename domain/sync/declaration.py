"""The fields of an asset as a document declares them, against those that it has."""

from collections.abc import Mapping

from msgspec import UNSET

from domain.asset import Asset, revised
from domain.events import AssetEvent, AssetUpdated, SourceRef
from domain.schema.canonical import same
from domain.sync.merge import merged
from domain.sync.plan import ItemPlan
from domain.sync.spec import AssetSpec
from domain.values import JSON, Object


def proposed_metadata(item: ItemPlan) -> Object:
    """The metadata after the sync: the document's, and what people wrote beside it."""
    assert item.spec is not None
    before = item.before
    if not before.exists:
        return item.spec.metadata
    if before.metadata == item.spec.metadata:
        return before.metadata
    return merged(before.declared, before.metadata, item.spec.metadata)


def compare_fields(item: ItemPlan, moved: dict[str, str]) -> bool:
    """Whether description, tags, modes or metadata differ; names that only moved do not count (api.md 2.6)."""
    before, spec = item.before, item.spec
    assert spec is not None
    if (before.description, before.tags) != (spec.description, spec.tags):
        return True
    if _stated_modes(before, spec):
        return True
    metadata = under_old_names(item.metadata, moved)
    if item.moved_from is not None:
        metadata = {**metadata, **{name: before.metadata.get(name) for name in spec.named_by}}
    return before.metadata not in (item.metadata, metadata)


def _stated_modes(before: Asset, spec: AssetSpec) -> bool:
    wanted = (spec.guarantee_mode or before.guarantee_mode, spec.semver_mode or before.semver_mode, spec.resource_type)
    return wanted != (before.guarantee_mode, before.semver_mode, before.resource_type)


def under_old_names(metadata: Object, moved: Mapping[str, str]) -> Object:
    """Metadata whose `depends_on` names what moved as it was named before."""
    depends_on = metadata.get("depends_on")
    if not moved or not isinstance(depends_on, list):
        return metadata
    old: list[JSON] = [moved.get(name, name) if isinstance(name, str) else name for name in depends_on]
    return {**metadata, "depends_on": old}


def field_events(item: ItemPlan, owner: tuple[str, str | None], source: SourceRef) -> list[AssetEvent]:
    """One event with the fields that change, or none."""
    before, spec = item.after, item.spec
    assert spec is not None
    team, user = owner
    changed, gone = _declares(item)
    implied = revised(before.metadata, changed, gone) if changed or gone else before.metadata
    update = AssetUpdated(
        owner_team_id=UNSET if before.owner_team_id == team else team,
        owner_user_id=UNSET if before.owner_user_id == user else user,
        resource_type=UNSET if before.resource_type == spec.resource_type else spec.resource_type,
        description=UNSET if before.description == spec.description else spec.description,
        guarantee_mode=UNSET if spec.guarantee_mode in (None, before.guarantee_mode) else spec.guarantee_mode,
        semver_mode=UNSET if spec.semver_mode in (None, before.semver_mode) else spec.semver_mode,
        declares=changed or UNSET,
        undeclares=gone or UNSET,
        metadata=UNSET if implied == item.metadata else item.metadata,
        tags=UNSET if before.tags == spec.tags else spec.tags,
        source=UNSET if before.source == source else source,
        referred=UNSET if before.referred == spec.refers else spec.refers,
    )
    return [] if update == AssetUpdated() else [update]


def _declares(item: ItemPlan) -> tuple[Object, tuple[str, ...]]:
    """The members of the metadata that the document has otherwise than the source wrote last, and those it lost."""
    if _declares_as_before(item):
        return {}, ()
    before, spec = item.after, item.spec
    assert spec is not None
    old, new = before.declared, spec.metadata
    changed: Object = {name: value for name, value in new.items() if name not in old or not same(old[name], value)}
    return changed, tuple(name for name in old if name not in new)


def _declares_as_before(item: ItemPlan) -> bool:
    """Whether the document declares what the source wrote last."""
    before, spec = item.after, item.spec
    assert spec is not None
    # `proposed_metadata` keeps the metadata that there was where the document declares just that.
    return item.metadata is before.metadata is before.declared or before.declared == spec.metadata
