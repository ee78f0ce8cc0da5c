"""What schemathesis needs to send requests that mean something here: formats, ids of what there is, documents."""

import base64
import hashlib
import json
import os
import random
import re
from typing import Any

import schemathesis
from hypothesis import strategies as st

from tests.surface.story import ORDERS, SDL, SPEC, WITH_TOTAL, WITHOUT_EMAIL

IDS = "MUNIMENT_FUZZ_IDS"
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
# Some generators do not honour the format of a member that may be null, or take "" for a time.
_TIMES, _TIME = ("from", "to", "migration_deadline", "expires_at", "run_at"), re.compile(r"\d{4}-\d\d-\d\dT\d")
_TEAMS = ("owner", "published_by", "proposed_by", "pending_ack_for", "actor_id", "depends_on")
_POOL: dict[str, list[str]] = json.loads(os.environ.get(IDS, "{}"))

_numbers = st.integers(min_value=0, max_value=10**6)
_cursors = st.builds(
    lambda position, offset: base64.urlsafe_b64encode(f"{position}.{offset}".encode()).decode(), _numbers, _numbers
)
_moments = st.sampled_from(["0", "1", "3", "2026-11-24T03:14:50Z", "2020-02-29T00:00:00+02:00"])
_tags = st.builds(lambda version: f'"v{version}-00"', st.integers(min_value=0, max_value=9))
# Nobody has these names: no message leaves this machine.
_urls = st.sampled_from(["https://hooks.invalid/a", "https://hooks.invalid:8443/b?c=d"])
_times = st.datetimes().map(lambda at: at.isoformat() + "Z")
_formats = {"cursor": _cursors, "as-of": _moments, "etag": _tags, "date-time": _times, "uri": _urls}
for name, strategy in _formats.items():
    schemathesis.openapi.format(name, strategy)


def _known(name: str, value: Any) -> Any:
    """Three of four well-formed ids become ids of what there is, by the name of the member."""
    if isinstance(value, dict):
        return {key: _known(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_known(name, each) for each in value]
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        return value
    kind = next((kind for kind in _POOL if name.rstrip("_12s").endswith(kind)), "team_id" if name in _TEAMS else "")
    number = int(value[-6:], 16)
    return _POOL[kind][number % len(_POOL[kind])] if kind in _POOL and number % 4 else value


def _each_known(values: Any) -> Any:
    return {name: _known(name, value) for name, value in values.items()} if isinstance(values, dict) else values


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    return _each_known(path_parameters)


@schemathesis.hook
def map_query(context: Any, query: Any) -> Any:
    return _each_known(query)


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    return _known("", body)


def _is_time(value: Any) -> bool:
    return value is None or (isinstance(value, str) and _TIME.match(value) is not None)


def _only_times(part: Any) -> None:
    """Leave out what is no time where one is due, at every depth."""
    if isinstance(part, dict):
        for name in [name for name in _TIMES if not _is_time(part.get(name))]:
            part.pop(name, None)
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _only_times(each)


def _whole(value: Any) -> Any:
    """`3.0`, which JSON Schema calls an integer, as `3`: types are strict here (api.md 1.1)."""
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53 else value


def _document(name: str, made: Any, format: Any, chance: random.Random) -> Any:
    """In three of four requests a document that can be read, in the place of one that was made without knowing how.

    What was made is kept in it where a schema may stand.
    """
    schema = chance.choice([ORDERS, WITHOUT_EMAIL, WITH_TOTAL])
    if chance.random() < 0.25:
        return made
    if name == "schema" and isinstance(made, dict):
        return schema
    if format in ("graphql", "graphql_sdl") or (name == "schema" and isinstance(made, str)):
        field = chance.choice(["email: String", "total: Float", "email: String! total(in: [Int!]): Float", ""])
        return SDL.replace("email: String", field)
    content = {"application/json": {"schema": made if chance.random() < 0.25 and isinstance(made, dict) else schema}}
    answers = {chance.choice(["200", "201", "default"]): {"description": "One.", "content": content}}
    read = {**SPEC["paths"]["/orders/{id}"]["get"], "responses": answers}
    spec = {**SPEC, "paths": {chance.choice(["/orders/{id}", "/a.b/{id}/"]): {chance.choice(["get", "put"]): read}}}
    return spec if name == "spec" else json.dumps(spec)


def _readable(case: Any) -> None:
    """Documents that can be read, where one is due."""
    chance = random.Random(repr(case.body))
    for name in ("spec", "schema", "spec_content"):
        if name in case.body and ("/sync/" in case.path or case.path.endswith(("/publish", "/check-compat"))):
            case.body[name] = _document(name, case.body[name], case.body.get("spec_format"), chance)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Keep rules between members that a description cannot state, in requests that are meant to be right."""
    if isinstance(case.body, dict) and isinstance(case.body.get("url"), str) and "://" in case.body["url"]:
        case.body["url"] = "https://hooks.invalid/"
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if isinstance(case.body, dict):
        case.body = _whole(case.body)
        _readable(case)
        if case.body.get("user_type") == "bot":
            case.body.pop("password", None)
    for name, value in (case.path_parameters or {}).items():
        # A link may lead from a member that was null.
        if value in (None, "None"):
            case.path_parameters[name] = _POOL.get(name, ["00000000-0000-4000-8000-000000000000"])[0]
    if case.path.endswith("/publish") and "/assets/" in case.path:
        # The bootstrap key, the only one that no request can revoke, has no team that it would publish for.
        case.query = {"published_by": _POOL["team_id"][0], **(case.query or {})}
    _only_times(case.query)
    _only_times(case.body)
    if case.query and case.query.get("cursor") is not None:
        case.query.pop("offset", None)
    if case.headers and "Idempotency-Key" in case.headers and case.method == "DELETE":
        # What was deleted with this key may have come back: the answer of then would be given, and nothing deleted.
        case.headers.pop("Idempotency-Key")
    elif case.headers and "Idempotency-Key" in case.headers:
        # The same key with another request is refused: so a key follows from its request.
        whole = repr((case.method, case.formatted_path, case.query, case.body))
        case.headers["Idempotency-Key"] = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()
