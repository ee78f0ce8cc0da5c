"""From patterns of ECMA 262 to automata."""

import re

from adapters.patterns.automaton import Automaton
from adapters.patterns.characters import CLASSES, CONTROLS, LINE_ENDS, TOP, Ranges, inverse, ranges_of
from domain.schema.inclusion.languages import Undecided

_COUNT = re.compile(r"\{(\d+)(,(\d*))?\}")
_HEX = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}")
_START, _END = "^", "$"
_SIMPLE_COUNTS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_MOST_NESTED = 50
_CONTROL = re.compile(r"c([A-Za-z])")
_NAMED = re.compile(r"\?<[A-Za-z_]\w*>")


def _only(code: int) -> Ranges:
    return ((code, code),)


class Parser:
    """Reads a pattern into an automaton, by recursive descent. Raises `Undecided` for what it does not know."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._groups = 0
        self.automaton = Automaton()

    def parsed(self) -> tuple[Automaton, int, int]:
        """The automaton with its first and last state. A pattern matches anywhere: any text may stand around it."""
        machine = self.automaton
        start, end = machine.state(), machine.state()
        everything = ((0, TOP),)
        machine.moves[start].append((everything, start))
        machine.moves[end].append((everything, end))
        first, last = self._alternatives()
        if self._at < len(self._text):
            raise self._strange()
        machine.free[start].append(("", first))
        machine.free[last].append(("", end))
        return machine, start, end

    def _strange(self) -> Undecided:
        return Undecided(f"the pattern {self._text[:80]!r} is not understood at character {self._at + 1}")

    def _peek(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise self._strange()
        self._at += 1
        return self._text[self._at - 1]

    def _alternatives(self) -> tuple[int, int]:
        machine = self.automaton
        start, end = machine.state(), machine.state()
        while True:
            first, last = self._sequence()
            machine.free[start].append(("", first))
            machine.free[last].append(("", end))
            if self._peek() != "|":
                return start, end
            self._at += 1

    def _sequence(self) -> tuple[int, int]:
        start = last = self.automaton.state()
        while self._peek() not in ("", "|", ")"):
            first, end = self._repeated()
            self.automaton.free[last].append(("", first))
            last = end
        return start, last

    def _repeated(self) -> tuple[int, int]:
        begin = self._at
        piece = self._atom()
        counts = self._counts()
        if counts is None:
            return piece
        after = self._at
        least, most = counts
        pieces = [piece]
        for _ in range(max(least, most or 0, 1) - 1 + (1 if most is None and least > 0 else 0)):
            self._at = begin
            pieces.append(self._atom())
        self._at = after
        return self._chained(pieces, least, most)

    def _counts(self) -> tuple[int, int | None] | None:
        counts = _SIMPLE_COUNTS.get(self._peek())
        if counts is not None:
            self._at += 1
        elif found := _COUNT.match(self._text, self._at):
            self._at = found.end()
            least = int(found[1][:6])
            counts = (least, least if found[2] is None else int(found[3][:6]) if found[3] else None)
            if counts[1] is not None and counts[1] < least:
                raise self._strange()
        if counts is not None and self._peek() == "?":
            self._at += 1
        return counts

    def _chained(self, pieces: list[tuple[int, int]], least: int, most: int | None) -> tuple[int, int]:
        machine = self.automaton
        start, end = machine.state(), machine.state()
        if most == 0:
            machine.free[start].append(("", end))
            return start, end
        last = start
        for n, (first, final) in enumerate(pieces):
            if n >= least:
                machine.free[last].append(("", end))
            machine.free[last].append(("", first))
            last = final
        machine.free[last].append(("", end))
        if most is None:
            machine.free[last].append(("", pieces[-1][0]))
        return start, end

    def _atom(self) -> tuple[int, int]:
        character = self._next()
        if character == "(":
            return self._group()
        if character in (_START, _END):
            start, end = self.automaton.state(), self.automaton.state()
            self.automaton.free[start].append((character, end))
            return start, end
        if character in "*+?)" or (character == "{" and _COUNT.match(self._text, self._at - 1)):
            self._at -= 1
            raise self._strange()
        if character == ".":
            return self._moving(inverse(LINE_ENDS))
        if character == "[":
            return self._moving(self._set())
        if character == "\\":
            return self._moving(self._escaped(in_set=False))
        return self._moving(_only(ord(character)))

    def _moving(self, ranges: Ranges) -> tuple[int, int]:
        start, end = self.automaton.state(), self.automaton.state()
        self.automaton.moves[start].append((ranges, end))
        return start, end

    def _group(self) -> tuple[int, int]:
        if self._text.startswith("?:", self._at):
            self._at += 2
        elif found := _NAMED.match(self._text, self._at):
            self._at = found.end()
        elif self._peek() == "?":
            raise self._strange()
        self._groups += 1
        if self._groups > _MOST_NESTED:
            raise Undecided("a pattern that is nested so deeply")
        piece = self._alternatives()
        self._groups -= 1
        if self._next() != ")":
            raise self._strange()
        return piece

    def _set(self) -> Ranges:
        negative = self._peek() == "^"
        self._at += negative
        pairs: list[tuple[int, int]] = []
        while self._peek() != "]":
            low = self._set_member()
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                high = self._set_member()
                if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or low[0][0] > high[0][1]:
                    raise self._strange()
                pairs.append((low[0][0], high[0][1]))
            else:
                pairs.extend(low)
        self._at += 1
        return inverse(ranges_of(*pairs)) if negative else ranges_of(*pairs)

    def _set_member(self) -> Ranges:
        character = self._next()
        if character == "\\":
            return self._escaped(in_set=True)
        return _only(ord(character))

    def _escaped(self, *, in_set: bool) -> Ranges:
        if found := _HEX.match(self._text, self._at):
            self._at = found.end()
            code = int(found[1] or found[2] or found[3], 16)
            if not 0xD800 <= code < 0xE000 and code <= TOP:
                return _only(code)
            raise self._strange()
        if found := _CONTROL.match(self._text, self._at):
            self._at = found.end()
            return _only(ord(found[1]) % 32)
        character = self._next()
        if character in CLASSES:
            return CLASSES[character]
        if character in CONTROLS:
            return _only(CONTROLS[character])
        if character == "b" and in_set:
            return _only(8)
        if character.isalnum():
            self._at -= 1
            raise self._strange()
        return _only(ord(character))
