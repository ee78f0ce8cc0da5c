"""What of the catalog a document is about: gathered for the planner in a bounded number of statements."""

from collections.abc import Iterable, Iterator, Mapping

from adapters.catalog import Catalog
from adapters.log.protocol import Session
from domain.asset import Asset
from domain.directory import Directory
from domain.errors import Refused
from domain.events import AffectedAsset
from domain.ids import source_stream
from domain.schema.shelf import Shelf, fill
from domain.sync.known import Known
from domain.sync.options import SyncOptions
from domain.sync.spec import Document
from domain.values import Object
from projections import asset_questions as q
from projections import lineage_questions
from projections.engine import bound_list
from projections.sources import TITLE


class Schemas(Mapping[str, Object]):
    """Schemas by digest, read from the store when they are asked for and kept for the plan.

    The first that is asked for brings all that are expected with it, in three statements at most.
    """

    def __init__(self, catalog: Catalog, expected: Iterable[str] = ()) -> None:
        self._catalog = catalog
        self._expected = {*expected}
        self._shelf = Shelf()
        self._read: set[str] = set()
        self._kept: dict[str, Object] = {}

    def add(self, digest: str, schema: Object) -> None:
        """Make a schema known that is not stored yet."""
        self._kept[digest] = schema

    def __getitem__(self, digest: str) -> Object:
        if digest not in self._kept:
            if digest not in self._read:
                wanted, self._expected = {digest, *self._expected}, set()
                fill(self._shelf, wanted, self._catalog.log.schemas)
                self._read |= wanted
            self._kept[digest] = self._shelf.schema(digest)
        return self._kept[digest]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


class Dependents(Mapping[str, tuple[AffectedAsset, ...]]):
    """The assets of other teams that depend on an asset, read when they are asked for; those expected all at once."""

    def __init__(self, catalog: Catalog, states: Mapping[str, Asset], expected: Iterable[str] = ()) -> None:
        self._catalog = catalog
        self._states = states
        self._expected = {*expected}
        self._kept: dict[str, tuple[AffectedAsset, ...]] = {}

    def __getitem__(self, asset_id: str) -> tuple[AffectedAsset, ...]:
        if asset_id not in self._kept:
            wanted, self._expected = {asset_id, *self._expected}, set()
            with self._catalog.log.read() as session:
                self._kept.update(self._read(session, wanted))
        return self._kept[asset_id]

    def hold(self, session: Session) -> bool:
        """Whether all that was read is still so."""
        return not self._kept or self._kept == self._read(session, {*self._kept})

    def _read(self, session: Session, ids: set[str]) -> dict[str, tuple[AffectedAsset, ...]]:
        dialect = self._catalog.log.dialect
        position = session.rows("SELECT position FROM muniment_views")[0][0]
        params = {"ids": bound_list([*ids], dialect), "as_of": position}
        rows = session.rows(lineage_questions.DOWNSTREAM.sql(dialect), params)
        found: dict[str, list[AffectedAsset]] = {id: [] for id in ids}
        for upstream, id, fqn, type, team, _, user in rows:
            if team != self._states[str(upstream)].owner_team_id:
                affected = AffectedAsset(
                    asset_id=str(id),
                    asset_fqn=str(fqn),
                    owner_team_id=str(team),
                    dependency_type=str(type),
                    owner_user_id=str(user or "") or None,
                )
                found[str(upstream)].append(affected)
        return {id: tuple(affected) for id, affected in found.items()}

    def get(self, asset_id: str, default: object = None) -> tuple[AffectedAsset, ...]:
        return self[asset_id] if asset_id in self._states else ()

    def __iter__(self) -> Iterator[str]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)


def gather(catalog: Catalog, document: Document, options: SyncOptions) -> Known:
    """Names, items and states that the document concerns, in one transaction.

    Raises `Refused` for an owner team that is not there.
    """
    with catalog.log.read():
        return _gathered(catalog, document, options)


def _gathered(catalog: Catalog, document: Document, options: SyncOptions) -> Known:
    directory = catalog.directory()
    _require_owner(directory, options)
    environment = options.environment
    declared, by_fqn, foreign, title = _names(catalog, document, environment)
    states = catalog.states([*(id for _, id in declared), *by_fqn.values(), *foreign.values()])
    registered = _registered(catalog, document, states, environment) if options.auto_register_consumers else {}
    every = {**states, **registered}
    changing = _changing(document, dict(declared), by_fqn, states)
    return Known(
        directory=directory,
        by_item=dict(declared) if document.key_certain else {},
        by_fqn=by_fqn,
        foreign=foreign,
        states=every,
        schemas=Schemas(catalog, [digest for _, digest in changing]),
        dependents=Dependents(catalog, every, [id for id, _ in changing]),
        last_title=title,
    )


def _registered(
    catalog: Catalog, document: Document, states: Mapping[str, Asset], environment: str
) -> dict[str, Asset]:
    """The other assets on which the source has registered consumers, or may."""
    dialect = catalog.log.dialect
    source = {"kind": document.kind, "key": document.key, "environment": environment}
    with catalog.log.read() as session:
        rows = session.rows(lineage_questions.REGISTERED_BY.sql(dialect), source)
    upstream = {d.upstream_id for state in states.values() for d in state.dependencies}
    return catalog.states((upstream | {str(id) for (id,) in rows}) - states.keys())


def _changing(
    document: Document, by_item: Mapping[str, str], by_fqn: Mapping[str, str], states: Mapping[str, Asset]
) -> list[tuple[str, str]]:
    """The assets that the document may give another schema, each with the digest of the one that it has."""
    found = []
    for spec in document.specs:
        state = states.get(by_item.get(spec.item) or by_fqn.get(spec.fqn) or "")
        active = state.active_contract if state else None
        if state and active and spec.schema_digest not in (None, active.schema_digest):
            found.append((state.id, active.schema_digest))
    return found


def _require_owner(directory: Directory, options: SyncOptions) -> None:
    if options.owner_team_id is not None and directory.team(options.owner_team_id) is None:
        raise Refused("TEAM_NOT_FOUND", f"The team {options.owner_team_id} was not found: team not found.")


def _names(
    catalog: Catalog, document: Document, environment: str
) -> tuple[list[tuple[str, str]], dict[str, str], dict[str, str], str | None]:
    """What the source declared (item and asset, the one to go by last), assets by name, those of others, the title."""
    dialect = catalog.log.dialect
    source = {"kind": document.kind, "key": document.key, "environment": environment}
    here = {spec.item for spec in document.specs}
    elsewhere = sorted({e.item for spec in document.specs for e in spec.upstream} - here)
    fqns = bound_list([spec.fqn for spec in document.specs], dialect)
    items = bound_list(elsewhere, dialect)
    with catalog.log.read() as session:
        by_item = session.rows(q.BY_ITEM.sql(dialect), source)
        by_fqn = session.rows(q.BY_NAME.sql(dialect), {"fqns": fqns, "environment": environment})
        named = {"items": items, "kind": document.kind, "environment": environment}
        foreign = session.rows(q.FOREIGN.sql(dialect), named) if elsewhere else []
        stream = source_stream(document.kind, document.key, environment)
        title = session.rows(TITLE.sql(dialect), {"id": stream})
    return (
        [(str(item), str(id)) for item, id in by_item],
        {str(fqn): str(id) for fqn, id in by_fqn},
        _foreign(foreign),
        str(title[0][0]) if title and title[0][0] is not None else None,
    )


def _foreign(rows: list[tuple[object, ...]]) -> dict[str, str]:
    """Another project's item to its asset: of the source whose key is the package in the id, if several have it."""
    found: dict[str, str] = {}
    for item, key, id in rows:
        parts = str(item).split(".")
        if str(item) not in found or (len(parts) > 1 and parts[1] == key):
            found[str(item)] = str(id)
    return found
