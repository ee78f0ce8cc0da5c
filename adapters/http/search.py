"""Search over teams, users, assets and contracts at once (api.md 3.12)."""

from typing import Annotated, Literal

import msgspec

from adapters.http.assets import ResourceType
from adapters.http.call import Answer, Call
from adapters.http.lists import Render, Slice, Wanted, found
from adapters.http.problems import invalid
from adapters.http.service import Service
from projections import asset_questions
from projections import search_questions as q
from projections.assets import tag_list

Kind = Literal["teams", "users", "assets", "contracts"]
KINDS: tuple[Kind, ...] = ("teams", "users", "assets", "contracts")
MOST_TAGS = 20


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """`limit` is for each kind. `tags`, by commas, and `resource_type` narrow assets; `team`, an id or a name, all."""

    q: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 10
    types: tuple[Kind, ...] = KINDS
    tags: str | None = None
    resource_type: ResourceType | None = None
    team: str | None = None


class FoundTeam(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    type: Literal["team"] = "team"


class FoundUser(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    team_id: str | None
    type: Literal["user"] = "user"


class FoundAsset(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    fqn: str
    resource_type: str
    type: Literal["asset"] = "asset"


class FoundContract(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    version: str
    asset_id: str
    status: str
    type: Literal["contract"] = "contract"


class SearchResults(msgspec.Struct, frozen=True, kw_only=True):
    teams: tuple[FoundTeam, ...]
    users: tuple[FoundUser, ...]
    assets: tuple[FoundAsset, ...]
    contracts: tuple[FoundContract, ...]


class SearchCounts(msgspec.Struct, frozen=True, kw_only=True):
    """All that match, whatever the limit."""

    teams: int
    users: int
    assets: int
    contracts: int
    total: int


class SearchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. A kind that was not asked for is empty."""

    query: str
    results: SearchResults
    counts: SearchCounts


def _team(row: tuple[object, ...]) -> bytes:
    return msgspec.json.encode(FoundTeam(id=str(row[0]), name=str(row[1])))


def _user(row: tuple[object, ...]) -> bytes:
    team = None if row[2] is None else str(row[2])
    return msgspec.json.encode(FoundUser(id=str(row[0]), name=str(row[1]), team_id=team))


def _asset(row: tuple[object, ...]) -> bytes:
    body = row[0]
    assert isinstance(body, bytes)
    asset = msgspec.json.decode(body)
    return msgspec.json.encode(FoundAsset(id=asset["id"], fqn=asset["fqn"], resource_type=asset["resource_type"]))


def _contract(row: tuple[object, ...]) -> bytes:
    id, version, asset_id, status = (str(value) for value in row)
    return msgspec.json.encode(FoundContract(id=id, version=version, asset_id=asset_id, status=status))


async def search(service: Service, call: Call) -> Answer:
    query = call.query(Search, repeatable=("types",))
    tags = _tags(query)
    team = None if query.team is None else await _meant(service, call, query.team)
    results: dict[Kind, msgspec.Raw] = {}
    counts: dict[str, int] = {}
    for kind, (wanted, render) in _asked(query, team, tags).items():
        cut = Slice(limit=query.limit, offset=0, as_of=call.as_of, head=call.head)
        entries = b""
        if kind in query.types:
            cut, entries = await found(service.reader, cut, wanted, render)
        results[kind], counts[kind] = msgspec.Raw(b"[" + entries + b"]"), cut.total
    answer = {"query": query.q, "results": results, "counts": {**counts, "total": sum(counts.values())}}
    return Answer(body=msgspec.json.encode(answer))


def _asked(query: Search, team: str | None, tags: dict[str, object]) -> dict[Kind, tuple[Wanted, Render]]:
    """For each kind, the list that it is found in."""
    part = query.q.casefold()
    common: dict[str, object] = {"part": part} if team is None else {"part": part, "team_id": team}
    assets: dict[str, object] = {"alive": True, "fqn": part, **tags}
    if query.resource_type is not None:
        assets["resource_type"] = query.resource_type
    if team is not None:
        assets["owner"] = team
    asked: dict[Kind, tuple[Wanted, Render]] = {
        "teams": (Wanted(listing=q.TEAMS, filters=common, order="name"), _team),
        "users": (Wanted(listing=q.USERS, filters=common, order="name", fleeting=True), _user),
        "assets": (Wanted(listing=asset_questions.LIST, filters=assets, order="fqn asc"), _asset),
        "contracts": (Wanted(listing=q.CONTRACTS, filters=common, order="newest"), _contract),
    }
    return asked


def _tags(query: Search) -> dict[str, object]:
    given = [tag.strip() for tag in (query.tags or "").split(",") if tag.strip()]
    if len(given) > MOST_TAGS:
        raise invalid("query.tags", f"must name {MOST_TAGS} tags at most")
    return {f"tag{n}": tag_list([tag]) for n, tag in enumerate(given)}


async def _meant(service: Service, call: Call, team: str) -> str:
    """The id of the team that is meant; what is no team owns nothing."""
    params = {"id": team.lower(), "name": team, "as_of": call.as_of}
    rows = await service.reader.rows(q.TEAM.sql(service.reader.dialect), params)
    return str(rows[0][0]) if rows else ""
