"""The text of a GraphQL schema, parsed: SDL or an introspection result; errors are told with place and source line."""

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec
from graphql import (
    DefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    Node,
    build_client_schema,
    parse,
    print_schema,
)

from adapters.depth import DEPTH_LIMIT, with_depth_limit
from adapters.duplicates import repeated_in_large
from adapters.sources.errors import InvalidDocument
from adapters.sources.graphql_parser import MOST_TOKENS, Unusual, usual

_SHOWN = 120
# Strings and comments as wholes (an unterminated one ends the text), so that brackets in them do not count.
_PIECES = re.compile(
    r'"""(?:[^"\\]+|\\"""|\\|"(?!""))*+(?:"""|\Z)|"(?:[^"\\\r\n]+|\\.)*+"?|\#[^\r\n]*+|(?P<open>[\[{(])|(?P<close>[\]})])'
)
_NOTHING = re.compile(r"(?:[\s,\ufeff]+|\#[^\r\n]*+)*+")


class Problem(msgspec.Struct, frozen=True):
    """Something that makes a schema unusable, and the nodes that show it."""

    message: str
    nodes: tuple[Node, ...] = ()


def sdl(text: str) -> str:
    """The text itself, or the SDL of the introspection result that it is. Raises `InvalidDocument`."""
    return _from_introspection(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else text


def definitions(text: str, *, places: bool = False) -> tuple[DefinitionNode, ...]:
    """What SDL defines; nothing where it has but comments. `places` keeps where each node stands.

    Raises `InvalidDocument` for what cannot be parsed.
    """
    if _NOTHING.fullmatch(text):
        return ()
    if not places:
        with suppress(Unusual):
            return usual(text)
    _refuse_bombs(text)
    try:
        return parse(text, no_location=not places, max_tokens=MOST_TOKENS).definitions
    except GraphQLSyntaxError as error:
        where = error.locations[0] if error.locations else None
        line, column = (where.line, where.column) if where else (1, 1)
        raise _invalid([_told(error.message, [(line, column)], text.splitlines())]) from None
    except RecursionError:
        raise _invalid([f"The schema is nested deeper than {DEPTH_LIMIT} levels."]) from None


def refused(text: str, problems: Iterable[Problem]) -> InvalidDocument:
    """The error that tells of problems. Their nodes must have places."""
    lines = text.splitlines()
    return _invalid([_told(each.message, [_place(node) for node in each.nodes], lines) for each in problems])


def _invalid(errors: list[str]) -> InvalidDocument:
    return InvalidDocument("INVALID_GRAPHQL_SCHEMA", errors)


def _refuse_bombs(text: str) -> None:
    depth, lines = 0, None
    for count, piece in enumerate(_PIECES.finditer(text)):
        if count > MOST_TOKENS:
            raise _invalid([f"The schema has more than {MOST_TOKENS} tokens and comments."])
        if piece["open"]:
            depth += 1
            if depth > DEPTH_LIMIT:
                lines = text[: piece.start() + 1].splitlines()
                place = len(lines), len(lines[-1])
                message = f"The schema is nested deeper than {DEPTH_LIMIT} levels"
                raise _invalid([_told(message, [place], text.splitlines())])
        elif piece["close"]:
            depth -= 1


def _place(node: Node) -> tuple[int, int]:
    """Where the name of what is declared stands (a description may stand before it), else where it begins."""
    name = getattr(node, "name", None)
    loc = name.loc if isinstance(name, Node) else node.loc
    assert loc is not None
    return loc.start_token.line, loc.start_token.column


def _told(message: str, places: list[tuple[int, int]], lines: list[str]) -> str:
    """`MESSAGE (line 3, column 5: SOURCE LINE)`, with each place."""
    told = "; ".join(
        f"{_where(lines, line)}, column {column}: {_shown(lines, line, column)}" for line, column in places
    )
    return f"{message.rstrip('.')} ({told})"


def _where(lines: list[str], line: int) -> str:
    """`line 3`, or `FILE line 3` in files that were joined, each after a comment that names it."""
    for before in range(line - 1, 0, -1) if lines and lines[0].startswith("# file: ") else ():
        if lines[before - 1].startswith("# file: "):
            return f"{lines[before - 1].removeprefix('# file: ')} line {line - before}"
    return f"line {line}"


def _shown(lines: list[str], line: int, column: int) -> str:
    """The source line, or what stands around the column if it is long."""
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    start = max(0, column - _SHOWN // 2) if len(source) > _SHOWN else 0
    return source[start : start + _SHOWN].strip() or "end of text"


def _from_introspection(text: str) -> str:
    """The SDL of an introspection result: `{"data": {"__schema": …}}`, or what is inside."""
    try:
        content = with_depth_limit(lambda: msgspec.json.decode(text.lstrip("\ufeff")), text.encode())
    except RecursionError:
        raise _invalid([f"The introspection result is nested deeper than {DEPTH_LIMIT} levels."]) from None
    except msgspec.DecodeError as error:
        raise _invalid([f"This is neither SDL nor an introspection result: {error} (line 1, column 1)"]) from None
    repeated = repeated_in_large(text.encode(), content)
    if repeated is not None:
        raise _invalid([f"The introspection result cannot be understood: {repeated}"])
    inner = content.get("data", content)
    if not isinstance(inner, dict) or not isinstance(inner.get("__schema"), dict):
        raise _invalid(["The introspection result has no __schema."])
    return _printed(inner)


def _printed(introspection: Any) -> str:
    try:
        return print_schema(build_client_schema(introspection, assume_valid=True))
    except (GraphQLError, TypeError, KeyError, AttributeError, ValueError, RecursionError) as error:
        told = str(error) if isinstance(error, GraphQLError | TypeError) else f"it lacks {error}"
        raise _invalid([f"The introspection result cannot be read: {told[:500]}"]) from None
