"""Security over the whole surface, generated from the table of routes (api.md 1.2)."""

import ast
import http.client
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from adapters.http.health import HEALTH
from adapters.http.routes import ROUTES, Route
from adapters.log.protocol import Log
from adapters.views import prepare
from tests.adapters.http.world import GONE, asset, key, made, publish, refused, table, team, unique, with_key
from tests.conftest import KEY, ROOT, Server

SCOPES = ["read", "write", "admin"]


def filled(path: str) -> str:
    """A route's path with an id in each place."""
    return re.sub(r"\{[a-z_]+\}", GONE, path.replace("{entity_type}", "asset"))


def _named(route: Route) -> str:
    return f"{route.method} {route.path}"


def raw(server: Server, method: str, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """A request whose target is sent as it stands here."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


@pytest.fixture(scope="module")
def stranger(common_server: Server) -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(base_url=common_server.url) as client:
        yield client


@pytest.mark.parametrize("route", ROUTES, ids=_named)
def test_every_route_asks_for_a_key(stranger: httpx.Client, route: Route) -> None:
    for headers, code in [
        ({}, "MISSING_API_KEY"),
        ({"Authorization": "Basic " + KEY}, "INVALID_AUTH_HEADER"),
        ({"Authorization": "Bearer" + KEY}, "INVALID_AUTH_HEADER"),
        ({"Authorization": KEY}, "INVALID_AUTH_HEADER"),
        ({"Authorization": ""}, "INVALID_AUTH_HEADER"),
    ]:
        answer = stranger.request(route.method, filled(route.path), headers=headers, content=b"{not json")
        refused(answer, 401, code)
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", HEALTH)
def test_the_health_paths_are_open_and_matched_exactly(common_server: Server, path: str) -> None:
    assert raw(common_server, "GET", path)[0] == 200
    assert raw(common_server, "HEAD", path)[0] == 200
    assert raw(common_server, "POST", path)[0] == 405
    for other in (
        path + "/",
        "/" + path,
        path + "x",
        path.upper(),
        path + ";x",
        path + "%00",
        path + "%0A",
        "/api/v1" + path,
    ):
        assert raw(common_server, "GET", other)[0] == 401


_TRICKS = [
    "/api/v1/teams;/health",
    "/api/v1/teams;health",
    "/api/v1/teams/../../../health/../api/v1/teams",
    "/health/../api/v1/teams",
    "/health/%2e%2e/api/v1/teams",
    "/health%2f..%2fapi/v1/teams",
    "/healthz;/api/v1/teams",
    "//api/v1/teams",
    "/api/v1//teams",
    "/api//v1/teams",
    "/api/v1/teams/",
    "/API/V1/TEAMS",
    "/api/v1/teams%2f",
    "/api/v1/teams?/health",
    "/api/v1/teams%3f/health",
    "/api/v1/teams%23/health",
    "/api/v1/teams/%2e",
    "/api/v1/%74eams",
    "/api/v1/teams\\health",
    "http://localhost/api/v1/teams",
    "/openapi.json/",
    "/openapi.json;/api/v1/teams",
    "/docs/../api/v1/teams",
    "/docs/api/v1/teams",
    "/metrics",
]


@pytest.mark.parametrize("target", _TRICKS)
def test_no_path_trick_gets_past_the_key(common_server: Server, target: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "POST"):
        status, headers, _ = raw(common_server, method, target, X_Original_URL="/health", X_Rewrite_URL="/health")
        assert status in (401, 404), (method, target)
        assert status == 404 or headers["www-authenticate"] == "Bearer"
    overridden = raw(common_server, "GET", "/api/v1/teams", X_HTTP_Method_Override="POST", X_Forwarded_For="127.0.0.1")
    assert overridden[0] == 401


class Keys:
    """A team's keys, one for each scope, and another team's things."""

    def __init__(self, api: httpx.Client) -> None:
        self.mine, self.theirs = team(api), team(api)
        self.by_scope = {scope: with_key(api, key(api, self.mine, scope)) for scope in SCOPES}
        self.asset, self.upstream = asset(api, self.theirs), asset(api, self.theirs)
        publish(api, self.asset, self.theirs, table(a="string"))
        self.contract = made(api.get(f"/assets/{self.asset}/contracts"))["results"][0]["id"]
        body = {"depends_on_asset_id": self.upstream}
        self.edge = made(api.post(f"/assets/{self.asset}/dependencies", json=body))["id"]
        self.registration, self.proposal = self._proposed(api)

    def _proposed(self, api: httpx.Client) -> tuple[str, str]:
        """Another team's registration, and the proposal of a change that breaks it."""
        changing = asset(api, self.theirs)
        publish(api, changing, self.theirs, table(a="string"))
        registration = made(api.post("/registrations", json={"asset_id": changing, "consumer_team_id": self.theirs}))
        return registration["id"], publish(api, changing, self.theirs, table())["proposal"]["id"]


@pytest.fixture(scope="module")
def keys(api: httpx.Client) -> Keys:
    return Keys(api)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("route", ROUTES, ids=_named)
def test_every_cell_of_the_scope_matrix(common_server: Server, keys: Keys, route: Route, scope: str) -> None:
    """A key without the scope is refused before its body is looked at; with it, the body is judged."""
    enough = SCOPES.index(scope) >= SCOPES.index(route.scope)
    client = keys.by_scope[scope]
    answer = client.request(route.method, common_server.url + filled(route.path), content=b"{not json")
    if not enough:
        details = refused(answer, 403, "INSUFFICIENT_SCOPE")["details"]
        assert details == {"required_scope": route.scope}
    elif route.method == "POST" and route.path != "/api/v1/proposals/expire-pending":  # which takes no body
        refused(answer, 400, "MALFORMED_JSON")
    else:
        assert answer.status_code in (200, 400, 404, 422), answer.text


@pytest.mark.parametrize("route", [r for r in ROUTES if r.method != "GET"], ids=_named)
def test_nothing_of_a_body_is_read_before_the_key_is_judged(common_server: Server, keys: Keys, route: Route) -> None:
    """The head alone is sent: whoever waited for the body would not answer."""
    length = {"Content-Length": "1000"}
    assert raw(common_server, route.method, filled(route.path), **length)[0] == 401
    if route.scope != "read":
        reader = keys.by_scope["read"].headers["authorization"]
        assert raw(common_server, route.method, filled(route.path), Authorization=reader, **length)[0] == 403


_QUESTIONS = {
    "/assets/{asset_id}/impact",
    "/assets/{asset_id}/impact-preview",
    "/assets/{asset_id}/version-suggestion",
    "/compat/check-compat",
    "/schemas/validate",
    "/schemas/diff",
    "/contracts/compare",
    "/contracts/bulk",
}


def test_the_scopes_are_those_of_the_reference() -> None:
    """api.md 1.2, 3: every GET `read`, save of webhooks; what writes `write`; `admin` as listed here.

    Questions with a body are `read`, and so is what has a dry run: the handler judges the scope of the others.
    """
    admins = (
        "/api-keys",
        "/users",
        "/webhooks",
        "/teams/{team_id}",
        "/assets/bulk-assign",
        "/proposals/expire-pending",
    )
    for route in ROUTES:
        path = route.path.removeprefix("/api/v1")
        for_admins = path.startswith((*admins, "/webhooks")) or path.endswith("/retire")
        question = (
            (route.method == "GET" and not path.startswith("/webhooks"))
            or path.startswith("/sync/")
            or path in _QUESTIONS
        )
        assert route.scope == ("read" if question else "admin" if for_admins else "write"), route


@pytest.mark.parametrize("path", ["/sync/dbt/upload", "/sync/dbt"])
def test_a_sync_needs_write_and_its_dry_run_does_not(keys: Keys, path: str) -> None:
    reader = keys.by_scope["read"]
    body: dict[str, Any] = {"manifest": {}, "owner_team_id": keys.mine}
    assert refused(reader.post(path, json=body), 403, "INSUFFICIENT_SCOPE")["details"] == {"required_scope": "write"}
    refused(reader.post(path, json={"manifest": 1}), 422, "VALIDATION_ERROR")
    assert reader.post(path, json={**body, "dry_run": True}).status_code == 200


def _others(k: Keys) -> dict[str, tuple[str, dict[str, Any] | None]]:
    """For each route that changes something of a team's: a request about another team's things."""
    new = {"fqn": unique("db.t"), "owner_team_id": k.theirs}
    return {
        "POST /assets": ("/assets", new),
        "PATCH /assets/{asset_id}": (f"/assets/{k.asset}", {"description": "mine now"}),
        "DELETE /assets/{asset_id}": (f"/assets/{k.asset}", None),
        "POST /assets/{asset_id}/restore": (f"/assets/{k.asset}/restore", None),
        "POST /assets/{asset_id}/dependencies": (
            f"/assets/{k.asset}/dependencies",
            {"depends_on_asset_id": k.upstream},
        ),
        "DELETE /assets/{asset_id}/dependencies/{dependency_id}": (f"/assets/{k.asset}/dependencies/{k.edge}", None),
        "POST /assets/{asset_id}/publish": (f"/assets/{k.asset}/publish", {"schema": table()}),
        "POST /assets/{asset_id}/audit-results": (
            f"/assets/{k.asset}/audit-results",
            {"status": "passed", "triggered_by": "x"},
        ),
        "PATCH /contracts/{contract_id}/guarantees": (f"/contracts/{k.contract}/guarantees", {"guarantees": {}}),
        "POST /registrations": ("/registrations", {"contract_id": k.contract, "consumer_team_id": k.theirs}),
        "PATCH /registrations/{registration_id}": (f"/registrations/{k.registration}", {"status": "migrating"}),
        "DELETE /registrations/{registration_id}": (f"/registrations/{k.registration}", None),
    } | {
        f"POST /proposals/{{proposal_id}}/{action}": (f"/proposals/{k.proposal}/{action}{query}", body)
        for action, query, body in [
            ("acknowledge", "", {"consumer_team_id": k.theirs, "response": "approved"}),
            ("object", f"?objector_team_id={k.theirs}", {"reason": "no"}),
            ("withdraw", "", None),
            ("force", "", None),
            ("expire", "", None),
            ("publish", "", {"published_by": k.theirs}),
        ]
    }


# Anyone who may write makes teams; syncs and bulk publications (`read`, for dry runs) pass over others' items, and
# other bulk requests refuse each of them alone (test_bulk).
_NO_TEAMS = {"POST /teams", "POST /bulk/assets", "POST /bulk/registrations", "POST /bulk/acknowledgments"}


def test_a_key_changes_nothing_of_another_team(api: httpx.Client, keys: Keys) -> None:
    requests = _others(keys)
    writing = [r for r in ROUTES if r.write is not None and r.scope == "write"]
    changing = {f"{r.method} {r.path.removeprefix('/api/v1')}" for r in writing}
    assert changing == set(requests) | _NO_TEAMS
    head = api.get("/teams").headers["muniment-position"]
    for name, (path, body) in requests.items():
        answer = keys.by_scope["write"].request(name.split()[0], path, json=body)
        refused(answer, 403, "UNAUTHORIZED_TEAM")
    publish_as = f"/assets/{keys.asset}/publish?published_by={keys.theirs}"
    refused(keys.by_scope["write"].post(publish_as, json={"schema": table()}), 403, "UNAUTHORIZED_TEAM")
    assert api.get("/teams").headers["muniment-position"] == head


def test_a_key_neither_gives_away_nor_takes_over(api: httpx.Client, keys: Keys) -> None:
    writer = keys.by_scope["write"]
    mine = asset(writer, keys.mine)
    refused(writer.patch(f"/assets/{mine}", json={"owner_team_id": keys.theirs}), 403, "UNAUTHORIZED_TEAM")
    theirs = asset(api, keys.theirs)
    fqn = made(api.get(f"/assets/{theirs}"))["fqn"]
    api.delete(f"/assets/{theirs}")
    refused(writer.post("/assets", json={"fqn": fqn, "owner_team_id": keys.mine}), 403, "UNAUTHORIZED_TEAM")


def test_reading_is_open_to_every_key_but_for_other_teams_keys(api: httpx.Client, keys: Keys) -> None:
    reader = keys.by_scope["read"]
    for path in (f"/assets/{keys.asset}", f"/contracts/{keys.contract}", "/audit/events", "/teams"):
        assert reader.get(path).status_code == 200
    other = made(api.post("/api-keys", json={"name": "k", "team_id": keys.theirs}))["id"]
    refused(reader.get(f"/api-keys/{other}"), 403, "UNAUTHORIZED_TEAM")
    refused(reader.get("/api-keys", params={"team_id": keys.theirs}), 403, "UNAUTHORIZED_TEAM")
    assert {k["team_id"] for k in made(reader.get("/api-keys"))["keys"]} == {keys.mine}


def test_the_actor_is_the_keys_and_read_only_members_have_no_effect(api: httpx.Client, keys: Keys) -> None:
    writer = keys.by_scope["write"]
    body = {"fqn": unique("db.t"), "owner_team_id": keys.mine, "id": GONE, "recorded_by": GONE, "position": 1}
    body |= {"actor_id": GONE, "created_at": "2000-01-01T00:00:00Z", "source": {"kind": "dbt", "key": "x", "item": "y"}}
    headers = {"X-User": GONE, "X-Actor": GONE, "X-Forwarded-User": GONE}
    got = made(writer.post("/assets", json=body, headers=headers))
    assert got["id"] != GONE and got["created_at"] > "2026" and got["source"] is None
    (event,) = made(api.get("/audit/events", params={"entity_id": got["id"]}))["results"]
    (mine,) = [k for k in made(api.get("/api-keys", params={"team_id": keys.mine}))["keys"] if k["scopes"] == ["write"]]
    assert (event["actor_type"], event["actor_id"]) == ("api_key", mine["id"])


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("two")
    running = Server(folder / "muniment.db", folder, workers=2)
    yield running
    running.stop()


def test_a_revoked_key_fails_on_the_next_request_on_every_worker(two_workers: Server) -> None:
    with two_workers.client() as admin:
        owner = team(admin)
        for _ in range(5):
            body = made(admin.post("/api-keys", json={"name": "k", "team_id": owner}))
            # Connections are spread over the workers by the kernel: many of them meet both.
            clients = [with_key(admin, body["key"]) for _ in range(12)]
            assert {client.get("/teams").status_code for client in clients} == {200}
            assert admin.delete(f"/api-keys/{body['id']}").status_code == 200
            assert {client.get("/teams").status_code for client in clients} == {401}
            for client in clients:
                client.close()


def test_an_expired_key_is_refused(api: httpx.Client) -> None:
    text = key(api, team(api), expires_at="2026-01-01T00:00:00+02:00")
    refused(with_key(api, text).get("/teams"), 401, "INVALID_API_KEY")


def test_wrong_keys_are_limited_and_right_ones_pass(tmp_path: Path) -> None:
    running = Server(tmp_path / "muniment.db", tmp_path, MUNIMENT_RATE_LIMIT="200")
    try:
        with running.client("mnm_wrong") as wrong, running.client() as right:
            codes = [wrong.get("/teams").json()["code"] for _ in range(120)]
            assert set(codes) == {"INVALID_API_KEY"}
            answer = wrong.get("/teams", headers={"X-Forwarded-For": "10.1.2.3"})
            refused(answer, 429, "RATE_LIMITED")
            assert 1 <= int(answer.headers["retry-after"]) <= 60
            assert {right.get("/teams").status_code for _ in range(200)} == {200}
            answer = right.get("/teams")
            refused(answer, 429, "RATE_LIMITED")
            assert 1 <= int(answer.headers["retry-after"]) <= 60
            assert httpx.get(running.url + "/healthz").status_code == 200
    finally:
        running.stop()


CANARIES = ["mnm_canaryKEY0000000000000000000000000000000000", "canary-password", "canary-cookie"]


def _provoked(running: Server, owner_of: list[str]) -> list[str]:
    """What a server tells in all sorts of answers; the key that it makes meanwhile is put into `owner_of`."""
    shown: list[str] = []
    with running.client(CANARIES[0]) as admin:
        owner = team(admin)
        text = key(admin, owner)
        owner_of.append(text)
        cookie = {"Cookie": f"session={CANARIES[2]}", "X-Api-Key": text}
        for client in (admin, with_key(admin, text), with_key(admin, text + "x")):
            for path in ("/teams", "/nothing", f"/teams/{GONE}", "/audit/events", "/api-keys", "/assets?limit=x"):
                shown.append(client.get(path, headers=cookie).text)
            shown.append(client.post("/teams", content=b"{", headers=cookie).text)
            shown.append(client.post("/api-keys", json={"name": text, "team_id": GONE}, headers=cookie).text)
    return shown


def _command_lines(group: int) -> str:
    """The command lines of all processes of a group, as `ps` shows them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                found.append((folder / "cmdline").read_bytes().decode())
        except (ProcessLookupError, FileNotFoundError):
            continue
    assert found
    return "\n".join(found)


def _dump(target: Path | str) -> bytes:
    """Everything that the store holds."""
    if isinstance(target, Path):
        return b"".join(file.read_bytes() for file in target.parent.iterdir() if file.name.startswith(target.name))
    with psycopg.connect(target) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [connection.execute(f'SELECT * FROM "{name}"'.encode()).fetchall() for (name,) in names]
    return repr(rows).encode()


def test_secrets_are_in_no_log_answer_help_process_list_or_database(target: Path | str, tmp_path: Path) -> None:
    if isinstance(target, str):
        target = psycopg.conninfo.make_conninfo(target, password=CANARIES[1])
    running = Server(target, tmp_path, workers=2, MUNIMENT_BOOTSTRAP_KEY=CANARIES[0])
    made_keys: list[str] = []
    try:
        shown = _provoked(running, made_keys)
        shown.append(_command_lines(running.process.pid))
    finally:
        running.stop()
    environment = {**running.environment, "MUNIMENT_DATABASE": f"postgresql://u:{CANARIES[1]}@127.0.0.1:1/x"}
    for words in ([], ["serve"], ["sync", "dbt"]):
        command = [sys.executable, "-m", "adapters.launch", *words, "--help"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        shown.append(done.stdout)
    log, stored = running.said.read_text(), _dump(target)
    assert "refused INVALID_API_KEY" in log and "refused INSUFFICIENT_SCOPE" in log
    (text,) = made_keys
    assert text[:12].encode() in stored
    for secret in (*CANARIES, text):
        assert secret not in log and secret.encode() not in stored
        assert not any(secret in each for each in shown)


def test_line_breaks_in_paths_and_names_do_not_break_lines_of_the_log(tmp_path: Path) -> None:
    running = Server(tmp_path / "muniment.db", tmp_path)
    try:
        with running.client("mnm_no") as client:
            client.get("/teams%0Aforged%20line/%1B[31m")
            client.post("/teams", json={"name": "a\nforged line"})
        with running.client() as admin:
            refused(admin.post("/teams", json={"name": "a\nforged line"}), 422, "VALIDATION_ERROR")
    finally:
        running.stop()
    log = running.said.read_text()
    assert "forged" in log and "\x1b" not in log
    assert not any(line.startswith("forged") for line in log.splitlines())


def test_an_unforeseen_failure_tells_nothing_from_inside(tmp_path: Path) -> None:
    running = Server(tmp_path / "muniment.db", tmp_path)
    try:
        with running.client() as client:
            id = team(client)
            with sqlite3.connect(tmp_path / "muniment.db") as database:
                database.execute("UPDATE teams SET body = 'text'")
            answer = client.get(f"/teams/{id}")
            body = refused(answer, 500, "INTERNAL_ERROR")
    finally:
        running.stop()
    assert body["details"] == {} and not re.search(r"Traceback|\.py|SELECT|assert|sqlite", answer.text, re.I)
    assert answer.headers["cache-control"] == "no-store" and answer.headers["muniment-position"]
    log = running.said.read_text()
    assert body["request_id"] in log and "Traceback" in log


@pytest.mark.parametrize("table_name", ["muniment_events", "muniment_schemas"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_log_cannot_be_rewritten(log: Log, target: Path | str, table_name: str, statement: str) -> None:
    prepare(log)
    column = "state" if table_name == "muniment_events" else "body"
    if log.dialect == "sqlite" and statement.startswith("TRUNCATE"):
        return
    with log.write() as session:
        if table_name == "muniment_events":
            names = ["position", "originator_id", "originator_version", "topic", "state"]
            names[0] = "position" if log.dialect == "sqlite" else "notification_id"
            session.insert(table_name, names, [(1, "s", 0, "t", b"{}")])
        else:
            session.insert(table_name, ["digest", "body"], [("d", b"{}")])
    sql = statement.format(table_name, column, column)
    with pytest.raises((sqlite3.IntegrityError, psycopg.Error), match="append-only"):
        if isinstance(target, Path):
            sqlite3.connect(target).execute(sql)
        else:
            psycopg.connect(target).execute(sql.encode())


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("domain", "projections", "adapters"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text())


# What is put into the text of statements: names of tables and columns that the code declares, and numbers.
_IDENTIFIERS = {
    "EVENTS", "LOCK", "LOCK_TIMEOUT", "META", "table", "', '.join(columns)", "places", "recorded[-1].end", "view.name",
    "name", "new", "new.name", "old", "old.name", "names", "parameter", "lost", "extra", "column", "text", "part",
    "change", "kind", "one", "other",
}  # fmt: skip
_SQL = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|COPY|TRUNCATE)\b|\b(WHERE|FROM) ", re.M)


def test_no_value_is_glued_into_a_statement() -> None:
    found: set[str] = set()
    for _, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
                if _SQL.search(text):
                    found |= {ast.unparse(part.value) for part in node.values if isinstance(part, ast.FormattedValue)}
    assert found <= _IDENTIFIERS, found - _IDENTIFIERS


def test_digests_are_compared_in_constant_time_and_nothing_is_evaluated() -> None:
    banned = {"eval", "exec", "pickle", "marshal", "shelve", "__import__"}
    for path, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and path.name in ("auth.py", "keys.py"):
                text = ast.unparse(node)
                assert not re.search(r"digest|bootstrap", text) or " is " in text, (path, text)
            names = {node.id} if isinstance(node, ast.Name) else set()
            if isinstance(node, ast.Import):
                names = {alias.name for alias in node.names}
            assert not names & banned, (path, names)
    assert "compare_digest" in (ROOT / "adapters" / "auth.py").read_text()
