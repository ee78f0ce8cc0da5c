"""The SQLite file: made with large pages and a write-ahead log; one that is there stays as it is."""

import sqlite3
from contextlib import closing
from pathlib import Path

from adapters.log import open_log


def _settings(path: Path) -> tuple[int, str]:
    with closing(sqlite3.connect(path)) as connection:
        (pages,), (mode,) = (connection.execute(f"PRAGMA {each}").fetchone() for each in ("page_size", "journal_mode"))
    return pages, mode


def test_a_new_file_has_large_pages(tmp_path: Path) -> None:
    open_log(tmp_path / "new.db").close()
    assert _settings(tmp_path / "new.db") == (16384, "wal")


def test_a_file_of_an_earlier_release_keeps_its_pages(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE something (id TEXT)")
    log = open_log(tmp_path / "old.db")
    assert log.head() == 0
    log.close()
    assert _settings(tmp_path / "old.db") == (4096, "wal")
