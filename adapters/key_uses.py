"""When keys were last used (api.md 3.10): kept in memory, and written now and then, so that reads write nothing."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

from adapters.http.service import Service
from adapters.log.protocol import Log, StorageFull, Unavailable
from projections.key_uses import USED
from projections.times import wire_time

FLUSH_SECONDS = 5
log = logging.getLogger("muniment.key_uses")


class KeyUses:
    """The last use of each key that this process has admitted since it wrote them down."""

    def __init__(self) -> None:
        self._noted: dict[str, str] = {}

    def note(self, key_id: str, at: datetime) -> None:
        self._noted[key_id] = wire_time(at)

    def take(self) -> dict[str, str]:
        """What was noted, which is then no more to write."""
        taken, self._noted = self._noted, {}
        return taken

    def put_back(self, taken: Mapping[str, str]) -> None:
        """What could not be written: later uses stand."""
        self._noted = {**taken, **self._noted}


def write_down(store: Log, uses: Mapping[str, str]) -> None:
    """Keep these uses, where no later one is kept."""
    if uses:
        with store.write() as session:
            for id, at in uses.items():
                session.run(USED.sql(store.dialect), {"id": id, "at": at})


async def keep_writing(service: Service, uses: KeyUses) -> None:
    """Write uses down every few seconds, and once more when the server ends."""
    try:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await _flush(service, uses)
    finally:
        await _flush(service, uses)


async def _flush(service: Service, uses: KeyUses) -> None:
    taken = uses.take()
    try:
        await asyncio.to_thread(write_down, service.log, taken)
    except (Unavailable, StorageFull, OSError) as error:
        uses.put_back(taken)
        log.warning("uses of keys were not written: %s", error)
