"""What a large write leaves for those who read next on PostgreSQL."""

from collections.abc import Callable

import pytest

from adapters.log import open_log

ROWS = [(n, f"text {n}") for n in range(10_000)]
KNOWN = "SELECT reltuples::bigint, relallvisible > 0 FROM pg_class WHERE relname = 'thing'"


@pytest.mark.parametrize(("rows", "expected"), [(ROWS, (10_000, True)), (ROWS[:9_999], (-1, False))])
def test_a_table_that_grew_much_is_vacuumed_at_once(
    fresh_database: Callable[[], str], rows: list[tuple[int, str]], expected: tuple[int, bool]
) -> None:
    log = open_log(fresh_database())
    with log.write() as session:
        session.run("CREATE TABLE thing (number bigint, words text)")
    with log.write() as session:
        session.insert("thing", ["number", "words"], rows)
    with log.read() as session:
        assert session.rows(KNOWN) == [expected]
    log.close()
