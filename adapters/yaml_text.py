"""YAML as JSON: the core schema of YAML 1.2, in which dates and `on` are texts and every key is one."""

import re
from typing import NoReturn, TypeAlias

import yaml  # type: ignore[import-untyped]

from domain.values import JSON, Object

_NULLS, _TRUE, _FALSE = ("", "~", "null", "Null", "NULL"), ("true", "True", "TRUE"), ("false", "False", "FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DEEPEST = 100
# So many times its own length, and at least so many characters, may a text come to once its aliases are written out.
_MOST_TIMES, _MOST_CHARACTERS = 10, 20_000_000
_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A value, and about how many characters it comes to.
_Sized: TypeAlias = tuple[JSON, int]


class InvalidYaml(Exception):
    """A text that is no YAML, or none that means one JSON value; the message begins with the line."""


def json_of(text: str, at_least: int = _MOST_CHARACTERS) -> JSON:
    """The JSON value of a YAML text. Raises `InvalidYaml`.

    Aliases may make it ten times as long as it is, or `at_least` so many characters.
    """
    builder = _Builder(max(at_least, _MOST_TIMES * len(text)))
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1} column {mark.column + 1}: " if mark else ""
        raise InvalidYaml(f"{where}{error.problem or error}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidYaml(str(error) or "it is nested too deeply") from None
    return builder.value


class _Open:
    """A collection that is being read: its members so far, and the key whose value comes next."""

    def __init__(self, event: yaml.CollectionStartEvent) -> None:
        self.anchor: str | None = event.anchor
        self.items: list[JSON] = []
        self.members: Object | None = {} if isinstance(event, yaml.MappingStartEvent) else None
        self.merged: Object = {}
        self.key: str | None = None
        self.merges = False
        self.size = 1


class _Builder:
    """Makes one value of the events of a YAML text."""

    def __init__(self, most: int) -> None:
        self.value: JSON = None
        self._most = most
        self._stack: list[_Open] = []
        self._anchored: dict[str, _Sized] = {}
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Raises `InvalidYaml`."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                _fail(event, "a second document begins")
        elif isinstance(event, yaml.CollectionStartEvent):
            self._no_key(event)
            if len(self._stack) > _DEEPEST:
                _fail(event, f"nested deeper than {_DEEPEST} levels")
            self._stack.append(_Open(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = self._stack.pop()
            value: JSON = ended.items if ended.members is None else {**ended.merged, **ended.members}
            self._put((value, ended.size), ended.anchor, event)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchored:
                _fail(event, f"the alias {event.anchor!r} leads nowhere, or to what it stands in")
            self._no_key(event)
            self._put(self._anchored[event.anchor], None, event)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)

    def _no_key(self, event: yaml.Event) -> None:
        around = self._stack[-1] if self._stack else None
        if around and around.members is not None and around.key is None and not around.merges:
            _fail(event, "a key must be a text")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        around = self._stack[-1] if self._stack else None
        if around is None or around.members is None or around.key is not None or around.merges:
            self._put((_plain(event), 1 + len(event.value)), event.anchor, event)
        elif event.value == "<<" and not event.style:
            around.merges = True
        elif event.value in around.members:
            _fail(event, f"the key {event.value!r} stands twice")
        else:
            around.key = str(event.value)
            around.size += 1 + len(around.key)

    def _put(self, sized: _Sized, anchor: str | None, event: yaml.Event) -> None:
        value, size = sized
        if anchor is not None:
            self._anchored[anchor] = sized
        if not self._stack:
            self.value = value
            return
        around = self._stack[-1]
        around.size += size
        if around.size > self._most:
            _fail(event, "aliases make it too large")
        if around.members is None:
            around.items.append(value)
        elif around.merges:
            around.merged = {**_merged(value, event), **around.merged}
            around.merges = False
        elif around.key is not None:
            around.members[around.key] = value
            around.key = None


def _merged(value: JSON, event: yaml.Event) -> Object:
    found: Object = {}
    for each in reversed(value if isinstance(value, list) else [value]):
        if not isinstance(each, dict):
            _fail(event, "only mappings can be merged")
        found |= each
    return found


def _fail(event: yaml.Event, why: str) -> NoReturn:
    raise InvalidYaml(f"line {event.start_mark.line + 1} column {event.start_mark.column + 1}: {why}")


def _plain(event: yaml.ScalarEvent) -> JSON:
    """The value of a scalar: a text, unless it is unquoted and looks like something else."""
    text = str(event.value)
    if event.style or str(event.tag or "").endswith(":str"):
        return text
    if text in _NULLS:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.fullmatch(text) and len(text) < 1000:
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _NO_NUMBER.fullmatch(text):
        _fail(event, f"{text} is no number of JSON")
    return float(text) if _FLOAT.fullmatch(text) and abs(float(text)) != float("inf") else text
