"""Arrays: items by place, what must be somewhere, how often, and whether items differ.

After the last place that anything is said of by number, all places are alike. So if there is an array at all, there is
one with no more items than that, the least number asked for, and one for each thing that must be somewhere: all lengths
up to there are tried.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from domain.schema.canonical import canonical
from domain.schema.inclusion import terms as t
from domain.schema.inclusion.answers import Answer, Found, Unknown
from domain.schema.inclusion.constants import spelled

if TYPE_CHECKING:
    from domain.schema.inclusion.search import Search

_LONGEST = 64
_Question = frozenset[int]


class _Somewhere(msgspec.Struct, frozen=True):
    """An item that must be at some index from `start` on."""

    start: int
    item: int


class _Demands(msgspec.Struct):
    """What the atoms say of an array."""

    at: dict[int, set[int]] = {}
    onward: list[tuple[int, int]] = []
    somewhere: list[_Somewhere] = []
    often: dict[int, int] = {}
    at_most: list[tuple[int, int]] = []
    shortest: int = 0
    longest: int | None = None
    unique: bool = False
    repeated: bool = False

    def every(self, index: int) -> _Question:
        """What the item at an index must satisfy."""
        return frozenset(self.at.get(index, ())) | {item for start, item in self.onward if index >= start}

    @property
    def last_named(self) -> int:
        """The number of places after which all are alike."""
        return max([0, *(n + 1 for n in self.at), *(n for n, _ in self.onward), *(s.start for s in self.somewhere)])


def array(search: "Search", atoms: list[int]) -> Answer:
    """An array that the atoms allow."""
    demands = _demands(search, atoms)
    if len(demands.somewhere) > 2 * _LONGEST:
        return Unknown("so many items that must be there somewhere")
    bound = max(demands.shortest, demands.last_named) + len(demands.somewhere) + (2 if demands.repeated else 0)
    if demands.longest is not None:
        bound = min(bound, demands.longest)
    if bound > _LONGEST:
        return _long(search, demands)
    unknown: Answer = None
    for length in range(demands.shortest, bound + 1):
        search.step()
        answer = _of_length(search, demands, length)
        if isinstance(answer, Found):
            return answer
        unknown = unknown or answer
    return unknown


def _demands(search: "Search", atoms: list[int]) -> _Demands:
    found = _Demands()
    for atom in atoms:
        _take(found, search.terms.of(atom), bool(atom & 1))
    # What must be there so many times is there once: asked for by itself as well, it would need a place of its own.
    found.somewhere = [each for each in found.somewhere if each.start > 0 or each.item not in found.often]
    for item, count in found.often.items():
        found.somewhere += [_Somewhere(0, item)] * min(count, _LONGEST + 1)
    return found


def _take(found: _Demands, term: t.Term, negative: bool) -> None:
    match term:
        case t.ItemAt(index, item):
            found.at.setdefault(index, set()).add(item ^ negative)
            if negative:
                found.shortest = max(found.shortest, index + 1)
        case t.ItemsFrom(index, item) if negative:
            found.somewhere.append(_Somewhere(index, item ^ 1))
        case t.ItemsFrom(index, item):
            found.onward.append((index, item))
        case t.Contains(count, item):
            _often(found, item, least=None if negative else count, most=count - 1 if negative else None)
        case t.ContainsMost(count, item):
            _often(found, item, least=count + 1 if negative else None, most=None if negative else count)
        case t.MinItems(count) | t.MaxItems(count):
            _length(found, term, count, negative)
        case t.Unique():
            found.repeated, found.unique = found.repeated or negative, found.unique or not negative
        case _:
            pass


def _often(found: _Demands, item: int, *, least: int | None, most: int | None) -> None:
    if least is not None:
        found.often[item] = max(least, found.often.get(item, 0))
        found.shortest = max(found.shortest, least)
    elif most == 0:
        found.onward.append((0, item ^ 1))
    elif most is not None:
        found.at_most.append((most, item))


def _length(found: _Demands, term: t.Term, count: int, negative: bool) -> None:
    if isinstance(term, t.MinItems) != negative:
        found.shortest = max(found.shortest, count + negative)
    else:
        most = count - negative
        found.longest = most if found.longest is None else min(found.longest, most)


def _long(search: "Search", demands: _Demands) -> Answer:
    """A long array whose items may all be alike after the first few."""
    if demands.longest is not None and demands.longest < demands.shortest:
        return None
    if demands.unique or demands.repeated or demands.at_most or demands.last_named > _LONGEST:
        return Unknown("an array of so many items")
    start = _of_length(search, demands, min(_LONGEST, demands.shortest))
    filler = search.find(demands.every(demands.last_named))
    if not isinstance(start, Found) or not isinstance(filler, Found) or demands.shortest > 10_000:
        return Unknown("an array of so many items")
    assert isinstance(start.value, list)
    values = [*start.value, *[filler.value] * (demands.shortest - len(start.value))]
    return Found(values, certain=start.certain and filler.certain)


def _of_length(search: "Search", demands: _Demands, length: int) -> Answer:
    search.handle(length * (2 + len(demands.onward)))
    places = [demands.every(index) for index in range(length)]
    unknown: Answer = None
    for question in set(places):
        answer = search.find(question)
        if answer is None:
            return None
        unknown = unknown or (answer if isinstance(answer, Unknown) else None)
    tried: set[tuple[_Question, ...]] = set()
    for settled in _placed(search, demands, places, (0, -1)):
        if tuple(settled) in tried:
            continue
        tried.add(tuple(settled))
        answer = _filled(search, demands, settled)
        if isinstance(answer, Found):
            return answer
        unknown = unknown or answer
    return unknown


def _placed(
    search: "Search", demands: _Demands, places: list[_Question], at: tuple[int, int]
) -> Iterator[list[_Question]]:
    """Every way to give the things that must be somewhere a place; equal ones have ascending places.

    `at` is the number of the next thing, and the place of the one before it.
    """
    n, before = at
    if n == len(demands.somewhere):
        yield from _counted(search, demands, places, 0)
        return
    wanted = demands.somewhere[n]
    again = n > 0 and demands.somewhere[n - 1] == wanted
    seen: set[_Question] = set()
    for index in range(before + 1 if again else wanted.start, len(places)):
        question = places[index] | {wanted.item}
        if question in seen and index > demands.last_named:
            continue
        seen.add(question)
        search.step()
        if search.find(question) is not None:
            settled = [*places[:index], question, *places[index + 1 :]]
            yield from _placed(search, demands, settled, (n + 1, index))


def _counted(search: "Search", demands: _Demands, places: list[_Question], n: int) -> Iterator[list[_Question]]:
    """Every way to say which places hold the items that there may be only so many of."""
    if n == len(demands.at_most):
        yield places
        return
    most, item = demands.at_most[n]
    for chosen in _subsets(len(places), most):
        search.step()
        search.handle(4 * len(places))
        settled = [place | {item if index in chosen else item ^ 1} for index, place in enumerate(places)]
        if all(search.find(question) is not None for question in settled):
            yield from _counted(search, demands, settled, n + 1)


def _subsets(size: int, most: int, start: int = 0) -> Iterator[frozenset[int]]:
    yield frozenset()
    if most > 0:
        for index in range(start, size):
            for rest in _subsets(size, most - 1, index + 1):
                yield rest | {index}


def _filled(search: "Search", demands: _Demands, places: list[_Question]) -> Answer:
    if demands.repeated:
        return _with_a_pair(search, places) if not demands.unique else None
    if demands.unique:
        return _all_different(search, places)
    found: list[Found] = []
    for question in places:
        answer = search.find(question)
        if not isinstance(answer, Found):
            return answer
        found.append(answer)
    return _together(found)


def _together(found: list[Found]) -> Found:
    return Found([each.value for each in found], certain=all(each.certain for each in found))


def _with_a_pair(search: "Search", places: list[_Question]) -> Answer:
    unknown: Answer = None
    for i in range(len(places)):
        for j in range(i + 1, len(places)):
            search.step()
            both = search.find(places[i] | places[j])
            if both is None:
                continue
            rest = [both if n in (i, j) else search.find(question) for n, question in enumerate(places)]
            found = [answer for answer in rest if isinstance(answer, Found)]
            if len(found) == len(places):
                return _together(found)
            if all(answer is not None for answer in rest):
                unknown = Unknown("equal items that cannot be decided")
    return unknown


def _all_different(search: "Search", places: list[_Question]) -> Answer:
    """Different values for all places: as many choices for each as there are places are enough, and then a matching."""
    options: list[list[Found]] = []
    for question in places:
        values = several(search, question, len(places))
        if isinstance(values, Unknown):
            return values
        options.append(values)
    owners: dict[bytes, int] = {}
    for index in range(len(places)):
        if not _match(index, options, owners, set()):
            return None
    chosen = {index: value for value, index in owners.items()}
    return _together([next(v for v in options[n] if canonical(v.value) == chosen[n]) for n in range(len(places))])


def _match(index: int, options: list[list[Found]], owners: dict[bytes, int], seen: set[bytes]) -> bool:
    """Give a place one of its values, moving others if need be (augmenting paths)."""
    for option in options[index]:
        name = canonical(option.value)
        if name in seen:
            continue
        seen.add(name)
        if name not in owners or _match(owners[name], options, owners, seen):
            owners[name] = index
            return True
    return False


def several(search: "Search", question: _Question, count: int) -> list[Found] | Unknown:
    """Up to so many different values that satisfy a question: fewer only if there are no more."""
    values: list[Found] = []
    rest = question
    while len(values) < count:
        search.step()
        answer = search.find(rest)
        if isinstance(answer, Unknown):
            return answer
        if answer is None:
            return values
        values.append(answer)
        rest = rest | {spelled(search.terms, answer.value) ^ 1}
    return values
