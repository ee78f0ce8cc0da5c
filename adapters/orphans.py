"""Processes that must not outlive the one that started them, however that one ended."""

import os
import threading
from multiprocessing import connection, parent_process


def end_with_parent() -> None:
    """In a process that `multiprocessing` started: end at once when the parent has ended, also by SIGKILL.

    Nothing is tidied up: what an append needs to be whole does not rest on it. A web process left over would keep
    the port from the next start, and a document worker would wait for ever.
    """
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), name="end-with-parent", daemon=True).start()


def _watch(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
