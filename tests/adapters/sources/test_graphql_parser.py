"""The parser of usual schemas against the library's own: the same definitions, or none."""

import gc
from pathlib import Path

import pytest
from graphql import GraphQLSyntaxError, parse
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.graphql_parser import MOST_TOKENS, Unusual, usual
from tests import graphql_oracle as oracle
from tests.conftest import ROOT

_EVERYTHING = r'''
"""one""" schema @s(x: 1) { query: Q mutation: M } extend schema @link(url: "a\u0041\n\"b\"") # a comment
"a" directive @d("of x" x: [Int!]! = [1, -2], y: Float = -1.5e3) repeatable on FIELD | OBJECT
"""
  two lines,
    and more

""" type Q implements & A & B @d(x: [], y: 0.1) {
  "" f(""" a \""" b """ a: String = """c "d" \e""", b: B = {c: null}): [[Int]!]!
}
interface A implements B { f: Int } union U @d = | Q | M extend union U = A
enum E { A @d "b" B } extend enum E { true_ }
input I @oneOf { a: Int = 1, b: E = A, c: Boolean = true } scalar S @specifiedBy(url: "") extend type Q { g: ID }
'''
_PIECES = ['"""', '"', "\\", "\\u0041", *"{}()[]!$&:=@|#\n\r\t ,.-01e_aé\ufeff\0\ud800😀", "..."]
_PIECES += ["type A", "{ a: Int }", "true", "extend", '"a"', "\r\n", '"""a\n  b"""', "scalar S", "enum E { A }"]


def agrees(text: str) -> bool:
    """Whether the text is usual; then the library must find the same definitions."""
    try:
        found = usual(text)
    except Unusual:
        return False
    assert found == parse(text, no_location=True).definitions
    return True


def test_definitions_of_every_kind() -> None:
    assert agrees(_EVERYTHING)
    assert agrees("\ufeff" + _EVERYTHING.replace("\n", "\r\n"))
    assert agrees(_EVERYTHING.replace("\n", "\r"))
    assert agrees("{ a(b: $c) { ...d } }")


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_any_text(middle: str) -> None:
    for text in (middle, f"type T {{ {middle} a: Int }}", f'type T {{ """{middle}""" a: Int }}', f"scalar S {middle}"):
        if not agrees(text):
            with pytest.raises(GraphQLSyntaxError):
                parse(text)


@pytest.mark.parametrize("file", sorted((ROOT / "samples").glob("*.graphqls")), ids=lambda file: file.name)
def test_samples(file: Path) -> None:
    assert agrees(oracle.text(file))


@pytest.mark.skipif(not oracle.CORPORA.exists(), reason="the shared corpora (../shared) are not here")
def test_real_schemas() -> None:
    one_a_folder = {path.parent: path for path in oracle.CORPORA.rglob("*.graphql*") if oracle.is_schema(path)}
    for path in one_a_folder.values():
        assert agrees(oracle.text(path)), path


def test_depth_and_length_have_their_bounds() -> None:
    assert agrees("scalar S @d(x: " + "[" * 99 + "]" * 99 + ")")
    assert not agrees("scalar S @d(x: " + "[" * 100 + "]" * 100 + ")")
    assert not agrees("# a comment\n" * MOST_TOKENS + "scalar S")


def test_no_garbage_is_left() -> None:
    gc.collect()
    gc.disable()
    try:
        usual(_EVERYTHING)
        assert gc.collect() == 0
    finally:
        gc.enable()
