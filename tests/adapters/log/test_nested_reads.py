"""Reads inside a read see what it sees: one state of the store, whatever is appended meanwhile."""

from threading import Thread

from adapters.log.protocol import Log
from tests.adapters.log.test_batches import _batch


def _append(log: Log, stream: str) -> None:
    """From another thread, as another client does."""
    thread = Thread(target=lambda: log.append(_batch((stream, 0)), lambda session, events: None))
    thread.start()
    thread.join()


def test_all_that_a_thread_reads_inside_a_read_is_of_one_state(log: Log) -> None:
    _append(log, "first")
    with log.read():
        assert log.head() == 1
        _append(log, "second")
        assert (log.head(), log.versions(["second"]), log.streams(["second"])) == (1, {}, {})
    assert (log.head(), log.versions(["second"])) == (2, {"second": 0})


def test_a_read_that_failed_leaves_none_behind(log: Log) -> None:
    for _ in range(2):
        try:
            with log.read():
                log.head()
                raise LookupError
        except LookupError:
            _append(log, f"s{log.head()}")
    assert log.head() == 2
