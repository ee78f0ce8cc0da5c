"""Numbers: intervals, multiples and named exceptions, decided exactly with rational numbers."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor, gcd, lcm
from typing import TYPE_CHECKING

import msgspec

from domain.schema.inclusion import scalars
from domain.schema.inclusion import terms as t
from domain.schema.inclusion.answers import Answer, Found, Unknown
from domain.schema.inclusion.formats import number_may_have

if TYPE_CHECKING:
    from domain.schema.inclusion.search import Search

_MOST_CANDIDATES = 20_000


class _Range(msgspec.Struct):
    """An interval; an end that is None is open to infinity."""

    low: Fraction | None = None
    low_open: bool = False
    high: Fraction | None = None
    high_open: bool = False

    def at_least(self, bound: Fraction, *, exclusive: bool) -> None:
        if self.low is None or bound > self.low:
            self.low, self.low_open = bound, exclusive
        elif bound == self.low:
            self.low_open = self.low_open or exclusive

    def at_most(self, bound: Fraction, *, exclusive: bool) -> None:
        if self.high is None or bound < self.high:
            self.high, self.high_open = bound, exclusive
        elif bound == self.high:
            self.high_open = self.high_open or exclusive

    def holds(self, value: Fraction) -> bool:
        above = self.low is None or value > self.low or (value == self.low and not self.low_open)
        below = self.high is None or value < self.high or (value == self.high and not self.high_open)
        return above and below


class _Limits(msgspec.Struct):
    """What the atoms say of a number."""

    range: _Range
    multiples: list[Fraction]
    avoided: list[Fraction]
    out: set[t.Scalar]
    has: list[str]
    lacks: list[str]

    @property
    def checks(self) -> int:
        """How much there is to look at for one value."""
        return 2 * (1 + len(self.multiples) + len(self.avoided))

    def found(self, value: Fraction) -> Answer:
        """The value as an answer: some number that fits otherwise is taken to have a format, or not."""
        if value.denominator != 1 and not _is_exact(value):
            return Unknown("a number with more digits than can be written down")
        certain = not self.lacks and all(number_may_have(name, value) for name in self.has)
        try:
            return Found(t.plain(value), certain=certain)
        except OverflowError:
            return Unknown("a number that is too large to be written down")

    def holds(self, value: Fraction) -> bool:
        return (
            self.range.holds(value)
            and value not in self.out
            and all(_divides(m, value) for m in self.multiples)
            and not any(_divides(m, value) for m in self.avoided)
        )


def _divides(of: Fraction, value: Fraction) -> bool:
    return (value / of).denominator == 1


def _limits(search: "Search", atoms: list[int]) -> _Limits:
    found = _Limits(_Range(), [], [], scalars.excluded(search.terms, atoms, t.NUMBER), [], [])
    for atom in atoms:
        term, negative = search.terms.of(atom), bool(atom & 1)
        match term:
            case t.Least():
                if negative:
                    found.range.at_most(term.bound, exclusive=not term.exclusive)
                else:
                    found.range.at_least(term.bound, exclusive=term.exclusive)
            case t.Most():
                if negative:
                    found.range.at_least(term.bound, exclusive=not term.exclusive)
                else:
                    found.range.at_most(term.bound, exclusive=term.exclusive)
            case t.Format(name):
                (found.lacks if negative else found.has).append(name)
            case t.Multiple():
                (found.avoided if negative else found.multiples).append(term.of)
            case _:
                pass
    return found


def integer(search: "Search", atoms: list[int]) -> Answer:
    """An integer that the atoms allow."""
    limits = _limits(search, atoms)
    if limits.lacks and not search.by_format:
        return None
    named = scalars.named(search.terms, atoms, t.INTEGER)
    if named is not None:
        return _first(search, limits, (value for _, value in named if isinstance(value, Fraction)))
    limits.multiples.append(Fraction(1))
    return _on_lattice(search, limits)


def fraction(search: "Search", atoms: list[int]) -> Answer:
    """A number that is no integer."""
    limits = _limits(search, atoms)
    if limits.lacks and not search.by_format:
        return None
    named = scalars.named(search.terms, atoms, t.FRACTION)
    if named is not None:
        return _first(search, limits, (value for _, value in named if isinstance(value, Fraction)))
    limits.avoided.append(Fraction(1))
    return _on_lattice(search, limits) if limits.multiples else _anywhere(search, limits)


def _first(search: "Search", limits: _Limits, values: Iterator[Fraction]) -> Answer:
    named = list(values)
    search.handle(len(named) * limits.checks)
    if any(limits.holds(value) != limits.holds(t.as_stored(value)) for value in named):
        return Unknown("a number so large that validators read it in different ways")
    good = sorted((value for value in named if limits.holds(value)), key=lambda value: (abs(value), value))
    return limits.found(good[0]) if good else None


def _on_lattice(search: "Search", limits: _Limits) -> Answer:
    """Among the common multiples of some numbers.

    The avoided multiples recur with a period. If one of them takes in the whole lattice, nothing is left; else what
    follows a common multiple by one step is hit by none of them, so within a period there is always a value.
    """
    step = limits.multiples[0]
    for other in limits.multiples[1:]:
        step = _common(step, other)
    if any(_divides(avoided, step) for avoided in limits.avoided):
        return None
    low, high = _steps(limits.range, step)
    period = lcm(*((_common(step, avoided) / step).numerator for avoided in limits.avoided))
    search.handle(len(limits.out) * limits.checks)
    enough = period * (len(limits.out) + 2)
    if (low is None or high is None or high - low > min(enough, _MOST_CANDIDATES)) and enough > _MOST_CANDIDATES:
        return _past_a_multiple(limits, step, period, low, high)
    for n, k in enumerate(_outward(low, high)):
        if n % 16 == 0:
            search.step(limits.checks)
        if limits.holds(step * k):
            return limits.found(step * k)
        if n > enough:
            break
    return None


def _past_a_multiple(limits: _Limits, step: Fraction, period: int, low: int | None, high: int | None) -> Answer:
    """One step after a multiple of the period: none of the avoided numbers divides that."""
    tries = len(limits.out) + 2
    start = low if low is not None else 0 if high is None else high - period * tries
    first = -(-start // period) * period + 1
    for n in range(tries):
        if limits.holds(step * (first + n * period)):
            return limits.found(step * (first + n * period))
    return Unknown("too many multiples to try")


def _common(a: Fraction, b: Fraction) -> Fraction:
    """The least common multiple of two positive fractions."""
    return Fraction(lcm(a.numerator, b.numerator), gcd(a.denominator, b.denominator))


def _steps(range_: _Range, step: Fraction) -> tuple[int | None, int | None]:
    """The first and last multiple of the step within the range, counted in steps."""
    low = high = None
    if range_.low is not None:
        low = ceil(range_.low / step)
        low += 1 if range_.low_open and step * low == range_.low else 0
    if range_.high is not None:
        high = floor(range_.high / step)
        high -= 1 if range_.high_open and step * high == range_.high else 0
    return low, high


def _outward(low: int | None, high: int | None) -> Iterator[int]:
    """The whole numbers of a range, from the one nearest to zero."""
    start = max(low, 0) if low is not None else 0
    start = min(start, high) if high is not None else start
    if low is not None and start < low:
        return
    n = 0
    while True:
        up, down = start + n, start - n
        above = high is not None and up > high
        below = low is not None and down < low
        if above and below:
            return
        if not above:
            yield up
        if n and not below:
            yield down
        n += 1


def _is_exact(value: Fraction) -> bool:
    """Whether a number can be written down as it is."""
    try:
        return t.exact(float(value)) == value
    except OverflowError:
        return False


def _anywhere(search: "Search", limits: _Limits) -> Answer:
    """Between the bounds: no multiples and no list of exceptions fill an interval, however short."""
    range_ = limits.range
    low, high = range_.low, range_.high
    if low is not None and high is not None and low >= high:
        return limits.found(low) if low == high and limits.holds(low) else None
    if low is None:
        low = min(high - 1, Fraction(0)) if high is not None else Fraction(0)
    elif low < 0 and (high is None or high > 0):
        low = Fraction(0)
    high = low + 1 if high is None else min(high, low + 1)
    for digits in range(1, 16):
        scale = 10**digits
        inside = range(ceil(low * scale), floor(high * scale) + 1)
        search.step()
        for k in inside[:: max(1, len(inside) // 64)]:
            value = Fraction(k, scale)
            if limits.holds(value) and _is_exact(value):
                return limits.found(value)
    return Unknown("no short decimal number fits")
