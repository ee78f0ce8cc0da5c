"""Every member of every answer of dbt requests: always there, with the right type (api.md 2.3, 2.6)."""

import re
from types import NoneType
from typing import Any

import pytest

from tests.manifests import depends, manifest, model
from tests.syncs import PROPOSE, World

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TEXT, NUMBER, FLAG = (str,), (int,), (bool,)
MAYBE, ID, MAYBE_ID = (str, NoneType), UUID, (UUID, NoneType)
CHANGE = {
    "type": TEXT,
    "path": TEXT,
    "message": TEXT,
    "old_value": (object,),
    "new_value": (object,),
    "pointer": TEXT,
    "rule": TEXT,
    "verdict": TEXT,
    "witness": (object,),
    "fingerprint": TEXT,
}
PROPOSAL = {
    "proposal_id": MAYBE_ID,
    "asset_id": MAYBE_ID,
    "asset_fqn": TEXT,
    "change_type": TEXT,
    "breaking_changes_count": NUMBER,
    "suggested_version": TEXT,
}
SYNC = {
    "status": TEXT,
    "dry_run": FLAG,
    "conflict_mode": TEXT,
    "environment": TEXT,
    "position": (int, NoneType),
    "source": {"kind": TEXT, "key": TEXT, "environment": TEXT, "document_digest": TEXT},
    "assets": {
        "created": NUMBER,
        "updated": NUMBER,
        "skipped": NUMBER,
        "restored": NUMBER,
        "deleted": NUMBER,
        "unchanged": NUMBER,
        "moved": NUMBER,
        "skipped_changed": NUMBER,
        "skipped_changed_fqns": [TEXT],
        "restored_fqns": [TEXT],
        "deleted_fqns": [TEXT],
        "moved_fqns": [{"from": TEXT, "to": TEXT}],
    },
    "contracts": {
        "published": NUMBER,
        "details": [
            {
                "asset_id": MAYBE_ID,
                "asset_fqn": TEXT,
                "contract_id": MAYBE_ID,
                "version": TEXT,
                "previous_version": MAYBE,
                "change_type": TEXT,
            }
        ],
        "withheld": [
            {"asset_id": ID, "asset_fqn": TEXT, "code": TEXT, "reason": TEXT, "breaking_changes": [CHANGE]},
        ],
    },
    "proposals": {"created": NUMBER, "details": [PROPOSAL], "pending": [PROPOSAL]},
    "registrations": {
        "created": NUMBER,
        "ended": NUMBER,
        "details": [
            {
                "registration_id": MAYBE_ID,
                "asset_id": MAYBE_ID,
                "asset_fqn": TEXT,
                "consumer_team_id": ID,
                "consumer_team_name": TEXT,
                "origin": TEXT,
            }
        ],
    },
    "dependencies": {"synced": NUMBER, "removed": NUMBER, "unresolved": [{"asset_fqn": TEXT, "node_id": TEXT}]},
    "guarantees_extracted": NUMBER,
    "ownership_warnings": [TEXT],
    "contract_warnings": [TEXT],
    "registration_warnings": [TEXT],
    "dependency_warnings": [TEXT],
    "warnings": [TEXT],
    "parse_errors": [TEXT],
    "models": [
        {
            "fqn": TEXT,
            "action": TEXT,
            "asset_id": MAYBE_ID,
            "contract_id": MAYBE_ID,
            "proposal_id": MAYBE_ID,
            "error": MAYBE,
            "node_id": TEXT,
            "resource_type": TEXT,
        }
    ],
}
IMPACT = {
    "status": TEXT,
    "total_models": NUMBER,
    "models_with_contracts": NUMBER,
    "breaking_changes_count": NUMBER,
    "results": [
        {
            "fqn": TEXT,
            "node_id": TEXT,
            "has_contract": FLAG,
            "safe_to_publish": FLAG,
            "change_type": MAYBE,
            "breaking_changes": [CHANGE],
            "asset_id": MAYBE_ID,
            "current_version": MAYBE,
            "suggested_version": MAYBE,
            "impacted_consumers": [{"team_id": ID, "team_name": TEXT, "pinned_version": MAYBE, "depth": NUMBER}],
            "impacted_assets": [{"asset_id": ID, "fqn": TEXT, "dependency_type": TEXT, "depth": NUMBER}],
        }
    ],
    "warnings": [TEXT],
    "meta_errors": [TEXT],
    "parse_errors": [TEXT],
}
DIFF = {
    "status": TEXT,
    "summary": {name: NUMBER for name in ("new", "modified", "deleted", "unchanged", "breaking", "moved")},
    "blocking": FLAG,
    "models": [
        {
            "fqn": TEXT,
            "node_id": TEXT,
            "change_type": TEXT,
            "owner_team": MAYBE,
            "consumers_declared": [TEXT],
            "consumers_from_refs": [TEXT],
            "registered_consumers": [TEXT],
            "has_schema": FLAG,
            "schema_change_type": MAYBE,
            "breaking_changes": [CHANGE],
            "changes": [CHANGE],
            "previous_fqn": MAYBE,
            "asset_id": MAYBE_ID,
            "current_version": MAYBE,
            "suggested_version": MAYBE,
        }
    ],
    "warnings": [TEXT],
    "meta_errors": [TEXT],
    "would_be": (object,),
}


def has_shape(value: Any, shape: Any, place: str = "answer") -> None:
    """Fails where a member is absent or of another type; lists must hold what their one entry describes."""
    if isinstance(shape, dict):
        assert isinstance(value, dict) and shape.keys() <= value.keys(), (place, shape.keys() - value.keys())
        for name, inner in shape.items():
            has_shape(value[name], inner, f"{place}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), place
        for n, each in enumerate(value):
            has_shape(each, shape[0], f"{place}.{n}")
    else:
        kinds = shape if isinstance(shape, tuple) else (shape,)
        fits = [bool(k.fullmatch(str(value))) if isinstance(k, re.Pattern) else _is(value, k) for k in kinds]
        assert any(fits), (place, value)


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (isinstance(value, bool) and kind is int)


def _no_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _no_ids(v) for k, v in value.items() if not k.endswith("_id") and k not in ("position", "dry_run")}
    return [_no_ids(each) for each in value] if isinstance(value, list) else value


def _rich(world: World, n: int) -> dict[str, Any]:
    """A document whose sync has something to say in nearly every member. `n` counts up the states of the project."""
    told = {"meta": {"muniment": {"consumers": [world.full("readers"), "nobody"], "volume": 3, "owner_user": "x"}}}
    kept = model("kept", {"id": "int"} if n else {"id": "int", "gone": "int"}, alias=f"kept{n}", **told)
    models = [kept, model("report", depends_on=depends("kept", "unknown", "fresh" if n else "old"))]
    return manifest(*models, model("fresh" if n else "old", {"x": "int"}))


@pytest.mark.parametrize("dry_run", [False, True])
def test_answers_have_every_member(world: World, dry_run: bool) -> None:
    world.team("readers")
    options: dict[str, Any] = {**PROPOSE, "auto_register_consumers": True, "auto_delete": True}
    first = world.sync(_rich(world, 0), 207, **options)
    has_shape(first, SYNC)
    world.register("db.main.old", "readers")
    second = world.sync(_rich(world, 1), 207, dry_run=dry_run, **options)
    has_shape(second, SYNC)
    lists = [second["contracts"]["details"], second["proposals"]["details"], second["registrations"]["details"]]
    lists += [second["assets"]["moved_fqns"], second["contracts"]["withheld"], second["dependencies"]["unresolved"]]
    assert [len(each) for each in lists] == [1, 1, 1, 1, 1, 1]
    assert (second["dry_run"], second["position"] is None) == (dry_run, dry_run)
    new = next(entry for entry in second["models"] if entry["fqn"] == "db.main.fresh")
    ids = [new["asset_id"], new["contract_id"], second["proposals"]["details"][0]["proposal_id"]]
    assert all(id is None for id in ids) if dry_run else all(ids)
    if dry_run:
        assert _no_ids(world.sync(_rich(world, 1), 207, **options)) == _no_ids(second)
    has_shape(world.impact(_rich(world, 0)), IMPACT)
    diff = world.diff(_rich(world, 0), **options)
    has_shape(diff, DIFF)
    has_shape(diff["would_be"], {**SYNC, "status_code": NUMBER})


@pytest.mark.parametrize("document", [{}, {"nodes": None, "sources": None}, {"nodes": {}}, {"metadata": None}])
def test_an_empty_document_is_fine_and_every_member_is_there(world: World, document: dict[str, Any]) -> None:
    answer = world.sync(document)
    has_shape(answer, SYNC)
    assert (answer["status"], answer["position"], answer["models"]) == ("success", None, [])
    impact, diff = world.impact(document), world.diff(document)
    has_shape(impact, IMPACT)
    has_shape(diff, DIFF)
    assert (impact["status"], impact["total_models"]) == ("success", 0)
    assert (diff["status"], diff["blocking"], diff["would_be"]) == ("clean", False, None)


def test_no_list_is_cut_short(world: World) -> None:
    many = manifest(*(model(f"m{n}", {"id": "int"}, depends_on=depends(f"x{n}")) for n in range(300)))
    answer = world.sync(many, **PROPOSE)
    assert (len(answer["models"]), answer["contracts"]["published"], len(answer["contracts"]["details"])) == (300,) * 3
    assert len(answer["dependencies"]["unresolved"]) == len(answer["dependency_warnings"]) == 300
    refused = world.sync(many, 409, conflict_mode="fail")
    assert refused["code"] == "SYNC_CONFLICT"
    assert len(refused["details"]["conflicts"]) == 300
    assert len(world.sync(many)["models"]) == 300


def test_the_same_bytes_have_the_same_digest(world: World) -> None:
    one, two = manifest(model("a")), manifest(model("b"))
    digests = [world.sync(each, dry_run=True)["source"]["document_digest"] for each in (one, one, two)]
    assert digests[0] == digests[1] != digests[2]
    assert all(re.fullmatch("sha256:[0-9a-f]{64}", digest) for digest in digests)
