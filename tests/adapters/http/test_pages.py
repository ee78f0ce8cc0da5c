"""Pages kept as rendered: the same page is read once, another position or render anew, and memory has a bound."""

import asyncio
from collections.abc import Mapping

import pytest

from adapters.http import lists
from adapters.http.lists import Pages, Slice, Wanted
from adapters.reader import Reader, Rows
from projections import asset_questions as q
from projections.sql import DialectName


class Counting:
    """A reader that answers every question with one row, and counts."""

    dialect: DialectName = "sqlite"
    asked = 0

    async def rows(self, sql: str, params: Mapping[str, object]) -> Rows:
        self.asked += 1
        return [(b'{"as_of":%d}' % int(str(params["as_of"])),)]

    page = rows

    async def close(self) -> None: ...


async def _ready(reader: Reader, rows: Rows, cut: Slice) -> list[bytes]:
    return [row[0] for row in rows if isinstance(row[0], bytes)]


async def _shouted(reader: Reader, rows: Rows, cut: Slice) -> list[bytes]:
    return [each.upper() for each in await _ready(reader, rows, cut)]


def _find(pages: Pages, reader: Counting, as_of: int, render: lists.RenderAll = _ready, head: int = 9) -> bytes:
    wanted = Wanted(listing=q.LIST, filters={"alive": True}, order="fqn asc")
    cut = Slice(limit=50, offset=0, as_of=as_of, head=head, total=1)
    page = asyncio.run(pages.page(reader, wanted, cut, render))
    opening, tail = b'{"results":[', b'],"total":1,"limit":50,"offset":0,"next":null}'
    assert page.startswith(opening) and page.endswith(tail)
    return page[len(opening) : -len(tail)]


def test_a_page_is_read_once_for_each_position_and_render() -> None:
    pages, reader = Pages(), Counting()
    assert [_find(pages, reader, 1) for _ in range(3)] == [b'{"as_of":1}'] * 3
    assert reader.asked == 1
    assert _find(pages, reader, 2) == b'{"as_of":2}'
    assert _find(pages, reader, 1, _shouted) == b'{"AS_OF":1}'
    assert reader.asked == 3


def test_a_page_is_read_again_once_the_log_has_gone_on_since_people_may_have_other_names() -> None:
    pages, reader = Pages(), Counting()
    _find(pages, reader, 1, head=1)
    _find(pages, reader, 1, head=2)
    assert reader.asked == 2


def test_pages_that_were_asked_for_longest_ago_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_PAGE_BYTES_KEPT", 150)
    pages, reader = Pages(), Counting()
    for as_of in (1, 2, 1, 3, 1):
        _find(pages, reader, as_of)
    assert reader.asked == 3
    _find(pages, reader, 2)
    assert reader.asked == 4


def test_a_page_beyond_the_bound_is_answered_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_PAGE_BYTES_KEPT", 50)
    pages, reader = Pages(), Counting()
    assert [_find(pages, reader, 7) for _ in range(2)] == [b'{"as_of":7}'] * 2
    assert reader.asked == 2
