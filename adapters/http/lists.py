"""Lists: pages with a total, a cursor that pins the position, and the headers that go with them (api.md 1.4)."""

import base64
import binascii
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Annotated, TypeAlias
from urllib.parse import parse_qsl, urlencode

import msgspec

from adapters.http.call import UUID, Answer, Call
from adapters.http.problems import invalid
from adapters.reader import Reader, Rows
from projections.reading import Listing

Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Uuid = Annotated[str, msgspec.Meta(pattern=UUID)]
_PLACE_IN_LIST = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")
_TOTALS_KEPT = 1024
_PAGE_BYTES_KEPT = 16 * 1024 * 1024
_encoder = msgspec.json.Encoder()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The query parameters that every list takes."""

    limit: Limit = 50
    offset: Offset = 0
    cursor: str | None = None


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """A page settled: where it begins, the position that it answers for, and the log's head meanwhile."""

    limit: int
    offset: int
    as_of: int
    head: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A list asked for: the filters that apply with their values, and the order.

    `fleeting` says that what matches depends on people's names, which are those of now, so that a total holds for no
    other moment.
    """

    listing: Listing
    filters: Mapping[str, object]
    order: str
    fleeting: bool = False


def slice_of(page: Page, call: Call) -> Slice:
    """Where the page begins. Raises `VALIDATION_ERROR` for a cursor that is none, or one beside an offset."""
    if page.cursor is None:
        return Slice(limit=page.limit, offset=page.offset, as_of=call.as_of, head=call.head)
    if page.offset:
        raise invalid("query.cursor", "cannot be combined with an offset")
    try:
        text = base64.urlsafe_b64decode(page.cursor.encode("ascii", "replace")).decode("ascii", "replace")
    except (ValueError, binascii.Error):
        text = ""
    place = _PLACE_IN_LIST.fullmatch(text)
    if place is None:
        raise invalid("query.cursor", "is not one that this service gave")
    as_of = min(int(place[1]), call.head)
    return Slice(limit=page.limit, offset=int(place[2]), as_of=as_of, head=call.head)


class Totals:
    """Counts of matches. Rows as of a position never change, so a count once taken holds for ever."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], int] = {}

    async def count(self, reader: Reader, wanted: Wanted, cut: Slice) -> int:
        seen = cut.head if wanted.fleeting else cut.as_of
        key = (id(wanted.listing), tuple(sorted(wanted.filters.items())), cut.as_of, seen)
        if key not in self._kept:
            if len(self._kept) >= _TOTALS_KEPT:
                self._kept.clear()
            sql = wanted.listing.count(frozenset(wanted.filters), reader.dialect)
            rows = await reader.rows(sql, {**wanted.filters, "as_of": cut.as_of})
            self._kept[key] = int(str(rows[0][0]))
        return self._kept[key]


TOTALS = Totals()
Render: TypeAlias = Callable[[tuple[object, ...]], bytes]
# The entries of a page from its rows: pieces of JSON, commas between the entries among them.
RenderAll: TypeAlias = Callable[[Reader, Rows, Slice], Awaitable[list[bytes]]]


class Pages:
    """Pages as ready JSON. Rows as of a position never change, but people's names in them do with the head.

    Of all pages together so many bytes are kept; those not asked for longest go first.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._size = 0

    async def page(self, reader: Reader, wanted: Wanted, cut: Slice, total: int, render: RenderAll) -> bytes:
        """A page of a list of so many entries."""
        key = (id(wanted.listing), render, tuple(sorted(wanted.filters.items())), wanted.order, cut)
        page = self._kept.get(key)
        if page is None:
            page = _joined(cut, total, await render(reader, await _rows(reader, wanted, cut, total), cut))
        self._keep(key, page)
        return page

    def _keep(self, key: tuple[object, ...], page: bytes) -> None:
        self._size += len(page) - len(self._kept.pop(key, b""))
        self._kept[key] = page
        while self._size > _PAGE_BYTES_KEPT:
            self._size -= len(self._kept.popitem(last=False)[1])


PAGES = Pages()


async def _rows(reader: Reader, wanted: Wanted, cut: Slice, total: int) -> Rows:
    if cut.offset >= total:
        return []
    sql = wanted.listing.page(frozenset(wanted.filters), wanted.order, reader.dialect)
    return await reader.page(sql, {**wanted.filters, "as_of": cut.as_of, "limit": cut.limit, "offset": cut.offset})


async def list_answer(reader: Reader, call: Call, page: Page, wanted: Wanted, render: Render) -> Answer:
    """One page of a list."""
    cut = slice_of(page, call)
    total = await TOTALS.count(reader, wanted, cut)
    entries = b",".join([render(row) for row in await _rows(reader, wanted, cut, total)])
    return _answer(call, cut, total, _joined(cut, total, [entries]))


async def kept_list_answer(reader: Reader, call: Call, page: Page, wanted: Wanted, render: RenderAll) -> Answer:
    """One page of a list that is asked for again and again."""
    cut = slice_of(page, call)
    total = await TOTALS.count(reader, wanted, cut)
    return _answer(call, cut, total, await PAGES.page(reader, wanted, cut, total, render))


def _joined(cut: Slice, total: int, pieces: list[bytes]) -> bytes:
    """A page as JSON, from its entries."""
    tail = b'],"total":%d,"limit":%d,"offset":%d,"next":%s}' % (
        total,
        cut.limit,
        cut.offset,
        msgspec.json.encode(_next(cut, total)),
    )
    return b"".join([b'{"results":[', *pieces, tail])


def _next(cut: Slice, total: int) -> str | None:
    following = cut.offset + cut.limit
    return _cursor(cut.as_of, following) if following < total else None


def _cursor(as_of: int, offset: int) -> str:
    return base64.urlsafe_b64encode(b"%d.%d" % (as_of, offset)).decode()


def _answer(call: Call, cut: Slice, total: int, body: bytes) -> Answer:
    headers = [("x-total-count", str(total))]
    links = _links(call, cut, _next(cut, total))
    if links:
        headers.append(("link", links))
    return Answer(body=body, position=cut.as_of, headers=tuple(headers))


def _links(call: Call, cut: Slice, cursor: str | None) -> str:
    start = call.path + _query_kept(call.query_string)
    links = []
    if cursor is not None:
        links.append(f'<{start}{cursor.replace("=", "%3D")}>; rel="next"')
    if cut.offset > 0:
        back = _cursor(cut.as_of, max(0, cut.offset - cut.limit))
        links.append(f'<{start}{back.replace("=", "%3D")}>; rel="prev"')
    return ", ".join(links)


@lru_cache(maxsize=1024)
def _query_kept(query: str) -> str:
    """What links keep of a query, up to the value of their cursor."""
    kept = [(name, value) for name, value in parse_qsl(query) if name not in ("cursor", "offset")]
    return "?" + urlencode([*kept, ("cursor", "")])


def spliced(body: object, **members: object) -> bytes:
    """Ready JSON of an object, with members added. A member given as bytes is ready JSON itself."""
    assert isinstance(body, bytes)
    for name, value in members.items():
        if isinstance(value, bytes):
            members[name] = msgspec.Raw(value)
    return body[:-1] + b"," + _encoder.encode(members)[1:]
