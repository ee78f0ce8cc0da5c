"""Reads the tokens of a GraphQL text by a regular expression: graphql-core looks at one character after the other.

What the expression does not know (numbers, escapes, what is wrong) is left to graphql-core's own lexer, so that both
read the same. Tokens have no line and column, and do not hold those before them; errors are told by place all the same.
"""

import inspect
import re

from graphql import DocumentNode, GraphQLSyntaxError, Source, Token, TokenKind, parse
from graphql.language import Lexer
from graphql.language.parser import Parser

_PASSED_OVER = r"(?:[ \t,\ufeff\r\n]++|\#[^\r\n]*+)*+"
_TOKEN = re.compile(
    _PASSED_OVER + r"(?:([A-Za-z_][A-Za-z0-9_]*+)|([!$&():=@\[\]{}|])"
    r'|"""((?:[^"\\]++|"(?!""))*+)"""|"([^"\\\r\n]*+)"(?!"))'
)
_NEXT = re.compile(_PASSED_OVER)
# Halves of characters: only the other lexer knows what may be made of them.
_HALVES = re.compile(r"[\ud800-\udfff]")
_NAME, _BLOCK, _TEXT = TokenKind.NAME, TokenKind.BLOCK_STRING, TokenKind.STRING
_SIGNS = {kind.value: kind for kind in TokenKind if len(kind.value) == 1}
_NEWLINE = re.compile(r"\r\n|[\r\n]")
# Releases before 3.3 take no lexer from outside.
_MAY_LEX = "lexer" in inspect.signature(Parser.__init__).parameters


def parsed_without_places(text: str, max_tokens: int) -> DocumentNode:
    """What `graphql.parse` gives without locations. Raises `GraphQLSyntaxError`; comments do not count as tokens."""
    if not _MAY_LEX or (not text.isascii() and _HALVES.search(text)):
        return parse(text, no_location=True, max_tokens=max_tokens)
    lexer = _Lexer(Source(text), max_tokens)
    return _Parser(lexer.source, no_location=True, lexer=lexer).parse_document()


class _Parser(Parser):
    def advance_lexer(self) -> None:
        # The tokens are counted by the lexer.
        self._lexer.advance()


class _Lexer(Lexer):
    """Tokens in the order of the text, without comments."""

    def __init__(self, source: Source, max_tokens: int) -> None:
        super().__init__(source)
        self._match = _TOKEN.match
        self._body = source.body
        self._most = self._left = max_tokens

    def advance(self) -> Token:
        # No token knows the one before it: what was parsed is freed as the parser goes on.
        token = self.token.next or self.read_next_token(self.token.end)
        self.token = token
        return token

    def lookahead(self) -> Token:
        token = self.token
        if token.next is None:
            token.next = self.read_next_token(token.end)
        return token.next

    def read_next_token(self, start: int) -> Token:
        found = self._match(self._body, start)
        if found is None:
            return self._other(start)
        self._left -= 1
        if self._left < 0:
            raise self._too_many(start)
        end, value = found.end(), found[found.lastindex or 0]
        match found.lastindex:
            case 1:
                return Token(_NAME, end - len(value), end, 0, 0, value)
            case 2:
                return Token(_SIGNS[value], end - 1, end, 0, 0)
            case 3:
                return Token(_BLOCK, found.start(3) - 3, end, 0, 0, _dedented(value))
            case _:
                return Token(_TEXT, found.start(4) - 1, end, 0, 0, value)

    def _other(self, start: int) -> Token:
        passed = _NEXT.match(self._body, start)
        token = super().read_next_token(passed.end() if passed else start)
        self._left -= token.kind is not TokenKind.EOF
        if self._left < 0:
            raise self._too_many(start)
        return token

    def _too_many(self, start: int) -> GraphQLSyntaxError:
        return GraphQLSyntaxError(self.source, start, f"Document contains more than {self._most} tokens.")


def _dedented(text: str) -> str:
    """The value of a block string: the specification's BlockStringValue()."""
    if "\n" not in text and "\r" not in text:
        return text if text.strip(" \t") else ""
    lines = _NEWLINE.split(text)
    filled = [n for n, line in enumerate(lines) if line.strip(" \t")]
    if not filled:
        return ""
    indents = [len(lines[n]) - len(lines[n].lstrip(" \t")) for n in filled if n]
    common, first = min(indents, default=0), filled[0]
    kept = [line[common:] for line in lines[first : filled[-1] + 1]]
    if first == 0:
        kept[0] = lines[0]
    return "\n".join(kept)
