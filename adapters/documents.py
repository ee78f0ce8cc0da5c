"""Documents: read, planned, appended and answered in a process of their own, so that nobody's read waits for them."""

import gc
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import msgspec

from adapters.catalog import Catalog
from adapters.clock import SystemClock
from adapters.log import open_log
from adapters.log.protocol import StorageFull, Unavailable
from adapters.previews import preview
from adapters.syncing import Job, JobAnswer, sync
from domain.errors import Refused

# Containers made between two looks for cyclic garbage. Jobs make millions that live to their end and form no cycles;
# with Python's 700, looking at them again and again takes half of a job's time.
_GARBAGE_THRESHOLD = 1_000_000
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
    try:
        catalog = _catalog(target)
        return sync(catalog, job) if job.action == "sync" else preview(catalog, job)
    except Refused as refused:
        # A refusal's traceback and the plan that it refuses hold each other, and the document with them.
        gc.collect()
        return Failure(code=refused.code, detail=refused.detail, details=msgspec.json.encode(refused.details))
    except Unavailable:
        return Failure(code="UNAVAILABLE", detail="The log cannot be reached; nothing was written.", details=b"{}")
    except StorageFull:
        return Failure(code="INSUFFICIENT_STORAGE", detail="The log cannot grow; nothing was written.", details=b"{}")


def _ready() -> int:
    """Import what jobs need, ahead of the first, and set those imports apart from the garbage."""
    gc.freeze()
    gc.set_threshold(_GARBAGE_THRESHOLD)
    return os.getpid()


class Documents:
    """The worker process, started ahead and started again if it dies."""

    def __init__(self, target: Path | str) -> None:
        self._target = target
        self._pool = self._started()

    def _started(self) -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
        pool.submit(_ready)
        return pool

    def run(self, job: Job) -> JobAnswer:
        """Hand a job over and wait. Raises `Refused`; `UNAVAILABLE` if the worker died under it."""
        pool = self._pool
        try:
            answer = pool.submit(work, self._target, job).result()
        except (BrokenProcessPool, RuntimeError) as error:
            if self._pool is pool:
                self._pool = self._started()
            raise Unavailable("the document worker ended") from error
        if isinstance(answer, Failure):
            raise Refused(answer.code, answer.detail, msgspec.json.decode(answer.details))
        return answer

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
