"""Contracts: from a draft to a judgement, and from a judgement to a published version (api.md 3.6)."""

from collections.abc import Mapping

import msgspec

from domain import events as e
from domain import guarantees as promises
from domain.asset import Asset, Contract
from domain.context import Context
from domain.schema.change import ChangeKind, Direction, Mode
from domain.schema.compare import differences
from domain.schema.judge import Judgement, Terms, combine, judge
from domain.schema.meaning import Engine
from domain.schema.operations import judge_operation
from domain.schema.versions import suggest
from domain.values import JSON, Object

OPERATION = "api_endpoint"
DBT_TYPES = frozenset({"model", "source", "seed", "snapshot"})


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A contract that somebody wants to publish. `version` is set once it is decided.

    The schema is a JSON Schema, whatever format it was written in.
    """

    schema: Object
    schema_digest: str
    mode: Mode
    published_by: str
    schema_format: str = "json_schema"
    direction: Direction | None = None
    guarantees: Object | None = None
    field_descriptions: dict[str, str] = {}
    field_tags: dict[str, tuple[str, ...]] = {}
    published_by_user_id: str | None = None
    version: str | None = None

    @staticmethod
    def of_proposal(created: e.ProposalCreated, schema: Object) -> "Draft":
        """The draft that a proposal stands for."""
        return Draft(
            schema=schema,
            schema_digest=created.schema_digest,
            schema_format=created.schema_format,
            mode=created.mode,
            published_by=created.proposed_by,
            direction=created.direction,
            guarantees=created.guarantees,
            field_descriptions=created.field_descriptions,
            field_tags=created.field_tags,
            published_by_user_id=created.proposed_by_user_id,
        )


class Warrant(msgspec.Struct, frozen=True, kw_only=True):
    """What justifies a publication: its judgement, and the force or proposal that allows a breaking one."""

    judgement: Judgement | None = None
    force_reason: str | None = None
    proposal_id: str | None = None


def judge_draft(asset: Asset, draft: Draft, base: Object, base_guarantees: Object | None, engine: Engine) -> Judgement:
    """Judge a draft against the schema and guarantees that hold now, by the draft's mode and direction."""
    strict = asset.guarantee_mode == "strict"
    terms = Terms(mode=draft.mode, direction=draft.direction, dbt=asset.resource_type in DBT_TYPES, strict=strict)
    if asset.resource_type == OPERATION and draft.direction is None:
        judgement = judge_operation(base, draft.schema, engine, terms, asset.id)
    else:
        judgement = judge(differences(base, draft.schema, engine), terms, asset.id)
    if not strict:
        return judgement
    return combine(judgement, promises.as_breaking(promises.changes(base_guarantees, draft.guarantees), asset.id))


def promised_schema(asset: Asset, schemas: Mapping[str, Object], base: Contract | None = None) -> Object:
    """The schema of a contract (else the active one), as later judgements take it.

    A dbt column whose type a version left out keeps the last type that one promised (api.md 2.5).
    """
    base = base or asset.active_contract
    assert base is not None
    schema = schemas[base.schema_digest]
    untyped = _untyped(schema) if asset.resource_type in DBT_TYPES else set()
    kept: Object = {}
    for contract in reversed(asset.contracts[: asset.contracts.index(base)]):
        if not untyped:
            break
        columns = _columns(schemas[contract.schema_digest])
        kept |= {name: columns[name] for name in untyped & columns.keys() if _has_type(columns[name])}
        untyped = {name for name in untyped if name in columns and name not in kept}
    return {**schema, "properties": {**_columns(schema), **kept}} if kept else schema


def _columns(schema: Object) -> Object:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def _has_type(column: JSON) -> bool:
    return isinstance(column, dict) and "type" in column


def _untyped(schema: Object) -> set[str]:
    return {name for name, column in _columns(schema).items() if not _has_type(column)}


def publish_version(asset: Asset, draft: Draft, version: str, warrant: Warrant, context: Context) -> list[e.AssetEvent]:
    """The new version, and the deprecation of the one that it replaces."""
    judgement = warrant.judgement
    active = asset.active_contract
    published = e.ContractPublished(
        contract_id=context.new_id("contract", asset.id, version),
        version=version,
        schema_digest=draft.schema_digest,
        schema_format=draft.schema_format,
        mode=draft.mode,
        direction=draft.direction,
        guarantees=draft.guarantees,
        field_descriptions=draft.field_descriptions,
        field_tags=draft.field_tags,
        published_by=draft.published_by,
        published_by_user_id=draft.published_by_user_id,
        change_type=judgement.change_type if judgement else None,
        changes=judgement.changes if judgement else (),
        force_reason=warrant.force_reason,
        proposal_id=warrant.proposal_id,
    )
    return [published, e.ContractDeprecated(contract_id=active.id)] if active else [published]


def carried_fields(schema: Object, old: Mapping[str, object], given: Mapping[str, object]) -> frozenset[str]:
    """The paths of `old` that still lead to a field of `schema` and that `given` does not state anew."""
    return frozenset(path for path in old if path not in given and _leads(schema, path))


def _leads(schema: Object, path: str) -> bool:
    """Whether `$.properties.address.properties.zip` finds something in the schema."""
    return _found_in(schema, path.removeprefix("$").removeprefix("."))


def _found_in(place: JSON, path: str) -> bool:
    """Names may hold dots themselves, so that each that fits is tried."""
    if path == "":
        return True
    names = place if isinstance(place, dict) else {}
    return any(
        _found_in(inner, path[len(name) + 1 :]) for name, inner in names.items() if (path + ".").startswith(name + ".")
    )


def first_version(asset: Asset) -> str:
    """The version of a contract that follows no active one: `1.0.0`, or the next major after those retired."""
    return suggest(asset.contracts[-1].version if asset.contracts else None, None, True)


def unused(asset: Asset, version: str) -> str:
    """The version itself, or the next patch that the asset has not used."""
    taken = {contract.version for contract in asset.contracts}
    while version in taken:
        version = suggest(version, ChangeKind.patch, False)
    return version
