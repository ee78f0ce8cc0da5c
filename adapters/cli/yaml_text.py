"""YAML as JSON: the core schema of YAML 1.2, in which dates and `on` are texts and every key is one."""

import re

import yaml  # type: ignore[import-untyped]

from domain.values import JSON, Object

_PREFIX = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DEEPEST = 100
# So many values may a text with aliases come to, or ten times as many as are written.
_MOST_VALUES = 1_000_000
_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class InvalidYaml(Exception):
    """A text that is no YAML, or none that means one JSON value; the message begins with the line."""


def json_of(text: str) -> JSON:
    """The JSON value of a YAML text. Raises `InvalidYaml`."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1} column {mark.column + 1}: " if mark else ""
        raise InvalidYaml(f"{where}{error.problem or error}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidYaml(str(error) or "it is nested too deeply") from None
    if root is None:
        return None
    _Measure().take(root, 0)
    return _value(root)


class _Measure:
    """Counts what a text comes to once its aliases are written out, before that is done."""

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()

    def take(self, node: yaml.Node, depth: int) -> int:
        known = self._sizes.get(id(node))
        if known is not None:
            return known
        if id(node) in self._open:
            raise _wrong(node, "an alias leads to what it stands in")
        if depth > _DEEPEST:
            raise _wrong(node, f"nested deeper than {_DEEPEST} levels")
        self._open.add(id(node))
        size = 1 + sum(self.take(each, depth + 1) for each in _inner(node))
        self._open.discard(id(node))
        self._sizes[id(node)] = size
        if size > max(_MOST_VALUES, 10 * len(self._sizes)):
            raise _wrong(node, "aliases make it too large")
        return size


def _inner(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _wrong(node: yaml.Node, why: str) -> InvalidYaml:
    return InvalidYaml(f"line {node.start_mark.line + 1} column {node.start_mark.column + 1}: {why}")


def _value(node: yaml.Node) -> JSON:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each) for each in node.value]
    return _scalar(node)


def _mapping(node: yaml.MappingNode) -> Object:
    found: Object = {}
    merged: Object = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _wrong(key, "a key must be a text")
        if key.tag == _PREFIX + "merge":
            for each in reversed(value.value if isinstance(value, yaml.SequenceNode) else [value]):
                if not isinstance(each, yaml.MappingNode):
                    raise _wrong(each, "only a mapping can be merged")
                merged |= _mapping(each)
        elif key.value in found:
            raise _wrong(key, f"the key {key.value!r} stands twice")
        else:
            found[str(key.value)] = _value(value)
    return {**merged, **found}


def _scalar(node: yaml.Node) -> JSON:
    text, tag = str(node.value), str(node.tag).removeprefix(_PREFIX)
    if tag == "null":
        return None
    if tag == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if tag == "int" and _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if tag == "float" and _FLOAT.fullmatch(text):
        return float(text)
    if tag == "float" and text.lower().lstrip("+-") in (".inf", ".nan"):
        raise _wrong(node, f"{text} is no number of JSON")
    return text
