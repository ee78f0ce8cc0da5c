"""The part of the server that tells others: finds what is to be told, and sends it, until it is asked to end."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from adapters.http.service import Service
from adapters.log.protocol import Conflict, StorageFull, Unavailable
from adapters.webhooks.outbox import Claimed, Outbox, Settled
from adapters.webhooks.queueing import Queue
from adapters.webhooks.sending import Attempt, Resolver, Sender

LOOK_SECONDS = 1.0
PRUNE_SECONDS = 3600.0
# How many messages one process has under way, at most: of all webhooks together, of one that takes what it is sent, and
# of one whose last message failed. So receivers that hang hold up others no longer than one attempt takes.
AT_ONCE = 16
FOR_ONE = 4
FOR_A_FAILING_ONE = 1
T = TypeVar("T")
log = logging.getLogger("muniment.webhooks")


class Dispatcher:
    """One per process. Several share the work: what one has claimed, no other sends before the lease ends."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._resolver = Resolver()
        self._sender = Sender(self._resolver, loopback=service.settings.webhook_allow_http)
        self._queue = Queue(service.log, service.clock)
        self._under_way: dict[asyncio.Task[Settled], Claimed] = {}
        self._to_write: list[Settled] = []
        self._failing: set[str] = set()
        # When webhooks were served last, as numbers that grow.
        self._served: dict[str, int] = {}
        self._wake = asyncio.Event()
        self._end = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin, within a running event loop."""
        for loop in (self._keep_looking, self._keep_sending, self._keep_pruning):
            task = asyncio.create_task(loop())
            task.add_done_callback(_tell_of_failure)
            self._loops.append(task)

    async def end(self) -> None:
        """End: nothing more is begun, and how the attempts under way went is written down."""
        self._end.set()
        self._wake.set()
        await asyncio.gather(*self._loops, return_exceptions=True)
        if self._under_way:
            await asyncio.wait(self._under_way)
        self._collect()
        await _in_store(self._exchange)
        await self._sender.close()
        self._resolver.close()

    async def _keep_looking(self) -> None:
        while not self._end.is_set():
            if await _in_store(self._queue.step):
                self._wake.set()
            else:
                await _passed(self._end, LOOK_SECONDS)

    async def _keep_pruning(self) -> None:
        while not await _passed(self._end, PRUNE_SECONDS):
            await _in_store(self._queue.prune)

    async def _keep_sending(self) -> None:
        while not self._end.is_set():
            self._wake.clear()
            self._collect()
            claimed = await _in_store(self._exchange)
            for each in claimed or ():
                task = asyncio.create_task(self._send(each))
                task.add_done_callback(lambda _: self._wake.set())
                self._under_way[task] = each
            if not claimed:
                await _passed(self._wake, LOOK_SECONDS)

    async def _send(self, claimed: Claimed) -> Settled:
        clock = self._service.clock
        attempt = await self._sender.send(claimed.message, int(clock.now().timestamp()))
        return Settled(claimed=claimed, attempt=attempt, at=clock.now())

    def _collect(self) -> None:
        """Take the attempts that ended, to be written down."""
        for task in [task for task in self._under_way if task.done()]:
            claimed = self._under_way.pop(task)
            error = task.exception()
            if error is not None:
                log.error("a message was not sent: %s", claimed.message.id, exc_info=error)
                attempt = Attempt(error="not sent: something went wrong in the service")
                settled = Settled(claimed=claimed, attempt=attempt, at=self._service.clock.now())
            else:
                settled = task.result()
            (self._failing.discard if settled.attempt.error is None else self._failing.add)(claimed.webhook_id)
            self._to_write.append(settled)

    def _exchange(self) -> list[Claimed]:
        """Write down how attempts went, and claim messages for those that may begin, in one transaction."""
        store, clock = self._service.log, self._service.clock
        settled = [*self._to_write]
        if not settled:
            # A look takes no lock.
            with store.read() as session:
                if not self._in_turn(Outbox(session, store.dialect).waiting(clock.now())):
                    return []
        with store.write() as session:
            outbox = Outbox(session, store.dialect)
            for each in settled:
                outbox.settle(each)
            # By the time that the lock was given: leases that began before the wait for it might be over.
            claimed = self._claim(outbox, clock.now())
        del self._to_write[: len(settled)]
        return claimed

    def _claim(self, outbox: Outbox, now: datetime) -> list[Claimed]:
        claimed: list[Claimed] = []
        lease = self._service.clock.seed()
        for webhook_id, room in self._in_turn(outbox.waiting(now)):
            free = AT_ONCE - len(self._under_way) - len(claimed)
            if free > 0:
                claimed += outbox.claim(webhook_id, min(free, room), lease, now)
                self._served[webhook_id] = max(self._served.values(), default=0) + 1
        return claimed

    def _in_turn(self, waiting: Sequence[str]) -> list[tuple[str, int]]:
        """The webhooks that may be sent something now, with how many: first those that have the least under way."""
        if self._end.is_set() or len(self._under_way) >= AT_ONCE:
            return []
        busy = Counter(claimed.webhook_id for claimed in self._under_way.values())
        self._served = {id: self._served.get(id, 0) for id in waiting}
        ordered = sorted(waiting, key=lambda id: (busy[id], self._served[id]))
        rooms = [(id, (FOR_A_FAILING_ONE if id in self._failing else FOR_ONE) - busy[id]) for id in ordered]
        return [(id, room) for id, room in rooms if room > 0]


async def _in_store(step: Callable[[], T]) -> T | None:
    """What a step in the store gives, in a thread; None while the store cannot be used."""
    try:
        return await asyncio.to_thread(step)
    except (Unavailable, StorageFull, Conflict, OSError) as error:
        log.warning("webhooks wait for the store: %s", error)
    except Exception:
        # A mistake of ours: told each time, and no reason to tell nobody anything until the server is started again.
        log.exception("webhooks wait: something went wrong in the service")
    return None


async def _passed(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, so long at most. Returns whether it happened."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


def _tell_of_failure(loop: asyncio.Task[None]) -> None:
    if not loop.cancelled() and (error := loop.exception()) is not None:
        log.error("webhooks are told nothing more by this process", exc_info=error)
