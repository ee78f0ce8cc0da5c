"""What a session gives and takes, on both stores: plain rows, and lists of any texts as one parameter."""

from sqlalchemy import bindparam, column, select, table

from adapters.log.protocol import Log
from projections.engine import bound_list
from projections.sql import among, compiled

TEXTS = ["plain", "", " ", "a,b", '"', "\\", '\\"', "{a}", "NULL", "null", "'", "new\nline", "\u2028ö😀", "%s", ":ids"]


def test_rows_are_plain_tuples(log: Log) -> None:
    with log.read() as session:
        assert session.rows("SELECT 1, 'a'") == [(1, "a")]


def test_lists_hold_any_texts(log: Log) -> None:
    asked = compiled(
        select(column("t")).select_from(table("probe")).where(among(column("t"), bindparam("ts"))), log.dialect
    )
    with log.write() as session:
        session.run("CREATE TABLE probe (t TEXT NOT NULL)")
        session.insert("probe", ["t"], [(text,) for text in TEXTS])
        for text in TEXTS:
            assert session.rows(asked, {"ts": bound_list([text], log.dialect)}) == [(text,)]
        found = session.rows(asked, {"ts": bound_list([*TEXTS, "elsewhere"], log.dialect)})
        assert sorted(found) == sorted((text,) for text in TEXTS)
        assert session.rows(asked, {"ts": bound_list([], log.dialect)}) == []
        session.run("DROP TABLE probe")


def test_streams_of_any_name_are_looked_for(log: Log) -> None:
    assert log.versions(TEXTS) == {}
    assert log.streams(TEXTS) == {}
    assert log.schemas(TEXTS) == {}
