"""`muniment sync`, `diff` and `impact`: what they say, and above all their exit codes.

They are typed into this process, save what reads standard input and what makes the catalog.
"""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.adapters.cli.conftest import Muniment, typed, within, written
from tests.conftest import KEY, ROOT, Server, free_port
from tests.manifests import depends, manifest, model, upload

FLAGS = ("--conflict-mode", "overwrite", "--auto-publish-contracts", "--auto-register-consumers")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A catalog in which finance relies on `orders`, and audit on what is made from it two steps on."""
    folder = tmp_path_factory.mktemp("server")
    started = Server(folder / "muniment.db", folder)
    for name in ("shop", "finance", "audit"):
        assert typed(folder, _admin(started), ("team", name)).returncode == 0
    synced = typed(
        folder, _admin(started), ("sync", "dbt", written(folder, "m.json", shop()), "--team", "shop", *FLAGS)
    )
    assert (synced.returncode, synced.stderr) == (0, "")
    yield started
    started.stop()


@pytest.fixture
def muniment(server: Server, tmp_path: Path) -> Muniment:
    def run(
        *arguments: str, stdin: bytes | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        known = _admin(server) if env is None else env
        return within(tmp_path, known, arguments) if stdin is None else typed(tmp_path, known, arguments, stdin)

    return run


def _admin(server: Server) -> dict[str, str]:
    return {"MUNIMENT_URL": server.url, "MUNIMENT_KEY": KEY}


def shop(columns: tuple[str, ...] = ("id", "total", "note"), schema: str = "main") -> dict[str, Any]:
    """Orders, with 40 tables made from it and one from those."""
    said = {"muniment": {"consumers": ["finance"]}}
    orders = model("orders", dict.fromkeys(columns, "int"), schema=schema, meta=said)
    parts = [model(f"part_{n}", {"n": "int"}, schema=schema, depends_on=depends("orders")) for n in range(40)]
    relied = {"muniment": {"consumers": [{"team": "audit"}]}}
    end = model("end", {"n": "int"}, schema=schema, depends_on=depends("part_7"), meta=relied)
    return manifest(orders, *parts, end)


def head(server: Server) -> int:
    return int(server.client().get("/assets").headers["muniment-position"])


@pytest.mark.parametrize("command", ["diff", "impact"])
def test_what_breaks_and_who_is_hit_is_named_and_what_it_reaches_is_counted(
    command: str, muniment: Muniment, server: Server, tmp_path: Path
) -> None:
    before = head(server)
    done = muniment(command, "dbt", written(tmp_path, "m.json", shop(("id",))))
    assert done.returncode == 1
    assert "BREAKS db.main.orders 1.0.0\n" in done.stdout
    assert "properties.total: Property total was removed.\n" in done.stdout
    assert "properties.note: Property note was removed.\n" in done.stdout
    assert "  hits team finance\n" in done.stdout
    assert "  hits team audit (2 steps downstream)\n" in done.stdout
    assert "  reaches 41 assets downstream:\n" in done.stdout
    named = [line.strip() for line in done.stdout.splitlines() if line.startswith("    ")]
    assert len({*named} & {f"db.main.part_{n}" for n in range(40)}) == 10
    assert named[10:] == ["and 31 more (impact --json has all)"]
    assert "--auto-create-proposals" in done.stdout
    assert head(server) == before


@pytest.mark.parametrize("command", ["diff", "impact"])
def test_nothing_breaks(command: str, muniment: Muniment, tmp_path: Path) -> None:
    more = written(tmp_path, "m.json", shop(("id", "total", "note", "more")))
    done = muniment(command, "dbt", more)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Nothing breaks.")


@pytest.mark.parametrize("command", ["diff", "impact"])
def test_json_is_the_answer_of_the_server(command: str, muniment: Muniment, server: Server, tmp_path: Path) -> None:
    broken = shop(("id",))
    done = muniment(command, "dbt", written(tmp_path, "m.json", broken), "--json")
    answer = server.client().post(f"/sync/dbt/{command}", content=upload(broken)).json()
    assert (done.returncode, json.loads(done.stdout)) == (1, answer)
    if command == "impact":
        (hit,) = (each["impacted_assets"] for each in answer["results"] if not each["safe_to_publish"])
        assert {each["fqn"] for each in hit} == {"db.main.end", *(f"db.main.part_{n}" for n in range(40))}


def test_only_what_differs_from_the_base_is_charged(muniment: Muniment, tmp_path: Path) -> None:
    mine = written(tmp_path, "mine.json", shop(("id", "total"), schema="ci"))
    assert muniment("diff", "dbt", mine).returncode == 1
    base = written(tmp_path, "base.json", shop(("id", "total"), schema="ci"))
    assert muniment("diff", "dbt", mine, "--base", base).returncode == 0


def test_a_wrong_option_in_meta_fails_a_diff(muniment: Muniment, tmp_path: Path) -> None:
    wrong = shop()
    wrong["nodes"]["model.shop.orders"]["meta"] = {"muniment": {"consumers": ["finance"], "owner_team": "nobody"}}
    done = muniment("diff", "dbt", written(tmp_path, "m.json", wrong))
    assert done.returncode == 1
    assert "error in meta: db.main.orders: owner_team 'nobody' not found" in done.stdout


@pytest.mark.parametrize("command", ["diff", "impact"])
def test_an_item_that_is_not_compared_is_no_yes(command: str, muniment: Muniment, tmp_path: Path) -> None:
    twice = shop()
    twice["nodes"]["model.shop.twin"] = model("twin", {"id": "int"}, alias="orders")
    done = muniment(command, "dbt", written(tmp_path, "m.json", twice))
    assert done.returncode == 3
    assert "not compared: db.main.orders is the name of" in done.stdout
    assert "Nothing breaks." not in done.stdout


def test_documents_may_be_zipped_or_come_from_standard_input(muniment: Muniment, tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + json.dumps(shop()).encode()
    (tmp_path / "m.json.gz").write_bytes(gzip.compress(text))
    for done in (
        muniment("diff", "dbt", "m.json.gz"),
        muniment("diff", "dbt", "-", stdin=text),
        muniment("diff", "dbt", "-", stdin=gzip.compress(text)),
    ):
        assert done.returncode == 0, done.stderr
        assert "42 unchanged" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("diff",),
        ("diff", "dbt"),
        ("diff", "csv", "m.json"),
        ("sync", "dbt", "m.json", "--conflict-mode", "merge"),
        ("diff", "dbt", "m.json", "--no-such-option"),
        ("key", "ci", "--team", "shop", "--source", "shop"),
        ("history",),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], muniment: Muniment) -> None:
    done = muniment(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: muniment")


UNREADABLE: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "m.json cannot be read: No such file or directory"),
    "empty": (b"", "m.json is not JSON: it is empty"),
    "truncated": (b'{"nodes": {', "m.json is not JSON: it ends too early"),
    "malformed": (b'{"nodes":\n  {"a": nope}}', "m.json is not JSON, line 2 column"),
    "two documents": (b'{"nodes": {}}, "base": {}', "m.json is not JSON, line 1 column 15:"),
    "list": (b"[]", "m.json is not a JSON object"),
    "gzip": (b"\x1f\x8b broken", "m.json cannot be read: "),
    "cut gzip": (gzip.compress(b'{"nodes": {}}' * 99)[:-9], "m.json cannot be read: "),
    "utf-8": (b'{"nodes": {}, "x": "\xff"}', "m.json is not JSON: byte 20 is not UTF-8"),
    "catalog": (
        b'{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}}',
        "another dbt artifact: catalog",
    ),
    "shape": (b'{"nodes": []}', "INVALID_MANIFEST"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_document_that_cannot_be_read_is_not_compared(case: str, muniment: Muniment, tmp_path: Path) -> None:
    content, said = UNREADABLE[case]
    if content is not None:
        (tmp_path / "m.json").write_bytes(content)
    done = muniment("diff", "dbt", "m.json")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("muniment: ")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"MUNIMENT_URL": "http://127.0.0.1:1", "MUNIMENT_KEY": KEY}, "does not answer"),
        ({"MUNIMENT_URL": "ftp://127.0.0.1", "MUNIMENT_KEY": KEY}, "is not the address of a server"),
        ({"MUNIMENT_URL": "http://127.0.0.1:99999", "MUNIMENT_KEY": KEY}, "is not the address of a server"),
        ({"MUNIMENT_KEY": "mnm_wrong"}, "status 401"),
        ({"MUNIMENT_KEY": "schlüssel"}, "check MUNIMENT_KEY"),
        ({}, "no key: set MUNIMENT_KEY"),
        ({"MUNIMENT_URL": "http://catalog.invalid", "MUNIMENT_DATA": "with-key"}, "no key: set MUNIMENT_KEY"),
    ],
)
def test_without_server_or_key_nothing_is_compared(
    env: dict[str, str], said: str, muniment: Muniment, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "with-key").mkdir()
    (tmp_path / "with-key" / "bootstrap-key").write_text(KEY)
    document = written(tmp_path, "m.json", shop())
    done = muniment("diff", "dbt", document, env={"MUNIMENT_URL": server.url, **env})
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr


def test_the_key_of_a_server_on_this_machine_is_found(muniment: Muniment, server: Server, tmp_path: Path) -> None:
    (tmp_path / ".muniment").mkdir()
    (tmp_path / ".muniment" / "bootstrap-key").write_text(KEY + "\n")
    document = written(tmp_path, "m.json", shop())
    assert muniment("diff", "dbt", document, "--url", server.url, env={}).returncode == 0


FOREIGN = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200); self.end_headers(); self.wfile.write(sys.argv[2].encode())
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


@pytest.mark.parametrize("answer", ["<html>welcome</html>", "{}", "[]"])
def test_another_server_is_not_a_yes(answer: str, muniment: Muniment, tmp_path: Path) -> None:
    port = free_port()
    foreign = subprocess.Popen([sys.executable, "-c", FOREIGN, str(port), answer])
    try:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}")
                break
            except httpx.ConnectError:
                assert foreign.poll() is None
        url = {"MUNIMENT_URL": f"http://127.0.0.1:{port}", "MUNIMENT_KEY": KEY}
        document = written(tmp_path, "m.json", shop())
        for command in ("diff", "impact", "sync"):
            assert muniment(command, "dbt", document, env=url).returncode == 3
    finally:
        foreign.kill()
        foreign.wait()


def test_a_dry_run_says_what_would_be_and_writes_nothing(muniment: Muniment, server: Server, tmp_path: Path) -> None:
    before = head(server)
    broken = written(tmp_path, "m.json", shop(("id",)))
    done = muniment("sync", "dbt", broken, *FLAGS, "--auto-create-proposals", "--dry-run")
    assert done.returncode == 0
    assert "nothing was written" in done.stdout
    assert "proposals  1 opened" in done.stdout
    assert head(server) == before


def test_what_a_sync_could_not_do_is_exit_code_1(muniment: Muniment, tmp_path: Path) -> None:
    done = muniment("sync", "dbt", written(tmp_path, "m.json", shop(("id",))), *FLAGS, "--dry-run")
    assert done.returncode == 1
    assert "withheld: db.main.orders (BREAKING_CHANGE)" in done.stdout
    assert "properties.total: Property total was removed." in done.stdout
    assert "hits team finance" in done.stdout
    assert "Next: sync with --auto-create-proposals" in done.stdout


def test_a_refused_sync_is_exit_code_3_and_names_every_conflict(muniment: Muniment, tmp_path: Path) -> None:
    done = muniment("sync", "dbt", written(tmp_path, "m.json", shop()), "--team", "shop", "--conflict-mode", "fail")
    assert done.returncode == 3
    assert "SYNC_CONFLICT" in done.stderr
    assert done.stderr.count("  db.main.") == 42


def test_notes_of_one_kind_are_counted(muniment: Muniment) -> None:
    done = muniment("diff", "dbt", str(ROOT / "samples" / "shopify_before.json.gz"))
    assert done.returncode == 0
    assert "note: source … is the same relation as …, which stands for both (34):" in done.stdout
    assert "  and 31 more (--json has all)" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_names_cannot_steer_the_terminal(muniment: Muniment, tmp_path: Path) -> None:
    odd = manifest(model("x", {"\x1b[2Jwiped": "int"}), project="y")
    done = muniment("diff", "dbt", written(tmp_path, "m.json", odd), "--project", "\x1b[31mred")
    assert "\x1b" not in done.stdout + done.stderr


def test_a_folder_of_graphql_files_is_one_schema(muniment: Muniment, tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "b.graphqls").write_text("\ntype Cart { items: [Item!] }")
    (folder / "a.graphql").write_text("type Query { cart: Cart }")
    lost = muniment("diff", "graphql", str(folder))
    assert lost.returncode == 3
    assert f"{folder}/inner/b.graphqls line 2, column 21: type Cart {{ items: [Item!] }}" in lost.stderr
    (folder / "c.gql").write_text("type Item { id: ID! }")
    synced = muniment("sync", "graphql", str(folder), "--team", "shop", "--prefix", "cart", *FLAGS[:3])
    assert (synced.returncode, synced.stderr) == (0, "")
    assert "3 created" in synced.stdout
    (folder / "c.gql").write_text("type Item { sku: ID! }")
    broken = muniment("diff", "graphql", str(folder), "--prefix", "cart")
    assert broken.returncode == 1
    assert "BREAKS cart.Item 1.0.0" in broken.stdout


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "has no file that ends in"), (b"\xff\xfe", "byte 0 is not UTF-8"), (b"type A {", "line 1, column 9")],
)
def test_a_graphql_schema_that_cannot_be_read(
    content: bytes | None, told: str, muniment: Muniment, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "a.graphql").write_bytes(content)
    done = muniment("diff", "graphql", str(tmp_path if content is None else tmp_path / "a.graphql"))
    assert done.returncode == 3
    assert told in done.stderr
