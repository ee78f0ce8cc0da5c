"""Whether a description keeps what its operations or types promise (api.md 3.14): `POST /compat/check-compat`."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from adapters.catalog import Catalog
from adapters.contract_engine import ENGINE
from adapters.gathering import Schemas
from adapters.http.call import asked, decoded
from adapters.kinds import Prefix
from adapters.previews import planned
from adapters.requests import Envelope
from adapters.sources import graphql, openapi
from adapters.sources.errors import InvalidDocument
from adapters.syncing import Job, JobAnswer
from adapters.yaml_text import InvalidYaml, json_of
from domain.asset import Asset, Contract
from domain.errors import Refused
from domain.publishing import OPERATION, Draft, judge_draft, promised_schema
from domain.schema.canonical import digest
from domain.schema.change import Change, Mode
from domain.schema.judge import Judgement
from domain.sync.options import SyncOptions
from domain.sync.plan import ItemPlan
from domain.sync.reading import unread
from domain.sync.spec import AssetSpec, Document
from domain.values import Object
from projections import asset_questions as q
from projections.engine import bound_list

SpecFormat = Literal["openapi", "graphql", "graphql_sdl"]


class CheckRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A description as a text. `graphql` is an introspection result as JSON."""

    spec_content: Annotated[str, msgspec.Meta(min_length=1, max_length=5_000_000)]
    spec_format: SpecFormat
    asset_fqn: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    service_name: Prefix | None = None
    environment: Annotated[str, msgspec.Meta(min_length=1, max_length=50)] = "production"


class CheckQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The mode to judge by, in the place of each contract's own."""

    compatibility_mode_override: Mode | None = None


class CheckedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An operation or type. `change_type` is `new` where there is no contract yet."""

    fqn: str
    is_breaking: bool
    change_type: Literal["new", "patch", "minor", "major"]
    breaking_changes: tuple[Change, ...] = ()
    non_breaking_changes: tuple[Change, ...] = ()
    current_version: str | None = None
    compatibility_mode: Mode | None = None


class CheckAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Every item, and how many of them were held against a contract (`checked`) or have none (`new_endpoints`)."""

    is_breaking: bool
    spec_format: SpecFormat
    total_endpoints: int
    checked: int
    new_endpoints: int
    results: list[CheckedItem]
    parse_errors: list[str]


def check(catalog: Catalog, job: Job) -> JobAnswer:
    """Hold a description against the active contracts, as a diff of it would. Raises `Refused`."""
    request = decoded(job.body.read_bytes(), CheckRequest)
    mode = asked(job.query, CheckQuery).compatibility_mode_override
    asset = None if request.asset_fqn is None else _named(catalog, request.asset_fqn, request.environment)
    document = _with_mode(_document(request), mode)
    if asset is not None:
        results = [_against(catalog, asset, spec, mode) for spec in document.specs[:1]]
        errors = [*document.parse_errors]
    else:
        options = SyncOptions(environment=request.environment)
        made = planned(catalog, Envelope(document=document, digest="", options=options), job)
        results = [_checked(item, mode) for item in [*made.items, *made.unknown]]
        errors = [str(error) for error in unread(made)]
    new = sum(1 for result in results if result.change_type == "new")
    answer = CheckAnswer(
        is_breaking=any(result.is_breaking for result in results),
        spec_format=request.spec_format,
        total_endpoints=len(results),
        checked=len(results) - new,
        new_endpoints=new,
        results=results,
        parse_errors=errors,
    )
    return JobAnswer(status=200, body=msgspec.json.encode(answer), position=catalog.log.head())


def _document(request: CheckRequest) -> Document:
    """The description, read. Raises `INVALID_SCHEMA` for a text that is none."""
    text, is_json = request.spec_content, request.spec_content.lstrip("\ufeff \t\r\n").startswith("{")
    if request.spec_format != "openapi" and is_json != (request.spec_format == "graphql"):
        wanted = "an introspection result as JSON" if request.spec_format == "graphql" else "SDL"
        raise _invalid([f"spec_content: {request.spec_format} is {wanted}"])
    try:
        if request.spec_format == "openapi":
            prefix = request.service_name or "api"
            return openapi.read(_json(text, is_json=is_json), openapi.Naming(prefix, prefix))
        prefix = request.service_name or "graphql"
        return graphql.read(text, key=prefix, prefix=prefix)
    except InvalidDocument as error:
        raise _invalid([*error.errors]) from None
    except RecursionError:
        raise _invalid(["spec_content: it is nested too deeply"]) from None


def _json(text: str, *, is_json: bool) -> bytes:
    """A description's JSON text, from JSON or YAML."""
    if is_json:
        try:
            msgspec.json.decode(text, type=Raw)
            return text.encode()
        except msgspec.DecodeError:
            pass  # what begins like JSON may be YAML in braces
    try:
        return msgspec.json.encode(json_of(text, at_least=0))
    except (InvalidYaml, OverflowError) as error:
        raise _invalid([f"spec_content is neither JSON nor YAML: {error}"]) from None


def _invalid(errors: list[str]) -> Refused:
    return Refused("INVALID_SCHEMA", f"The description is unusable: {errors[0]}.", {"errors": [*errors]})


def _with_mode(document: Document, mode: Mode | None) -> Document:
    if mode is None:
        return document
    return replace(document, specs=tuple(replace(spec, compatibility_mode=mode) for spec in document.specs))


def _checked(item: ItemPlan, mode: Mode | None) -> CheckedItem:
    active = None if item.before.deleted else item.before.active_contract
    stated = item.spec.compatibility_mode if item.spec else None
    return _told(item.fqn, active, item.judgement, mode or stated)


def _told(fqn: str, active: Contract | None, judgement: Judgement | None, mode: Mode | None) -> CheckedItem:
    if active is None:
        return CheckedItem(fqn=fqn, is_breaking=False, change_type="new")
    found = judgement or Judgement()
    return CheckedItem(
        fqn=fqn,
        is_breaking=not found.compatible,
        change_type=found.change_type.value,
        breaking_changes=found.breaking,
        non_breaking_changes=tuple(change for change in found.changes if not change.incompatible),
        current_version=active.version,
        compatibility_mode=mode or active.mode,
    )


def _named(catalog: Catalog, fqn: str, environment: str) -> Asset:
    dialect = catalog.log.dialect
    with catalog.log.read() as session:
        rows = session.rows(q.BY_NAME.sql(dialect), {"fqns": bound_list([fqn], dialect), "environment": environment})
    states: Mapping[str, Asset] = catalog.states([str(rows[-1][1])]) if rows else {}
    for state in states.values():
        if not state.deleted:
            return state
    raise Refused("ASSET_NOT_FOUND", f"An asset named {fqn[:100]!r} was not found in environment {environment!r}.")


def _against(catalog: Catalog, asset: Asset, spec: AssetSpec, mode: Mode | None) -> CheckedItem:
    """One operation or type against the contract of a named asset."""
    active = asset.active_contract
    if active is None:
        return _told(asset.fqn, None, None, None)
    schema = spec.schema or {}
    if spec.resource_type == OPERATION and asset.resource_type != OPERATION:
        schema = _response(schema)
    draft = Draft(
        schema=schema,
        schema_digest=digest(schema),
        mode=mode or active.mode,
        published_by=asset.owner_team_id,
        direction=active.direction,
        guarantees=active.guarantees,
    )
    judgement = judge_draft(asset, draft, promised_schema(asset, Schemas(catalog)), active.guarantees, ENGINE)
    return _told(asset.fqn, active, judgement, mode)


def _response(operation: Object) -> Object:
    """The schema of what an operation answers, to stand alone: an object of any kind where it says nothing."""
    parts = operation.get("properties")
    response = parts.get("response") if isinstance(parts, dict) else None
    if not isinstance(response, dict):
        return {"type": "object"}
    definitions = operation.get("$defs")
    return {**response, "$defs": definitions} if definitions and "$defs" not in response else response
