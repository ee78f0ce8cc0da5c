"""Lists: pages with a total, a cursor that pins the position, and the headers that go with them (api.md 1.4)."""

import base64
import binascii
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, TypeAlias
from urllib.parse import parse_qsl, urlencode

import msgspec

from adapters.http.call import UUID, Answer, Call
from adapters.http.problems import invalid
from adapters.reader import Reader, Rows
from projections.reading import Listing

Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Uuid = Annotated[str, msgspec.Meta(pattern=UUID, extra_json_schema={"format": "uuid"})]
Cursor = Annotated[str, msgspec.Meta(extra_json_schema={"format": "cursor"})]
_PLACE_IN_LIST = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")
_TOTALS_KEPT = 1024
_PAGE_BYTES_KEPT = 16 * 1024 * 1024
_encoder = msgspec.json.Encoder()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The query parameters that every list takes."""

    limit: Limit = 50
    offset: Offset = 0
    cursor: Cursor | None = None


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """A page settled: where it begins, and the position that it answers for."""

    limit: int
    offset: int
    as_of: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A list asked for: the filters that apply with their values, and the order.

    `often` says that its pages are asked for again and again, and that their entries follow from the rows alone.
    `fleeting`: that what matches depends on people's names, which are those of now, so that a total holds for no other
    moment. `completed` reads what the rows of a page lack.
    """

    listing: Listing
    filters: Mapping[str, object]
    order: str
    often: bool = False
    fleeting: bool = False
    completed: Callable[[Reader, Rows], Awaitable[Rows]] | None = None


def slice_of(page: Page, call: Call) -> Slice:
    """Where the page begins. Raises `VALIDATION_ERROR` for a cursor that is none, or one beside an offset."""
    if page.cursor is None:
        return Slice(limit=page.limit, offset=page.offset, as_of=call.as_of)
    if page.offset:
        raise invalid("query.cursor", "cannot be combined with an offset")
    try:
        text = base64.urlsafe_b64decode(page.cursor.encode("ascii", "replace")).decode("ascii", "replace")
    except (ValueError, binascii.Error):
        text = ""
    place = _PLACE_IN_LIST.fullmatch(text)
    if place is None:
        raise invalid("query.cursor", "is not one that this service gave")
    return Slice(limit=page.limit, offset=int(place[2]), as_of=min(int(place[1]), call.head))


class Totals:
    """Counts of matches. Rows as of a position never change, so a count once taken holds for ever."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], int] = {}

    async def count(self, reader: Reader, wanted: Wanted, as_of: int, head: int) -> int:
        seen = head if wanted.fleeting else as_of
        key = (id(wanted.listing), tuple(sorted(wanted.filters.items())), as_of, seen)
        if key not in self._kept:
            if len(self._kept) >= _TOTALS_KEPT:
                self._kept.clear()
            sql = wanted.listing.count(frozenset(wanted.filters), reader.dialect)
            rows = await reader.rows(sql, {**wanted.filters, "as_of": as_of})
            self._kept[key] = int(str(rows[0][0]))
        return self._kept[key]


TOTALS = Totals()
Render: TypeAlias = Callable[[tuple[object, ...]], bytes]


class Pages:
    """Entries of pages as ready JSON. Rows as of a position never change, but people's names in them do with the head.

    Of all pages together so many bytes are kept; those not asked for longest go first.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._size = 0

    async def entries(self, reader: Reader, wanted: Wanted, cut: Slice, render: Render, head: int) -> bytes:
        """The entries of a page, with commas between them, as the log's head was `head`."""
        key = (id(wanted.listing), render, tuple(sorted(wanted.filters.items())), wanted.order, cut, head)
        kept = self._kept.get(key)
        entries = await _entries(reader, wanted, cut, render) if kept is None else kept
        self._keep(key, entries)
        return entries

    def _keep(self, key: tuple[object, ...], entries: bytes) -> None:
        self._size += len(entries) - len(self._kept.pop(key, b""))
        self._kept[key] = entries
        while self._size > _PAGE_BYTES_KEPT:
            self._size -= len(self._kept.popitem(last=False)[1])


PAGES = Pages()


async def _entries(reader: Reader, wanted: Wanted, cut: Slice, render: Render) -> bytes:
    sql = wanted.listing.page(frozenset(wanted.filters), wanted.order, reader.dialect)
    params = {**wanted.filters, "as_of": cut.as_of, "limit": cut.limit, "offset": cut.offset}
    rows = await reader.rows(sql, params)
    rows = rows if wanted.completed is None else await wanted.completed(reader, rows)
    return b",".join([render(row) for row in rows])


async def list_answer(reader: Reader, call: Call, page: Page, wanted: Wanted, render: Render) -> Answer:
    """One page of a list."""
    cut = slice_of(page, call)
    total = await TOTALS.count(reader, wanted, cut.as_of, call.head)
    if cut.offset >= total:
        entries = b""
    elif wanted.often:
        entries = await PAGES.entries(reader, wanted, cut, render, call.head)
    else:
        entries = await _entries(reader, wanted, cut, render)
    return page_answer(call, cut, total, entries)


def page_answer(call: Call, cut: Slice, total: int, entries: bytes) -> Answer:
    """The envelope of a page, from its entries as ready JSON with commas between them."""
    following = cut.offset + cut.limit
    cursor = None
    if following < total:
        cursor = base64.urlsafe_b64encode(f"{cut.as_of}.{following}".encode()).decode()
    tail = b'],"total":%d,"limit":%d,"offset":%d,"next":%s}' % (
        total,
        cut.limit,
        cut.offset,
        msgspec.json.encode(cursor),
    )
    headers = [("x-total-count", str(total))]
    links = _links(call, cut, cursor)
    if links:
        headers.append(("link", links))
    return Answer(body=b"".join((b'{"results":[', entries, tail)), position=cut.as_of, headers=tuple(headers))


def _links(call: Call, cut: Slice, cursor: str | None) -> str:
    kept = [(name, value) for name, value in parse_qsl(call.query_string) if name not in ("cursor", "offset")]
    links = []
    if cursor is not None:
        links.append(f'<{call.path}?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"')
    if cut.offset > 0:
        before = max(0, cut.offset - cut.limit)
        back = base64.urlsafe_b64encode(f"{cut.as_of}.{before}".encode()).decode()
        links.append(f'<{call.path}?{urlencode([*kept, ("cursor", back)])}>; rel="prev"')
    return ", ".join(links)


def spliced(body: object, **members: object) -> bytes:
    """Ready JSON of an object, with members added. A member given as bytes is ready JSON itself."""
    assert isinstance(body, bytes)
    for name, value in members.items():
        if isinstance(value, bytes):
            members[name] = msgspec.Raw(value)
    return body[:-1] + b"," + _encoder.encode(members)[1:]
