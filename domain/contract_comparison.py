"""Two contracts held against each other (api.md 3.5): what the step from the one to the other means."""

from collections.abc import Mapping

from domain.asset import Asset, Contract
from domain.publishing import Draft, judge_draft, promised_schema
from domain.schema.change import Mode
from domain.schema.judge import Judgement
from domain.schema.meaning import Engine
from domain.values import Object


def judge_step(
    asset: Asset, old: Contract, new: Contract, mode: Mode, schemas: Mapping[str, Object], engine: Engine
) -> Judgement:
    """Judge the step from a contract of the asset to another contract, which may be another asset's.

    The mode is as given, the direction that of `new`; the asset's kind and guarantee mode count as in publishing.
    """
    draft = Draft(
        schema=schemas[new.schema_digest],
        schema_digest=new.schema_digest,
        mode=mode,
        published_by=asset.owner_team_id,
        direction=new.direction,
        guarantees=new.guarantees,
    )
    return judge_draft(asset, draft, promised_schema(asset, schemas, old), old.guarantees, engine)
