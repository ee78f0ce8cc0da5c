"""What is said of each route in the API's description: a sentence, the types of its parts, and its own refusals.

A new route takes one entry here; a test names those without. What follows from the route table is not repeated: the
scope, `…_NOT_FOUND` of the ids in the path, and the refusals that any request may meet (description.py).
"""

from functools import lru_cache
from typing import Annotated, Optional, TypeAlias

import msgspec

from adapters.http import (
    answering,
    assets,
    audit,
    contracts,
    dependencies,
    keys,
    lists,
    proposals,
    publishing,
    registrations,
    teams,
    wire,
)
from adapters.http.syncs import DocumentRoute
from adapters.http.wire import Listed
from adapters.http.wire_syncs import document_answer
from adapters.kinds import KINDS, Action, Kind, KindName
from domain.values import Object


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One operation. Without `answer` it answers 204; `tagged` answers carry an `ETag`."""

    summary: str
    answer: object = None
    status: tuple[int, ...] = (200,)
    query: type[msgspec.Struct] | None = None
    body: object = None
    body_optional: bool = False
    tagged: bool = False
    errors: tuple[str, ...] = ()


def _page(summary: str, entry: object, query: type[msgspec.Struct] = lists.Page, *errors: str) -> Told:
    return Told(summary=summary, answer=Listed[entry], query=query, errors=errors)  # type: ignore[valid-type]


def _one(
    summary: str, answer: object, *errors: str, body: type[msgspec.Struct] | None = None, status: int = 200
) -> Told:
    return Told(summary=summary, answer=answer, errors=errors, body=body, status=(status,), tagged=True)


def _settle(summary: str) -> Told:
    return Told(
        summary=summary,
        answer=wire.Proposal,
        query=answering.Acting,
        body=answering.Acting,
        body_optional=True,
        tagged=True,
        errors=("PROPOSAL_NOT_PENDING",),
    )


TOLD: dict[str, Told] = {
    "POST /teams": _one("Create a team", wire.Team, "DUPLICATE_TEAM", body=teams.NewTeam, status=201),
    "GET /teams": _page("List teams", wire.TeamWithCount, teams.TeamsQuery),
    "GET /teams/{team_id}": _one("Get a team", wire.TeamWithCount),
    "POST /assets": _one(
        "Create an asset",
        wire.Asset,
        "INVALID_FQN",
        "TEAM_NOT_FOUND",
        "USER_NOT_FOUND",
        "USER_TEAM_MISMATCH",
        "DUPLICATE_ASSET",
        body=assets.NewAsset,
        status=201,
    ),
    "GET /assets": _page("List assets", wire.AssetWithNames, assets.AssetsQuery),
    "GET /assets/search": _page("Search assets", wire.AssetFound, assets.SearchQuery),
    "GET /assets/{asset_id}": _one("Get an asset", wire.AssetWithNames),
    "PATCH /assets/{asset_id}": _one(
        "Update an asset",
        wire.Asset,
        "INVALID_FQN",
        "TEAM_NOT_FOUND",
        "USER_NOT_FOUND",
        "USER_TEAM_MISMATCH",
        "DUPLICATE_ASSET",
        body=assets.ChangedAsset,
    ),
    "DELETE /assets/{asset_id}": Told(summary="Delete an asset"),
    "POST /assets/{asset_id}/restore": _one("Restore an asset", wire.Asset, "DUPLICATE_ASSET"),
    "POST /assets/{asset_id}/dependencies": _one(
        "Create a dependency",
        wire.Dependency,
        "SELF_DEPENDENCY",
        "DUPLICATE_DEPENDENCY",
        body=dependencies.NewDependency,
        status=201,
    ),
    "GET /assets/{asset_id}/dependencies": _page("List the dependencies of an asset", wire.Dependency),
    "DELETE /assets/{asset_id}/dependencies/{dependency_id}": Told(summary="Delete a dependency"),
    "GET /assets/{asset_id}/lineage": Told(summary="Get the lineage of an asset", answer=wire.Lineage),
    "POST /assets/{asset_id}/publish": Told(
        summary="Publish a contract",
        answer=wire.Publishing,
        status=(200, 201),
        query=publishing.PublishQuery,
        body=publishing.NewContract,
        errors=(
            "INVALID_INPUT",
            "TEAM_NOT_FOUND",
            "INVALID_SCHEMA",
            "AUDIT_REQUIRED",
            "AUDIT_FAILED",
            "VERSION_EXISTS",
            "INVALID_VERSION",
            "DUPLICATE_PROPOSAL",
        ),
    ),
    "GET /assets/{asset_id}/contracts": _page("List the contracts of an asset", wire.Contract),
    "GET /assets/{asset_id}/contracts/history": Told(
        summary="Get the history of the contracts of an asset", answer=wire.ContractHistory
    ),
    "GET /contracts": _page("List contracts", wire.Contract, contracts.ContractsQuery),
    "GET /contracts/{contract_id}": _one("Get a contract", wire.Contract),
    "GET /contracts/{contract_id}/registrations": _page("List who relies on a contract", wire.RegistrationWithName),
    "POST /registrations": Told(
        summary="Create a registration",
        answer=wire.Registration,
        status=(201,),
        query=registrations.ContractInQuery,
        body=registrations.NewRegistration,
        tagged=True,
        errors=(
            "INVALID_INPUT",
            "CONTRACT_NOT_FOUND",
            "ASSET_NOT_FOUND",
            "TEAM_NOT_FOUND",
            "DUPLICATE_REGISTRATION",
        ),
    ),
    "GET /registrations": _page("List registrations", wire.Registration, registrations.RegistrationsQuery),
    "GET /registrations/{registration_id}": _one("Get a registration", wire.Registration),
    "PATCH /registrations/{registration_id}": _one(
        "Update a registration", wire.Registration, body=registrations.ChangedRegistration
    ),
    "DELETE /registrations/{registration_id}": Told(summary="End a registration"),
    "GET /proposals": _page("List proposals", wire.ProposalListed, proposals.ProposalsQuery),
    "GET /proposals/{proposal_id}": Told(
        summary="Get a proposal",
        answer=wire.ProposalState | wire.Proposal,
        query=proposals.StatusQuery,
        tagged=True,
    ),
    "GET /proposals/{proposal_id}/status": _one("Get the status of a proposal", wire.ProposalState),
    "POST /proposals/expire-pending": Told(summary="Expire overdue proposals", answer=wire.Expired),
    "POST /proposals/{proposal_id}/acknowledge": Told(
        summary="Answer a proposal",
        answer=wire.Acknowledgment,
        status=(201,),
        body=answering.NewAnswer,
        errors=("PROPOSAL_NOT_PENDING", "TEAM_NOT_FOUND", "DUPLICATE_ACKNOWLEDGMENT"),
    ),
    "POST /proposals/{proposal_id}/object": Told(
        summary="Object to a proposal",
        answer=wire.ObjectionFiled,
        status=(201,),
        query=answering.Objector,
        body=answering.NewObjection,
        errors=("PROPOSAL_NOT_PENDING", "TEAM_NOT_FOUND", "FORBIDDEN", "DUPLICATE_OBJECTION"),
    ),
    "POST /proposals/{proposal_id}/withdraw": _settle("Withdraw a proposal"),
    "POST /proposals/{proposal_id}/force": _settle("Approve a proposal by force"),
    "POST /proposals/{proposal_id}/expire": _settle("Expire a proposal"),
    "POST /proposals/{proposal_id}/publish": Told(
        summary="Publish what was proposed",
        answer=wire.ProposalPublished,
        body=answering.Publication,
        errors=("PROPOSAL_NOT_PENDING", "TEAM_NOT_FOUND", "PROPOSAL_STALE", "VERSION_EXISTS"),
    ),
    "GET /audit/events": _page("List what happened", wire.Event, audit.EventsQuery),
    "GET /audit/events/{event_id}": _one("Get one thing that happened", wire.Event),
    "GET /audit/entities/{entity_type}/{entity_id}/history": _page("List what happened to one thing", wire.Event),
    "POST /api-keys": _one(
        "Create an API key",
        wire.KeyOnce,
        "TEAM_NOT_FOUND",
        "USER_NOT_FOUND",
        "USER_TEAM_MISMATCH",
        body=keys.NewKey,
        status=201,
    ),
    "GET /api-keys": Told(
        summary="List API keys", answer=wire.KeysListed, query=keys.KeysQuery, errors=("UNAUTHORIZED_TEAM",)
    ),
    "GET /api-keys/{key_id}": _one("Get an API key", wire.Key, "UNAUTHORIZED_TEAM"),
    "DELETE /api-keys/{key_id}": _one("Revoke an API key", wire.Key),
}
_Member: TypeAlias = tuple[str, object] | tuple[str, object, object]
# A dbt manifest as the whole body.
Bare = Annotated[
    Object,
    msgspec.Meta(
        extra_json_schema={
            "anyOf": [{"required": ["nodes"]}, {"required": ["sources"]}, {"required": ["metadata"]}],
            "not": {"required": ["manifest"]},
        }
    ),
]
_SUMMARIES: dict[Action, str] = {
    "sync": "Sync",
    "impact": "Tell what would break with",
    "diff": "Tell what would change with",
}
_SYNC_ERRORS = ("SYNC_CONFLICT", "MASS_DELETE", "TARGET_MISMATCH")
_KIND_TITLES = {"dbt": "a dbt project", "openapi": "an OpenAPI description", "graphql": "a GraphQL schema"}


def document_told(route: DocumentRoute) -> Told:
    """What is said of a sync, an impact or a diff; all of it follows from the kind of document."""
    kind, action = KINDS[route.kind], route.action
    title = _KIND_TITLES.get(kind.name, f"a document of the kind {kind.name}")
    companions = ("INVALID_CATALOG",) if "catalog" in kind.companions else ()
    errors = (kind.code, *companions, "INVALID_INPUT", "CONFLICT_MODE_INVALID", "TEAM_NOT_FOUND")
    sync = action == "sync"
    return Told(
        summary=f"{_SUMMARIES[action]} {title}" + (", in the older form" if route.bare else ""),
        answer=document_answer(kind.name, action),
        status=(200, 207) if sync else (200,),
        query=msgspec.defstruct("BareOptions", _options(kind, action)) if route.bare else None,
        body=_document_body(kind.name, action) | Bare if route.bare else _document_body(kind.name, action),
        errors=(*errors, *_SYNC_ERRORS, "INSUFFICIENT_SCOPE") if sync else errors,
    )


@lru_cache(maxsize=64)
def _document_body(name: KindName, action: Action) -> type[msgspec.Struct]:
    """The members of a document request: the documents, then the options that the action knows."""
    kind = KINDS[name]
    text: object = Annotated[str, msgspec.Meta(min_length=1)] if kind.is_text else Object
    more = kind.documents(action)[1:]
    members: list[_Member] = [(kind.document, text)]
    members += [(member, Optional[Object if member in kind.companions else text], None) for member in more]  # noqa: UP045
    return msgspec.defstruct(f"{name.capitalize()}{action.capitalize()}Request", [*members, *_options(kind, action)])


def _options(kind: Kind, action: Action) -> list[_Member]:
    known = kind.known(action)
    fields = [field for field in msgspec.structs.fields(kind.options) if field.name in known]
    owned = kind.requires_owner and action == "sync"
    return [
        (field.name, lists.Uuid) if field.name == "owner_team_id" and owned else (field.name, field.type, field.default)
        for field in fields
    ]
