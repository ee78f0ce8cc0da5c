"""Who waits for the writer lock, and who does not: on both stores."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adapters.log import open_log
from adapters.log.protocol import Log


def _write(log: Log) -> None:
    with log.write():
        pass


def test_readers_and_newcomers_do_not_wait_for_writers(log: Log, target: Path | str) -> None:
    with ThreadPoolExecutor(4) as pool:
        with log.write():
            queued = [pool.submit(_write, log) for _ in range(2)]
            # Far less than the writers' own patience, of 60 seconds.
            assert pool.submit(log.head).result(timeout=20) == 0
            pool.submit(open_log, target).result(timeout=20).close()
            assert not any(future.done() for future in queued)
        for future in queued:
            future.result(timeout=20)
