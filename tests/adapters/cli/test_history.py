"""`muniment history`: the life of one asset, whole, and of no other."""

import json
from pathlib import Path
from typing import Any

from tests.adapters.cli.conftest import Muniment, written
from tests.adapters.http.world import asset, made, publish, table, team
from tests.conftest import Server
from tests.manifests import depends, manifest, model

FLAGS = ("--conflict-mode", "overwrite", "--auto-publish-contracts", "--auto-register-consumers")


def shop(columns: tuple[str, ...], consumers: list[str], description: str = "") -> dict[str, Any]:
    said = {"muniment": {"consumers": consumers}}
    orders = model(
        "orders",
        dict.fromkeys(columns, "int"),
        description=description,
        meta=said,
        depends_on=depends("raw"),
    )
    return manifest(model("raw", {"id": "int"}), orders)


def test_the_life_of_one_asset(muniment: Muniment, running: Server, tmp_path: Path) -> None:
    for name in ("shop", "finance"):
        assert muniment("team", name).returncode == 0
    key = muniment("key", "nightly run", "--team", "shop", "--source", "dbt:shop").stdout.strip()
    as_key = {"MUNIMENT_URL": running.url, "MUNIMENT_KEY": key}

    def sync(document: dict[str, Any], commit: str, *flags: str) -> None:
        path = written(tmp_path, "m.json", document)
        done = muniment("sync", "dbt", path, "--team", "shop", "--commit", commit, *FLAGS, *flags, env=as_key)
        assert done.returncode == 0, done.stdout + done.stderr

    sync(shop(("id", "total"), ["finance"]), "c1")
    sync(shop(("id", "total", "more"), ["finance"], "All orders"), "c2")
    sync(shop(("id",), ["finance"], "All orders"), "c3", "--auto-create-proposals")
    sync(shop(("id", "total", "more"), [], "All orders"), "c4")

    done = muniment("history", "db.main.orders")
    assert done.returncode == 0
    lines = [line for line in done.stdout.splitlines() if line]
    assert lines[0] == "db.main.orders: model of team shop"
    told = [line[20:] if line[:4].isdigit() else line for line in lines[1:]]
    assert told == [
        "UTC, key nightly run, sync of dbt shop at c1",
        "  model declared, of team shop",
        "  depends on db.main.raw",
        "  contract 1.0.0 published (the first)",
        "  team finance relies on it (as meta says)",
        "UTC, key nightly run, sync of dbt shop at c2",
        "  changed: description and what the project says of it",
        "  contract 1.1.0 published (minor)",
        "    Property more was added.",
        "  contract 1.0.0 deprecated",
        "UTC, key nightly run, sync of dbt shop at c3",
        "  changed: what the project says of it",
        "  contract 2.0.0 proposed: 2 breaking changes",
        "    breaking: Property more was removed.",
        "    breaking: Property total was removed.",
        "UTC, key nightly run, sync of dbt shop at c4",
        "  changed: what the project says of it",
        "  proposal of 2.0.0 withdrawn",
        "  team finance no longer relies on it",
    ]

    events = json.loads(muniment("history", "db.main.orders", "--json").stdout)["events"]
    assert [event["position"] for event in events] == sorted(event["position"] for event in events)
    assert {event["entity_type"] for event in events} == {
        "asset",
        "contract",
        "proposal",
        "registration",
    }
    unknown = muniment("history", "orders")
    assert (unknown.returncode, unknown.stdout) == (3, "")
    assert "did you mean db.main.orders?" in unknown.stderr


def test_what_people_do_with_contracts_and_registrations_and_what_tests_report(
    muniment: Muniment, running: Server
) -> None:
    with running.client() as api:
        owner = team(api, "shop")
        id = asset(api, owner, fqn="db.orders")
        contract = publish(api, id, owner, table(a="string"))["contract"]["id"]
        body = {"asset_id": id, "consumer_team_id": team(api, "finance")}
        registration = made(api.post("/registrations", json=body))["id"]
        changed = {"status": "migrating", "pinned_version": "1.0.0"}
        for change in (changed, {"pinned_version": None}):
            made(api.patch(f"/registrations/{registration}", json=change))
        run = {"status": "failed", "triggered_by": "dbt", "guarantees_checked": 3, "guarantees_failed": 2}
        made(api.post(f"/assets/{id}/audit-results", json=run))
        made(api.patch(f"/contracts/{contract}/guarantees", json={"guarantees": {"volume": {"min_rows": 1}}}))
        made(api.post(f"/contracts/{contract}/retire"))
    told = [line for line in muniment("history", "db.orders").stdout.splitlines() if line.startswith("  ")]
    assert told[3:] == [
        "  team finance is now migrating and pinned to 1.0.0",
        "  team finance is now no longer pinned",
        "  audit run of dbt failed, 2 of 3 guarantees failed",
        "  contract 1.0.0 guarantees updated",
        "  contract 1.0.0 retired",
    ]
