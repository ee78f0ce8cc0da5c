"""Bad documents: each is refused by name and place, and nothing is stored (api.md 1.1, 2.4)."""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT, Server
from tests.manifests import manifest, model, upload
from tests.mutations import mutated, places
from tests.syncs import World

PATHS = ["/sync/dbt/upload", "/sync/dbt", "/sync/dbt/diff", "/sync/dbt/impact"]


def _schema(artifact: str) -> dict[str, Any]:
    return {"metadata": {"dbt_schema_version": f"https://schemas.getdbt.com/dbt/{artifact}.json"}}


DEEP = b"[" * 200 + b"]" * 200
SYNTAX = {
    "empty": (b"", "empty"),
    "blank": (b"  \n ", "empty"),
    "truncated": (b'{"manifest": {"nodes": {\n  "a": {"name": "x', "line 2 column"),
    "truncated after a comma": (b'{"manifest": {},\n', "line"),
    "not JSON": (b"nodes:\n  - a", "line 1 column"),
    "trailing comma": (b'{"manifest": {"nodes": {\n "a": [1,]}}}', "line 2 column"),
    "NaN": (b'{"manifest": {"nodes":\n\n {"a": NaN}}}', "line 3 column"),
    "Infinity": (b'{"manifest": {"nodes": {"a": -Infinity}}}', "line 1 column"),
    "invalid UTF-8": (b'{"manifest": {"nodes": {\n"a": {"name": "\xff"}}}}', "line 2 column 16"),
    "invalid UTF-8 in a member that is not read": (b'{"manifest": {"docs": "\xc3("}}', "line 1 column 24"),
    "UTF-16": ('{"manifest": {}}'.encode("utf-16"), "line 1 column 1"),
    "lone surrogate": (b'{"manifest": {"nodes": {\n"a": {"name": "\\ud800"}}}}', "line 2 column 16"),
    "second half alone": (b'{"manifest": {"docs": "\\udc00"}}', "line 1 column 30"),
    "deep": (b'{"manifest": {"nodes": ' + DEEP + b"}}", "100 levels"),
    "deep and open": (b'{"manifest": ' + b'{"a":' * 100_000, "100 levels"),
    "a number of many digits": (
        b'{"manifest": {"nodes": {"a": {"freshness": {"error_after": {"count": ' + b"9" * 5000,
        "",
    ),
    "control character": (b'{"manifest": {"nodes": {"a\x01": {}}}}', "line 1 column"),
}


@pytest.mark.parametrize("name", SYNTAX)
def test_what_is_not_json_is_refused_with_its_place(world: World, name: str) -> None:
    body, said = SYNTAX[name]
    head = world.head()
    for path in PATHS:
        answer = world.api.post(path, content=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED_JSON"), answer.text
        assert said in answer.json()["detail"], answer.json()["detail"]
    assert world.head() == head


SHAPES = [
    ([], 422, "VALIDATION_ERROR", "body"),
    ("x", 422, "VALIDATION_ERROR", "body"),
    ({}, 422, "VALIDATION_ERROR", "body.manifest"),
    ({"manifest": None}, 422, "VALIDATION_ERROR", "body.manifest"),
    ({"manifest": []}, 422, "VALIDATION_ERROR", "body.manifest"),
    ({"manifest": "path/to/manifest.json"}, 422, "VALIDATION_ERROR", "body.manifest"),
    ({"manifest": {}, "owner_team_id": "x"}, 422, "VALIDATION_ERROR", "body.owner_team_id"),
    ({"manifest": {}, "environment": ""}, 422, "VALIDATION_ERROR", "body.environment"),
    ({"manifest": {}, "environment": "x" * 51}, 422, "VALIDATION_ERROR", "body.environment"),
    ({"manifest": {}, "environment": "a\0b"}, 422, "VALIDATION_ERROR", "body.environment"),
    ({"manifest": {}, "project": "x" * 201}, 422, "VALIDATION_ERROR", "body.project"),
    ({"manifest": {}, "project": "a\0"}, 422, "VALIDATION_ERROR", "body.project"),
    ({"manifest": {}, "commit": "x" * 201}, 422, "VALIDATION_ERROR", "body.commit"),
    ({"manifest": {}, "commit": "\0"}, 422, "VALIDATION_ERROR", "body.commit"),
    ({"manifest": {}, "auto_delete": "yes"}, 422, "VALIDATION_ERROR", "body.auto_delete"),
    ({"manifest": {}, "auto_delete": 1}, 422, "VALIDATION_ERROR", "body.auto_delete"),
    ({"manifest": {}, "compatibility_mode": "both"}, 422, "VALIDATION_ERROR", "body.compatibility_mode"),
    ({"manifest": {}, "expected_deletions": -1}, 422, "VALIDATION_ERROR", "body.expected_deletions"),
    ({"manifest": {}, "expected_deletions": 2**70}, 422, "VALIDATION_ERROR", "body.expected_deletions"),
    ({"manifest": {}, "conflict_mode": "merge"}, 400, "CONFLICT_MODE_INVALID", None),
    ({"manifest": {}, "conflict_mode": 5}, 400, "CONFLICT_MODE_INVALID", None),
    ({"manifest": {}, "catalog": 5}, 400, "INVALID_CATALOG", None),
    ({"manifest": {}, "catalog": {}}, 400, "INVALID_CATALOG", None),
    ({"manifest": {}, "catalog": {"nodes": {"a": {"columns": []}}}}, 400, "INVALID_CATALOG", None),
    ({"manifest": {}, "catalog": {"nodes": {}, **_schema("manifest/v12")}}, 400, "INVALID_CATALOG", None),
    ({"manifest": {"nodes": []}}, 400, "INVALID_MANIFEST", "nodes"),
    ({"manifest": {"nodes": {}, "sources": "x"}}, 400, "INVALID_MANIFEST", "sources"),
    ({"manifest": {"nodes": {"model.a.b": 5}}}, 400, "INVALID_MANIFEST", "nodes.model.a.b"),
    ({"manifest": {"sources": {"source.a.b.c": None}}}, 400, "INVALID_MANIFEST", "sources.source.a.b.c"),
    ({"manifest": {"nodes": {"model.a.b": {"columns": []}}}}, 400, "INVALID_MANIFEST", "nodes.model.a.b.columns"),
    ({"manifest": {"nodes": {"m.a.b": {"depends_on": []}}}}, 400, "INVALID_MANIFEST", "nodes.m.a.b.depends_on"),
    ({"manifest": {"nodes": {"m.a.b": {"depends_on": {"nodes": "x"}}}}}, 400, "INVALID_MANIFEST", "depends_on.nodes"),
    ({"manifest": {"nodes": {"m.a.b": {"depends_on": {"nodes": [5]}}}}}, 400, "INVALID_MANIFEST", "depends_on.nodes"),
    ({"manifest": {**_schema("catalog/v1"), "nodes": {}}}, 400, "INVALID_MANIFEST", "catalog"),
    ({"manifest": {**_schema("run-results/v6"), "results": []}}, 400, "INVALID_MANIFEST", "run-results"),
    ({"manifest": {**_schema("sources/v3"), "results": []}}, 400, "INVALID_MANIFEST", "sources"),
    ({"manifest": {"metadata": {"project_name": "x" * 201}}}, 400, "INVALID_MANIFEST", "project_name"),
    ({"manifest": {"metadata": {"project_name": "\0"}}}, 400, "INVALID_MANIFEST", "project_name"),
]


@pytest.mark.parametrize(("body", "status", "code", "place"), SHAPES, ids=[json.dumps(row[0])[:60] for row in SHAPES])
def test_the_wrong_shape_is_refused_with_its_place(
    world: World, body: Any, status: int, code: str, place: str | None
) -> None:
    head = world.head()
    answer = world.api.post("/sync/dbt/upload", content=json.dumps(body).encode())
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    errors = answer.json()["details"].get("errors")
    if code == "VALIDATION_ERROR":
        assert [error["field"] for error in errors] == [place]
        assert all(error["message"] and error["type"] for error in errors)
    elif code != "CONFLICT_MODE_INVALID":
        assert errors and all(isinstance(error, str) for error in errors)
        assert place is None or place in errors[0]
    assert world.head() == head


def test_all_findings_of_a_manifest_are_told(world: World) -> None:
    nodes = {"model.a.b": 5, "model.a.c": {"columns": []}, "model.a.d": {"depends_on": 1}}
    answer = world.sync({"nodes": nodes, "sources": []}, 400)
    assert len(answer["details"]["errors"]) == 4


@pytest.mark.parametrize("version", ["https://schemas.getdbt.com/dbt/manifest/v99.json", "future", "v" + "9" * 5000])
def test_an_unknown_version_is_a_warning_and_works(world: World, version: str) -> None:
    document = manifest(model("a", {"id": "int"}))
    document["metadata"]["dbt_schema_version"] = version
    answer = world.sync(document)
    assert (answer["status"], answer["assets"]["created"], len(answer["warnings"])) == ("success", 1, 1)
    assert "unknown" in answer["warnings"][0]
    assert world.sync(manifest(model("b"), metadata={"project_name": "shop"}))["warnings"] == []


def test_a_byte_order_mark_is_skipped(world: World) -> None:
    body = upload(manifest(model("a")), owner_team_id=world.owner, environment=world.environment)
    assert world.api.post("/sync/dbt/upload", content=b"\xef\xbb\xbf" + body).json()["assets"]["created"] == 1


def test_doubled_members_are_refused_and_of_doubled_nodes_the_last_holds(world: World) -> None:
    body = upload(manifest(model("a")), owner_team_id=world.owner, environment=world.environment)
    twice = body.replace(b'"nodes": {', b'"nodes": {"model.shop.a": {"resource_type": "model", "name": "first"}, ', 1)
    refused = world.api.post("/sync/dbt/upload", content=twice[:-1] + b',"auto_delete":1,"auto_delete":false}')
    assert _refused(refused) == (400, "MALFORMED_JSON")
    assert "the key 'auto_delete' stands twice" in refused.json()["detail"]
    answer = world.api.post("/sync/dbt/upload", content=twice)
    assert (answer.status_code, answer.json()["assets"]["created"], list(world.assets())) == (200, 1, ["db.main.a"])


ODD: dict[str, Any] = {
    "nul in a description": model("x", description="a\0b"),
    "nul in a name": model("x\0"),
    "nul in a column": model("x", {"a\0": "int"}),
    "nul in a tag": model("x", tags=["a\0b"]),
    "nul in an edge": model("x", depends_on={"nodes": ["model.shop.\0"]}),
    "a number of 65 bits": model("x", meta={"muniment": {"volume": {"least": 2**64}}}),
    "no name": {**model("x"), "name": None},
    "an endless name": model("x", alias="x" * 1001),
    "a name of many bytes": model("x", alias="".join(chr(0x4E00 + n) for n in range(900))),
    "tags of numbers": model("x", tags=[1]),
    "a column that is a text": {**model("x"), "columns": {"a": "int"}},
    "a guarantee nested deep": model("x", meta={"muniment": {"volume": json.loads('{"a":' * 80 + "1" + "}" * 80)}}),
}


@pytest.mark.parametrize("name", [name for name in ODD if name != "a guarantee nested deep"])
def test_one_odd_item_is_an_error_entry_and_the_others_go_on(world: World, name: str) -> None:
    document = manifest(model("good", {"id": "int"}))
    document["nodes"]["model.shop.odd"] = ODD[name]
    answer = world.sync(document, 207)
    assert [e["action"] for e in answer["models"] if e["node_id"] == "model.shop.odd"] == ["error"]
    assert any("model.shop.odd" in text for text in answer["parse_errors"])
    assert (answer["assets"]["created"], answer["assets"]["skipped"], list(world.assets())) == (1, 1, ["db.main.good"])


def test_odd_values_end_at_their_item_on_both_stores(server: Server) -> None:
    world = World(server, server.target)
    document = manifest(model("good", {"id": "int"}), model("long", alias="日" * 600))
    document["nodes"] |= {f"model.shop.{n}": odd for n, odd in enumerate(ODD.values())}
    long_id = "model.shop." + "".join(chr(0x4E00 + n) for n in range(900))
    document["nodes"][long_id] = model("fine")
    answer = world.sync(document, 207)
    made = sorted(world.assets())
    assert made[0] == "db.main.good" and len(made) in (2, 3)  # what nests deep but can be stored is stored
    assert (answer["assets"]["created"], answer["assets"]["skipped"]) == (len(made), len(document["nodes"]) - len(made))


def test_odd_names(world: World) -> None:
    names = ["has space", "Ünï.cödé", "a.b", 'quo"te', "100%", "SELECT;--", "日本", "a/b", "\u202ertl"]
    document = manifest(*(model(f"m{n}", {"id": "int"}, alias=name) for n, name in enumerate(names)))
    answer = world.sync(document, auto_publish_contracts=True)
    fqns = ["db.main." + name.lower().replace(".", "%2E") for name in names]
    assert [e["fqn"] for e in answer["models"]] == fqns
    assert sorted(world.assets()) == sorted(fqns)
    for fqn in fqns:
        assert world.get("/assets", fqn_exact=fqn, environment=world.environment)["total"] == 1
    assert world.sync(document, conflict_mode="overwrite")["position"] is None


# --- sizes ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes bodies up to 100 kB."""
    folder = tmp_path_factory.mktemp("small")
    running = Server(folder / "muniment.db", folder, MUNIMENT_MAX_BODY_BYTES="100000")
    yield running
    running.stop()


def _refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_too_large_a_body_is_refused_announced_or_not_zipped_or_not(small_server: Server) -> None:
    api, large = small_server.client(), upload(manifest(model("a", description="x" * 100_000)))
    too_large = (413, "PAYLOAD_TOO_LARGE")
    for path in PATHS:
        assert _refused(api.post(path, content=large)) == too_large
    assert _refused(api.post(PATHS[0], content=iter([large]))) == too_large
    zipped = {"Content-Encoding": "gzip"}
    assert _refused(api.post(PATHS[0], content=gzip.compress(large), headers=zipped)) == too_large
    bomb = gzip.compress(b"[" + b" " * 50_000_000)
    assert len(bomb) < 100_000
    assert _refused(api.post(PATHS[0], content=bomb, headers=zipped)) == too_large
    assert _refused(api.post(PATHS[0], content=b"\x1f\x8b broken", headers=zipped)) == (400, "MALFORMED_JSON")
    cut = gzip.compress(upload(manifest()))[:-9]
    assert _refused(api.post(PATHS[0], content=cut, headers=zipped)) == (400, "MALFORMED_JSON")
    other = {"Content-Encoding": "br"}
    assert _refused(api.post(PATHS[0], content=b"{}", headers=other)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    fine = upload(manifest(model("a")))
    assert api.post("/sync/dbt/diff", content=gzip.compress(fine), headers=zipped).status_code == 200
    assert api.get("/assets").json()["total"] == 0


def test_hostile_sizes_are_quick_enough_to_answer(world: World) -> None:
    """Texts that make careless patterns take hours."""
    test = {
        "resource_type": "test",
        "name": "t",
        "test_metadata": {"name": "relationships", "kwargs": {"model": "ref(" * 50_000}},
        "depends_on": {"nodes": ["model.shop.a"]},
    }
    document = manifest(model("a", {"x": "int" + " " * 200_000 + "(", "y": "array<" * 50_000, "z": "(" * 100_000}))
    document["nodes"]["test.shop.t"] = test
    document["metadata"]["dbt_schema_version"] = "/a" * 50_000
    assert world.sync(document, auto_publish_contracts=True)["contracts"]["published"] == 1


# --- mutations ------------------------------------------------------------------------------------------------------


def test_a_real_manifest_with_one_thing_wrong_never_fails_the_server(world: World) -> None:
    sample: Path = ROOT / "samples" / "jaffle_shop.json.gz"
    document = json.loads(gzip.decompress(sample.read_bytes()))
    found, chance = places(document), random.Random(3)
    for place in chance.sample(found, 60):
        body = {"manifest": mutated(document, place, chance.choice([None, 5, "x", [], {}, [1], True])), "dry_run": True}
        answer = world.api.post("/sync/dbt/upload", content=json.dumps(body).encode())
        assert answer.status_code in (200, 207, 400), (place, answer.text[:500])
        if answer.status_code == 400:
            assert answer.json()["code"] in ("INVALID_MANIFEST", "MALFORMED_JSON"), (place, answer.text[:500])
            assert answer.json()["details"]["errors"]
