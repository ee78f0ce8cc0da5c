"""Contracts held against each other, and the version to publish next (api.md 3.5)."""

import msgspec

from adapters.catalog import Catalog
from adapters.contract_engine import ENGINE
from adapters.gathering import Schemas
from adapters.http.call import Answer, Call
from adapters.http.lists import Uuid
from adapters.http.schemas import SchemaFormat, as_json_schema, within_limits
from adapters.http.service import Asking, Question, now
from domain.asset import Asset, Contract
from domain.commands import PublishContract
from domain.contract_comparison import judge_step
from domain.errors import Refused, not_found
from domain.manual_publishing import judged
from domain.schema.change import Change, ChangeKind, Mode
from domain.values import Object
from projections import contract_questions as q
from projections.contracts import ContractBody


class Versions(msgspec.Struct, frozen=True, kw_only=True):
    """The query of a diff."""

    from_version: str
    to_version: str


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two contracts to compare. The mode is that of the first where none is given."""

    contract_id_1: Uuid
    contract_id_2: Uuid
    compatibility_mode: Mode | None = None


class Suggested(msgspec.Struct, frozen=True, kw_only=True):
    """A schema that somebody thinks of publishing."""

    schema: Object
    schema_format: SchemaFormat = "json_schema"


class VersionDiff(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a diff of two versions."""

    asset_id: str
    asset_fqn: str
    from_version: str
    to_version: str
    change_type: ChangeKind
    is_compatible: bool
    breaking_changes: tuple[Change, ...]
    all_changes: tuple[Change, ...]
    compatibility_mode: Mode


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of two contracts that were compared."""

    id: str
    version: str
    published_at: str
    asset_id: str


class ContractComparison(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a comparison of two contracts."""

    contract_1: Side
    contract_2: Side
    change_type: ChangeKind
    is_compatible: bool
    breaking_changes: tuple[Change, ...]
    all_changes: tuple[Change, ...]
    compatibility_mode: Mode


def diff(call: Call) -> Question:
    """`GET /assets/{id}/contracts/diff`, by the mode of the version that it starts from."""
    id, query = call.id("asset_id"), call.query(Versions)

    def question(catalog: Catalog) -> Answer:
        asset = catalog.asset_as_of(id, call.as_of)
        old, new = (_version(asset, version) for version in (query.from_version, query.to_version))
        judgement = judge_step(asset, old, new, old.mode, Schemas(catalog), ENGINE)
        found = VersionDiff(
            asset_id=id,
            asset_fqn=asset.fqn,
            from_version=old.version,
            to_version=new.version,
            change_type=judgement.change_type,
            is_compatible=judgement.compatible,
            breaking_changes=judgement.breaking,
            all_changes=judgement.changes,
            compatibility_mode=old.mode,
        )
        return Answer(body=msgspec.json.encode(found))

    return question


def _version(asset: Asset, version: str) -> Contract:
    found = next((contract for contract in asset.contracts if contract.version == version), None)
    if found is None:
        raise Refused("CONTRACT_NOT_FOUND", f"The version {version[:50]!r} of this asset was not found.")
    return found


def compare(call: Call) -> Question:
    """`POST /contracts/compare`."""
    body = call.json(Pair)

    def question(catalog: Catalog) -> Answer:
        sides = [contract_body(catalog, id.lower()) for id in (body.contract_id_1, body.contract_id_2)]
        assets = [catalog.any_asset(side.asset_id) for side in sides]
        old, new = (_version(asset, side.version) for asset, side in zip(assets, sides, strict=True))
        mode = body.compatibility_mode or old.mode
        judgement = judge_step(assets[0], old, new, mode, Schemas(catalog), ENGINE)
        found = ContractComparison(
            contract_1=_side(sides[0]),
            contract_2=_side(sides[1]),
            change_type=judgement.change_type,
            is_compatible=judgement.compatible,
            breaking_changes=judgement.breaking,
            all_changes=judgement.changes,
            compatibility_mode=mode,
        )
        return Answer(body=msgspec.json.encode(found))

    return question


def contract_body(catalog: Catalog, id: str) -> ContractBody:
    """A contract as its view has it now, or `CONTRACT_NOT_FOUND`."""

    def asked(asking: Asking) -> list[tuple[object, ...]]:
        return asking.rows(q.CONTRACT, id=id)

    rows = now(catalog.log, asked)
    if not rows:
        raise not_found("contract", id)
    body = rows[0][0]
    assert isinstance(body, bytes)
    return msgspec.json.decode(body, type=ContractBody)


def _side(body: ContractBody) -> Side:
    return Side(id=body.id, version=body.version, published_at=body.published_at, asset_id=body.asset_id)


def suggest(call: Call) -> Question:
    """`POST /assets/{id}/version-suggestion`."""
    id, body = call.id("asset_id"), call.json(Suggested)
    within_limits(body.schema, "body.schema")

    def question(catalog: Catalog) -> Answer:
        asset = catalog.asset(id)
        schema = as_json_schema(body.schema, body.schema_format)
        command = PublishContract(schema=schema, published_by=asset.owner_team_id)
        found = judged(asset, command, Schemas(catalog), ENGINE).suggestion
        return Answer(body=msgspec.json.encode(found))

    return question
