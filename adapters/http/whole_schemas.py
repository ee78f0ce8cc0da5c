"""Rows of contracts and proposals as they come from the store, with their schemas put together (`domain.schema.shelf`).

The schema is the second column. One without definitions is whole as it is, and costs nothing here.
"""

from collections.abc import Generator

from adapters.http.service import Asking
from adapters.log.packing import unpacked
from adapters.reader import Reader, Rows
from domain.schema.canonical import canonical, digest_of
from domain.schema.shelf import STEPS, Shelf
from projections import contract_questions as q
from projections.engine import bound_list

_Row = tuple[object, ...]


async def read_whole(reader: Reader, rows: Rows) -> Rows:
    """The rows with whole schemas, in two more statements at most."""
    steps = _steps(rows)
    try:
        missing = next(steps)
        while True:
            params = {"digests": bound_list(missing, reader.dialect)}
            missing = steps.send(await reader.rows(q.SCHEMAS.sql(reader.dialect), params))
    except StopIteration as done:
        return [*done.value]


def whole(asking: Asking, rows: Rows) -> Rows:
    """The rows with whole schemas, within an append."""
    steps = _steps(rows)
    try:
        missing = next(steps)
        while True:
            missing = steps.send(asking.rows(q.SCHEMAS, digests=bound_list(missing, asking.dialect)))
    except StopIteration as done:
        return [*done.value]


def _steps(rows: Rows) -> Generator[list[str], Rows, Rows]:
    """Yields the digests of documents to read, takes them with their texts, and returns the rows."""
    texts = [_text(row[1]) for row in rows]
    roots = {digest_of(text): text for text in texts if text[:1] == b"["}
    shelf = Shelf()
    shelf.put(roots)
    for _ in range(STEPS - 1):
        missing = shelf.missing(roots)
        if missing:
            shelf.put({str(digest): _text(text) for digest, text in (yield missing)})
    ready = [canonical(shelf.schema(digest_of(text))) if text[:1] == b"[" else text for text in texts]
    return [_with(row, text) for row, text in zip(rows, ready, strict=True)]


def _with(row: _Row, text: bytes) -> _Row:
    return (row[0], text, *row[2:])


def _text(stored: object) -> bytes:
    assert isinstance(stored, bytes)
    return unpacked(stored)
