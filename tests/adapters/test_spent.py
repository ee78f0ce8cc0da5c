"""What a job is done with stays until the next moment between jobs, unless it is large."""

from weakref import ref

from adapters import spent


class _Thing:
    pass


def _gone_after(parts: int) -> tuple[bool, bool]:
    """Whether a thing of so many parts is gone once it is spent, and once all is cleared."""
    thing = _Thing()
    seen = ref(thing)
    spent.spend(thing, parts)
    del thing
    before = seen() is None
    spent.clear()
    return before, seen() is None


def test_small_things_are_freed_between_jobs_and_large_ones_at_once() -> None:
    assert _gone_after(spent.MOST_PARTS) == (False, True)
    assert _gone_after(spent.MOST_PARTS + 1) == (True, True)


def test_only_the_last_few_things_stay_where_nobody_clears() -> None:
    things = [_Thing() for _ in range(100)]
    seen = [ref(thing) for thing in things]
    while things:
        spent.spend(things.pop(0), 1)
    assert sum(each() is not None for each in seen) < 10
    spent.clear()
