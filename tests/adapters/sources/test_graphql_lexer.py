"""Our lexer reads what graphql-core's own does, and refuses what it refuses, at the same place."""

import gzip
from pathlib import Path

import pytest
from graphql import DocumentNode, GraphQLSyntaxError, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources import graphql_lexer
from adapters.sources.graphql_lexer import parsed_without_places
from tests.corpora import FOLDER, needs_corpora

_PIECES = st.sampled_from(
    [
        "type T { a: Int }", "enum E { A }", "input I { a: [Float!]! = ", "type", "T", "{", "}", "(", ")", "!", "=",
        "a: Int", "5", "-0", "01", "1.5e3", "1a", "...", "..", ".", "@d", "$v", "&", "|", ":", "[", "]", "?", "'", "é",
        "\x00", "\ufeff", '"', '""', '"""', '""""', '"words"', r'"a\nb\u00e9"', r'"\q"', '"a" "b"', r'"""a \""" b"""',
        '"""\n  two\n    lines\n\n"""', '"""\r\n\tx\r  y"""', '"""a\\b"""', '"""  one"""', '"""   """',
        "# a comment\n", "#\r", '# "x"', ",", " ", "\t", "\n", "\r\n", "\\", "\ud83d", "\ude00", "\ud83d\ude00", "😀",
        "# \ud800\n",
    ]
)  # fmt: skip


def _read(text: str) -> DocumentNode | tuple[str, object]:
    try:
        return parse(text, no_location=True)
    except GraphQLSyntaxError as error:
        return error.message, error.locations


def _quickly(text: str) -> DocumentNode | tuple[str, object]:
    try:
        return parsed_without_places(text, 10_000)
    except GraphQLSyntaxError as error:
        return error.message, error.locations


@settings(derandomize=True, max_examples=1500, deadline=None)
@given(st.lists(_PIECES, max_size=12), st.sampled_from(["", " "]))
def test_pieces_of_any_text_are_read_as_by_graphql_core(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    assert _quickly(text) == _read(text)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.text('ab \t\r\n"\\é,#', max_size=30))
def test_descriptions_are_read_as_by_graphql_core(text: str) -> None:
    whole = f'"""{text}""" type T {{ a: Int }}'
    assert _quickly(whole) == _read(whole)


def test_a_long_run_of_comments_before_a_number_is_passed_over() -> None:
    text = "input I { a: Int = " + "# words\n" * 20_000 + "5 }"
    assert _quickly(text) == _read(text)


def test_too_many_tokens_are_refused() -> None:
    for text in ("type T { a: Int }", "input I { a: Int = 5 }"):
        count = len(text.replace("{", " { ").replace(":", " : ").split())
        assert isinstance(parsed_without_places(text, count), DocumentNode)
        with pytest.raises(GraphQLSyntaxError, match="more than"):
            parsed_without_places(text, count - 1)


def test_a_release_that_takes_no_lexer_reads_with_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphql_lexer, "_MAY_LEX", False)
    assert _quickly("type T { a: Int }") == _read("type T { a: Int }")


@needs_corpora
@pytest.mark.parametrize("folder", ["artsy", "graphql-java", "saleor", "series_linear", "supergraph-demo"])
def test_schemas_of_the_corpora_are_read_as_by_graphql_core(folder: str) -> None:
    files = sorted((FOLDER.parent / "graphql" / folder).rglob("*.graphql*"))[:6]
    assert files
    for text in map(_text, files):
        assert _quickly_whole(text) == _read(text)


def _quickly_whole(text: str) -> DocumentNode:
    return parsed_without_places(text, 500_000)


def _text(file: Path) -> str:
    raw = file.read_bytes()
    return (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()
