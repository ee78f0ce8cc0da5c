"""How a sync is to be carried out (api.md 2.1, 2.3)."""

from enum import StrEnum

import msgspec

from domain.events import KeySource
from domain.schema.change import Mode


class ConflictMode(StrEnum):
    """What becomes of assets that exist already: left alone, set to the document, or a reason to refuse."""

    ignore = "ignore"
    overwrite = "overwrite"
    fail = "fail"


class SyncOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The members that all sync requests share, with their defaults."""

    owner_team_id: str | None = None
    conflict_mode: ConflictMode = ConflictMode.ignore
    auto_publish_contracts: bool = False
    auto_create_proposals: bool = False
    auto_delete: bool = False
    environment: str = "production"
    compatibility_mode: Mode = Mode.backward
    commit: str | None = None
    delete_consumed: bool = False
    accept_moves: bool = False
    expected_deletions: int | None = None
    publish_unconsumed: bool = False
    auto_register_consumers: bool = False
    infer_consumers_from_refs: bool = True


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """For whom the caller may act: everybody (`admin`), its own team, and any owner within its `sources`."""

    admin: bool = False
    team_id: str | None = None
    sources: tuple[KeySource, ...] = ()

    def covers(self, team_id: str, source: KeySource | None = None) -> bool:
        return self.admin or team_id == self.team_id or (source is not None and source in self.sources)
