"""The catalog as plain Python would fold it: dictionaries of dictionaries, one event after the other.

Written from api.md and the stored events alone, without the product's folds, codec or tables, so that both may be held
against each other. `MODEL[view][id]` is the row that the view must have, with its JSON body decoded.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from adapters.log.protocol import Log

Row = dict[str, Any]
Model = dict[str, dict[str, Row]]
VIEWS = (
    "teams", "users", "assets", "tags", "contracts", "registrations", "edges", "proposals", "api_keys", "audit_runs",
    "sources", "syncs", "webhooks",
    "audit", "appends",
)  # fmt: skip


class Stored:
    """A row of the log, its JSON decoded and nothing else done to it."""

    def __init__(self, position: int, stream: str, version: int, state: Any) -> None:
        self.position, self.stream, self.version = position, stream, version
        self.at = _time(state["at"])
        self.end: int = state["end"]
        self.actor, self.request, self.event = state["actor"], state.get("request"), state["event"]
        self.tag: str = self.event["tag"]


def stored(log: Log) -> Iterator[Stored]:
    """The whole log, read past the product's own codec."""
    import json

    key = "position" if log.dialect == "sqlite" else "notification_id"
    with log.read() as session:
        rows = session.rows(
            f"SELECT {key}, originator_id, originator_version, topic, state FROM muniment_events ORDER BY {key}"
        )
    states = {position: json.loads(state) for position, _, _, _, state in rows if isinstance(state, bytes)}
    for position, stream, version, tag, _ in rows:
        assert isinstance(position, int) and isinstance(version, int)
        yield Stored(position, str(stream), version, _with_shared(states, position, str(tag)))


def _with_shared(states: dict[object, Any], position: int, tag: str) -> Any:
    """What is stored of an event, with what the last of its append has for all."""
    state = states[position]
    if "at" in state:
        return state
    last = states[state["end"]]
    event = {"tag": tag, **last.get("common", {}).get(tag, {}), **state["event"]}
    return {**last, "event": event}


def after_each_append(events: Iterable[Stored]) -> Iterator[tuple[int, Model]]:
    """The end of each append, and the model then. One model: it goes on changing."""
    model: Model = {view: {} for view in VIEWS}
    for one in events:
        _fold(model, one)
        if one.position == one.end:
            yield one.end, model


def _time(text: str) -> str:
    return datetime.fromisoformat(text).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _fold(model: Model, one: Stored) -> None:
    kind, _, _ = one.tag.partition("-")
    FOLDS[kind](model, one)
    model["audit"][str(one.position)] = _audited(one)
    if one.position == one.end:
        model["appends"][str(one.end)] = {"position": one.end, "at": one.at}


def _team(model: Model, one: Stored) -> None:
    event, id = one.event, one.event["team_id"]
    if one.tag == "team-created":
        body = {"id": id, "name": event["name"], "metadata": event.get("metadata", {}), "created_at": one.at}
        model["teams"][id] = {"body": body, "deleted": 0, "version": -1}
    row = model["teams"][id]
    row["body"].update({member: event[member] for member in ("name", "metadata") if member in event})
    row["body"]["updated_at"] = one.at
    row["deleted"] = {"team-deleted": 1, "team-restored": 0}.get(one.tag, row["deleted"])
    row["version"] += 1
    row["name"] = row["body"]["name"]
    row["name_folded"] = row["name"].casefold()


def _user(model: Model, one: Stored) -> None:
    event, id = one.event, one.event["user_id"]
    members = ("user_type", "role", "team_id", "metadata", "notification_preferences")
    if one.tag == "user-created":
        body = {"id": id, "user_type": "human", "role": "user", "team_id": None, "metadata": {}, "created_at": one.at}
        model["users"][id] = {"body": {**body, "notification_preferences": {}, "deactivated_at": None}, "version": -1}
    row = model["users"][id]
    body = row["body"]
    body.update({member: event[member] for member in members if member in event})
    if one.tag == "user-deactivated":
        body["deactivated_at"] = body["deactivated_at"] or one.at
    if one.tag == "user-reactivated":
        body["deactivated_at"] = None
    body["updated_at"] = one.at
    row["version"] += 1
    row |= {"team_id": body["team_id"], "user_type": body["user_type"]}
    row["deactivated"] = int(body["deactivated_at"] is not None)


def _bulk(model: Model, one: Stored) -> None:
    """Each asset has its own event; this one is there for the audit trail."""


def _key(model: Model, one: Stored) -> None:
    event, id = one.event, one.event["key_id"]
    if one.tag == "api-key-created":
        body = {"id": id, "key_prefix": event["prefix"], "created_at": one.at, "revoked_at": None}
        body.update({member: event[member] for member in ("name", "team_id", "scopes")})
        body.update({member: event.get(member) for member in ("sources", "user_id")})
        body["expires_at"] = _time(event["expires_at"]) if event.get("expires_at") else None
        row = {"prefix": event["prefix"], "digest": event["digest"], "team_id": event["team_id"], "body": body}
        model["api_keys"][id] = {**row, "made": one.position, "revoked": 0}
    else:
        model["api_keys"][id]["body"]["revoked_at"] = one.at
        model["api_keys"][id]["revoked"] = 1


def _webhook(model: Model, one: Stored) -> None:
    event, id = one.event, one.event["webhook_id"]
    if one.tag == "webhook-registered":
        body = {"id": id, "url": event["url"], "events": event["events"], "team_id": event.get("team_id")}
        model["webhooks"][id] = {"body": {**body, "active": True, "created_at": one.at}, "made": one.position}
    else:
        del model["webhooks"][id]


_ASSET: Row = {
    "owner_user_id": None, "description": None, "guarantee_mode": "notify", "semver_mode": "auto", "tags": [],
    "source": None,
}  # fmt: skip


def _asset(model: Model, one: Stored) -> None:
    event, id = one.event, one.stream
    if one.tag == "asset-created":
        body: Row = {"id": id, **_ASSET, "metadata": {}, "created_at": one.at, "deleted_at": None}
        body |= {"fqn": event["fqn"], "environment": event["environment"]}
        body |= {"active_contract_id": None, "active_contract_version": None}
        model["assets"][id] = {"body": body, "created": one.position, "contract_id": None, "contract_version": None}
        _first_edges(model, one)
    body = model["assets"][id]["body"]
    if one.tag in ("asset-created", "asset-updated"):
        body.update({name: event[name] for name in (*_ASSET, "owner_team_id", "resource_type") if name in event})
        if event.get("declared") is not None:
            body["metadata"] = event["declared"]
        body["metadata"] = {k: v for k, v in body["metadata"].items() if k not in event.get("undeclares", [])}
        body["metadata"] |= event.get("declares", {})
        body["metadata"] = body["metadata"] if event.get("metadata") is None else event["metadata"]
    elif one.tag == "asset-moved":
        body |= {"fqn": event["to_fqn"], "environment": event["to_environment"]}
    else:
        body["deleted_at"] = one.at if one.tag == "asset-deleted" else None
    body["updated_at"] = one.at
    for n, tag in enumerate(dict.fromkeys(event.get("tags", []))):
        written = "\x1f" + json.dumps(tag, ensure_ascii=False) + "\x1f"
        model["tags"][f"{one.position}.{n}"] = {"tag": written, "asset_id": id}
    _touched(model, one)


def _touched(model: Model, one: Stored) -> None:
    """What readers see of an asset moves its version on, and with it the columns that lists use."""
    row = model["assets"][one.stream]
    body, source = row["body"], row["body"]["source"] or {}
    row["version"] = one.version
    row["fqn_folded"], row["deleted"] = body["fqn"].casefold(), int(body["deleted_at"] is not None)
    row["tag_list"] = "".join(["\x1f", *(json.dumps(tag, ensure_ascii=False) + "\x1f" for tag in body["tags"])])
    row.update({"source_" + name: source.get(name) for name in ("kind", "key", "item")})
    for name in ("environment", "fqn", "owner_team_id", "resource_type"):
        row[name] = body[name]
    row["owner_user_id"] = body["owner_user_id"] or ""


def _first_edges(model: Model, one: Stored) -> None:
    """An asset's id up to its last hyphen, and the number of the edge: that is the edge's id."""
    edges = [(type, upstream) for type, ids in one.event.get("upstream", {}).items() for upstream in ids]
    for number, (type, upstream) in enumerate(edges):
        _stands(
            model, one, f"{one.stream[:24]}{number:012x}", {"upstream_id": upstream, "type": type, "origin": "sync"}
        )


def _stands(model: Model, one: Stored, id: str, edge: Row) -> None:
    body = {"id": id, "dependent_asset_id": one.stream, "dependency_asset_id": edge["upstream_id"]}
    body |= {"dependency_type": edge["type"], "source": edge["origin"], "created_at": one.at}
    row = {"dependent_id": one.stream, "dependency_id": edge["upstream_id"], "type": edge["type"]}
    model["edges"][id] = {**row, "made": one.position, "body": body}


def _edge(model: Model, one: Stored) -> None:
    event, id = one.event, one.event["dependency_id"]
    if one.tag == "dependency-added":
        _stands(model, one, id, event)
    else:
        del model["edges"][id]


def _guarantees(stated: Row | None) -> Row | None:
    named = {"freshness": None, "volume": None, "nullability": None, "accepted_values": None}
    return None if stated is None else {**named, **stated}


def _breaking(event: Row) -> list[Row]:
    return [change for change in event.get("changes", []) if change["verdict"] in ("breaking", "unknown")]


def _contract(model: Model, one: Stored) -> None:
    event, id = one.event, one.event["contract_id"]
    if one.tag == "contract-published":
        body = {"id": id, "asset_id": one.stream, "version": event["version"], "compatibility_mode": event["mode"]}
        body |= {"schema_format": event.get("schema_format", "json_schema"), "direction": event.get("direction")}
        body |= {"guarantees": _guarantees(event.get("guarantees")), "status": "active", "published_at": one.at}
        body |= {name: event.get(name, {}) for name in ("field_descriptions", "field_tags")}
        body |= {"published_by": event["published_by"], "published_by_user_id": event.get("published_by_user_id")}
        body |= {"change_type": event.get("change_type") or "initial", "breaking_changes_count": len(_breaking(event))}
        row = {"asset_id": one.stream, "version": event["version"], "schema_digest": event["schema_digest"]}
        row |= {"published": one.position, "published_by": event["published_by"], "revision": 0, "body": body}
        row["published_by_user_id"] = event.get("published_by_user_id")
        model["contracts"][id] = row
        model["assets"][one.stream] |= {"contract_id": id, "contract_version": event["version"]}
        model["assets"][one.stream]["body"] |= {"active_contract_id": id, "active_contract_version": event["version"]}
    elif one.tag == "contract-guarantees-updated":
        model["contracts"][id]["body"]["guarantees"] = _guarantees(event.get("guarantees"))
        model["contracts"][id]["revision"] += 1
    else:
        model["contracts"][id]["body"]["status"] = one.tag.removeprefix("contract-")
        model["contracts"][id]["revision"] += 1
        if one.tag == "contract-retired" and model["assets"][one.stream]["contract_id"] == id:
            model["assets"][one.stream] |= {"contract_id": None, "contract_version": None}
            model["assets"][one.stream]["body"] |= {"active_contract_id": None, "active_contract_version": None}
    row = model["contracts"][id]
    row["body"]["updated_at"], row["status"] = one.at, row["body"]["status"]
    if one.tag in ("contract-published", "contract-retired"):
        _touched(model, one)


def _registration(model: Model, one: Stored) -> None:
    event, id = one.event, one.event["registration_id"]
    if one.tag == "registration-created":
        team = event["consumer_team_id"]
        body = {"id": id, "asset_id": one.stream, "contract_id": event.get("contract_id"), "consumer_team_id": team}
        body |= {"pinned_version": event.get("pinned_version"), "status": "active", "registered_at": one.at}
        body |= {"acknowledged_at": None, "updated_at": one.at}
        row = {"asset_id": one.stream, "consumer_team_id": team, "status": "active", "revision": 0}
        row |= {"source_" + name: (event.get("source") or {}).get(name) for name in ("kind", "key")}
        model["registrations"][id] = {**row, "made": one.position, "body": body}
    elif one.tag == "registration-updated":
        row = model["registrations"][id]
        row["body"] |= {name: event[name] for name in ("status", "pinned_version") if name in event}
        row["body"]["updated_at"], row["status"] = one.at, row["body"]["status"]
        if row["source_kind"] is not None:
            row["body"]["acknowledged_at"] = row["body"]["acknowledged_at"] or one.at
        row["revision"] += 1
    else:
        del model["registrations"][id]


_SETTLED = {"approved", "rejected", "withdrawn", "expired", "published"}


def _proposal(model: Model, one: Stored) -> None:
    event, id = one.event, one.event["proposal_id"]
    _, _, what = one.tag.partition("-")
    if what == "created":
        body = {"id": id, "asset_id": one.stream, "proposed_guarantees": event.get("guarantees"), "status": "pending"}
        body |= {"compatibility_mode": event["mode"], "proposed_by": event["proposed_by"], "proposed_at": one.at}
        body |= {"proposed_by_user_id": event.get("proposed_by_user_id"), "expires_at": _time(event["expires_at"])}
        body |= {"affected": event.get("affected", []), "acknowledgments": event.get("carried", []), "objections": []}
        body |= {"supersedes": event.get("supersedes"), "superseded_by": None, "resolved_at": None}
        row = {"asset_id": one.stream, "proposed_by": event["proposed_by"], "schema_digest": event["schema_digest"]}
        model["proposals"][id] = {**row, "made": one.position, "revision": -1, "body": body}
    row = model["proposals"][id]
    body = row["body"]
    if what in ("created", "rebased"):
        body |= {name: event.get(name) for name in ("base_contract_id", "proposed_version", "change_type")}
        body["breaking_changes"] = _breaking(event)
    if what == "rebased":
        body["acknowledgments"] = event.get("acknowledgments", [])
        if event.get("reopened"):
            body |= {"status": "pending", "resolved_at": None}
    if what == "acknowledged":
        body["acknowledgments"] = [*body["acknowledgments"], event["acknowledgment"]]
    if what == "objected":
        body["objections"] = [*body["objections"], event["objection"]]
    if what == "withdrawn":
        body["superseded_by"] = event.get("superseded_by")
    if what in _SETTLED:
        body |= {"status": what, "resolved_at": one.at}
    body["updated_at"] = one.at
    row["revision"] += 1
    answered = " ".join(each["consumer_team_id"] for each in body["acknowledgments"])
    row |= {"status": body["status"], "change_type": body["change_type"], "answered": answered}
    row["expires_at"] = body["expires_at"]


def _audit_run(model: Model, one: Stored) -> None:
    event, id = one.event, one.event["audit_run_id"]
    counts = {"guarantees_" + name: event.get(name, 0) for name in ("checked", "passed", "failed")}
    lost = [each["guarantee_id"] for each in event.get("results") or [] if not each["passed"]]
    body = {"id": id, **counts, "run_at": _time(event["run_at"]), "failed_guarantees": lost}
    body |= {name: event.get(name) for name in ("status", "triggered_by", "run_id", "contract_version")}
    row = {"asset_id": event["asset_id"], "made": one.position, "failed": event.get("failed", 0), "body": body}
    row |= {name: body[name] for name in ("status", "triggered_by", "run_at")}
    model["audit_runs"][id] = {**row, "failed_guarantees": json.dumps(lost, separators=(",", ":"))}


def _source(model: Model, one: Stored) -> None:
    event = one.event
    body = {name: event[name] for name in ("kind", "key", "environment", "document_digest")}
    row: Row = {name: event[name] for name in ("kind", "key", "environment")}
    body |= {"commit": event.get("commit"), "counts": event.get("counts", {}), "synced_at": one.at}
    model["sources"][one.stream] = {**row, "title": event.get("title"), "synced": one.position, "body": body}
    sync: Row = {"id": event["sync_id"], "position": one.end, "occurred_at": one.at, "actor_id": one.actor.get("id")}
    sync |= {"source": dict(row), "commit": event.get("commit"), "document_digest": event["document_digest"]}
    sync |= {name: event.get(name, {}) for name in ("options", "counts")}
    model["syncs"][event["sync_id"]] = {**row, "made": one.position, "body": sync}


FOLDS: dict[str, Callable[[Model, Stored], None]] = {
    "team": _team,
    "user": _user,
    "bulk": _bulk,
    "api": _key,
    "asset": _asset,
    "dependency": _edge,
    "contract": _contract,
    "registration": _registration,
    "proposal": _proposal,
    "audit": _audit_run,
    "source": _source,
    "webhook": _webhook,
}
_VERBS = {
    "webhook-registered": "created",
    "user-deactivated": "deleted",
    "bulk-assets-reassigned": "assets_reassigned",
    "bulk-owner-assigned": "owner_assigned",
    "contract-guarantees-updated": "guarantees_updated",
    "proposal-objected": "objection_filed",
    "dependency-added": "created",
    "dependency-removed": "deleted",
    "registration-ended": "deleted",
}


def _audited(one: Stored) -> Row:
    event = one.event
    kind, _, verb = one.tag.partition("-")
    if kind == "source":
        kind, verb, id = "sync", "sync_upload", event["sync_id"]
        action = "dbt.sync_upload" if event["kind"] == "dbt" else event["kind"] + ".sync"
    elif kind == "audit":
        kind, action, id = "audit_run", "audit_run.reported", event["audit_run_id"]
    elif kind == "api":
        kind, verb, id = "api_key", verb.removeprefix("key-"), event["key_id"]
        action = f"api_key.{verb}"
    else:
        id = one.stream if kind == "asset" else event[kind + "_id"]
        forced = (one.tag == "contract-published" and event.get("force_reason")) or event.get("forced")
        forced = forced and kind in ("contract", "proposal")
        action = f"{kind}.{'force_' if forced else ''}{_VERBS.get(one.tag, verb)}"
    actor = {"actor_id": one.actor.get("id"), "actor_type": one.actor["type"]}
    where = {"position": one.position, "occurred_at": one.at, "request_id": one.request}
    return {"entity_type": kind, "entity_id": id, "action": action, **actor, **where}
