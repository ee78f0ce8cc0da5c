"""Pages that PostgreSQL sends in chunks come out as the rows that they are, in their order."""

from adapters.reader import unchunked


def test_rows_take_their_places_whatever_order_the_chunks_come_in() -> None:
    chunks = [([17, 16], ["q", "p"], [None, b"16"]), ([2, 1], ["b", "a"], [b"2", b"1"])]
    assert unchunked(chunks) == [("a", b"1"), ("b", b"2"), ("p", b"16"), ("q", None)]
    assert unchunked([]) == []
