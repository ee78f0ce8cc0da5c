"""graphql-core's parser with a quicker lexer, for texts in which nothing is wrong.

The library's lexer looks at each character in turn, which takes two thirds of a parse, and chains its tokens both ways,
so that all stay in memory until somebody looks for cyclic garbage. This one finds most tokens by a regular expression,
leaves the others to the library, and chains none.
"""

import re

from graphql import DefinitionNode, GraphQLSyntaxError, Lexer, NamedTypeNode, NameNode, Source, Token, TokenKind
from graphql.language.block_string import dedent_block_string_lines
from graphql.language.parser import Parser

from adapters.depth import DEPTH_LIMIT

MOST_TOKENS = 500_000
# After what is ignored: a name, a single character, the inside of a block string, that of a string. Those with escapes
# are not found, nor those with half of a surrogate pair.
_TOKEN = re.compile(
    r"[ \t\n\r,\ufeff]*+(?:([_A-Za-z][_0-9A-Za-z]*+)|([!$&:=@|\[\](){}])"
    r'|"""((?:[^"\\\ud800-\udfff]++|"(?!"")|\\(?!"""))*+)"""|"(?!"")([^"\\\r\n\ud800-\udfff]*+)")'
)
# Looked up once: members of an enum are looked up slowly.
_NAME, _BLOCK, _COMMENT, _END = TokenKind.NAME, TokenKind.BLOCK_STRING, TokenKind.COMMENT, TokenKind.EOF
_KINDS = (None, _NAME, None, _BLOCK, TokenKind.STRING)
_SIGNS = {each.value: each for each in TokenKind}
_STEPS = {**dict.fromkeys("[({", 1), **dict.fromkeys("])}", -1)}
_NEW_LINE = re.compile(r"\r\n|[\n\r]")


class Unusual(Exception):
    """Something may be wrong with a text. What that is, the library's own parser tells, with its place."""


def usual(text: str) -> tuple[DefinitionNode, ...]:
    """What a text defines, without places. Raises `Unusual` where it is not plainly in order."""
    try:
        return _Parser(text).parse_document().definitions
    except (GraphQLSyntaxError, RecursionError):
        raise Unusual from None


class _Parser(Parser):
    """Nodes without places are alike for the same name, most of which are said again and again: one serves for all."""

    def __init__(self, text: str) -> None:
        super().__init__(text, no_location=True)
        self._lexer = _Lexer(self._lexer.source)
        self._names: dict[str | None, NameNode] = {}
        self._types: dict[str, NamedTypeNode] = {}

    def advance_lexer(self) -> None:
        # The library counts tokens here; the lexer has done so.
        self._lexer.advance()

    def parse_name(self) -> NameNode:
        token = self._lexer.token
        found = self._names.get(token.value) if token.kind is _NAME else None
        if found is None:
            found = self._names[token.value] = super().parse_name()
        else:
            self._lexer.advance()
        return found

    def parse_named_type(self) -> NamedTypeNode:
        name = self.parse_name()
        found = self._types.get(name.value)
        if found is None:
            found = self._types[name.value] = NamedTypeNode(name=name)
        return found


class _Lexer(Lexer):
    """Raises `Unusual` for too many tokens, comments among them, and for brackets nested too deep."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._tokens = self._depth = 0
        self._ahead: Token | None = None

    def advance(self) -> Token:
        self.token = self._ahead or self.lookahead()
        self._ahead = None
        return self.token

    def lookahead(self) -> Token:
        token = self._ahead
        if token is None:
            token = self.token
            while token.kind is not _END:
                token = self.read_next_token(token.end)
                if token.kind is not _COMMENT:
                    break
            self._ahead = token
        return token

    def read_next_token(self, start: int) -> Token:
        self._tokens += 1
        if self._tokens > MOST_TOKENS:
            raise Unusual
        found = _TOKEN.match(self.source.body, start)
        if found is None:
            return super().read_next_token(start)
        end, group = found.end(), found.lastindex or 0
        value, kind = found[group], _KINDS[group]
        if kind is None:
            self._depth += _STEPS.get(value, 0)
            if self._depth > DEPTH_LIMIT:
                raise Unusual
            return Token(_SIGNS[value], 0, end, 0, 0)
        if kind is _BLOCK:
            lines = _NEW_LINE.split(value) if "\r" in value else value.split("\n")
            value = "\n".join(dedent_block_string_lines(lines))
        return Token(kind, 0, end, 0, 0, value)
