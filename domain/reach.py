"""Who is hit by a change of an asset: the teams that rely on it or on what is made from it, and those assets."""

import msgspec


class ReachedTeam(msgspec.Struct, frozen=True, kw_only=True):
    """A consumer, with the least depth at which it is met: 0 for the asset itself."""

    team_id: str
    team_name: str
    status: str
    pinned_version: str | None
    depth: int


class ReachedAsset(msgspec.Struct, frozen=True, kw_only=True):
    """An asset downstream, with the least number of edges that lead to it."""

    asset_id: str
    fqn: str
    dependency_type: str
    depth: int
    owner_team_id: str
    owner_team_name: str | None


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, the nearest first."""

    teams: tuple[ReachedTeam, ...] = ()
    assets: tuple[ReachedAsset, ...] = ()
