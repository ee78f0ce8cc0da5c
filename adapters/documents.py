"""Documents: read, planned, appended and answered in a process of their own, so that nobody's read waits for them."""

import gc
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

import msgspec

from adapters import spent
from adapters.catalog import Catalog
from adapters.clock import SystemClock
from adapters.compat import check
from adapters.http.problems import unserved
from adapters.log import open_log
from adapters.log.protocol import OutcomeUnknown, StorageFull, Unavailable
from adapters.orphans import end_with_parent
from adapters.previews import preview
from adapters.syncing import Job, JobAnswer, sync
from domain.errors import Refused

# Containers made between two looks for cyclic garbage. Jobs make millions that live to their end and form no cycles;
# with Python's 700, looking at them again and again takes half of a job's time. One look takes a tenth of it still, so
# that it waits for the end of the job.
GARBAGE_THRESHOLD = 1_000_000
_ACTIONS = {"sync": sync, "check": check}
_catalogs: dict[str, Catalog] = {}


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal on its way from the worker to the web process."""

    code: str
    detail: str
    details: bytes


def _catalog(target: Path | str) -> Catalog:
    if str(target) not in _catalogs:
        _catalogs[str(target)] = Catalog(open_log(target), SystemClock())
    return _catalogs[str(target)]


def work(target: Path | str, job: Job) -> JobAnswer | Failure:
    """Carry out one job. Runs in the worker; refusals come back as values."""
    spent.clear()
    try:
        catalog = _catalog(target)
        carry_out = _ACTIONS.get(job.action, preview)
        return carry_out(catalog, job)
    except Refused as refused:
        # A refusal's traceback and the plan that it refuses hold each other, and the document with them.
        gc.collect()
        return Failure(code=refused.code, detail=refused.detail, details=msgspec.json.encode(refused.details))
    except (Unavailable, StorageFull) as error:
        told = unserved(error)
        return Failure(code=told.code, detail=told.detail, details=b"{}")


def _ready() -> int:
    """Import what jobs need, ahead of the first, and set those imports apart from the garbage."""
    gc.freeze()
    gc.disable()
    return os.getpid()


def _tidy() -> None:
    """Free what the job left, and look for cyclic garbage where much was made since the last time."""
    spent.clear()
    if gc.get_count()[0] > GARBAGE_THRESHOLD:
        gc.collect()


class Documents:
    """The worker process, started ahead and started again if it dies."""

    def __init__(self, target: Path | str) -> None:
        self._target = target
        self._replacing = threading.Lock()
        self._pool = self._started()

    def _started(self) -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"), initializer=end_with_parent)
        # Ctrl-C reaches every process of a terminal. It is for the web process: this one starts deaf to it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        pool.submit(_ready)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return pool

    def run(self, job: Job) -> JobAnswer:
        """Hand a job over and wait. Raises `Refused`, and `OutcomeUnknown` if the worker died under it."""
        pool = self._pool
        try:
            answer = pool.submit(work, self._target, job).result()
        except BrokenProcessPool as error:
            self._replace(pool)
            raise OutcomeUnknown("the document worker ended") from error
        # A worker that has just ended, or is being closed, needs no tidying.
        with suppress(RuntimeError):
            pool.submit(_tidy)
        if isinstance(answer, Failure):
            raise Refused(answer.code, answer.detail, msgspec.json.decode(answer.details))
        return answer

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        """Start a new worker, once for all the jobs that the old one took with it."""
        with self._replacing:
            if self._pool is broken:
                self._pool = self._started()

    def close(self) -> None:
        # Wait for the worker: left behind, it would end after its parent and complain of what both share.
        self._pool.shutdown(wait=True, cancel_futures=True)
