"""Patterns of ECMA 262: what they match, and examples of what some match and others do not."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from adapters.patterns import Patterns
from domain.schema.inclusion.languages import Undecided, Wanted

PATTERNS = Patterns()
MATCHES = [
    ("a", "xay", True),
    ("^a", "xa", False),
    ("a$", "ab", False),
    ("^a|b$", "xb", True),
    ("^$", "", True),
    ("^$", "a", False),
    ("^a{2,3}$", "aaaa", False),
    ("^a{2}$", "aa", True),
    ("^a{0}$", "", True),
    ("^(?:ab)+$", "abab", True),
    ("^(?<year>[0-9]{4})$", "2026", True),
    (r"^\d+\.\d$", "12.3", True),
    (r"^[^\d\s]+$", "a1", False),
    (r"^[\w.-]+$", "a.b-c_d", True),
    (r"^\cC$", "\x03", True),
    (r"^A\x42\u0043\u{44}$", "ABCD", True),
    ("^.$", "\n", False),
    ("^[a-]$", "-", True),
    ("^🐲*$", "🐲🐲", True),
    ("x*", "", True),
    ("^a+?b??$", "aab", True),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), MATCHES)
def test_what_a_pattern_matches(pattern: str, text: str, expected: bool) -> None:
    assert PATTERNS.matches(pattern, text) is expected


CORNERS = [
    *(r"^\d+$", r"^\w$", r"^\s$", r"^\S$", r"^.$", r"^.{2}$", r"a$", r"^[\s\S]$", r"^[^\W]$", r"^[A-z]$", r"^[^a]$"),
    *(
        r"^[a-]$",
        r"^[\w-]$",
        r"^[a\]b]$",
        r"$a",
        r"a^",
        r"^(a|)$",
        "",
        r"^\u{1F432}$",
        r"^[🐲a]$",
        r"^[\u0000-\u001f]$",
        r"^[k]$",
    ),
]
TEXTS = ["", "a", "b", "A", "_", "1", "٣", "é", "ａ", "𝟘", "🐲", "🐲🐲", "K", "ſ", "a\n", "\na", "aa", "]", "-", "\x1f"]
TEXTS += ["\n", "\r", "\u2028", "\u2029", "\u0085", "\x0b", " ", "\xa0", "\ufeff", "\u180e", "\u200b", "\u3000", "\t"]


@pytest.mark.parametrize("pattern", CORNERS)
def test_patterns_agree_with_those_of_another_validator(pattern: str) -> None:
    other = Draft202012Validator({"pattern": pattern})
    # In ECMA-262 a dot stands for no line end; jsonschema-rs before 0.61 has it stand for all but the usual one.
    texts = [text for text in TEXTS if pattern != "^.$" or text not in ("\r", "\u2028", "\u2029")]
    assert [PATTERNS.matches(pattern, text) for text in texts] == [other.is_valid(text) for text in texts]


def test_a_dot_stands_for_no_line_end() -> None:
    assert not any(PATTERNS.matches("^.$", text) for text in "\n\r\u2028\u2029")


@pytest.mark.parametrize(
    "pattern", ["(?=a)", "(?!a)", r"(a)\1", r"\bword", r"\p{L}", "(", "a)", "[a", "a{3,2}", "*a", "\\"]
)
def test_what_is_not_understood_is_undecided(pattern: str) -> None:
    with pytest.raises(Undecided):
        PATTERNS.matches(pattern, "a")


def _wanted(*inside: str, outside: tuple[str, ...] = (), **limits: int) -> Wanted:
    return Wanted(inside=frozenset(inside), outside=frozenset(outside), **limits)  # type: ignore[arg-type]


def test_examples_are_short_and_fit() -> None:
    assert PATTERNS.example(_wanted("^a+b$", outside=("^ab$",))) == "aab"
    assert PATTERNS.example(_wanted("^a", "b$", shortest=4)) == "aaab"
    assert PATTERNS.example(_wanted("^a+$", outside=("^(aa)*a$",))) == "aa"
    assert PATTERNS.example(_wanted("^(foo|bar)$", outside=("o",))) == "bar"
    assert PATTERNS.example(Wanted(but=frozenset({"", "a"}))) == "b"


def test_no_example_is_a_proof() -> None:
    assert PATTERNS.example(_wanted("^(ab)*$", outside=("^$", "^ab"))) is None
    assert PATTERNS.example(_wanted("^a{3}$", longest=2)) is None
    assert PATTERNS.example(Wanted(inside=frozenset({"^[ab]$"}), but=frozenset({"a", "b"}))) is None


def test_patterns_made_to_explode_are_undecided() -> None:
    with pytest.raises(Undecided):
        PATTERNS.example(_wanted("^(a|b)*a(a|b){40}$", outside=("^(a|b)*b(a|b){39}.$",), shortest=50))


ATOMS = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", "(a|b)", "(ab)"])
PIECES = st.builds(lambda atom, count: atom + count, ATOMS, st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}"]))
REGEXES = st.builds(
    lambda start, pieces, end: start + "".join(pieces) + end,
    st.sampled_from(["", "^"]),
    st.lists(PIECES, min_size=1, max_size=4),
    st.sampled_from(["", "$"]),
)


def _searched(pattern: str, text: str) -> bool:
    # Python's `$` matches before a last line end as well.
    return re.search(pattern.replace("$", r"\Z"), text) is not None


@settings(max_examples=300, deadline=None, derandomize=True)
@given(REGEXES, REGEXES, st.lists(st.text("abc", max_size=5), max_size=8))
def test_patterns_agree_with_those_of_python(one: str, other: str, texts: list[str]) -> None:
    for text in texts:
        # Python's `$` matches before a last line end as well; there are none here.
        assert PATTERNS.matches(one, text) == bool(re.search(one, text))
    found = PATTERNS.example(_wanted(one, outside=(other,)))
    if found is None:
        assert not any(_searched(one, text) and not _searched(other, text) for text in texts)
    else:
        assert _searched(one, found) and not _searched(other, found)
