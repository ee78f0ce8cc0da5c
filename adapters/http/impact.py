"""What a proposed schema would mean for an asset (api.md 3.4)."""

from typing import Annotated

import msgspec

from adapters.catalog import Catalog
from adapters.contract_engine import ENGINE
from adapters.gathering import Schemas
from adapters.http.call import Answer, Call
from adapters.http.schemas import require_valid, within_limits
from adapters.http.service import Question
from adapters.reach import reach
from domain.commands import PublishContract
from domain.manual_publishing import judged
from domain.reach import ReachedTeam
from domain.schema.change import Change, ChangeKind
from domain.values import Object


class Depth(msgspec.Struct, frozen=True, kw_only=True):
    """How many edges to follow."""

    depth: Annotated[int, msgspec.Meta(ge=1, le=10)] = 5


class ImpactedAsset(msgspec.Struct, frozen=True, kw_only=True):
    """An asset downstream."""

    asset_id: str
    fqn: str
    dependency_type: str
    depth: int


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """What would change, and who is reached whether or not anything breaks."""

    change_type: ChangeKind
    breaking_changes: tuple[Change, ...]
    changes: tuple[Change, ...]
    impacted_consumers: tuple[ReachedTeam, ...]
    impacted_assets: tuple[ImpactedAsset, ...]
    safe_to_publish: bool
    traversal_depth: int
    current_version: str | None
    suggested_version: str


def of_asset(call: Call) -> Question:
    """`POST /assets/{id}/impact`: the body is the proposed schema itself."""
    id, depth, schema = call.id("asset_id"), call.query(Depth).depth, call.json(Object)
    within_limits(schema, "body")

    def question(catalog: Catalog) -> Answer:
        asset = catalog.asset(id)
        require_valid(schema)
        command = PublishContract(schema=schema, published_by=asset.owner_team_id)
        found = judged(asset, command, Schemas(catalog), ENGINE)
        reached, judgement = reach(catalog, id, depth), found.judgement
        impact = Impact(
            change_type=judgement.change_type if judgement else ChangeKind.minor,
            breaking_changes=judgement.breaking if judgement else (),
            changes=judgement.changes if judgement else (),
            impacted_consumers=reached.teams,
            impacted_assets=tuple(
                ImpactedAsset(asset_id=a.asset_id, fqn=a.fqn, dependency_type=a.dependency_type, depth=a.depth)
                for a in reached.assets
            ),
            safe_to_publish=judgement is None or judgement.compatible,
            traversal_depth=depth,
            current_version=found.suggestion.current_version,
            suggested_version=found.suggestion.suggested_version,
        )
        return Answer(body=msgspec.json.encode(impact))

    return question
