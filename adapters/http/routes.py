"""Every path that there is, with the scope that it asks for and what answers it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import msgspec

from adapters import expiry
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
    users,
    webhooks,
)
from adapters.http.call import Answer, Call
from adapters.http.service import Command, Question, Service
from adapters.http.syncs import DocumentRoute
from adapters.kinds import KINDS, KindName

Read: TypeAlias = Callable[[Service, Call], Awaitable[Answer]]
Ask: TypeAlias = Callable[[Call], Question]
Write: TypeAlias = Callable[[Call], Command[Any]]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one path. Exactly one of `read`, `ask`, `write` and `document` answers it.

    `read` answers from the views at once; `ask` changes nothing either, but needs a body, or more than a statement.
    """

    method: str
    path: str
    scope: str
    read: Read | None = None
    ask: Ask | None = None
    write: Write | None = None
    document: DocumentRoute | None = None

    @property
    def takes_as_of(self) -> bool:
        """Whether it answers for a moment of the past, too: every GET of the API (api.md 1.5)."""
        return self.method == "GET" and self.path.startswith("/api/")


def _get(path: str, read: Read, scope: str = "read") -> Route:
    return Route(method="GET", path="/api/v1" + path, scope=scope, read=read)


def _ask(method: str, path: str, ask: Ask) -> Route:
    return Route(method=method, path="/api/v1" + path, scope="read", ask=ask)


def _do(method: str, path: str, write: Write, scope: str = "write") -> Route:
    return Route(method=method, path="/api/v1" + path, scope=scope, write=write)


def _document(path: str, route: DocumentRoute) -> Route:
    # A dry run needs no more than `read`, and only the body tells: the worker judges the scope of the others.
    return Route(method="POST", path="/api/v1" + path, scope="read", document=route)


def _documents(kind: KindName) -> tuple[Route, ...]:
    return (
        _document(f"/sync/{kind}", DocumentRoute(kind, "sync")),
        _document(f"/sync/{kind}/impact", DocumentRoute(kind, "impact")),
        _document(f"/sync/{kind}/diff", DocumentRoute(kind, "diff")),
    )


ROUTES: tuple[Route, ...] = (
    Route(method="GET", path="/metrics", scope="read", read=metrics.metrics),
    _document("/sync/dbt/upload", DocumentRoute("dbt", "sync")),
    _document("/sync/dbt", DocumentRoute("dbt", "sync", bare=True)),
    _document("/sync/dbt/impact", DocumentRoute("dbt", "impact")),
    _document("/sync/dbt/diff", DocumentRoute("dbt", "diff")),
    *(route for kind in KINDS if kind != "dbt" for route in _documents(kind)),
    _document("/compat/check-compat", DocumentRoute(None, "check")),
    _get("/sources", sources.listed_sources),
    _get("/syncs", sources.listed),
    _get("/syncs/{sync_id}", sources.get),
    _do("POST", "/teams", teams.create),
    _get("/teams", teams.listed),
    _get("/teams/{team_id}", teams.get),
    _get("/teams/{team_id}/inbox", inbox.of_team),
    _do("PATCH", "/teams/{team_id}", teams.update, "admin"),
    _do("PUT", "/teams/{team_id}", teams.update, "admin"),
    _do("DELETE", "/teams/{team_id}", team_deletion.delete, "admin"),
    _do("POST", "/teams/{team_id}/restore", teams.restore, "admin"),
    _get("/teams/{team_id}/members", users.members),
    _do("POST", "/teams/{team_id}/reassign-assets", reassigning.reassign, "admin"),
    _do("POST", "/users", users.create, "admin"),
    _get("/users", users.listed),
    _get("/users/{user_id}", users.get),
    _do("PATCH", "/users/{user_id}", users.update, "admin"),
    _do("PUT", "/users/{user_id}", users.update, "admin"),
    _do("DELETE", "/users/{user_id}", users.deactivate, "admin"),
    _do("POST", "/users/{user_id}/reactivate", users.reactivate, "admin"),
    _do("POST", "/assets", assets.create),
    _do("POST", "/assets/bulk-assign", reassigning.assign, "admin"),
    _get("/assets", asset_lists.listed),
    _get("/assets/search", asset_lists.search),
    _get("/assets/{asset_id}", assets.get),
    _do("PATCH", "/assets/{asset_id}", assets.update),
    _do("DELETE", "/assets/{asset_id}", assets.delete),
    _do("POST", "/assets/{asset_id}/restore", assets.restore),
    _do("POST", "/assets/{asset_id}/dependencies", dependencies.create),
    _get("/assets/{asset_id}/dependencies", dependencies.listed),
    _do("DELETE", "/assets/{asset_id}/dependencies/{dependency_id}", dependencies.delete),
    _get("/assets/{asset_id}/lineage", dependencies.lineage),
    _ask("POST", "/assets/{asset_id}/impact", impact.of_asset),
    _ask("POST", "/assets/{asset_id}/impact-preview", impact_preview.preview),
    _do("POST", "/assets/{asset_id}/publish", publishing.publish),
    _ask("POST", "/assets/{asset_id}/version-suggestion", comparisons.suggest),
    _get("/assets/{asset_id}/contracts", contracts.of_asset),
    _get("/assets/{asset_id}/contracts/history", contracts.history),
    _ask("GET", "/assets/{asset_id}/contracts/diff", comparisons.diff),
    _do("POST", "/assets/{asset_id}/audit-results", audit_runs.report),
    _get("/assets/{asset_id}/audit-history", audit_runs.history),
    _get("/assets/{asset_id}/audit-trends", audit_trends.trends),
    _get("/contracts", contracts.listed),
    _ask("POST", "/contracts/compare", comparisons.compare),
    # A preview needs no more than `read`, and only the query tells: the handler judges the scope of the others.
    _do("POST", "/contracts/bulk", bulk_publishing.publish, "read"),
    _get("/contracts/{contract_id}", contracts.get),
    _get("/contracts/{contract_id}/registrations", contracts.registrations),
    _do("PATCH", "/contracts/{contract_id}/guarantees", contract_commands.update_guarantees),
    _do("POST", "/contracts/{contract_id}/retire", contract_commands.retire, "admin"),
    _ask("POST", "/schemas/validate", schema_questions.validate),
    _ask("POST", "/schemas/diff", schema_questions.diff),
    _do("POST", "/registrations", registrations.create),
    _get("/registrations", registrations.listed),
    _get("/registrations/{registration_id}", registrations.get),
    _do("PATCH", "/registrations/{registration_id}", registrations.update),
    _do("DELETE", "/registrations/{registration_id}", registrations.delete),
    _get("/proposals", proposals.listed),
    _get("/proposals/pending/{team_id}", pending_proposals.of_team),
    _get("/proposals/{proposal_id}", proposals.get),
    _get("/proposals/{proposal_id}/status", proposals.status),
    _do("POST", "/proposals/expire-pending", expiry.expire_pending, "admin"),
    _do("POST", "/proposals/{proposal_id}/acknowledge", answering.acknowledge),
    _do("POST", "/proposals/{proposal_id}/object", answering.object_),
    _do("POST", "/proposals/{proposal_id}/withdraw", answering.withdraw),
    _do("POST", "/proposals/{proposal_id}/force", answering.force),
    _do("POST", "/proposals/{proposal_id}/expire", answering.expire),
    _do("POST", "/proposals/{proposal_id}/publish", answering.publish),
    _get("/audit/events", audit.listed),
    _get("/audit/events/{event_id}", audit.get),
    _get("/audit/entities/{entity_type}/{entity_id}/history", audit.of_entity),
    _get("/search", search.search),
    _do("POST", "/bulk/assets", bulk.assets),
    _do("POST", "/bulk/registrations", bulk.registrations),
    _do("POST", "/bulk/acknowledgments", bulk.acknowledgments),
    _do("POST", "/api-keys", keys.create, "admin"),
    _get("/api-keys", keys.listed),
    _get("/api-keys/{key_id}", keys.get),
    _do("DELETE", "/api-keys/{key_id}", keys.revoke, "admin"),
    _do("POST", "/webhooks", webhooks.create, "admin"),
    _get("/webhooks", webhooks.listed, "admin"),
    _get("/webhooks/deliveries", deliveries.listed, "admin"),
    _get("/webhooks/deliveries/{delivery_id}", deliveries.get, "admin"),
    _do("POST", "/webhooks/deliveries/{delivery_id}/redeliver", deliveries.redeliver, "admin"),
    _get("/webhooks/{webhook_id}", webhooks.get, "admin"),
    _do("DELETE", "/webhooks/{webhook_id}", webhooks.delete, "admin"),
)
