"""The search for a value that satisfies all of some literals.

A question is a set of literals. For each type in turn it is taken apart: what must hold is collected, alternatives are
tried, those with the fewest choices first, and when no alternative is left open, the module of that type builds a value
or shows that there is none. Values inside arrays and objects are questions of their own.

A question that comes up while it is being answered is dropped there: were there a value at all, then there would be one
that is not part of a larger answer to the same question. What was found empty under such an assumption is not
remembered; everything else is.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeAlias

from domain.schema.inclusion import arrays, numbers, objects, scalars, texts
from domain.schema.inclusion import terms as t
from domain.schema.inclusion.answers import Answer, Found, OutOfSteps, Unknown
from domain.schema.inclusion.languages import Languages
from domain.schema.inclusion.terms import Terms

MAX_DEPTH = 100
_TYPES = (t.NULL, t.BOOLEAN, t.INTEGER, t.STRING, t.FRACTION, t.OBJECT, t.ARRAY)
Question: TypeAlias = frozenset[int]


class Leaf(Protocol):
    def __call__(self, search: "Search", atoms: list[int]) -> Answer: ...


class Search:
    """Answers questions over one set of terms. `by_format`: a value may be refused for its format alone."""

    def __init__(self, terms: Terms, languages: Languages, *, by_format: bool = True) -> None:
        self.terms = terms
        self.languages = languages
        self.by_format = by_format
        # What is asked of the names that `OtherProperties` speaks of, by its literal.
        self.names_asked: dict[int, Question] = {}
        self._steps = 0
        self._answers: dict[Question, Answer] = {}
        self._asked: dict[Question, int] = {}
        self._lowest = MAX_DEPTH + 1

    def ask(self, literals: Iterable[int], steps: int) -> Answer:
        """A value that satisfies all literals, within a budget of its own."""
        self._steps = steps
        self._asked.clear()
        try:
            return self.find(literals)
        except OutOfSteps:
            return Unknown(f"the budget of {steps} steps is used up")
        except RecursionError:
            return Unknown("the schemas are nested too deeply")

    def step(self, count: int = 1) -> None:
        """Use up steps of the budget. Raises `OutOfSteps`."""
        self._steps -= count
        if self._steps < 0:
            raise OutOfSteps

    def find(self, literals: Iterable[int]) -> Answer:
        """A value that satisfies all literals."""
        question = frozenset(literals)
        if question in self._answers:
            return self._answers[question]
        if question in self._asked:
            self._lowest = min(self._lowest, self._asked[question])
            return None
        self.step()
        depth = len(self._asked)
        if depth >= MAX_DEPTH:
            return Unknown("nested too deeply")
        outer, self._lowest = self._lowest, MAX_DEPTH + 1
        self._asked[question] = depth
        try:
            answer = self._of_some_type(question)
        finally:
            del self._asked[question]
            lowest = self._lowest
            self._lowest = min(outer, lowest) if lowest < depth else outer
        if isinstance(answer, Found) or lowest >= depth:
            self._answers[question] = answer
        return answer

    def _of_some_type(self, question: Question) -> Answer:
        may = t.EVERY
        for literal in question:
            may &= self.terms.reach(literal)[0]
        unknown: Answer = None
        for type in _TYPES:
            if may & type:
                answer = self._of_type(type, _State(self, type), list(question))
                if isinstance(answer, Found):
                    return answer
                unknown = unknown or answer
        return unknown

    def _of_type(self, type: int, state: "_State", more: list[int]) -> Answer:
        self.step()
        if not state.take(more):
            return None
        if state.choices:
            if not self._plausible(type, state):
                return None
            if state.choices:
                return self._some_alternative(type, state)
        answer = _LEAVES[type](self, state.atoms)
        if isinstance(answer, Found) and state.opaque:
            return Unknown(state.opaque[0])
        return answer

    def _plausible(self, type: int, state: "_State") -> bool:
        """Whether the facts alone leave something; of objects, choices are dropped that are made by them.

        Most branches of a union differ in one constant, which settles at once what they would rule out.
        """
        if type in (t.ARRAY, t.STRING):
            return True
        if type != t.OBJECT:
            return _LEAVES[type](self, state.atoms) is not None
        outlook = objects.Outlook(self, state.atoms)
        if not outlook.possible():
            return False
        state.choices = [
            choice for choice in state.choices if choice.rest is not None or not any(map(outlook.certain, choice.heads))
        ]
        return True

    def _some_alternative(self, type: int, state: "_State") -> Answer:
        choice = min(state.choices, key=lambda each: len(each.heads))
        state.choices.remove(choice)
        unknown: Answer = None
        for head in choice.heads:
            answer = self._with_head(type, state.copy(), choice, head)
            if isinstance(answer, Found):
                return answer
            unknown = unknown or answer
        return unknown

    def _with_head(self, type: int, state: "_State", choice: "_Choice", head: int) -> Answer:
        """Try an alternative. What goes with its head may be long: it is looked at only if the head itself can be."""
        if choice.rest is None:
            return self._of_type(type, state, [head])
        self.step()
        if not state.take([head]) or not self._plausible(type, state):
            return None
        return self._of_type(type, state, choice.rest(head))


class _Choice:
    """Alternatives of which one holds. Each is told by its head; `rest` gives what goes with it, if anything does."""

    __slots__ = ("heads", "rest")

    def __init__(self, heads: Sequence[int], rest: Callable[[int], list[int]] | None = None) -> None:
        self.heads = heads
        self.rest = rest


class _State:
    """What is known to hold of a value of one type: facts, the atoms among them, and choices still open."""

    __slots__ = ("_search", "_type", "atoms", "choices", "facts", "opaque")

    def __init__(self, search: Search, type: int) -> None:
        self._search = search
        self._type = type
        self.facts: set[int] = set()
        self.atoms: list[int] = []
        self.choices: list[_Choice] = []
        self.opaque: list[str] = []

    def copy(self) -> "_State":
        self._search.step(1 + len(self.facts) // 256)
        other = _State(self._search, self._type)
        other.facts, other.atoms = set(self.facts), list(self.atoms)
        other.choices, other.opaque = list(self.choices), list(self.opaque)
        return other

    def take(self, agenda: list[int]) -> bool:
        """Take literals as facts, with all that follows at once. False if they contradict."""
        taken = 0
        while True:
            while agenda:
                taken += 1
                if taken % 64 == 0:
                    self._search.step()
                if not self._fact(agenda.pop(), agenda):
                    return False
            if not self._simplify(agenda):
                return False
            if not agenda:
                return True

    def _fact(self, literal: int, agenda: list[int]) -> bool:
        terms = self._search.terms
        if literal in self.facts:
            return True
        may, sure = terms.reach(literal)
        if literal ^ 1 in self.facts or not may & self._type:
            return False
        if sure & self._type:
            return True
        self.facts.add(literal)
        term, negative = terms.of(literal), literal & 1
        match term:
            case t.All():
                if negative:
                    self.choices.append(_Choice([part ^ 1 for part in term.parts]))
                else:
                    agenda.extend(term.parts)
            case t.One():
                self.choices.append(self._not_one(term.parts) if negative else self._exactly_one(term.parts))
            case t.Ref():
                agenda.append(terms.definitions[term.target] ^ negative)
            case t.Opaque():
                self.opaque.append(term.what)
            case t.Types():
                pass
            case _:
                self.atoms.append(literal)
        return True

    def _exactly_one(self, parts: tuple[int, ...]) -> _Choice:
        def rest(head: int) -> list[int]:
            place = parts.index(head)
            return [part ^ 1 for n, part in enumerate(parts) if n != place]

        return _Choice([part for part in parts if self._may(part)], rest)

    def _not_one(self, parts: tuple[int, ...]) -> _Choice:
        """None of them, or one of them with one that comes after it."""
        terms = self._search.terms
        none = terms.all([part ^ 1 for part in parts])

        def rest(head: int) -> list[int]:
            return [] if head == none else [terms.any(list(parts[parts.index(head) + 1 :]))]

        return _Choice([none, *parts[:-1]], rest)

    def _may(self, literal: int) -> bool:
        term = self._search.terms.of(literal)
        if isinstance(term, t.All) and not literal & 1 and any(part ^ 1 in self.facts for part in term.parts):
            return False
        return literal ^ 1 not in self.facts and bool(self._search.terms.reach(literal)[0] & self._type)

    def _sure(self, literal: int) -> bool:
        return literal in self.facts or bool(self._search.terms.reach(literal)[1] & self._type)

    def _simplify(self, agenda: list[int]) -> bool:
        """Drop alternatives that cannot be and choices that are made; what is left alone has to hold."""
        kept: list[_Choice] = []
        for choice in self.choices:
            if choice.rest is None and any(map(self._sure, choice.heads)):
                continue
            self._search.step(len(choice.heads) // 256)
            live = [head for head in choice.heads if self._may(head)]
            if not live:
                return False
            if len(live) == 1:
                agenda.extend([live[0], *(choice.rest(live[0]) if choice.rest else [])])
            else:
                kept.append(_Choice(live, choice.rest))
        self.choices = kept
        return True


def _null(search: Search, atoms: list[int]) -> Answer:
    left = scalars.among(search.terms, atoms, {(t.NULL, None)})
    return Found(None) if left else None


def _boolean(search: Search, atoms: list[int]) -> Answer:
    left = scalars.among(search.terms, atoms, {(t.BOOLEAN, True), (t.BOOLEAN, False)})
    return Found((t.BOOLEAN, True) in left) if left else None


_LEAVES: dict[int, Leaf] = {
    t.NULL: _null,
    t.BOOLEAN: _boolean,
    t.INTEGER: numbers.integer,
    t.FRACTION: numbers.fraction,
    t.STRING: texts.text,
    t.ARRAY: arrays.array,
    t.OBJECT: objects.object_,
}
