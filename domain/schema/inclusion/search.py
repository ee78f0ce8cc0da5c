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
from domain.schema.inclusion.apart import all_apart
from domain.schema.inclusion.languages import Languages
from domain.schema.inclusion.terms import Terms

# What the nesting of questions and of choices costs, and may cost together: far from the limit of Python's own stack,
# which is not the same wherever this runs.
_QUESTION, _CHOICE, _MOST_ROOM = 8, 3, 500
# The steps that all questions over one set of terms may take together.
MOST_STEPS = 100_000
TOO_DEEP = Unknown("the schemas are nested too deeply")
_TYPES = (t.NULL, t.BOOLEAN, t.INTEGER, t.STRING, t.FRACTION, t.OBJECT, t.ARRAY)
Question: TypeAlias = frozenset[int]


class Leaf(Protocol):
    def __call__(self, search: "Search", atoms: list[int]) -> Answer: ...


class Search:
    """Answers questions over one set of terms. `by_format`: a value may be refused for its format alone."""

    def __init__(self, terms: Terms, languages: Languages, *, by_format: bool = True, purse: int = MOST_STEPS) -> None:
        self.terms = terms
        self.languages = languages
        self.by_format = by_format
        # What is asked of the names that `OtherProperties` speaks of, by its literal.
        self.names_asked: dict[int, Question] = {}
        self._apart: dict[tuple[int, ...], bool] = {}
        self._purse = self._given = purse
        self._given_up: dict[Question, Unknown] = {}
        self._steps = 0
        self._answers: dict[Question, Answer] = {}
        self._asked: dict[Question, int] = {}
        self._lowest = _MOST_ROOM
        self._room = _MOST_ROOM

    def ask(self, literals: Iterable[int], steps: int) -> Answer:
        """A value that satisfies all literals, within a budget of its own."""
        question, given = frozenset(literals), min(steps, self._purse)
        if question in self._given_up:
            return self._given_up[question]
        self._steps, self._room = given, _MOST_ROOM
        self._asked.clear()
        try:
            return self.find(question)
        except OutOfSteps:
            why = f"the budget of {steps if given == steps else MOST_STEPS} steps is used up"
        except RecursionError:
            why = TOO_DEEP.why
        finally:
            self._purse -= given - max(0, self._steps)
        self._given_up[question] = Unknown(why)
        return self._given_up[question]

    @property
    def spent(self) -> int:
        """The steps that all questions took so far."""
        return self._given - self._purse

    def step(self, count: int = 1) -> None:
        """Use up steps of the budget. Raises `OutOfSteps`."""
        self._steps -= count
        if self._steps < 0:
            raise OutOfSteps

    def handle(self, things: int) -> None:
        """Use up the steps that it takes to look at so many small things. Raises `OutOfSteps`."""
        if things >= 16:
            self.step(things // 16)

    def apart(self, parts: tuple[int, ...]) -> bool:
        """Whether it is plain that no value satisfies two of the literals."""
        known = self._apart.get(parts)
        if known is None:
            self.handle(len(parts))
            known = self._apart[parts] = all_apart(self.terms, parts)
        return known

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
        if self._room < _QUESTION:
            return TOO_DEEP
        outer, self._lowest = self._lowest, _MOST_ROOM
        self._asked[question] = depth
        self._room -= _QUESTION
        try:
            answer = self._of_some_type(question)
        finally:
            del self._asked[question]
            self._room += _QUESTION
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
        self.handle(state.weight)
        answer = _LEAVES[type](self, state.atoms)
        if isinstance(answer, Found) and state.opaque:
            return Unknown(state.opaque[0])
        return answer

    def _plausible(self, type: int, state: "_State") -> bool:
        """Whether the facts alone leave something; of objects, choices are dropped that are made by them.

        Most branches of a union differ in one constant, which settles at once what they would rule out.
        """
        if type == t.ARRAY:
            return True
        self.handle(state.weight)
        if type == t.STRING:
            listed = scalars.named(self.terms, state.atoms, type)
            return listed is None or bool(listed)
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
        if self._room < _CHOICE:
            return TOO_DEEP
        self._room -= _CHOICE
        for head in choice.heads:
            answer = self._with_head(type, state.copy(), choice, head)
            if isinstance(answer, Found):
                unknown = answer
                break
            unknown = unknown or answer
        self._room += _CHOICE
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

    __slots__ = ("_search", "_terms", "_type", "atoms", "choices", "facts", "opaque", "weight")

    def __init__(self, search: Search, type: int) -> None:
        self._search = search
        self._terms = search.terms
        self._type = type
        self.facts: set[int] = set()
        self.atoms: list[int] = []
        self.choices: list[_Choice] = []
        self.opaque: list[str] = []
        # How much there is to look at in the atoms.
        self.weight = 0

    def copy(self) -> "_State":
        self._search.step(1 + (len(self.facts) + len(self.choices)) // 256)
        other = _State(self._search, self._type)
        other.facts, other.atoms = set(self.facts), list(self.atoms)
        other.choices, other.opaque, other.weight = list(self.choices), list(self.opaque), self.weight
        return other

    def take(self, agenda: list[int]) -> bool:
        """Take literals as facts, with all that follows at once. False if they contradict."""
        taken = 0
        while True:
            while agenda:
                taken += 1
                if taken % 16 == 0:
                    self._search.step()
                if not self._fact(agenda.pop(), agenda):
                    return False
            if not self._simplify(agenda):
                return False
            if not agenda:
                return True

    def _fact(self, literal: int, agenda: list[int]) -> bool:
        terms, facts = self._terms, self.facts
        if literal in facts:
            return True
        may, sure = terms.reach(literal)
        if literal ^ 1 in facts or not may & self._type:
            return False
        if sure & self._type:
            return True
        facts.add(literal)
        term, negative = terms.terms[literal >> 1], literal & 1
        if type(term) in t.OF_SIZE_ONE:
            self.atoms.append(literal)
            self.weight += 1
            return True
        match term:
            case t.All():
                if negative:
                    self.choices.append(_Choice([part ^ 1 for part in term.parts]))
                else:
                    agenda.extend(term.parts)
            case t.One():
                self._take_one(term.parts, agenda, negative=bool(negative))
            case t.Ref():
                agenda.append(terms.definitions[term.target] ^ negative)
            case t.Opaque():
                self.opaque.append(term.what)
            case t.Types():
                pass
            case _:
                self.atoms.append(literal)
                self.weight += t.size(term)
        return True

    def _take_one(self, parts: tuple[int, ...], agenda: list[int], *, negative: bool) -> None:
        if not self._search.apart(parts):
            self.choices.append(self._not_one(parts) if negative else self._exactly_one(parts))
        elif negative:
            agenda.extend(part ^ 1 for part in parts)
        else:
            self.choices.append(_Choice(parts))

    def _exactly_one(self, parts: tuple[int, ...]) -> _Choice:
        def rest(head: int) -> list[int]:
            self._search.handle(len(parts))
            place = parts.index(head)
            return [part ^ 1 for n, part in enumerate(parts) if n != place]

        return _Choice([part for part in parts if self._may(part)], rest)

    def _not_one(self, parts: tuple[int, ...]) -> _Choice:
        """None of them, or one of them with one that comes after it."""
        terms = self._search.terms
        none = terms.all([part ^ 1 for part in parts])

        def rest(head: int) -> list[int]:
            self._search.handle(len(parts))
            return [] if head == none else [terms.any(list(parts[parts.index(head) + 1 :]))]

        return _Choice([none, *parts[:-1]], rest)

    def _may(self, literal: int) -> bool:
        if literal ^ 1 in self.facts:
            return False
        term = self._terms.of(literal)
        if isinstance(term, t.All) and not literal & 1 and any(part ^ 1 in self.facts for part in term.parts):
            return False
        return bool(self._terms.reach(literal)[0] & self._type)

    def _sure(self, literal: int) -> bool:
        return literal in self.facts or bool(self._terms.reach(literal)[1] & self._type)

    def _simplify(self, agenda: list[int]) -> bool:
        """Drop alternatives that cannot be and choices that are made; what is left alone has to hold."""
        kept: list[_Choice] = []
        self._search.handle(sum(len(choice.heads) for choice in self.choices))
        for choice in self.choices:
            if choice.rest is None and any(map(self._sure, choice.heads)):
                continue
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
