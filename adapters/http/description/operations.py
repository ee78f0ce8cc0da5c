"""What is said of each route in the API's description: a sentence, the types of its parts, and its own refusals.

A new route takes one entry here; a test names those without. What follows from the route table is not repeated: the
scope, `…_NOT_FOUND` of the ids in the path, and the refusals that any request may meet (refusals.py). Syncs and their
previews are told of in documents.py.
"""

from adapters import compat
from adapters.http import (
    answering,
    asset_lists,
    assets,
    audit,
    audit_runs,
    audit_trends,
    bulk,
    bulk_publishing,
    comparisons,
    contract_commands,
    contracts,
    deliveries,
    dependencies,
    impact,
    impact_preview,
    inbox,
    keys,
    metrics,
    pending_proposals,
    proposals,
    publishing,
    reassigning,
    registrations,
    schema_questions,
    search,
    sources,
    team_deletion,
    teams,
    user_forms,
    webhooks,
    wire,
)
from adapters.http.description.told import Told, one, page
from domain.suggesting import Suggestion
from domain.values import Object
from projections.syncs import SyncBody


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


_USER_ERRORS = ("400 VALIDATION_ERROR", "TEAM_NOT_FOUND", "DUPLICATE_USER")
TOLD: dict[str, Told] = {
    "GET /metrics": Told(summary="Get what Prometheus reads", answer=str, media_type=metrics.MEDIA_TYPE),
    "POST /teams": one("Create a team", wire.Team, "DUPLICATE_TEAM", body=teams.NewTeam, status=201),
    "GET /teams": page("List teams", wire.TeamWithCount, teams.TeamsQuery),
    "GET /teams/{team_id}": one("Get a team", wire.TeamWithCount),
    "GET /teams/{team_id}/inbox": Told(summary="Get the inbox of a team", answer=inbox.Inbox),
    "PATCH /teams/{team_id}": one("Update a team", wire.Team, "DUPLICATE_TEAM", body=teams.ChangedTeam),
    "PUT /teams/{team_id}": one("Update a team by PUT", wire.Team, "DUPLICATE_TEAM", body=teams.ChangedTeam),
    "DELETE /teams/{team_id}": Told(summary="Delete a team", query=team_deletion.Forcing, errors=("TEAM_HAS_ASSETS",)),
    "POST /teams/{team_id}/restore": one("Restore a team", wire.Team, "DUPLICATE_TEAM"),
    "GET /teams/{team_id}/members": page("List the members of a team", wire.User),
    "POST /teams/{team_id}/reassign-assets": Told(
        summary="Hand assets over to another team",
        answer=wire.Reassigned,
        body=reassigning.Reassignment,
        errors=("SAME_TEAM",),
    ),
    "POST /users": one(
        "Create a user", wire.User, "TEAM_NOT_FOUND", "DUPLICATE_USER", body=user_forms.NewUser, status=201
    ),
    "GET /users": page("List users", wire.User, user_forms.UsersQuery),
    "GET /users/{user_id}": one("Get a user", wire.User),
    "PATCH /users/{user_id}": one("Update a user", wire.User, *_USER_ERRORS, body=user_forms.ChangedUser),
    "PUT /users/{user_id}": one("Update a user by PUT", wire.User, *_USER_ERRORS, body=user_forms.ChangedUser),
    "DELETE /users/{user_id}": Told(summary="Deactivate a user", query=user_forms.Erasing),
    "POST /users/{user_id}/reactivate": one("Reactivate a user", wire.User, "DUPLICATE_USER"),
    "POST /assets": one(
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
    "POST /assets/bulk-assign": Told(
        summary="Give assets a responsible user",
        answer=wire.Assigned,
        body=reassigning.Assignment,
        errors=("USER_NOT_FOUND", "USER_TEAM_MISMATCH"),
    ),
    "GET /assets": page("List assets", wire.AssetWithNames, asset_lists.AssetsQuery),
    "GET /assets/search": page("Search assets", wire.AssetFound, asset_lists.SearchQuery),
    "GET /assets/{asset_id}": one("Get an asset", wire.AssetWithNames),
    "PATCH /assets/{asset_id}": one(
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
    "POST /assets/{asset_id}/restore": one("Restore an asset", wire.Asset, "DUPLICATE_ASSET"),
    "POST /assets/{asset_id}/dependencies": one(
        "Create a dependency",
        wire.Dependency,
        "SELF_DEPENDENCY",
        "DUPLICATE_DEPENDENCY",
        body=dependencies.NewDependency,
        status=201,
    ),
    "GET /assets/{asset_id}/dependencies": page("List the dependencies of an asset", wire.Dependency),
    "DELETE /assets/{asset_id}/dependencies/{dependency_id}": Told(summary="Delete a dependency"),
    "GET /assets/{asset_id}/lineage": Told(summary="Get the lineage of an asset", answer=wire.Lineage),
    "POST /assets/{asset_id}/impact": Told(
        summary="Tell whom a schema would hit",
        answer=impact.Impact,
        query=impact.Depth,
        body=Object,
        errors=("INVALID_SCHEMA",),
    ),
    "POST /assets/{asset_id}/impact-preview": Told(
        summary="Preview a publication",
        answer=impact_preview.ImpactPreview,
        body=impact_preview.Proposed,
        errors=("CONTRACT_NOT_FOUND", "INVALID_SCHEMA"),
    ),
    "POST /compat/check-compat": Told(
        summary="Check whether a description keeps what was promised",
        answer=compat.CheckAnswer,
        query=compat.CheckQuery,
        body=compat.CheckRequest,
        errors=("ASSET_NOT_FOUND", "INVALID_SCHEMA"),
    ),
    "POST /assets/{asset_id}/version-suggestion": Told(
        summary="Suggest a version", answer=Suggestion, body=comparisons.Suggested, errors=("INVALID_SCHEMA",)
    ),
    "GET /assets/{asset_id}/contracts/diff": Told(
        summary="Compare two versions of an asset",
        answer=comparisons.VersionDiff,
        query=comparisons.Versions,
        errors=("CONTRACT_NOT_FOUND",),
    ),
    "POST /assets/{asset_id}/audit-results": Told(
        summary="Report an audit run", answer=audit_runs.ReportedRun, body=audit_runs.NewRun
    ),
    "GET /assets/{asset_id}/audit-history": Told(
        summary="Get the audit runs of an asset", answer=audit_runs.History, query=audit_runs.HistoryQuery
    ),
    "GET /assets/{asset_id}/audit-trends": Told(
        summary="Get the trends of audit runs of an asset", answer=audit_trends.Trends
    ),
    "POST /schemas/validate": Told(summary="Check a schema", answer=schema_questions.Validity, body=Object),
    "POST /schemas/diff": Told(
        summary="Compare two schemas",
        answer=schema_questions.SchemaDiff,
        body=schema_questions.Schemas,
        errors=("INVALID_SCHEMA",),
    ),
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
    "GET /assets/{asset_id}/contracts": page("List the contracts of an asset", wire.Contract),
    "GET /assets/{asset_id}/contracts/history": Told(
        summary="Get the history of the contracts of an asset", answer=wire.ContractHistory
    ),
    "GET /contracts": page("List contracts", wire.Contract, contracts.ContractsQuery),
    "GET /contracts/{contract_id}": one("Get a contract", wire.Contract),
    "PATCH /contracts/{contract_id}/guarantees": one(
        "Replace the guarantees of a contract",
        wire.Contract,
        "ASSET_NOT_FOUND",
        "CONTRACT_NOT_ACTIVE",
        body=contract_commands.NewGuarantees,
    ),
    "POST /contracts/{contract_id}/retire": one(
        "Retire a contract", wire.Contract, "ASSET_NOT_FOUND", "CONTRACT_NOT_ACTIVE"
    ),
    "POST /contracts/compare": Told(
        summary="Compare two contracts",
        answer=comparisons.ContractComparison,
        body=comparisons.Pair,
        errors=("CONTRACT_NOT_FOUND",),
    ),
    "POST /contracts/bulk": Told(
        summary="Publish many contracts, or preview it",
        answer=bulk_publishing.BulkAnswer,
        query=bulk_publishing.Options,
        body=bulk_publishing.Publications,
        errors=("INSUFFICIENT_SCOPE", "UNAUTHORIZED_TEAM", "TEAM_NOT_FOUND"),
    ),
    "GET /contracts/{contract_id}/registrations": page("List who relies on a contract", wire.RegistrationWithName),
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
    "GET /registrations": page("List registrations", wire.Registration, registrations.RegistrationsQuery),
    "GET /registrations/{registration_id}": one("Get a registration", wire.Registration),
    "PATCH /registrations/{registration_id}": one(
        "Update a registration", wire.Registration, body=registrations.ChangedRegistration
    ),
    "DELETE /registrations/{registration_id}": Told(summary="End a registration"),
    "GET /proposals": page("List proposals", wire.ProposalListed, proposals.ProposalsQuery),
    "GET /proposals/{proposal_id}": Told(
        summary="Get a proposal",
        answer=wire.ProposalState | wire.Proposal,
        query=proposals.StatusQuery,
        tagged=True,
    ),
    "GET /proposals/{proposal_id}/status": one("Get the status of a proposal", wire.ProposalState),
    "GET /proposals/pending/{team_id}": Told(
        summary="List proposals that await a team's answer",
        answer=pending_proposals.Pending,
        query=pending_proposals.PendingQuery,
    ),
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
    "GET /sources": page("List sources", sources.SourceEntry),
    "GET /syncs": page("List syncs", SyncBody, sources.SyncsQuery),
    "GET /syncs/{sync_id}": one("Get a sync", SyncBody),
    "GET /audit/events": page("List what happened", wire.Event, audit.EventsQuery),
    "GET /audit/events/{event_id}": one("Get one thing that happened", wire.Event),
    "GET /audit/entities/{entity_type}/{entity_id}/history": page("List what happened to one thing", wire.Event),
    "GET /search": Told(
        summary="Search teams, users, assets and contracts", answer=search.SearchAnswer, query=search.Search
    ),
    "POST /bulk/assets": Told(
        summary="Create many assets", answer=bulk.BulkResults, body=bulk.NewAssets, status=(200, 207)
    ),
    "POST /bulk/registrations": Told(
        summary="Register many consumers", answer=bulk.BulkResults, body=bulk.NewRegistrations, status=(200, 207)
    ),
    "POST /bulk/acknowledgments": Told(
        summary="Acknowledge many proposals", answer=bulk.BulkResults, body=bulk.NewAnswers, status=(200, 207)
    ),
    "POST /api-keys": one(
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
    "GET /api-keys/{key_id}": one("Get an API key", wire.Key, "UNAUTHORIZED_TEAM"),
    "DELETE /api-keys/{key_id}": one("Revoke an API key", wire.Key),
    "POST /webhooks": one(
        "Register a webhook", wire.WebhookOnce, "TEAM_NOT_FOUND", body=webhooks.NewWebhook, status=201
    ),
    "GET /webhooks": page("List webhooks", wire.Webhook),
    "GET /webhooks/{webhook_id}": one("Get a webhook", wire.Webhook),
    "DELETE /webhooks/{webhook_id}": Told(summary="Delete a webhook"),
    "GET /webhooks/deliveries": page("List messages to webhooks", wire.Delivery, deliveries.DeliveriesQuery),
    "GET /webhooks/deliveries/{delivery_id}": one("Get a message to a webhook", wire.Delivery),
    "POST /webhooks/deliveries/{delivery_id}/redeliver": one(
        "Send a message to a webhook again", wire.Delivery, "WEBHOOK_NOT_FOUND", status=202
    ),
}
