"""Views folded inside the append's transaction: rows begin and end at positions and are never overwritten."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from hashlib import sha256
from typing import Any, Protocol, get_args

import msgspec
from sqlalchemy import MetaData, Table, bindparam, quoted_name, select, update

from domain.events import AnyEvent, AssetCreated, Recorded
from projections.sql import FOREVER, DialectName, among, compiled, current, definition, if_missing
from projections.view import AnyView, Row, View


class Session(Protocol):
    """What a fold may do within the append's transaction. SQL comes in the store's own style of parameters."""

    def rows(self, sql: str, params: dict[str, object] = ...) -> list[tuple[object, ...]]: ...

    def run(self, sql: str, params: dict[str, object] = ...) -> None: ...

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None: ...


class Engine:
    """Folds events into a set of views on one store."""

    def __init__(self, views: Sequence[AnyView], dialect: DialectName) -> None:
        self.views = [Folded(view, dialect) for view in views]
        self.dialect: DialectName = dialect
        self._about = {kind: [view for view in self.views if kind in view.events] for kind in get_args(AnyEvent)}

    @property
    def shape(self) -> str:
        """A digest of all table declarations: another one means that the views have to be made anew."""
        text = "\n".join(sql for view in self.views for sql in view.definition)
        return sha256(text.encode()).hexdigest()

    def create(self, session: Session) -> None:
        """Make all tables."""
        for view in self.views:
            for sql in view.definition:
                session.run(sql)

    def apply(self, session: Session, recorded: Sequence[Recorded]) -> None:
        """Fold whole appends into all views. The events are in the order of the log and end with an append's end."""
        about: dict[Folded, list[tuple[str, Recorded]]] = {view: [] for view in self.views}
        new: set[str] = set()
        for event in recorded:
            if event.version == 0 and type(event.event) is AssetCreated:
                new.add(event.stream)
            for view in self._about[type(event.event)]:
                listed = about[view]
                for key in view.keys(event):
                    listed.append((key, event))
        for view, touched in about.items():
            if touched:
                view.apply(session, touched, new)


class Folded:
    """One view with its statements compiled."""

    def __init__(self, view: AnyView, dialect: DialectName) -> None:
        table = view.table
        self._view = view
        self.keys, self.events = view.keys, view.events
        self._table = table
        self.name = table.name
        self._dialect: DialectName = dialect
        self.definition = definition(table, dialect)
        self.columns = [column.name for column in table.columns]
        self._kept = [name for name in self.columns if name not in ("began", "ended")]
        self._load = _load_sql(table, self._kept, dialect)
        close = update(table).where(among(table.c.id, bindparam("ids")), current(table)).values(ended=bindparam("end"))
        self._close = compiled(close, dialect)

    def create_if_missing(self, session: Session) -> None:
        """Make the table again if somebody dropped it."""
        for sql in self.definition:
            session.run(if_missing(sql))

    def apply(self, session: Session, touched: list[tuple[str, Recorded]], new: AbstractSet[str]) -> None:
        """Fold events of whole appends, each with the key of a row that it touches.

        `new` are the streams of assets that begin here: rows that only they touch cannot have been there before.
        """
        if self._table.info["unchanging"]:
            self._add(session, touched)
            return
        before = self._rows_before(session, {key for key, event in touched if event.stream not in new})
        first, last = touched[0][1].end, touched[-1][1].end
        if first == last:
            after: dict[str, Row | None] = dict(before)
            for key, event in touched:
                after[key] = self._view.fold(key, after.get(key), event)
            self._write(session, before, after, last)
        else:
            self._apply_each(session, touched, before)

    def _add(self, session: Session, touched: list[tuple[str, Recorded]]) -> None:
        """Write the rows of events, each of which has one of its own."""
        made = [(self._view.fold(key, None, event), event.end) for key, event in touched]
        rows = [(row.id, end, FOREVER, *row.columns()) for row, end in made if row is not None]
        session.insert(self._table.name, self.columns, rows)

    def _apply_each(self, session: Session, touched: list[tuple[str, Recorded]], before: dict[str, Row | None]) -> None:
        """Fold several appends: the rows that only some of them saw are written as well, already ended."""
        after: dict[str, Row | None] = dict(before)
        began: dict[str, int] = {}
        past: list[tuple[object, ...]] = []
        for key, event in touched:
            if key in began and began[key] != event.end and (row := after.get(key)) is not None:
                past.append((row.id, began[key], event.end, *row.columns()))
            began[key] = event.end
            after[key] = self._view.fold(key, after.get(key), event)
        self._close_rows(session, {k: began_first for k, began_first in _first_ends(touched).items() if before.get(k)})
        rows = [(row.id, began[key], FOREVER, *row.columns()) for key, row in after.items() if row and key in began]
        session.insert(self._table.name, self.columns, [*past, *rows])

    def _close_rows(self, session: Session, ends: dict[str, int]) -> None:
        by_end: dict[int, list[str]] = {}
        for key, end in ends.items():
            by_end.setdefault(end, []).append(key)
        for end, keys in by_end.items():
            session.run(self._close, {"ids": self._bound(keys), "end": end})

    def _write(self, session: Session, before: dict[str, Row | None], after: dict[str, Row | None], end: int) -> None:
        closed = [key for key, row in before.items() if row is not None]
        self._close_rows(session, dict.fromkeys(closed, end))
        rows = [(row.id, end, FOREVER, *row.columns()) for row in after.values() if row is not None]
        session.insert(self._table.name, self.columns, rows)

    def _rows_before(self, session: Session, keys: set[str]) -> dict[str, Row | None]:
        found = session.rows(self._load, {"ids": self._bound(sorted(keys))}) if keys else []
        return {str(id): self._view.load(str(id), columns) for id, *columns in found}

    def _bound(self, keys: Sequence[str]) -> str:
        return bound_list(keys, self._dialect)


class Copy(View[Any]):
    """A view whose rows go to a table of another name, while the view itself serves."""

    def __init__(self, view: AnyView, metadata: MetaData, prefix: str) -> None:
        self._view = view
        self.events = view.events
        self.table = view.table.to_metadata(metadata, name=prefix + view.table.name)
        for index in self.table.indexes:
            index.name = quoted_name(f"{prefix}{index.name}", None)

    def keys(self, recorded: Recorded) -> Sequence[str]:
        return self._view.keys(recorded)

    def fold(self, key: str, row: Any, recorded: Recorded) -> Any:
        return self._view.fold(key, row, recorded)

    def load(self, id: str, columns: Sequence[object]) -> Any:
        return self._view.load(id, columns)


def _load_sql(table: Table, names: list[str], dialect: DialectName) -> str:
    wanted = [table.c[name] for name in names]
    return compiled(select(*wanted).where(among(table.c.id, bindparam("ids")), current(table)), dialect)


def _first_ends(touched: list[tuple[str, Recorded]]) -> dict[str, int]:
    firsts: dict[str, int] = {}
    for key, event in touched:
        firsts.setdefault(key, event.end)
    return firsts


def bound_list(values: Sequence[str], dialect: DialectName) -> str:
    """A list as one parameter for `among`: a text, since PostgreSQL's driver takes long over the elements of a list."""
    if dialect == "sqlite":
        return msgspec.json.encode(values).decode()
    escaped = [value.replace("\\", r"\\").replace('"', r"\"") for value in values]
    return '{"' + '","'.join(escaped) + '"}' if escaped else "{}"
