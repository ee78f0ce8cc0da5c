"""What a plan may look at: the catalog as it stands, replayed."""

from collections.abc import Mapping

import msgspec

from domain.asset import Asset
from domain.directory import Directory
from domain.events import AffectedAsset
from domain.values import Object


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the catalog that one document is about.

    `by_item` leads from an item's id to the asset that the same source declared (deleted ones included), `by_fqn` from
    a name in the environment to its asset (a living one, else the one deleted last), `foreign` from the id of another
    project's item to its asset. `states` holds all of these assets, and all that the source declared. `schemas` and
    `dependents` may load what is asked for.
    """

    directory: Directory
    by_item: Mapping[str, str] = {}
    by_fqn: Mapping[str, str] = {}
    foreign: Mapping[str, str] = {}
    states: Mapping[str, Asset] = {}
    schemas: Mapping[str, Object] = {}
    dependents: Mapping[str, tuple[AffectedAsset, ...]] = {}
    last_title: str | None = None
