"""One small story through every operation of the API: what it sends and gets are the examples of the description."""

import json
import time
from typing import Any, get_args

import httpx

from domain.webhooks import MessageType
from tests.manifests import depends, manifest, model

ORDERS: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "email": {"type": "string", "format": "email"}},
    "required": ["id"],
}
WITHOUT_EMAIL = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
WITH_TOTAL = {**ORDERS, "properties": {**ORDERS["properties"], "total": {"type": "number"}}}
SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1.0.0"},
    "paths": {
        "/orders/{id}": {
            "get": {
                "operationId": "getOrder",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "One.", "content": {"application/json": {"schema": ORDERS}}}},
            }
        }
    },
}
SDL = "type Query { order(id: ID!): Order }\ntype Order { id: ID! email: String }"


def tell(api: httpx.Client) -> None:
    """The whole story, on an empty catalog. Each call has to work."""
    shop, finance = _people(api)
    webhook = _webhooks(api)
    _documents(api, shop)
    asset = _assets(api, shop)
    contract = _contracts(api, asset, shop)
    registration = _registrations(api, contract, finance)
    _previews(api, asset)
    _proposals(api, asset, shop, finance)
    _users(api, shop, asset)
    _many(api, asset, shop)
    _ends(api, asset, registration, shop)
    _messages(api, webhook)
    assert api.get(api.base_url.join("/metrics")).is_success


def _get(api: httpx.Client, path: str, **query: Any) -> Any:
    return _done(api.get(path, params=query))


def _post(api: httpx.Client, path: str, body: Any = None, **query: Any) -> Any:
    return _done(api.post(path, json=body, params=query) if body is not None else api.post(path, params=query))


def _done(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None


def _people(api: httpx.Client) -> tuple[str, str]:
    shop = _post(api, "/teams", {"name": "shop", "metadata": {"slack": "#shop"}})["id"]
    finance = _post(api, "/teams", {"name": "finance"})["id"]
    _get(api, "/teams", name="sho")
    _get(api, f"/teams/{shop}")
    key = _post(api, "/api-keys", {"name": "ci", "team_id": shop, "sources": [{"kind": "dbt", "key": "shop"}]})["id"]
    _get(api, "/api-keys", team_id=shop)
    _get(api, f"/api-keys/{key}")
    _done(api.delete(f"/api-keys/{key}"))
    _teams(api, finance)
    return shop, finance


def _teams(api: httpx.Client, finance: str) -> None:
    for change in (api.patch, api.put):
        _done(change(f"/teams/{finance}", json={"metadata": {"floor": 2}}))
    leaving = _post(api, "/teams", {"name": "leaving"})["id"]
    _done(api.delete(f"/teams/{leaving}"))
    _post(api, f"/teams/{leaving}/restore")


def _users(api: httpx.Client, shop: str, asset: str) -> None:
    body = {"username": "ada", "name": "Ada", "email": "ada@shop.example", "team_id": shop}
    user = _post(api, "/users", body)["id"]
    _get(api, "/users", name="ad")
    _get(api, f"/users/{user}")
    for change in (api.patch, api.put):
        _done(change(f"/users/{user}", json={"role": "team_admin"}))
    _get(api, f"/teams/{shop}/members")
    _post(api, "/assets/bulk-assign", {"asset_ids": [asset], "owner_user_id": user})
    _done(api.delete(f"/users/{user}"))
    _post(api, f"/users/{user}/reactivate")


def _documents(api: httpx.Client, shop: str) -> None:
    before = manifest(
        model("orders", {"id": "integer", "email": "text"}),
        model("revenue", {"total": "numeric"}, depends_on=depends("orders")),
    )
    after = manifest(model("orders", {"id": "integer"}), model("revenue", depends_on=depends("orders")))
    auto = {"owner_team_id": shop, "auto_publish_contracts": True}
    for path, member, document, later in (
        ("/sync/dbt/upload", "manifest", before, after),
        ("/sync/openapi", "spec", SPEC, {**SPEC, "paths": {}}),
        ("/sync/graphql", "schema", SDL, SDL.replace("email: String", "")),
    ):
        _post(api, path, {member: document, **auto})
        for preview in ("impact", "diff"):
            _post(api, f"{path.removesuffix('/upload')}/{preview}", {member: later})
    _post(api, "/compat/check-compat", {"spec_content": json.dumps(SPEC), "spec_format": "openapi"})
    _post(api, "/sync/dbt", {"manifest": before, **auto, "conflict_mode": "overwrite"})
    _get(api, "/sources")
    sync = _get(api, "/syncs", kind="dbt")["results"][0]["id"]
    _get(api, f"/syncs/{sync}")


def _assets(api: httpx.Client, shop: str) -> str:
    body = {"fqn": "warehouse.sales.orders", "owner_team_id": shop, "resource_type": "model", "tags": ["pii"]}
    asset: str = _post(api, "/assets", body)["id"]
    made_from = _post(api, "/assets", {"fqn": "warehouse.raw.orders", "owner_team_id": shop})["id"]
    _get(api, "/assets", tag="pii")
    _get(api, "/assets/search", q="sales")
    _get(api, f"/assets/{asset}")
    _done(api.patch(f"/assets/{asset}", json={"description": "One row an order."}))
    edge = _post(api, f"/assets/{asset}/dependencies", {"depends_on_asset_id": made_from})["id"]
    _get(api, f"/assets/{asset}/dependencies")
    _get(api, f"/assets/{asset}/lineage")
    _done(api.delete(f"/assets/{asset}/dependencies/{edge}"))
    return asset


def _contracts(api: httpx.Client, asset: str, shop: str) -> str:
    published = _post(api, f"/assets/{asset}/publish", {"schema": ORDERS}, published_by=shop)
    contract: str = published["contract"]["id"]
    _get(api, "/contracts", asset_id=asset)
    _get(api, f"/contracts/{contract}")
    _get(api, f"/assets/{asset}/contracts")
    _get(api, f"/assets/{asset}/contracts/history")
    _done(api.patch(f"/contracts/{contract}/guarantees", json={"guarantees": {"freshness": {"max_delay_hours": 24}}}))
    second = _post(api, f"/assets/{asset}/publish", {"schema": WITH_TOTAL}, published_by=shop)["contract"]
    _get(api, f"/assets/{asset}/contracts/diff", from_version=published["contract"]["version"], to_version="1.1.0")
    _post(api, "/contracts/compare", {"contract_id_1": contract, "contract_id_2": second["id"]})
    _publications(api, shop)
    _get(api, "/search", q="sales")
    return str(second["id"])


def _publications(api: httpx.Client, shop: str) -> None:
    other = _post(api, "/assets", {"fqn": "warehouse.sales.refunds", "owner_team_id": shop})["id"]
    _post(api, "/contracts/bulk", {"published_by": shop, "contracts": [{"asset_id": other, "schema": ORDERS}]})
    made = _post(api, f"/assets/{other}/publish", {"schema": ORDERS}, published_by=shop)["contract"]["id"]
    _post(api, f"/contracts/{made}/retire")
    _post(api, "/schemas/validate", ORDERS)
    _post(api, "/schemas/diff", {"old": ORDERS, "new": WITHOUT_EMAIL})


def _previews(api: httpx.Client, asset: str) -> None:
    _post(api, f"/assets/{asset}/impact", WITHOUT_EMAIL)
    _post(api, f"/assets/{asset}/impact-preview", {"proposed_schema": WITHOUT_EMAIL})
    _post(api, f"/assets/{asset}/version-suggestion", {"schema": WITHOUT_EMAIL})
    result = {"guarantee_id": "not_null_orders_id", "passed": False, "rows_checked": 1000, "rows_failed": 3}
    run = {"status": "failed", "triggered_by": "dbt", "run_id": "nightly", "guarantee_results": [result]}
    _post(api, f"/assets/{asset}/audit-results", run)
    _get(api, f"/assets/{asset}/audit-history")
    _get(api, f"/assets/{asset}/audit-trends")


def _registrations(api: httpx.Client, contract: str, finance: str) -> str:
    registration: str = _post(api, "/registrations", {"contract_id": contract, "consumer_team_id": finance})["id"]
    _get(api, "/registrations", consumer_team_id=finance)
    _get(api, f"/registrations/{registration}")
    _get(api, f"/contracts/{contract}/registrations")
    _done(api.patch(f"/registrations/{registration}", json={"status": "migrating"}))
    return registration


def _proposals(api: httpx.Client, asset: str, shop: str, finance: str) -> None:
    def proposed() -> str:
        answer = _post(api, f"/assets/{asset}/publish", {"schema": WITHOUT_EMAIL}, published_by=shop)
        id: str = answer["proposal"]["id"]
        return id

    proposal = proposed()
    _get(api, "/proposals", pending_ack_for=finance)
    _get(api, f"/proposals/pending/{finance}")
    _get(api, f"/teams/{finance}/inbox")
    _get(api, f"/proposals/{proposal}")
    _get(api, f"/proposals/{proposal}/status")
    _post(api, f"/proposals/{proposal}/object", {"reason": "Reports need it."}, objector_team_id=finance)
    _post(api, f"/proposals/{proposal}/withdraw", {"actor_id": shop})
    _post(api, f"/proposals/{proposed()}/expire")
    _post(api, "/proposals/expire-pending")
    _post(api, f"/proposals/{proposed()}/force", {"reason": "Agreed in a meeting."})
    _in_bulk(api, proposed(), shop, finance)
    proposal = proposed()
    answer = {"consumer_team_id": finance, "response": "approved", "notes": "We no longer read it."}
    _post(api, f"/proposals/{proposal}/acknowledge", answer)
    _post(api, f"/proposals/{proposal}/publish", {"published_by": shop})


def _many(api: httpx.Client, asset: str, shop: str) -> None:
    """The same as one by one, many in a request."""
    new = {"fqn": "warehouse.sales.returns", "owner_team_id": shop}
    _post(api, "/bulk/assets", {"assets": [new, {**new, "fqn": "no name"}]})
    contract = _get(api, "/contracts", asset_id=asset)["results"][0]["id"]
    data, sales = (_post(api, "/teams", {"name": name})["id"] for name in ("data", "sales"))
    consumers = [{"contract_id": contract, "consumer_team_id": team} for team in (data, sales)]
    _post(api, "/bulk/registrations", {"registrations": consumers})
    emptied = {"schema": {"type": "object"}}
    proposal = _post(api, f"/assets/{asset}/publish", emptied, published_by=shop)["proposal"]["id"]
    answer = {"proposal_id": proposal, "response": "migrating"}
    answers = [{**answer, "consumer_team_id": team} for team in (data, sales)]
    _post(api, "/bulk/acknowledgments", {"acknowledgments": answers})
    _get(api, "/search", q="ales")


def _in_bulk(api: httpx.Client, proposal: str, shop: str, finance: str) -> None:
    made = _post(api, "/bulk/assets", {"assets": [{"fqn": "warehouse.sales.returns", "owner_team_id": shop}]})
    contract = _post(api, f"/assets/{made['results'][0]['id']}/publish", {"schema": ORDERS}, published_by=shop)[
        "contract"
    ]["id"]
    _post(api, "/bulk/registrations", {"registrations": [{"contract_id": contract, "consumer_team_id": finance}]})
    answer = {"proposal_id": proposal, "consumer_team_id": finance, "response": "blocked"}
    _post(api, "/bulk/acknowledgments", {"acknowledgments": [answer]})


def _webhooks(api: httpx.Client) -> str:
    """Somebody is told of everything. The name leads nowhere: no message leaves the tests' machine."""
    body = {"url": "https://hooks.invalid/muniment", "events": [*get_args(MessageType)]}
    webhook: str = _post(api, "/webhooks", body)["id"]
    _get(api, "/webhooks")
    _get(api, f"/webhooks/{webhook}")
    return webhook


def _messages(api: httpx.Client, webhook: str) -> None:
    tried: dict[str, Any] = {"status": "failed", "event_type": "proposal.created", "limit": 1}
    deadline = time.monotonic() + 30
    # A client of its own, whose answers are no examples: nobody knows how often it has to ask.
    with httpx.Client(base_url=api.base_url, headers=api.headers) as waiting:
        while not waiting.get("/webhooks/deliveries", params=tried).json()["results"]:
            assert time.monotonic() < deadline, "no message was tried"
            time.sleep(0.1)
    (found,) = _get(api, "/webhooks/deliveries", **tried)["results"]
    _get(api, f"/webhooks/deliveries/{found['id']}")
    _post(api, f"/webhooks/deliveries/{found['id']}/redeliver")
    _done(api.delete(f"/webhooks/{webhook}"))


def _ends(api: httpx.Client, asset: str, registration: str, shop: str) -> None:
    _done(api.delete(f"/registrations/{registration}"))
    _done(api.delete(f"/assets/{asset}"))
    _post(api, f"/assets/{asset}/restore")
    event = _get(api, "/audit/events", entity_id=asset, limit=1)["results"][0]["id"]
    _get(api, f"/audit/events/{event}")
    _get(api, f"/audit/entities/team/{shop}/history")
    heir = _post(api, "/teams", {"name": "heir"})["id"]
    _post(api, f"/teams/{shop}/reassign-assets", {"target_team_id": heir, "asset_ids": [asset]})
