from domain.schema.canonical import canonical, digest


def test_member_order_is_not_part_of_a_document() -> None:
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})


def test_array_order_is_part_of_a_document() -> None:
    assert digest([1, 2]) != digest([2, 1])


def test_integers_are_written_in_full() -> None:
    assert canonical({"n": 2**60}) == b'{"n":1152921504606846976}'


def test_the_digest_names_its_algorithm() -> None:
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
