"""Many assets, registrations or acknowledgments in one request, each item alone (api.md 3.13)."""

from collections.abc import Callable
from functools import reduce
from typing import Annotated

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.http.answering import NewAnswer, about, acknowledging
from adapters.http.assets import NewAsset, creation, holder
from adapters.http.call import Answer, Call
from adapters.http.lists import Uuid
from adapters.http.registrations import NewRegistration, Pinned, registered, registering
from adapters.http.service import Command
from adapters.http.staging import Staged
from domain import answering, curation
from domain.asset import evolve
from domain.context import Context
from domain.errors import Refused
from domain.events import AssetEvent
from domain.ids import DIRECTORY
from domain.values import Object


class BulkAsset(NewAsset, frozen=True, kw_only=True):
    """An asset of many: a name outside the grammar is the failure of its item, and not of the request."""

    fqn: Annotated[str, msgspec.Meta(max_length=100_000)]


class NewAssets(msgspec.Struct, frozen=True, kw_only=True):
    """`skip_duplicates` counts an asset that is there already as done."""

    assets: Annotated[tuple[BulkAsset, ...], msgspec.Meta(min_length=1, max_length=100)]
    skip_duplicates: bool = False


class BulkRegistration(msgspec.Struct, frozen=True, kw_only=True):
    contract_id: Uuid
    consumer_team_id: Uuid
    pinned_version: Pinned | None = None


class NewRegistrations(msgspec.Struct, frozen=True, kw_only=True):
    """`skip_duplicates` counts a registration that is there already as done."""

    registrations: Annotated[tuple[BulkRegistration, ...], msgspec.Meta(min_length=1, max_length=100)]
    skip_duplicates: bool = False


class BulkAcknowledgment(NewAnswer, frozen=True, kw_only=True):
    proposal_id: Uuid


class NewAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """Without `continue_on_error` the items after one that failed are left out."""

    acknowledgments: Annotated[tuple[BulkAcknowledgment, ...], msgspec.Meta(min_length=1, max_length=50)]
    continue_on_error: bool = True


class BulkResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item. `id` is that of what was made or found; `error` is what the item alone would get."""

    success: bool
    index: int
    id: str | None = None
    error: str | None = None
    details: Object = {}


class BulkResults(msgspec.Struct, frozen=True, kw_only=True):
    """200 where every item succeeded, else 207."""

    total: int
    succeeded: int
    failed: int
    results: tuple[BulkResult, ...]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    details: Object = {}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One item: how it is decided, and what is there already where it is a duplicate."""

    decide: Callable[[Catalog, Context], tuple[Outcome, Done]]
    existing: Callable[[Catalog], str | None] | None = None


def assets(call: Call) -> Command[list[BulkResult]]:
    body = call.json(NewAssets)

    def items() -> list[Item]:
        names: dict[tuple[str, str], str] = {}
        return [_asset(call, new, names) for new in body.assets]

    return _command(items, skip_duplicates=body.skip_duplicates)


def _asset(call: Call, new: BulkAsset, names: dict[tuple[str, str], str]) -> Item:
    """An asset; `names` are those that the items before it took."""
    name = (new.environment, new.fqn)

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, Done]:
        if name in names:
            raise curation.duplicate(new.fqn, new.environment)
        outcome, id = creation(call.caller, new)(catalog, context)
        names[name] = id
        return outcome, Done(id=id)

    return Item(decide=decide, existing=lambda catalog: names.get(name) or holder(catalog, new.fqn, new.environment))


def registrations(call: Call) -> Command[list[BulkResult]]:
    body = call.json(NewRegistrations)
    return _command(
        lambda: [_registration(call, new) for new in body.registrations], skip_duplicates=body.skip_duplicates
    )


def _registration(call: Call, new: BulkRegistration) -> Item:
    alone = NewRegistration(consumer_team_id=new.consumer_team_id, pinned_version=new.pinned_version)

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, Done]:
        outcome, id = registering(call.caller, alone, new.contract_id)(catalog, context)
        return outcome, Done(id=id)

    return Item(decide=decide, existing=lambda catalog: registered(catalog, new.contract_id, new.consumer_team_id))


def acknowledgments(call: Call) -> Command[list[BulkResult]]:
    body = call.json(NewAnswers)
    return _command(lambda: [_answer(call, new) for new in body.acknowledgments], stop=not body.continue_on_error)


def _answer(call: Call, new: BulkAcknowledgment) -> Item:
    proposal_id = new.proposal_id.lower()

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, Done]:
        around, _ = about(catalog, context, proposal_id)
        events: list[AssetEvent] = acknowledging(call.caller, proposal_id, new)(around)
        state = around.state
        after = reduce(evolve, events, state)
        proposal = answering.find(after, proposal_id)
        done = Done(id=proposal.acknowledgments[-1].acknowledgment_id, details={"proposal_status": proposal.status})
        relied = {DIRECTORY: catalog.directory().version}
        return Outcome(events={state.id: (state.version, [*events])}, unchanged=relied), done

    return Item(decide=decide)


def _command(
    items: Callable[[], list[Item]], *, skip_duplicates: bool = False, stop: bool = False
) -> Command[list[BulkResult]]:
    """Decide every item on the state that those before it leave; all that succeed are one append."""

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, list[BulkResult]]:
        staged = Staged(catalog)
        results: list[BulkResult] = []
        for n, item in enumerate(items()):
            if stop and results and results[-1].error is not None:
                results.append(BulkResult(success=False, index=n, error="skipped after an error"))
            else:
                results.append(_tried(staged, item, context, n, skip_duplicates=skip_duplicates))
        return staged.outcome(), results

    return Command(decide=decide, render=lambda _, results: _told(results))


def _tried(staged: Staged, item: Item, context: Context, n: int, *, skip_duplicates: bool) -> BulkResult:
    try:
        done = staged.take(item.decide, msgspec.structs.replace(context, seed=f"{context.seed}.{n}"))
    except Refused as refused:
        if skip_duplicates and item.existing is not None and refused.code.startswith("DUPLICATE_"):
            skipped: Object = {"skipped": True, "reason": "duplicate"}
            return BulkResult(success=True, index=n, id=item.existing(staged), details=skipped)
        return BulkResult(success=False, index=n, error=refused.detail, details=refused.details)
    return BulkResult(success=True, index=n, id=done.id, details=done.details)


def _told(results: list[BulkResult]) -> Answer:
    succeeded = sum(result.success for result in results)
    told = BulkResults(total=len(results), succeeded=succeeded, failed=len(results) - succeeded, results=tuple(results))
    return Answer(status=200 if succeeded == len(results) else 207, body=msgspec.json.encode(told))
