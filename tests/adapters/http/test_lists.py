"""Lists (api.md 1.4): pages, cursors, headers, filters and orders, the same on both stores."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.adapters.http.world import GONE, asset, fields, key, made, publish, table, team, unique, user

LISTS = [
    "/teams",
    "/users",
    "/assets",
    "/assets/search?q=db",
    "/contracts",
    "/registrations",
    "/proposals",
    "/audit/events",
]


def _with(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}"


@pytest.fixture(scope="module")
def filled(own_store: httpx.Client) -> httpx.Client:
    """A server with a few of everything."""
    owner, consumer = team(own_store), team(own_store)
    for _ in range(4):
        id = asset(own_store, owner)
        contract = publish(own_store, id, owner, table(a="string"))["contract"]["id"]
        own_store.post("/registrations", json={"contract_id": contract, "consumer_team_id": consumer})
        publish(own_store, id, owner, table(b="string"))
        team(own_store)
        user(own_store)
        key(own_store, owner)
    return own_store


@pytest.mark.parametrize("path", LISTS)
def test_pages_make_up_the_whole(filled: httpx.Client, path: str) -> None:
    whole = made(filled.get(_with(path, "limit=100")))
    assert set(whole) == {"results", "total", "limit", "offset", "next"}
    assert whole["total"] == len(whole["results"]) >= 4 and whole["next"] is None and whole["limit"] == 100
    assert len({entry["id"] for entry in whole["results"]}) == whole["total"]
    by_offset = [made(filled.get(_with(path, f"limit=3&offset={n}"))) for n in range(0, whole["total"], 3)]
    assert [entry for page in by_offset for entry in page["results"]] == whole["results"]
    assert {page["total"] for page in by_offset} == {whole["total"]}
    beyond = made(filled.get(_with(path, f"offset={whole['total']}")))
    assert (beyond["results"], beyond["total"], beyond["next"]) == ([], whole["total"], None)


@pytest.mark.parametrize("path", LISTS)
def test_cursors_and_links_lead_there_and_back(filled: httpx.Client, path: str) -> None:
    whole = made(filled.get(_with(path, "limit=100")))["results"]
    page = filled.get(_with(path, "limit=2"))
    seen: list[Any] = []
    while True:
        body = made(page)
        assert page.headers["x-total-count"] == str(body["total"]) == str(len(whole))
        assert body["offset"] == len(seen)
        links = dict((rel, url) for url, rel in re.findall(r'<([^>]*)>; rel="(\w+)"', page.headers.get("link", "")))
        assert ("prev" in links) == (len(seen) > 0) and ("next" in links) == (body["next"] is not None)
        if seen:
            back = made(filled.get(_origin(filled) + links["prev"]))["results"]
            assert back == whole[max(0, len(seen) - 2) :][:2]
        seen += body["results"]
        if body["next"] is None:
            break
        by_cursor = made(filled.get(_with(path, f"limit=2&cursor={body['next']}")))
        page = filled.get(_origin(filled) + links["next"])
        assert made(page) == by_cursor
    assert seen == whole


def _origin(api: httpx.Client) -> str:
    return str(api.base_url).removesuffix("/api/v1/")


def test_keys_are_listed_in_their_own_shape(filled: httpx.Client) -> None:
    body = made(filled.get("/api-keys?limit=2&offset=1"))
    assert set(body) == {"keys", "total", "limit", "offset"}
    assert (len(body["keys"]), body["total"] >= 4, body["limit"], body["offset"]) == (2, True, 2, 1)


@pytest.mark.parametrize(
    "query",
    ["cursor=!", "cursor=", "cursor=MQ==", "cursor=MS4tMw==", "cursor=LTEuMw==", "cursor=4pyT", "cursor=MS4y&offset=1"]
    + ["cursor=MS45OTk5OTk5OTk5OTk5OTk5OTk5OTk5"],
)
def test_cursors_that_are_none(filled: httpx.Client, query: str) -> None:
    assert fields(filled.get(f"/teams?{query}")) == ["query.cursor"]


def test_pages_by_cursor_do_not_overlap_while_others_write(own_store: httpx.Client) -> None:
    owner, mark = team(own_store), unique("busy")
    ids = {asset(own_store, owner, f"{mark}.t{n:03}") for n in range(0, 60, 2)}

    def disturb(n: int) -> None:
        asset(own_store, owner, f"{mark}.t{n:03}")
        own_store.delete(f"/assets/{sorted(ids)[n % 30]}")

    seen: list[str] = []
    cursor = ""
    with ThreadPoolExecutor(2) as pool:
        for n in range(100):
            page = made(own_store.get(f"/assets?fqn={mark}&limit=4&sort_by=created_at&sort_order=desc{cursor}"))
            seen += [entry["id"] for entry in page["results"]]
            assert page["total"] == 30
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
            list(pool.map(disturb, [61 + 4 * n, 63 + 4 * n]))
    assert len(seen) == 30 and set(seen) == ids


NAMES = ["Straße", "STRASSE", "strasse", "ÀB", "àb", "zz", "Zz", "Ｚ", "ﬁ", "İx", "\U0001f600", "\uffee", "a_b", "a%b"]


@pytest.fixture(scope="module")
def named(own_store: httpx.Client) -> httpx.Client:
    for name in NAMES:
        team(own_store, f"{name} named")
    return own_store


@pytest.mark.parametrize(
    "part", ["strasse", "STRASSE", "ß", "àB", "ZZ", "FI", "i\u0307x", "_", "%", "\\", "\U0001f600", "'"]
)
def test_contains_folds_case_and_names_sort_by_code_point(named: httpx.Client, part: str) -> None:
    expected = sorted(f"{name} named" for name in NAMES if part.casefold() in f"{name} named".casefold())
    found = made(named.get("/teams", params={"name": part, "limit": 100}))["results"]
    assert [entry["name"] for entry in found if entry["name"].endswith(" named")] == expected


class Shelf:
    """Assets that differ in everything that lists filter and sort by, as the API gave them."""

    def __init__(self, api: httpx.Client) -> None:
        self.api, self.mark = api, unique("shelf")
        self.teams = [team(api), team(api)]
        kinds = ["model", "source", "other"]
        ids = []
        for n in range(12):
            tags = [["red"], ["red", "blue"], ["re"], ["a\x1fb"], ['"red"'], []][n % 6]
            part = ["A", "a", "_", "Z", "b-c", "B"][n % 6]
            more = {"environment": ["production", "Dev"][n // 6], "resource_type": kinds[n % 3], "tags": tags}
            ids.append(asset(api, self.teams[n % 2], f"{self.mark}.{part}", **more))
        for id in ids[::4]:
            publish(api, id, made(api.get(f"/assets/{id}"))["owner_team_id"], table(a="string"))
        api.delete(f"/assets/{ids[3]}")
        self.all = made(api.get(f"/assets?fqn={self.mark}&include_deleted=1&limit=100"))["results"]
        self.alive = [entry for entry in self.all if entry["deleted_at"] is None]
        self.made = ids

    def ids(self, query: str) -> list[str]:
        return [entry["id"] for entry in made(self.api.get(f"/assets?fqn={self.mark}&limit=100&{query}"))["results"]]


@pytest.fixture(scope="module")
def shelf(own_store: httpx.Client) -> Shelf:
    return Shelf(own_store)


def test_every_filter_of_assets(shelf: Shelf) -> None:
    def expect(query: str, keep: Any) -> None:
        assert set(shelf.ids(query)) == {a["id"] for a in shelf.alive if keep(a)}, query

    assert (len(shelf.all), len(shelf.alive)) == (12, 11)
    one, two = shelf.teams
    expect(f"owner={one}", lambda a: a["owner_team_id"] == one)
    expect(f"owner={two}&environment=Dev", lambda a: a["owner_team_id"] == two and a["environment"] == "Dev")
    expect("environment=dev", lambda a: False)
    expect(f"fqn_exact={shelf.mark}.A", lambda a: a["fqn"] == f"{shelf.mark}.A")
    expect("resource_type=model", lambda a: a["resource_type"] == "model")
    expect("tag=red", lambda a: "red" in a["tags"])
    expect("tag=red&tag=blue", lambda a: {"red", "blue"} <= set(a["tags"]))
    expect("tag=b", lambda a: False)
    expect("tag=a%1Fb", lambda a: a["tags"] == ["a\x1fb"])
    expect("tag=%22red%22", lambda a: a["tags"] == ['"red"'])
    expect("has_contract=true", lambda a: a["active_contract_id"] is not None)
    expect("has_contract=0", lambda a: a["active_contract_id"] is None)
    expect("unowned=true", lambda a: True)
    expect("unowned=false", lambda a: False)
    expect(f"owner_user={GONE}", lambda a: False)
    expect("source_kind=dbt", lambda a: False)
    expect("source_key=shop", lambda a: False)
    assert set(shelf.ids("include_deleted=true")) == set(shelf.made)
    upper = made(shelf.api.get(f"/assets?fqn={shelf.mark.upper()}.B"))["results"]
    assert {a["fqn"] for a in upper} == {f"{shelf.mark}.b-c", f"{shelf.mark}.B"}


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("by", ["fqn", "owner", "owner_user", "created_at"])
def test_every_order_of_assets(shelf: Shelf, by: str, order: str) -> None:
    member = {"fqn": "fqn", "owner": "owner_team_id", "owner_user": "owner_user_id"}.get(by)
    entries = sorted(shelf.alive, key=lambda a: str(a["id"]))
    expected = sorted(
        entries,
        key=(lambda a: str(a[member])) if member else (lambda a: shelf.made.index(a["id"])),
        reverse=order == "desc",
    )
    if order == "desc":
        # sorted(reverse=True) keeps the order of equals: by id, as asked for.
        assert [a["id"] for a in expected] == shelf.ids(f"sort_by={by}&sort_order=desc")
    else:
        assert [a["id"] for a in expected] == shelf.ids(f"sort_by={by}")


def test_search(shelf: Shelf) -> None:
    found = made(shelf.api.get("/assets/search", params={"q": shelf.mark.upper(), "limit": 100}))
    expected = sorted(shelf.alive, key=lambda a: (a["fqn"], a["id"]))
    kept = ("id", "fqn", "owner_team_id", "owner_team_name", "environment", "resource_type", "tags")
    assert found["results"] == [{name: a[name] for name in kept} for a in expected]
    params = {"q": shelf.mark, "owner": shelf.teams[0].upper(), "environment": "Dev"}
    narrowed = made(shelf.api.get("/assets/search", params=params))["results"]
    assert {a["owner_team_id"] for a in narrowed} == {shelf.teams[0]} and {a["environment"] for a in narrowed} == {
        "Dev"
    }
    for q in ("", "x" * 101):
        assert fields(shelf.api.get("/assets/search", params={"q": q})) == ["query.q"]
    assert fields(shelf.api.get("/assets/search")) == ["query.q"]
    assert made(shelf.api.get("/assets/search", params={"q": "x" * 100}))["total"] == 0


@pytest.mark.parametrize("kind", ["%16%F2%B9%BF%AC", "a%0D%0AX-Evil:%201", "%C2%99%3E"])
def test_links_of_a_path_that_no_header_can_hold(api: httpx.Client, kind: str) -> None:
    path = f"/audit/entities/{kind}/00000000-0000-4000-8000-000000000000/history"
    cursor = base64.urlsafe_b64encode(b"0.2").decode()
    answer = api.get(path, params={"cursor": cursor, "limit": 1})
    assert answer.status_code == 200 and "x-evil" not in answer.headers
    before = re.fullmatch(r'<(/api/v1[!-~]+)>; rel="prev"', answer.headers["link"])
    assert before and api.get(before[1].removeprefix("/api/v1")).json() == {**answer.json(), "offset": 1}
