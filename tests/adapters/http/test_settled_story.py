"""From sync to settled, on both stores: a breaking pull request, two consumer teams, an amended change, a new version.

What people type is typed (processes of their own); answers to proposals, which have no command, go over HTTP.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.adapters.cli.conftest import typed, written
from tests.adapters.http.world import made
from tests.conftest import KEY, Server
from tests.manifests import depends, manifest, model

FQN = "db.main.orders"
SYNC = (
    "--conflict-mode", "overwrite", "--auto-publish-contracts", "--auto-create-proposals", "--auto-register-consumers",
)  # fmt: skip


class Project:
    """A dbt project of the team shop, on which finance (by name) and sales (by a model of its own) rely."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.admin = server.client()
        self.keys: dict[str, str] = {}
        self.key_ids: dict[str, str] = {}
        for name in ("shop", "finance", "sales"):
            assert self.type("team", name).returncode == 0
        # One key of CI syncs the project for the models of all of its teams.
        for name, source in (("shop", ("--source", "dbt:shop")), ("finance", ()), ("sales", ())):
            answer = json.loads(self.type("key", f"{name}'s key", "--team", name, *source, "--json").stdout)
            self.keys[name], self.key_ids[name] = answer["key"], answer["id"]
        teams = made(self.admin.get("/teams"))["results"]
        self.teams = {team["name"]: team["id"] for team in teams}

    def type(self, *arguments: str, team: str = "") -> subprocess.CompletedProcess[str]:
        environment = {"MUNIMENT_URL": self.server.url, "MUNIMENT_KEY": self.keys[team] if team else KEY}
        return typed(self.folder, environment, arguments)

    def manifest(self, *columns: str) -> str:
        """The path of the project's manifest, where orders has these columns."""
        consumers = {"muniment": {"consumers": ["finance"]}}
        orders = model("orders", dict.fromkeys(columns, "int"), meta=consumers)
        owned = {"muniment": {"owner_team": "sales"}}
        report = model("report", {"n": "int"}, depends_on=depends("orders"), meta=owned)
        return written(self.folder, "manifest.json", manifest(orders, report))

    def sync(self, *columns: str, commit: str) -> dict[str, Any]:
        done = self.type("sync", "dbt", self.manifest(*columns), *SYNC, "--commit", commit, "--json", team="shop")
        assert done.returncode == 0, done.stdout + done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def answer(self, proposal: str, team: str, response: str) -> None:
        body = {"consumer_team_id": self.teams[team], "response": response}
        with self.server.client(self.keys[team]) as client:
            made(client.post(f"/proposals/{proposal}/acknowledge", json=body))

    def status(self, proposal: str) -> dict[str, Any]:
        return made(self.admin.get(f"/proposals/{proposal}"))


def _answers(status: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    """Who answered what, and where the answer was given, if to another proposal."""
    given = status["acknowledgments"]
    return {each["consumer_team_name"]: (each["response"], each["carried_from"]) for each in given}


def test_from_a_breaking_pull_request_to_a_new_major_version(server: Server, tmp_path: Path) -> None:
    project = Project(server, tmp_path)
    first = project.sync("id", "total", "note", commit="c1")
    assert first["contracts"]["published"] == 2
    consumers = {each["consumer_team_name"] for each in first["registrations"]["details"]}
    assert consumers == {"finance", "sales"}

    # A pull request that drops two columns: its check fails, and names both teams.
    diff = project.type("diff", "dbt", project.manifest("id"), team="shop")
    assert diff.returncode == 1
    assert f"BREAKS {FQN} 1.0.0" in diff.stdout
    for said in ("properties.total: ", "properties.note: ", "hits team finance", "hits team sales"):
        assert said in diff.stdout, diff.stdout

    # Merged all the same: the sync opens a proposal, and the contract stays.
    opened = project.sync("id", commit="c2")
    assert (opened["contracts"]["published"], opened["proposals"]["created"]) == (0, 1)
    one = opened["proposals"]["details"][0]["proposal_id"]
    status = project.status(one)
    assert status["status"] == "pending"
    assert {team["team_name"] for team in status["pending_consumers"]} == {"finance", "sales"}
    for team in ("finance", "sales"):
        pending = made(project.admin.get(f"/proposals/pending/{project.teams[team]}"))
        assert [entry["proposal_id"] for entry in pending["pending_proposals"]] == [one]

    # One team agrees, the other blocks.
    project.answer(one, "finance", "approved")
    project.answer(one, "sales", "blocked")
    assert project.status(one)["status"] == "rejected"

    # The change is amended: `total` stays. What finance agreed to covers that; what sales blocked was another change.
    amended = project.sync("id", "total", commit="c3")
    assert amended["proposals"]["created"] == 1
    two = amended["proposals"]["details"][0]["proposal_id"]
    status = project.status(two)
    assert status["status"] == "pending"
    assert _answers(status) == {"finance": ("approved", one)}
    assert [team["team_name"] for team in status["pending_consumers"]] == ["sales"]
    assert made(project.admin.get(f"/proposals/{two}?include_status=false"))["supersedes"] == one

    # The second team agrees, and the next sync of the same document publishes.
    project.answer(two, "sales", "migrating")
    assert project.status(two)["status"] == "approved"
    published = project.sync("id", "total", commit="c4")
    (detail,) = published["contracts"]["details"]
    assert (detail["version"], detail["previous_version"], detail["change_type"]) == ("2.0.0", "1.0.0", "major")
    assert project.status(two)["status"] == "published"
    assert project.sync("id", "total", commit="c5")["position"] is None

    _the_audit_tells_it(project, detail["asset_id"])


def _the_audit_tells_it(project: Project, asset: str) -> None:
    """Every step, with who did it and by which request; those of one sync share theirs with the sync's own event."""
    page = made(project.admin.get(f"/audit/events?asset_id={asset}&limit=100"))["results"]
    events = [event for event in reversed(page) if event["action"] != "dependency.created"]
    who = {id: name for name, id in project.key_ids.items()}
    assert [(event["action"], who[event["actor_id"]]) for event in events] == [
        ("asset.created", "shop"),
        ("contract.published", "shop"),
        ("registration.created", "shop"),
        ("registration.created", "shop"),
        ("asset.updated", "shop"),
        ("proposal.created", "shop"),
        ("proposal.acknowledged", "finance"),
        ("proposal.acknowledged", "sales"),
        ("proposal.rejected", "sales"),
        ("asset.updated", "shop"),
        ("proposal.created", "shop"),
        ("proposal.acknowledged", "sales"),
        ("proposal.approved", "sales"),
        ("contract.published", "shop"),
        ("contract.deprecated", "shop"),
        ("proposal.published", "shop"),
    ]
    assert all(event["actor_type"] == "api_key" and event["request_id"] for event in events)
    syncs = made(project.admin.get("/audit/events?action=dbt.sync_upload"))["results"]
    by_request = {event["request_id"]: event["payload"]["commit"] for event in syncs}
    causes = [by_request.get(event["request_id"]) for event in events if event["actor_id"] == project.key_ids["shop"]]
    assert causes == ["c1"] * 4 + ["c2"] * 2 + ["c3"] * 2 + ["c4"] * 3
    told = project.type("history", FQN).stdout
    for said in ("proposal of 2.0.0 rejected", "proposal of 2.0.0 approved", "2.0.0 published (major), as proposed"):
        assert said in told, told
