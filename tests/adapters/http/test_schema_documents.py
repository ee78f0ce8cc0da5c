"""Contracts whose definitions are stored apart: every answer has them whole, and each definition is stored once."""

import json
from collections.abc import Sequence
from typing import Any

from adapters.log import open_log
from adapters.log.packing import unpacked
from domain.schema.canonical import digest_of
from domain.schema.shelf import Shelf, fill
from tests.adapters.http.world import publish
from tests.conftest import Server
from tests.openapi.worlds import Apis, operation, spec
from tests.syncs import AUTO, PROPOSE

_PATHS = {f"/things/{n}": {"get": operation()} for n in range(5)}


def _description(leaf: str = "string") -> Any:
    """Five operations on the same chain of definitions, with a knot in it."""
    document = spec(_PATHS)
    chain = {f"N{n}": {"type": "object", "properties": {"next": _to(f"N{n + 1}")}} for n in range(30)}
    user = {"type": "object", "required": ["leaf"], "properties": {"leaf": _to("N0"), "twin": _to("Twin")}}
    twin = {"type": "object", "properties": {"user": _to("User")}}
    schemas = {**chain, "N30": {"type": leaf}, "User": user, "Twin": twin}
    return {**document, "components": {"schemas": schemas}}


def _to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _expected(leaf: str = "string") -> Any:
    schemas = json.loads(json.dumps(_description(leaf)).replace("#/components/schemas/", "#/$defs/"))
    return schemas["components"]["schemas"]


def test_contracts_come_back_whole_in_gets_lists_proposals_and_as_of(server: Server) -> None:
    apis = Apis(server, server.target)
    first = apis.sync(_description(), **AUTO)["position"]
    contract = apis.contract("api.things.0.get")
    assert contract["schema"]["$defs"] == contract["schema_def"]["$defs"] == _expected()
    apis.sync(_description("integer"), **PROPOSE)
    listed = apis.api.get("/contracts?limit=100").json()["results"]
    assert [each["schema"]["$defs"] for each in listed] == [_expected()] * 5
    proposal = apis.api.get("/proposals").json()["results"][0]["id"]
    assert apis.api.get(f"/proposals/{proposal}").json()["proposed_schema"]["$defs"] == _expected("integer")
    path = f"/contracts/{contract['id']}?as_of={first}"
    assert apis.api.get(path).json()["schema"] == contract["schema"]


def test_a_schema_published_by_hand_is_answered_as_it_was_sent(server: Server) -> None:
    apis = Apis(server, server.target)
    apis.sync(_description(), **AUTO)
    asset = apis.asset("api.things.1.get")
    schema = {"properties": {"x": {"$ref": "#/$defs/X"}}, "$defs": {"X": {"$ref": "#/$defs/Y"}, "Y": {}}}
    force = {"force": "true", "force_reason": "as the test has it"}
    made = publish(apis.api, asset["id"], apis.owner, schema, query=force)
    assert made["contract"]["schema"] == schema
    assert apis.api.get(f"/contracts/{made['contract']['id']}").json()["schema"] == schema


def test_each_definition_is_stored_once_and_read_in_a_bounded_number_of_statements(server: Server) -> None:
    apis = Apis(server, server.target)
    apis.sync(_description(), **AUTO)
    contracts = apis.api.get("/contracts").json()["results"]
    log = open_log(server.target)
    with log.read() as session:
        stored = {str(digest): text for digest, text in session.rows("SELECT digest, body FROM muniment_schemas")}
        roots = [str(digest) for (digest,) in session.rows("SELECT DISTINCT schema_digest FROM contracts")]
    # One root for all five operations, its list, the knot of two, and a chain of 31.
    assert (len(roots), len(stored)) == (1, 34)
    assert all(isinstance(text, bytes) and digest_of(unpacked(text)) == digest for digest, text in stored.items())
    reads: list[int] = []

    def read(digests: Sequence[str]) -> dict[str, bytes]:
        reads.append(len(digests))
        return log.schemas(digests)

    shelf = Shelf()
    fill(shelf, roots, read)
    assert shelf.schema(roots[0]) == contracts[0]["schema"]
    assert reads == [1, 2, 31]
    log.close()
