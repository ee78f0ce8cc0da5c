"""Lists: pages with a total, a cursor that pins the position, and the headers that go with them (api.md 1.4)."""

import base64
import binascii
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Annotated, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from adapters.http.call import UUID, Answer, Call
from adapters.http.problems import invalid
from adapters.reader import Reader, Rows
from projections.large_lists import LargeListing
from projections.reading import Listing

Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Uuid = Annotated[str, msgspec.Meta(pattern=UUID, extra_json_schema={"format": "uuid"})]
Cursor = Annotated[str, msgspec.Meta(extra_json_schema={"format": "cursor"})]
_PLACE_IN_LIST = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")
_TOTALS_KEPT = 1024
_PAGE_BYTES_KEPT = 16 * 1024 * 1024
_encoder = msgspec.json.Encoder()


def lowered(id: str | None) -> str | None:
    """An id as it is kept and answered, if there is one."""
    return id.lower() if id is not None else None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The query parameters that every list takes."""

    limit: Limit = 50
    offset: Offset = 0
    cursor: Cursor | None = None


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """A page settled: where it begins, and the position that it answers for, at which so many match.

    `head` is where the log ended: what is not positioned, people's names, is that of then.
    """

    limit: int
    offset: int
    as_of: int
    head: int
    total: int = 0


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A list asked for: the filters that apply with their values, and the order.

    `fleeting` says that what matches depends on people's names, which are those of now, so that a total holds for no
    other moment. `completed` reads what the rows of a page lack. `unkept` says that the rows are no view's, and change
    without any event: no total of them holds.
    """

    listing: Listing
    filters: Mapping[str, object]
    order: str
    fleeting: bool = False
    unkept: bool = False
    completed: Callable[[Reader, Rows], Awaitable[Rows]] | None = None


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
    return Slice(limit=page.limit, offset=int(place[2]), as_of=min(int(place[1]), call.head), head=call.head)


class Totals:
    """Counts of matches. Rows as of a position never change, so a count once taken holds for ever.

    Of large lists the newest count is kept as well: a later one follows from it and what changed since.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], int] = {}
        self._newest: dict[tuple[object, ...], tuple[int, int]] = {}

    async def count(self, reader: Reader, wanted: Wanted, cut: Slice) -> int:
        if wanted.unkept:
            return await self._counted(reader, wanted, cut.as_of, None)
        asked = (id(wanted.listing), tuple(sorted(wanted.filters.items())))
        key = (*asked, cut.as_of, cut.head if wanted.fleeting else cut.as_of)
        if key not in self._kept:
            for kept in (self._kept, self._newest):
                if len(kept) >= _TOTALS_KEPT:
                    kept.clear()
            self._kept[key] = await self._counted(reader, wanted, cut.as_of, self._newest.get(asked))
            self._newest[asked] = max(self._newest.get(asked, (0, 0)), (cut.as_of, self._kept[key]))
        return self._kept[key]

    async def _counted(self, reader: Reader, wanted: Wanted, as_of: int, before: tuple[int, int] | None) -> int:
        listing, filters = wanted.listing, frozenset(wanted.filters)
        params = {**wanted.filters, "as_of": as_of}
        if isinstance(listing, LargeListing) and before is not None and before[0] < as_of:
            rows = await reader.rows(listing.change(filters, reader.dialect), {**params, "since": before[0]})
            return before[1] + int(str(rows[0][0]))
        rows = await reader.rows(listing.count(filters, reader.dialect), params)
        return int(str(rows[0][0]))


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

    async def page(self, reader: Reader, wanted: Wanted, cut: Slice, render: RenderAll) -> bytes:
        """A page of a list."""
        key = (id(wanted.listing), render, tuple(sorted(wanted.filters.items())), wanted.order, cut)
        page = self._kept.get(key)
        if page is None:
            page = _joined(cut, await render(reader, await _rows(reader, wanted, cut), cut))
        self._keep(key, page)
        return page

    def _keep(self, key: tuple[object, ...], page: bytes) -> None:
        self._size += len(page) - len(self._kept.pop(key, b""))
        self._kept[key] = page
        while self._size > _PAGE_BYTES_KEPT:
            self._size -= len(self._kept.popitem(last=False)[1])


PAGES = Pages()


async def _rows(reader: Reader, wanted: Wanted, cut: Slice) -> Rows:
    if cut.offset >= cut.total:
        return []
    listing, filters = wanted.listing, frozenset(wanted.filters)
    if isinstance(listing, LargeListing):
        few = listing.is_few(filters, cut.total)
        sql = listing.large_page(filters, wanted.order, few, reader.dialect)
    else:
        sql = listing.page(filters, wanted.order, reader.dialect)
    params = {**wanted.filters, "as_of": cut.as_of, "limit": cut.limit, "offset": cut.offset}
    rows = await reader.page(sql, params)
    return rows if wanted.completed is None else await wanted.completed(reader, rows)


async def list_answer(reader: Reader, call: Call, page: Page, wanted: Wanted, render: Render) -> Answer:
    """One page of a list."""
    cut, entries = await found(reader, slice_of(page, call), wanted, render)
    return _answer(call, cut, _joined(cut, [entries]))


async def found(reader: Reader, cut: Slice, wanted: Wanted, render: Render) -> tuple[Slice, bytes]:
    """The slice with its total, and its entries as ready JSON with commas between them."""
    cut = await _counted(reader, cut, wanted)
    return cut, b",".join([render(row) for row in await _rows(reader, wanted, cut)])


async def kept_list_answer(reader: Reader, call: Call, page: Page, wanted: Wanted, render: RenderAll) -> Answer:
    """One page of a list that is asked for again and again."""
    cut = await _counted(reader, slice_of(page, call), wanted)
    return _answer(call, cut, await PAGES.page(reader, wanted, cut, render))


async def _counted(reader: Reader, cut: Slice, wanted: Wanted) -> Slice:
    return msgspec.structs.replace(cut, total=await TOTALS.count(reader, wanted, cut))


def _joined(cut: Slice, pieces: list[bytes]) -> bytes:
    """A page as JSON, from its entries."""
    tail = b'],"total":%d,"limit":%d,"offset":%d,"next":%s}' % (
        cut.total,
        cut.limit,
        cut.offset,
        msgspec.json.encode(_next(cut)),
    )
    return b"".join([b'{"results":[', *pieces, tail])


def _next(cut: Slice) -> str | None:
    following = cut.offset + cut.limit
    return _cursor(cut.as_of, following) if following < cut.total else None


def _cursor(as_of: int, offset: int) -> str:
    return base64.urlsafe_b64encode(b"%d.%d" % (as_of, offset)).decode()


def _answer(call: Call, cut: Slice, body: bytes) -> Answer:
    headers = [("x-total-count", str(cut.total))]
    links = _links(call, cut, _next(cut))
    if links:
        headers.append(("link", links))
    return Answer(body=body, position=cut.as_of, headers=tuple(headers))


def _links(call: Call, cut: Slice, cursor: str | None) -> str:
    # The path was decoded on its way in: what it holds may not stand in a header as it is.
    start = quote(call.path) + _query_kept(call.query_string)
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
