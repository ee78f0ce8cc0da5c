"""Many publications in one request, and their preview (api.md 3.6): `POST /contracts/bulk`."""

from typing import Annotated

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.gathering import Dependents, Schemas
from adapters.http.call import Answer, Call
from adapters.http.contract_commands import check_guarantees
from adapters.http.lists import Uuid, lowered
from adapters.http.permission import require_team
from adapters.http.schemas import require_valid, within_limits
from adapters.http.service import Command
from domain.asset import Asset, evolve
from domain.bulk_publishing import Decided, ItemResult, decide_item, told
from domain.commands import PublishContract
from domain.context import Context
from domain.errors import Refused, not_found
from domain.events import AnyEvent
from domain.ids import DIRECTORY
from domain.manual_publishing import Surroundings
from domain.schema.change import Mode
from domain.schema.library import take_apart
from domain.values import Object


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """A request without options is a preview."""

    dry_run: bool = True
    create_proposals_for_breaking: bool = False


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One publication. What is left out is carried over from the active contract."""

    asset_id: Uuid
    schema: Object
    compatibility_mode: Mode | None = None
    guarantees: Object | None = None
    field_descriptions: dict[str, str] = {}
    field_tags: dict[str, tuple[str, ...]] = {}


class Publications(msgspec.Struct, frozen=True, kw_only=True):
    """The body."""

    published_by: Uuid
    published_by_user_id: Uuid | None = None
    contracts: Annotated[tuple[Item, ...], msgspec.Meta(min_length=1, max_length=100)]


class BulkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Counts, and a result for each item in the order of the request."""

    preview: bool
    total: int
    published: int
    skipped: int
    proposals_created: int
    failed: int
    results: tuple[ItemResult, ...]


def publish(call: Call) -> Command[list[Decided]]:
    """Decide every item on the state that those before it leave; all that succeed are one append."""
    options, body = call.query(Options), call.json(Publications)
    for n, item in enumerate(body.contracts):
        check_guarantees(item.guarantees, f"body.contracts.{n}.guarantees")
        within_limits(item.schema, f"body.contracts.{n}.schema")
    if not options.dry_run and not call.caller.scopes & {"write", "admin"}:
        raise Refused("INSUFFICIENT_SCOPE", "This key may not write.", {"required_scope": "write"})
    publisher = body.published_by.lower()

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, list[Decided]]:
        directory = catalog.directory()
        if directory.team(publisher) is None:
            raise not_found("team", publisher)
        require_team(call.caller, publisher)
        bulk = _Bulk(catalog, context, call, body, proposals=options.create_proposals_for_breaking)
        decided = [bulk.decide(item) for item in body.contracts]
        return (Outcome(events={}) if options.dry_run else bulk.outcome(directory.version)), decided

    return Command(decide=decide, render=lambda _, decided: _answer(decided, preview=options.dry_run))


class _Bulk:
    """The items of one request, decided one after the other."""

    def __init__(self, catalog: Catalog, context: Context, call: Call, body: Publications, *, proposals: bool) -> None:
        self._context, self._call, self._body, self._proposals = context, call, body, proposals
        self._before = catalog.states([item.asset_id.lower() for item in body.contracts])
        self._now = dict(self._before)
        self._events: dict[str, list[AnyEvent]] = {}
        self._known = Schemas(catalog)
        self._affected = Dependents(catalog, self._before)
        self._written: dict[str, bytes] = {}

    def decide(self, item: Item) -> Decided:
        asset = self._now.get(item.asset_id.lower())
        try:
            decided = self._decided(item, asset)
        except Refused as refused:
            fqn = asset.fqn if asset and not asset.deleted else None
            return Decided(fate="failed", result=_failed(item, fqn, refused))
        for event in decided.events:
            self._now[item.asset_id.lower()] = evolve(self._now[item.asset_id.lower()], event)
        if decided.events:
            self._events.setdefault(item.asset_id.lower(), []).extend(decided.events)
            self._written |= take_apart(item.schema).documents
        return decided

    def _decided(self, item: Item, asset: Asset | None) -> Decided:
        if asset is None or asset.deleted or not asset.fqn:
            raise not_found("asset", item.asset_id)
        require_team(self._call.caller, asset.owner_team_id)
        require_valid(item.schema)
        self._known.add(take_apart(item.schema).digest, item.schema)
        around = Surroundings(schemas=self._known, affected=self._affected.get(asset.id))
        return decide_item(asset, self._command(item), around, self._context, proposals=self._proposals)

    def _command(self, item: Item) -> PublishContract:
        return PublishContract(
            schema=item.schema,
            published_by=self._body.published_by.lower(),
            published_by_user_id=lowered(self._body.published_by_user_id),
            mode=item.compatibility_mode,
            guarantees=item.guarantees,
            field_descriptions=item.field_descriptions,
            field_tags=item.field_tags,
        )

    def outcome(self, directory_version: int) -> Outcome:
        """One append for all: it stands on every asset as it was judged, changed or not."""
        relied = {DIRECTORY: directory_version, **{id: state.version for id, state in self._before.items()}}
        events = {id: (self._before[id].version, listed) for id, listed in self._events.items()}
        return Outcome(events=events, unchanged=relied, schemas=self._written)


def _failed(item: Item, fqn: str | None, refused: Refused) -> ItemResult:
    error = refused.detail
    if refused.code == "INVALID_SCHEMA":
        error = f"Invalid schema: {error}"
    return ItemResult(asset_id=item.asset_id.lower(), asset_fqn=fqn, error=error)


def _answer(decided: list[Decided], *, preview: bool) -> Answer:
    fates = [each.fate for each in decided]
    answer = BulkAnswer(
        preview=preview,
        total=len(decided),
        published=fates.count("published"),
        skipped=fates.count("skipped"),
        proposals_created=fates.count("proposed"),
        failed=fates.count("breaking") + fates.count("failed"),
        results=tuple(told(each, preview=preview) for each in decided),
    )
    return Answer(body=msgspec.json.encode(answer))
