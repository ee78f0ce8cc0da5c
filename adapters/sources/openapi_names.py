"""Names of operations: from a path and a method to the asset's name, and to what the operation is known by."""

import re

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_PARAMETER = re.compile(r"\{[^{}/]*\}")
_UNSAFE = re.compile(r"[%.~\s\x00-\x20\x7f-\x9f]")


def fqn_of(prefix: str, path: str, method: str) -> str:
    """`{prefix}.{path}.{method}`, a different name for each path (api.md 2.7).

    What could be taken for a separator is percent-encoded, and an empty segment is written `~`.
    """
    segments = [] if path == "/" else [_segment(each) for each in path[1:].split("/")]
    return ".".join((prefix, *segments, method))


def _segment(text: str) -> str:
    return _UNSAFE.sub(lambda found: _encoded(found[0]), text) or "~"


def _encoded(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def item_of(path: str, method: str) -> str:
    """What an operation is known by from one document to the next: parameters count by place, not by name."""
    return f"{method} {_PARAMETER.sub('{}', path)}"


def places_of(path: str) -> dict[str, int]:
    """The parameters that a path names, each with its place, counted from 0."""
    names = [found[1:-1] for found in _PARAMETER.findall(path)]
    return {name: n for n, name in reversed([*enumerate(names)])}
