"""Finds who is hit by a change of an asset, level by level through the edges: cycles are fine, and nothing is cut."""

import msgspec

from adapters.catalog import Catalog
from domain.reach import Reached, ReachedAsset, ReachedTeam
from projections import lineage_questions
from projections.engine import bound_list

EVERYTHING = 10_000


def reach(catalog: Catalog, asset_id: str, depth: int = EVERYTHING) -> Reached:
    """Consumers and downstream assets of an asset, each once with the least depth, as far as `depth` edges away."""
    dialect = catalog.log.dialect
    depths, level, reached = {asset_id: 0}, [asset_id], 0
    assets: list[ReachedAsset] = []
    with catalog.log.read() as session:
        position = session.rows("SELECT position FROM muniment_views")[0][0]
        while level and reached < depth:
            reached += 1
            params = {"ids": bound_list(level, dialect), "as_of": position}
            level = []
            for row in session.rows(lineage_questions.DOWNSTREAM.sql(dialect), params):
                if str(row[1]) not in depths:
                    depths[str(row[1])] = reached
                    level.append(str(row[1]))
                    assets.append(_asset(row, reached))
        params = {"ids": bound_list(list(depths), dialect), "as_of": position}
        rows = session.rows(lineage_questions.CONSUMERS.sql(dialect), params)
    return Reached(teams=_nearest(rows, depths), assets=tuple(assets))


def _asset(row: tuple[object, ...], depth: int) -> ReachedAsset:
    _, id, fqn, type, owner, name, _ = row
    return ReachedAsset(
        asset_id=str(id),
        fqn=str(fqn),
        dependency_type=str(type),
        depth=depth,
        owner_team_id=str(owner),
        owner_team_name=None if name is None else str(name),
    )


def _nearest(rows: list[tuple[object, ...]], depths: dict[str, int]) -> tuple[ReachedTeam, ...]:
    teams: dict[str, ReachedTeam] = {}
    for asset_id, team_id, name, status, body in sorted(rows, key=lambda row: depths[str(row[0])]):
        assert isinstance(body, bytes)
        found = ReachedTeam(
            team_id=str(team_id),
            team_name=str(name),
            status=str(status),
            pinned_version=msgspec.json.decode(body)["pinned_version"],
            depth=depths[str(asset_id)],
        )
        teams.setdefault(found.team_id, found)
    return tuple(teams.values())
