"""Requests as such (api.md 1.1): paths, methods, bodies, and the order of refusals."""

import gzip
import http.client
import json
import socket
import zlib
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, key, made, refused, table, team, unique, with_key
from tests.conftest import KEY, Server

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "MALFORMED_JSON"),
        (b"{", 400, "MALFORMED_JSON"),
        (b'{"name": "x"} y', 400, "MALFORMED_JSON"),
        (b'{"name": NaN}', 400, "MALFORMED_JSON"),
        (b'{"name": "x", "metadata": {"n": NaN}}', 400, "MALFORMED_JSON"),
        (b'{"name": "x", "metadata": {"n": Infinity}}', 400, "MALFORMED_JSON"),
        (b'{"name": "x", "metadata": {"n": -Infinity}}', 400, "MALFORMED_JSON"),
        (b'{"name": "x", "metadata": {"n": 1e400}}', 422, "VALIDATION_ERROR"),
        (b'{"name": "x", "metadata": {"n": ' + b"1" * 4301 + b"}}", 422, "VALIDATION_ERROR"),
        (b'{"name": "x", "metadata": ' + b'{"a":' * 200 + b"1" + b"}" * 201, 400, "MALFORMED_JSON"),
        (b"[" * 100_000, 400, "MALFORMED_JSON"),
        (b'{"name": "\xff"}', 400, "MALFORMED_JSON"),
        (b'{"name": "\xed\xa0\x80"}', 400, "MALFORMED_JSON"),
        (b'{"name": "\\ud800"}', 400, "MALFORMED_JSON"),
        (b'{"name": "x", "metadata": {"\\udc00": 1}}', 400, "MALFORMED_JSON"),
        (b'{"name": "a\x00b"}', 400, "MALFORMED_JSON"),
        (b'{"name": "a\\u0000b"}', 422, "VALIDATION_ERROR"),
        (b'{"name": "x", "metadata": {"a\\u0000": 1}}', 422, "VALIDATION_ERROR"),
        (b'{"name": "x", "name": "y"}', 400, "MALFORMED_JSON"),
        (b'{"name": "x", "metadata": {"a": [{"b": 1, "\\u0062": 2}]}}', 400, "MALFORMED_JSON"),
        (b"[]", 422, "VALIDATION_ERROR"),
        (b"null", 422, "VALIDATION_ERROR"),
        (b'"text"', 422, "VALIDATION_ERROR"),
        (b"{}", 422, "VALIDATION_ERROR"),
        (b'{"name": null}', 422, "VALIDATION_ERROR"),
        (b'{"name": 1}', 422, "VALIDATION_ERROR"),
        (b'{"name": "x", "metadata": []}', 422, "VALIDATION_ERROR"),
    ],
)
def test_bad_bodies_are_told_and_change_nothing(each_store: httpx.Client, body: bytes, status: int, code: str) -> None:
    before = each_store.get("/teams").headers["muniment-position"]
    refused(each_store.post("/teams", content=body), status, code)
    assert each_store.get("/teams").headers["muniment-position"] == before


def test_malformed_json_names_line_and_column(api: httpx.Client) -> None:
    detail = refused(api.post("/teams", content=b'{\n  "name": x}'), 400, "MALFORMED_JSON")["detail"]
    assert "line 2 column 11" in detail


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**70, 10**400, 1.5e308, -0.0])
def test_numbers_beyond_64_bits_in_free_objects_come_back_as_they_were(each_store: httpx.Client, number: Any) -> None:
    sent = {"name": unique("big"), "metadata": {"n": number}}
    id = made(each_store.post("/teams", content=json.dumps(sent)))["id"]
    assert json.loads(each_store.get(f"/teams/{id}").content)["metadata"] == {"n": number}


def test_text_of_every_kind_comes_back_as_it_was(each_store: httpx.Client) -> None:
    owner = team(each_store)
    for text in (
        "\\u0000 written out",
        "\u2028\u2029",
        "\U0001f600",
        "a\x1fb\x7f\n\t",
        "é e\u0301 ß",
        "'; DROP TABLE teams--",
    ):
        id = asset(each_store, owner, description=text, tags=[text], metadata={text: [text]})
        got = made(each_store.get(f"/assets/{id}"))
        assert (got["description"], got["tags"], got["metadata"]) == (text, [text], {text: [text]})


def test_a_byte_order_mark_and_unknown_members_and_parameters_are_passed_over(api: httpx.Client) -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"name": unique("t"), "id": GONE, "position": 1, "colour": "red"}).encode()
    got = made(api.post("/teams?colour=red", content=body))
    assert got["id"] != GONE and "colour" not in got


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        (None, 201),
        ("application/json", 201),
        ("Application/JSON; charset=utf-8", 201),
        ("application/vnd.x+json", 201),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonp", 415),
    ],
)
def test_media_types(api: httpx.Client, media_type: str | None, status: int) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    answer = api.post("/teams", content=json.dumps({"name": unique("t")}), headers=headers)
    assert answer.status_code == status
    if status == 415:
        refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_gzip_is_read_and_nothing_else(api: httpx.Client) -> None:
    body = json.dumps({"name": unique("t")}).encode()
    assert api.post("/teams", content=gzip.compress(body), headers={"Content-Encoding": "gzip"}).status_code == 201
    for encoding in ("br", "deflate", "gzip, gzip", "zstd"):
        answer = api.post("/teams", content=zlib.compress(body), headers={"Content-Encoding": encoding})
        refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
    for bad in (body, gzip.compress(body)[:-5], gzip.compress(body) + b"more", b""):
        answer = api.post("/teams", content=bad, headers={"Content-Encoding": "gzip"})
        refused(answer, 400, "MALFORMED_JSON")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server that takes bodies of 10,000 bytes at most."""
    folder = tmp_path_factory.mktemp("small")
    running = Server(folder / "muniment.db", folder, MUNIMENT_MAX_BODY_BYTES="10000")
    yield running
    running.stop()


def _raw(server: Server, path: str, headers: dict[str, str], chunks: list[bytes]) -> tuple[int, str]:
    """Status and code of a request whose head is sent as it stands here."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest("POST", path)
    for name, value in {"Authorization": f"Bearer {KEY}", **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    for chunk in chunks:
        connection.send(chunk)
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    return answer.status, body["code"]


@pytest.mark.parametrize("path", ["/api/v1/teams", "/api/v1/sync/dbt/upload", "/api/v1/sync/dbt/diff"])
def test_large_bodies_are_refused_announced_counted_and_inflated(small: Server, path: str) -> None:
    too_large = (413, "PAYLOAD_TOO_LARGE")
    assert _raw(small, path, {"Content-Length": "300000000"}, []) == too_large
    chunk = b"2000\r\n" + b" " * 0x2000 + b"\r\n"
    assert _raw(small, path, {"Transfer-Encoding": "chunked"}, [chunk, chunk]) == too_large
    bomb = gzip.compress(b" " * 5_000_000)
    assert len(bomb) < 10_000
    assert _raw(small, path, {"Content-Encoding": "gzip", "Content-Length": str(len(bomb))}, [bomb]) == too_large
    with small.client() as client:
        just = b'{"name": "x"' + b" " * 9_987 + b"}"
        assert len(just) == 10_000
        assert client.post("/teams", content=just).status_code in (201, 409)


def test_bodies_of_any_length_and_in_any_pieces_are_no_heads(api: httpx.Client) -> None:
    for size in (60_000, 70_000, 200_000, 3_000_000):
        body = json.dumps({"name": unique("t"), "metadata": {"x": "y" * size}}).encode()
        pieces = (body[n : n + 50_000] for n in range(0, size + 100, 50_000))
        assert made(api.post("/teams", content=pieces))["metadata"]["x"] == "y" * size
        assert api.post("/teams", content=body).status_code == 409


def test_urls_and_headers_have_a_limit(api: httpx.Client) -> None:
    refused(api.get("/teams", params={"name": "x" * 9000}), 400, "BAD_REQUEST")
    refused(api.get("/teams", headers={"X-Long": "x" * 17_000}), 400, "BAD_REQUEST")
    assert api.get("/teams", params={"name": "x" * 7000}, headers={"X-Long": "x" * 8000}).status_code == 200


@pytest.mark.parametrize("start", [b"GET /api/v1/teams HTTP/1.1\r\nHost: x\r\nX-A: ", b"GET /"])
def test_a_head_that_never_ends_is_cut_off(common_server: Server, start: bytes) -> None:
    with socket.create_connection(("127.0.0.1", common_server.port), timeout=10) as connection:
        connection.sendall(start)
        with pytest.raises(OSError):
            for _ in range(1000):
                connection.sendall(b"x" * 100_000)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/teams", {"GET", "POST"}),
        ("DELETE", "/teams", {"GET", "POST"}),
        ("POST", f"/teams/{GONE}", {"GET", "PATCH", "PUT", "DELETE"}),
        ("OPTIONS", "/assets/search", {"GET"}),
        ("GET", "/sync/dbt/upload", {"POST"}),
        ("TRACE", f"/assets/{GONE}", {"GET", "PATCH", "DELETE"}),
        ("POST", f"/audit/events/{GONE}", {"GET"}),
    ],
)
def test_methods_that_are_not_there(api: httpx.Client, method: str, path: str, allow: set[str]) -> None:
    answer = api.request(method, path)
    refused(answer, 405, "METHOD_NOT_ALLOWED")
    assert set(answer.headers["allow"].split(", ")) == allow


def test_head_answers_as_get_without_a_body(api: httpx.Client) -> None:
    id = team(api)
    got, head = api.get(f"/teams/{id}"), api.head(f"/teams/{id}")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length", "cache-control", "muniment-position"):
        assert head.headers[name] == got.headers[name]
    assert api.head(f"/teams/{GONE}").status_code == 404
    assert api.head(f"/teams/{id}", headers={"If-None-Match": got.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("path", ["/teams/", "/nothing", "", "/teams%0A", "/Teams", "/teams//", "/assets/search/"])
def test_paths_that_are_not_there(api: httpx.Client, path: str) -> None:
    answer = httpx.get(f"{str(api.base_url).rstrip('/')}{path}", headers=api.headers)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (404, "NOT_FOUND")
    assert "not found" in body["detail"]


_IDS = ["x", "0", "null", GONE[:-1], GONE + "0", GONE.replace("-", ""), "{" + GONE + "}", "urn:uuid:" + GONE]
_PLACES = [
    ("GET", "/teams/{}", "path.team_id"),
    ("GET", "/assets/{}", "path.asset_id"),
    ("PATCH", "/assets/{}", "path.asset_id"),
    ("DELETE", "/assets/{}", "path.asset_id"),
    ("POST", "/assets/{}/restore", "path.asset_id"),
    ("GET", "/assets/{}/lineage", "path.asset_id"),
    ("GET", "/assets/{}/contracts/history", "path.asset_id"),
    ("DELETE", "/assets/" + GONE + "/dependencies/{}", "path.dependency_id"),
    ("GET", "/contracts/{}", "path.contract_id"),
    ("GET", "/registrations/{}", "path.registration_id"),
    ("GET", "/proposals/{}/status", "path.proposal_id"),
    ("GET", "/audit/events/{}", "path.event_id"),
    ("GET", "/audit/entities/asset/{}/history", "path.entity_id"),
    ("GET", "/api-keys/{}", "path.key_id"),
    ("DELETE", "/api-keys/{}", "path.key_id"),
]


@pytest.mark.parametrize(("method", "path", "field"), _PLACES)
def test_path_ids_that_are_no_uuid(api: httpx.Client, method: str, path: str, field: str) -> None:
    for id in [*_IDS, GONE + "%0A", "%00"]:
        assert fields(api.request(method, path.format(id))) == [field]


def test_ids_are_read_in_any_case_and_written_in_lower_case(api: httpx.Client) -> None:
    id = made(api.post("/teams", json={"name": unique("t")}))["id"]
    assert id == id.lower()
    assert made(api.get(f"/teams/{id.upper()}"))["id"] == id
    made_asset = made(api.post("/assets", json={"fqn": unique("db.t"), "owner_team_id": id.upper()}))
    assert made_asset["owner_team_id"] == id
    assert (
        made(api.patch(f"/assets/{made_asset['id'].upper()}", json={"owner_team_id": id.upper()}))["owner_team_id"]
        == id
    )
    assert made(api.get("/assets", params={"owner": id.upper()}))["total"] == 1


def test_the_order_of_refusals(api: httpx.Client) -> None:
    """401, 413/415, 404 route or 405, 403 scope, 400/422 shape, 404 entity, 403 team, then the state."""
    mine, other = team(api), team(api)
    reader, writer = with_key(api, key(api, mine, "read")), with_key(api, key(api, mine, "write"))
    nobody = with_key(api, "mnm_nothing")
    theirs = asset(api, other)
    text = {"Content-Type": "text/plain"}
    refused(nobody.post("/nothing", content=b"x", headers=text), 401, "INVALID_API_KEY")
    refused(reader.post("/nothing", content=b"x", headers=text), 415, "UNSUPPORTED_MEDIA_TYPE")
    refused(reader.post("/nothing", content=b"x"), 404, "NOT_FOUND")
    refused(reader.put("/teams", content=b"x"), 405, "METHOD_NOT_ALLOWED")
    refused(reader.post("/teams", content=b"x"), 403, "INSUFFICIENT_SCOPE")
    refused(writer.patch(f"/assets/{GONE}", content=b"x"), 400, "MALFORMED_JSON")
    assert fields(writer.patch(f"/assets/{GONE}", json={"tags": "x"})) == ["body.tags"]
    refused(writer.patch(f"/assets/{GONE}", json={"tags": ["x"]}), 404, "ASSET_NOT_FOUND")
    refused(writer.patch(f"/assets/{theirs}", json={"owner_team_id": GONE}), 404, "TEAM_NOT_FOUND")
    stale = {"If-Match": '"v99-0"'}
    refused(writer.patch(f"/assets/{theirs}", json={"tags": ["x"]}, headers=stale), 403, "UNAUTHORIZED_TEAM")
    refused(api.patch(f"/assets/{theirs}", json={"tags": ["x"]}, headers=stale), 412, "PRECONDITION_FAILED")
    new = {"fqn": "x", "owner_team_id": other}
    refused(writer.post("/assets", json=new), 422, "INVALID_FQN")
    refused(writer.post("/assets", json={**new, "fqn": "a.b", "owner_team_id": GONE}), 404, "TEAM_NOT_FOUND")
    refused(writer.post("/assets", json={**new, "fqn": "a.b", "owner_user_id": GONE}), 404, "USER_NOT_FOUND")
    refused(writer.post("/assets", json={**new, "fqn": "a.b"}), 403, "UNAUTHORIZED_TEAM")
    # No key beats a bad body, a bad body beats an unknown id, for a publication too.
    assert fields(api.post(f"/assets/{GONE}/publish", json={"schema": table()})) == ["query.published_by"]
    refused(writer.post(f"/assets/{GONE}/publish", json={"schema": {"type": "nonsense"}}), 404, "ASSET_NOT_FOUND")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("unowned=yes", "query.unowned"),
        ("unowned=null", "query.unowned"),
        ("unowned=", "query.unowned"),
        ("include_deleted=2", "query.include_deleted"),
        ("limit=0", "query.limit"),
        ("limit=101", "query.limit"),
        ("limit=-1", "query.limit"),
        ("limit=x", "query.limit"),
        ("limit=", "query.limit"),
        ("limit=1.0", "query.limit"),
        ("limit=1e1", "query.limit"),
        ("limit=%EF%BC%95", "query.limit"),
        ("limit=99999999999999999999999999", "query.limit"),
        ("offset=-1", "query.offset"),
        ("offset=9223372036854775808", "query.offset"),
        ("owner=x", "query.owner"),
        ("owner=null", "query.owner"),
        ("resource_type=view", "query.resource_type"),
        ("sort_by=id", "query.sort_by"),
        ("sort_order=up", "query.sort_order"),
        ("fqn=a%00b", "query.fqn"),
        ("tag=a%00b", "query.tag"),
        ("cursor=x", "query.cursor"),
        ("as_of=yesterday", "query.as_of"),
        ("as_of=-1", "query.as_of"),
        ("as_of=1.5", "query.as_of"),
        ("as_of=", "query.as_of"),
        ("as_of=0001-01-01T00:00:00%2B14:00", "query.as_of"),
    ],
)
def test_bad_query_values(each_store: httpx.Client, query: str, field: str) -> None:
    assert fields(each_store.get(f"/assets?{query}")) == [field]


@pytest.mark.parametrize("spelling", ["true", "TRUE", "True", "1"])
def test_query_booleans_in_any_case_and_the_last_of_several_counts(api: httpx.Client, spelling: str) -> None:
    id = asset(api, team(api))
    fqn = made(api.get(f"/assets/{id}"))["fqn"]
    api.delete(f"/assets/{id}")
    assert made(api.get(f"/assets?fqn_exact={fqn}&include_deleted={spelling}"))["total"] == 1
    opposite = {"true": "false", "TRUE": "FALSE", "True": "False", "1": "0"}[spelling]
    assert made(api.get(f"/assets?fqn_exact={fqn}&include_deleted={spelling}&include_deleted={opposite}"))["total"] == 0


def test_restore_takes_an_empty_body_or_an_object(api: httpx.Client) -> None:
    id = asset(api, team(api))
    for content in (b"", b"{}", b'{"x": 1}'):
        assert api.post(f"/assets/{id}/restore", content=content).status_code == 200
    refused(api.post(f"/assets/{id}/restore", content=b"x"), 400, "MALFORMED_JSON")
    assert fields(api.post(f"/assets/{id}/restore", content=b"[]")) == ["body"]


def test_headers_on_every_answer(api: httpx.Client, common_server: Server) -> None:
    id = str(uuid4())
    answers = [
        api.get("/teams", headers={"X-Request-ID": id}),
        api.get("/nothing", headers={"X-Request-ID": id}),
        api.post("/teams", content=b"x", headers={"X-Request-ID": id}),
        httpx.get(common_server.url + "/api/v1/teams", headers={"X-Request-ID": id}),
        httpx.get(common_server.url + "/healthz", headers={"X-Request-ID": id}),
        httpx.get(common_server.url + "/health", headers={"X-Request-ID": id}),
    ]
    for answer in answers:
        assert answer.headers["x-request-id"] == id
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert int(answer.headers["muniment-position"]) >= 0
    for bad in ("", "a b", "x" * 129, "a\tb", "ä"):
        given = api.get("/teams", headers=[(b"X-Request-ID", bad.encode())]).headers["x-request-id"]
        assert given != bad and len(given) == 32
    position = int(api.post("/teams", json={"name": unique("t")}).headers["muniment-position"])
    assert int(api.get("/nothing").headers["muniment-position"]) == position


def test_a_fresh_installation_is_empty(small: Server) -> None:
    with small.client() as client:
        for path in ("/assets", "/contracts", "/registrations", "/proposals"):
            assert made(client.get(path)) == {"results": [], "total": 0, "limit": 50, "offset": 0, "next": None}
        assert made(client.get("/api-keys")) == {"keys": [], "total": 0, "limit": 50, "offset": 0}
