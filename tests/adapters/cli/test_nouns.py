"""`muniment assets`, `contracts`, `teams`, `keys`, `webhooks`, `proposals` and `inbox`: what people do by hand.

They are typed into this process; that the command is one of its own is what the other tests of this folder see.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from adapters.cli.arguments import main, parser
from tests.adapters.cli.conftest import Muniment, typed, within, written
from tests.adapters.http.world import asset, made, publish, table, team
from tests.adapters.webhooks.receiver import until
from tests.conftest import KEY, Server

WIDE, NARROW = table(id="integer", total="number"), table(id="integer")


def rows(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """The cells of a table, without its titles."""
    assert done.returncode == 0, done.stderr
    return [[cell.strip() for cell in line.split("  ") if cell] for line in done.stdout.splitlines()[1:]]


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def anywhere(tmp_path: Path) -> Muniment:
    """The command line without a server."""

    def run(
        *arguments: str, stdin: bytes | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return within(tmp_path, env or {}, arguments)

    return run


@pytest.fixture
def shop(anywhere: Muniment, running: Server) -> Muniment:
    """The command line on a catalog with two teams, and one asset with a contract that finance relies on."""
    with running.client() as api:
        owner, finance = team(api, "shop"), team(api, "finance")
        orders = asset(api, owner, "db.orders", tags=["pii"])
        publish(api, orders, owner, WIDE)
        made(api.post("/registrations", json={"asset_id": orders, "consumer_team_id": finance}))

    def run(
        *arguments: str, stdin: bytes | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return anywhere(*arguments, env={"MUNIMENT_URL": running.url, "MUNIMENT_KEY": KEY} if env is None else env)

    return run


def test_teams(shop: Muniment) -> None:
    listed = rows(shop("teams"))
    assert [row[:2] for row in listed] == [["finance", "0"], ["shop", "1"]]
    assert rows(shop("teams", "shop")) == rows(shop("teams", "list", "shop")) == listed[1:]
    assert "name         shop\n" in shop("teams", "show", "shop").stdout
    assert shop("teams", "rename", "finance", "treasury").stdout == "team finance is treasury now\n"
    owning = shop("teams", "delete", "shop")
    assert owning.returncode == 1 and "TEAM_HAS_ASSETS" in owning.stderr
    id = answer(shop("teams", "show", "treasury", "--json"))["id"]
    assert shop("teams", "delete", "treasury").returncode == 0
    assert [row[0] for row in rows(shop("teams"))] == ["shop"]
    assert shop("teams", "restore", id).stdout == "team treasury is back\n"
    assert shop("teams", "show", "nobody").returncode == 3


def test_assets(shop: Muniment) -> None:
    assert rows(shop("assets")) == [["db.orders", "other", "1.0.0", "shop"]]
    assert rows(shop("assets", "list", "--team", "finance")) == rows(shop("assets", "--tag", "none")) == []
    changed = ("assets", "update", "db.orders", "--description", "All orders", "--type", "model", "--team", "finance")
    assert shop(*changed).stdout == "asset db.orders changed\n"
    found = answer(shop("assets", "show", "db.orders", "--json"))
    assert (found["description"], found["resource_type"], found["owner_team_name"]) == (
        "All orders",
        "model",
        "finance",
    )
    assert "tags                     pii\n" in shop("assets", "show", "db.orders").stdout
    assert shop("assets", "create", "db.orders", "--team", "shop").returncode == 1
    assert shop("assets", "create", "orders", "--team", "shop").returncode == 2
    assert shop("assets", "delete", "db.orders").returncode == 0
    assert rows(shop("assets")) == []
    assert shop("assets", "restore", "db.orders").returncode == 0


def test_contracts_and_what_their_exit_codes_mean(shop: Muniment, tmp_path: Path) -> None:
    wider = written(tmp_path, "wider.json", table(id="integer", total="number", more="string"))
    assert shop("contracts", "publish", "db.orders", wider).stdout == "db.orders: contract 1.1.0 published\n"
    proposed = shop("contracts", "publish", "db.orders", written(tmp_path, "narrow.json", NARROW))
    assert proposed.returncode == 1 and proposed.stdout.startswith("db.orders: 2.0.0 proposed, as ")
    assert "\n  breaks: " in proposed.stdout
    assert [row[:3] for row in rows(shop("contracts"))] == [
        ["db.orders", "1.1.0", "active"],
        ["db.orders", "1.0.0", "deprecated"],
    ]
    assert rows(shop("contracts", "db.orders", "--status", "active"))[0][1] == "1.1.0"
    assert answer(shop("contracts", "show", "db.orders", "--version", "1.0.0", "--json"))["schema"] == WIDE
    assert '"more"' in shop("contracts", "show", "db.orders").stdout
    assert shop("contracts", "diff", "db.orders", "1.0.0", "1.1.0").returncode == 0
    back = shop("contracts", "diff", "db.orders", "1.1.0", "1.0.0")
    assert back.returncode == 1 and back.stdout.startswith("breaking: ")
    assert shop("contracts", "retire", "db.orders", "1.1.0").stdout == "db.orders: contract 1.1.0 retired\n"
    assert shop("contracts", "retire", "db.orders", "1.1.0").returncode == 1
    gone = shop("contracts", "show", "db.orders")
    assert (gone.returncode, gone.stderr) == (3, "muniment: db.orders has no active contract\n")


def test_a_comparison_that_cannot_be_judged_is_exit_code_4(shop: Muniment, tmp_path: Path) -> None:
    old, new = (
        {"type": "object", "properties": {"a": {"type": "string", "pattern": pattern}}}
        for pattern in (r"(a)\1", r"(b)\1")
    )
    assert shop("assets", "create", "db.odd", "--team", "shop").returncode == 0
    for number, schema in enumerate((old, new)):
        path = written(tmp_path, f"odd{number}.json", schema)
        done = shop("contracts", "publish", "db.odd", path, "--force", "whatever comes of it")
        assert done.returncode == 0, done.stdout + done.stderr
    judged = answer(shop("contracts", "list", "db.odd", "--json"))
    later, earlier = (each["version"] for each in judged["results"])
    found = shop("contracts", "diff", "db.odd", earlier, later, "--json")
    verdicts = {each["verdict"] for each in json.loads(found.stdout)["breaking_changes"]}
    assert (verdicts, found.returncode) == ({"unknown"}, 4)


def test_keys(shop: Muniment, running: Server) -> None:
    key = shop("keys", "create", "ci", "--team", "shop", "--scope", "read").stdout.strip()
    as_key = {"MUNIMENT_URL": running.url, "MUNIMENT_KEY": key}
    (row,) = rows(shop("keys"))
    assert row[:5] == ["ci", key[:12], "shop", "read", "-"]
    assert "name        ci\n" in shop("keys", "show", row[5]).stdout
    refused = shop("teams", "create", "more", env=as_key)
    assert refused.returncode == 1 and "INSUFFICIENT_SCOPE" in refused.stderr
    assert shop("keys", "revoke", row[5]).stdout == "key ci revoked\n"
    assert rows(shop("keys")) == []
    assert rows(shop("keys", "--revoked"))[0][4] == "revoked"
    assert shop("teams", env=as_key).returncode == 3


def test_webhooks(shop: Muniment, tmp_path: Path) -> None:
    refused = shop("webhooks", "create", "http://hooks.example", "--event", "contract.published")
    assert refused.returncode == 2 and "body.url" in refused.stderr
    made = shop("webhooks", "create", "https://hooks.invalid/a", "--event", "contract.published", "--team", "shop")
    id, secret = (line.split()[1] for line in made.stdout.splitlines())
    assert rows(shop("webhooks")) == [["https://hooks.invalid/a", "contract.published", "shop", id]]
    assert secret not in shop("webhooks", "--json").stdout
    (tmp_path / "schema.json").write_text(json.dumps(WIDE))
    asset_made = shop("assets", "create", "db.told", "--team", "shop")
    assert asset_made.returncode == 0, asset_made.stderr
    assert shop("contracts", "publish", "db.told", str(tmp_path / "schema.json")).returncode == 0
    until(lambda: rows(shop("webhooks", "deliveries", "--status", "failed")))
    (message,) = rows(shop("webhooks", "deliveries"))
    assert message[:2] == ["contract.published", "failed"] and "cannot be resolved" in message[4]
    assert shop("webhooks", "redeliver", message[5]).stdout == f"message {message[5]} is sent again\n"
    assert shop("webhooks", "delete", id).stdout == f"webhook {id} deleted\n"
    assert rows(shop("webhooks")) == []


def test_a_list_without_a_cursor_is_whole(shop: Muniment, running: Server) -> None:
    with running.client() as api:
        team = api.get("/teams", params={"name": "shop"}).json()["results"][0]["id"]
        for number in range(101):
            api.post("/api-keys", json={"name": f"k{number}", "team_id": team})
    assert len(answer(shop("keys", "--json"))["keys"]) == 101


def test_a_proposal_from_inbox_to_published(shop: Muniment, tmp_path: Path) -> None:
    assert shop("inbox", "--team", "finance").stdout == "finance: 0 things to look at\n"
    narrow = written(tmp_path, "narrow.json", NARROW)
    assert shop("contracts", "publish", "db.orders", narrow).returncode == 1
    waiting = shop("inbox", "--team", "finance").stdout
    assert waiting.startswith("finance: 1 thing to look at\nproposal ") and "  breaks (1):" in waiting
    (row,) = rows(shop("proposals", "--team", "finance"))
    assert row[:4] == ["db.orders", "pending", "1", "0/1"]
    assert "finance: has not answered" in shop("proposals", "show", "db.orders").stdout
    objected = shop("proposals", "object", row[5], "--team", "finance", "--reason", "We sum it up")
    assert objected.stdout == "finance objects\n"
    answered = ("proposals", "acknowledge", "db.orders", "--team", "finance", "--response", "approved", "--notes", "ok")
    assert shop(*answered).stdout == "finance: approved\n"
    shown = shop("proposals", "show", row[5]).stdout
    assert "db.orders: approved" in shown and "finance: approved: ok" in shown and "objects: We sum it up" in shown
    again = shop("proposals", "acknowledge", row[5], *answered[3:])
    assert again.returncode == 1 and "PROPOSAL_NOT_PENDING" in again.stderr
    assert shop("proposals", "publish", "db.orders").stdout == "db.orders: contract 2.0.0 published\n"
    none = shop("proposals", "show", "db.orders")
    assert none.returncode == 3 and "has no pending proposal" in none.stderr


@pytest.mark.parametrize(
    ("verb", "status"),
    [(("withdraw",), "withdrawn"), (("expire",), "expired"), (("force", "--reason", "agreed"), "approved")],
)
def test_a_proposal_is_settled_otherwise(shop: Muniment, tmp_path: Path, verb: tuple[str, ...], status: str) -> None:
    shop("contracts", "publish", "db.orders", written(tmp_path, "narrow.json", NARROW))
    done = shop("proposals", verb[0], "db.orders", *verb[1:])
    assert done.returncode == 0 and done.stdout.endswith(f": {status}\n"), done.stderr
    assert rows(shop("proposals", "--status", status))[0][1] == status


@pytest.mark.parametrize(
    "words", [("teams", "create"), ("assets", "show"), ("proposals", "acknowledge", "x"), ("inbox",), ("keys", "drop")]
)
def test_wrong_usage_is_exit_code_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "usage: muniment" in capsys.readouterr().err


def test_no_server_is_exit_code_3(tmp_path: Path) -> None:
    away = {"MUNIMENT_URL": "http://127.0.0.1:9", "MUNIMENT_KEY": "k"}
    assert typed(tmp_path, away, ("teams",)).returncode == 3


def test_every_command_has_help() -> None:
    for words in commands(parser()):
        assert "usage: muniment" in parser_of(words).format_help()


def commands(top: Any, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command, as words."""
    groups = [action for action in top._actions if hasattr(action, "choices") and isinstance(action.choices, dict)]
    found = [before] if before else []
    for group in groups:
        for name, below in group.choices.items():
            found += commands(below, (*before, name))
    return found


def parser_of(words: tuple[str, ...]) -> Any:
    found: Any = parser()
    for word in words:
        (group,) = [action for action in found._actions if isinstance(action.choices, dict)]
        found = group.choices[word]
    return found


def test_bash_completes_nouns_and_verbs(anywhere: Muniment, tmp_path: Path) -> None:
    script = anywhere("completion", "bash").stdout
    (tmp_path / "complete").write_text(script)

    def completed(*words: str) -> list[str]:
        typed = " ".join(f"'{word}'" for word in words)
        ask = f"COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _shtab_muniment; echo ${{COMPREPLY[@]}}"
        done = subprocess.run(["bash", "-c", f"source {tmp_path / 'complete'}; {ask}"], capture_output=True, text=True)
        assert not done.stderr
        return done.stdout.split()

    assert completed("muniment", "propo") == ["proposals"]
    assert completed("muniment", "proposals", "ack") == ["acknowledge"]
    assert "--response" in completed("muniment", "proposals", "acknowledge", "--res")


def test_completion_for_other_shells(anywhere: Muniment) -> None:
    for shell in ("zsh", "tcsh", "fish"):
        assert "muniment" in anywhere("completion", shell).stdout
    assert anywhere("completion", "cmd").returncode == 2
