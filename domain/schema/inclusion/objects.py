"""Objects: properties by name, by pattern, and the rest; what must be there, and how many.

Names that are mentioned are taken one by one. All others fall into cells: those that match the same patterns have the
same values allowed. What must be there under some name is given each name and each cell in turn.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from domain.schema.inclusion import terms as t
from domain.schema.inclusion.answers import Answer, Found, Unknown
from domain.schema.inclusion.languages import Undecided
from domain.values import JSON

if TYPE_CHECKING:
    from domain.schema.inclusion.search import Search

_MOST_PATTERNS = 10
_MOST_SOMEWHERE = 64
_Question = frozenset[int]


class _Somewhere(msgspec.Struct, frozen=True):
    """A property that must be there: its name satisfies some literals, and its value one."""

    name: _Question
    value: int


class _Cell(msgspec.Struct, frozen=True):
    """Names that nothing mentions and that match the same patterns: what is asked of name and value."""

    name: _Question
    value: _Question


class _Demands(msgspec.Struct):
    """What the atoms say of an object."""

    values: dict[str, set[int]] = {}
    patterns: list[tuple[str, int]] = []
    others: list[t.OtherProperties] = []
    names: set[int] = set()
    required: set[str] = set()
    absent: set[str] = set()
    mentioned: set[str] = set()
    somewhere: list[_Somewhere] = []
    least: int = 0
    most: int | None = None


class _Plan(msgspec.Struct):
    """An object under way: what is asked of each name that it has, and of names still to be made up."""

    named: dict[str, _Question]
    fresh: list[_Cell]


class Outlook:
    """What can be told of objects while choices are still open."""

    def __init__(self, search: "Search", atoms: list[int]) -> None:
        self._search = search
        self._demands = _demands(search, atoms)

    def possible(self) -> bool:
        """Whether what is required may be there."""
        demands = self._demands
        if demands.required & demands.absent:
            return False
        try:
            return all(self._search.find(_value(self._search, demands, name)) is not None for name in demands.required)
        except Undecided:
            return True

    def certain(self, literal: int) -> bool:
        """Whether a literal holds of all of them: a required property surely has a value that fails the opposite."""
        term = self._search.terms.of(literal)
        if not isinstance(term, t.Property) or term.name not in self._demands.required:
            return False
        known = frozenset(self._demands.values.get(term.name, ()))
        return bool(known) and self._search.find(known | {term.value ^ 1 ^ (literal & 1)}) is None


def object_(search: "Search", atoms: list[int]) -> Answer:
    """An object that the atoms allow."""
    demands = _demands(search, atoms)
    if demands.required & demands.absent:
        return None
    try:
        return _built(search, demands)
    except Undecided as undecided:
        return Unknown(str(undecided))


def _demands(search: "Search", atoms: list[int]) -> _Demands:
    found = _Demands()
    for atom in atoms:
        _take(search, found, atom)
    found.mentioned |= found.required | found.absent | found.values.keys()
    return found


def _take(search: "Search", found: _Demands, atom: int) -> None:
    term, negative = search.terms.of(atom), bool(atom & 1)
    match term:
        case t.Property(name, value):
            found.values.setdefault(name, set()).add(value ^ negative)
            if negative:
                found.required.add(name)
        case t.Required(name):
            (found.absent if negative else found.required).add(name)
        case t.PatternProperty(pattern, value) if negative:
            found.somewhere.append(_Somewhere(frozenset({search.terms.literal(t.Matches(pattern))}), value ^ 1))
        case t.PatternProperty(pattern, value):
            found.patterns.append((pattern, value))
        case t.OtherProperties(names, patterns, value):
            found.mentioned |= names
            if negative:
                found.somewhere.append(_Somewhere(_unnamed(search, atom, names, patterns), value ^ 1))
            else:
                found.others.append(term)
        case t.Names(name) if negative:
            found.somewhere.append(_Somewhere(frozenset({name ^ 1}), search.terms.true))
        case t.Names(name):
            found.names.add(name)
        case t.MinProperties(count) | t.MaxProperties(count):
            _size(found, term, count, negative)
        case _:
            pass


def _unnamed(search: "Search", atom: int, names: frozenset[str], patterns: frozenset[str]) -> _Question:
    """What is asked of a name that is none of these and matches none of the patterns."""
    known = search.names_asked.get(atom)
    if known is None:
        outside = {search.terms.literal(t.Matches(pattern)) ^ 1 for pattern in patterns}
        known = frozenset(outside | ({_listed(search, names) ^ 1} if names else set()))
        search.names_asked[atom] = known
    return known


def _listed(search: "Search", names: "frozenset[str] | set[str]") -> int:
    return search.terms.literal(t.Scalars(frozenset((t.STRING, name) for name in names)))


def _size(found: _Demands, term: t.Term, count: int, negative: bool) -> None:
    if isinstance(term, t.MinProperties) != negative:
        found.least = max(found.least, count + negative)
    else:
        most = count - negative
        found.most = most if found.most is None else min(found.most, most)


def _value(search: "Search", demands: _Demands, name: str) -> _Question:
    """What the value of a name must satisfy. Raises `Undecided`."""
    matches = search.languages.matches
    search.handle(4 * (len(demands.patterns) + len(demands.others)))
    asked = set(demands.values.get(name, ()))
    asked.update(value for pattern, value in demands.patterns if matches(pattern, name))
    for others in demands.others:
        if name not in others.names and not any(matches(pattern, name) for pattern in others.patterns):
            asked.add(others.value)
    return frozenset(asked)


def _named(search: "Search", demands: _Demands, name: str) -> bool | None:
    """Whether a property may have that name; None if that cannot be decided."""
    if not demands.names:
        return name not in demands.absent
    answer = search.find(frozenset({*demands.names, search.terms.scalar(name)}))
    if isinstance(answer, Unknown):
        return None
    return isinstance(answer, Found) and name not in demands.absent


def _built(search: "Search", demands: _Demands) -> Answer:
    if demands.most is not None and max(demands.least, len(demands.required)) > demands.most:
        return None
    if len(demands.somewhere) > _MOST_SOMEWHERE:
        return Unknown("so many properties that must be there under some name")
    named: dict[str, _Question] = {}
    for name in sorted(demands.required):
        allowed = _named(search, demands, name)
        if allowed is None:
            return Unknown(f"whether a property may be called {name!r}")
        if not allowed:
            return None
        named[name] = _value(search, demands, name)
        if search.find(named[name]) is None:
            return None
    unknown: Answer = None
    for plan in _placed(search, demands, _Plan(named, []), 0):
        search.step()
        answer = _filled(search, demands, plan)
        if isinstance(answer, Found):
            return answer
        unknown = unknown or answer
    return unknown


def _placed(search: "Search", demands: _Demands, plan: _Plan, n: int) -> Iterator[_Plan]:
    """Every way to give what must be somewhere a name."""
    if demands.most is not None and len(plan.named) + len(plan.fresh) > demands.most:
        return
    if n == len(demands.somewhere):
        yield plan
        return
    wanted = demands.somewhere[n]
    for name in sorted(demands.mentioned):
        question = _under_name(search, demands, plan, wanted, name)
        if question is not None:
            yield from _placed(search, demands, _Plan({**plan.named, name: question}, plan.fresh), n + 1)
    for index, cell in enumerate(plan.fresh):
        both = _Cell(cell.name | wanted.name, cell.value | {wanted.value})
        if search.find(both.name) is not None and search.find(both.value) is not None:
            fresh = [*plan.fresh[:index], both, *plan.fresh[index + 1 :]]
            yield from _placed(search, demands, _Plan(plan.named, fresh), n + 1)
    for cell in _cells(search, demands, wanted.name, frozenset({wanted.value})):
        yield from _placed(search, demands, _Plan(plan.named, [*plan.fresh, cell]), n + 1)


def _under_name(search: "Search", demands: _Demands, plan: _Plan, wanted: _Somewhere, name: str) -> _Question | None:
    """What is asked of the value of a mentioned name that stands in for what is wanted; None if it cannot."""
    search.step()
    if name in demands.absent or _named(search, demands, name) is False:
        return None
    if search.find(wanted.name | {search.terms.scalar(name)}) is None:
        return None
    question = plan.named.get(name, _value(search, demands, name)) | {wanted.value}
    return None if search.find(question) is None else question


def _cells(search: "Search", demands: _Demands, name: _Question, value: _Question) -> Iterator[_Cell]:
    """The cells of names that nothing mentions, with what is asked of name and value there."""
    terms = search.terms
    patterns = sorted({p for p, _ in demands.patterns} | {p for o in demands.others for p in o.patterns})
    if len(patterns) > _MOST_PATTERNS:
        raise Undecided("so many patterns for the names of properties")
    start = {*name, *demands.names, terms.literal(t.Types(t.STRING))}
    if demands.mentioned:
        start.add(_listed(search, demands.mentioned) ^ 1)
    pending = [(frozenset(start), 0, frozenset[str]())]
    while pending:
        asked, n, inside = pending.pop()
        search.step()
        if search.find(asked) is None:
            continue
        if n < len(patterns):
            literal = terms.literal(t.Matches(patterns[n]))
            pending.append((asked | {literal}, n + 1, inside | {patterns[n]}))
            pending.append((asked | {literal ^ 1}, n + 1, inside))
            continue
        values = {v for p, v in demands.patterns if p in inside}
        values |= {o.value for o in demands.others if not o.patterns & inside}
        cell = _Cell(asked, frozenset(values) | value)
        if search.find(cell.value) is not None:
            yield cell


def _filled(search: "Search", demands: _Demands, plan: _Plan) -> Answer:
    value: dict[str, Found] = {}
    for name, question in plan.named.items():
        answer = search.find(question)
        if not isinstance(answer, Found):
            return answer
        value[name] = answer
    for cell in plan.fresh:
        added = _add_fresh(search, value, cell)
        if added is not True:
            # Another name for an earlier one might have left one for this.
            return added or Unknown("properties that need more names than are left")
    return _enough(search, demands, value)


def _add_fresh(search: "Search", value: dict[str, Found], cell: _Cell) -> Unknown | bool:
    """Add a property with a made-up name. False if the cell has no more names, or no value."""
    taken = frozenset(value)
    search.handle(len(taken) // 4)
    name = search.find(cell.name | ({_listed(search, taken) ^ 1} if taken else set()))
    inner = search.find(cell.value)
    if isinstance(name, Found) and isinstance(inner, Found):
        value[str(name.value)] = Found(inner.value, certain=name.certain and inner.certain)
        return True
    return next((answer for answer in (name, inner) if isinstance(answer, Unknown)), False)


def _enough(search: "Search", demands: _Demands, value: dict[str, Found]) -> Answer:
    """Add properties until there are as many as asked for."""
    unknown: Answer = None
    for name in sorted(demands.mentioned - value.keys() - demands.absent):
        if len(value) >= demands.least:
            break
        if _named(search, demands, name) is True:
            answer: Answer = search.find(_value(search, demands, name))
            if isinstance(answer, Found):
                value[name] = answer
            unknown = unknown or (answer if isinstance(answer, Unknown) else None)
    if len(value) < demands.least:
        unknown = _with_made_up_names(search, demands, value) or unknown
    return _in_order(value) if len(value) >= demands.least else unknown


def _with_made_up_names(search: "Search", demands: _Demands, value: dict[str, Found]) -> Answer:
    unknown: Answer = None
    for cell in _cells(search, demands, frozenset(), frozenset()):
        while len(value) < demands.least:
            search.step()
            added = _add_fresh(search, value, cell)
            if added is not True:
                unknown = unknown or added or None
                break
    return unknown


def _in_order(found: dict[str, Found]) -> Found:
    value: JSON = {name: each.value for name, each in sorted(found.items())}
    return Found(value, certain=all(each.certain for each in found.values()))
