"""Proposals that nobody settled in time: an event says so, by request and by a sweeper (api.md 4.2, "Expiry")."""

import asyncio
import logging

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call
from adapters.http.service import Command, Service, now
from adapters.log.protocol import StorageFull, Unavailable
from domain import answering
from domain.commands import ExpireProposal
from domain.context import Context
from domain.errors import Refused
from domain.events import Actor, AnyEvent
from projections import contract_questions as q
from projections.times import wire_time

SWEEP_SECONDS = 60
log = logging.getLogger("muniment.expiry")


def expire_overdue(catalog: Catalog, context: Context) -> tuple[Outcome, list[str]]:
    """The append that expires every pending proposal whose time is over, and their ids."""
    at = wire_time(context.at)
    rows = now(catalog.log, lambda asking: asking.rows(q.OVERDUE, at=at))
    states, directory = catalog.states(str(asset_id) for asset_id, _ in rows), catalog.directory()
    events: dict[str, tuple[int, list[AnyEvent]]] = {}
    for asset_id, proposal_id in rows:
        state = states[str(asset_id)]
        decided = answering.decide(state, ExpireProposal(proposal_id=str(proposal_id)), directory, context)
        events[state.id] = (state.version, [*decided])
    return Outcome(events=events), [str(proposal_id) for _, proposal_id in rows]


def expire_pending(call: Call) -> Command[list[str]]:
    """`POST /proposals/expire-pending`."""
    return Command(
        decide=expire_overdue,
        render=lambda _, ids: Answer(
            body=msgspec.json.encode({"expired_count": len(ids), "expired_proposal_ids": ids})
        ),
    )


async def sweep(service: Service) -> None:
    """Expire what is overdue each minute, as long as the server runs. Several workers do no harm: one of them wins."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            await asyncio.to_thread(_sweep_once, service)
        except (Refused, Unavailable, StorageFull, OSError) as error:
            log.warning("proposals were not swept: %s", error)


def _sweep_once(service: Service) -> None:
    catalog = Catalog(service.log, service.clock)
    actor = Actor(type="system")
    context = catalog.context(actor, service.clock.seed(), service.settings.proposal_expiry_days)
    catalog.commit(lambda: expire_overdue(catalog, context), actor, None)
