"""The operations that the design's page names (../shared/design/api.md), read from its tables and sentences."""

import re

import msgspec

from tests.conftest import ROOT

PAGE = ROOT.parent / "shared" / "design" / "api.md"
_METHOD = "(?:GET|POST|PATCH|PUT|DELETE)"
_PLACES = r"`[/…][^`\s]*`(?:, `/[^`\s]*`)*"
# In a table, `POST | `/sync/dbt` |` or `PATCH, PUT `/teams/{id}``; in a sentence, `` `POST /search` ``.
_NAMED = re.compile(rf"({_METHOD}(?:(?:, | and ){_METHOD})*)(?: \|)? ({_PLACES})|`({_METHOD}) (/[^`\s?]+)`")
_HEADING = re.compile(r"#+ (\d(?:\.\d+)?)\.? (.*)")
# These sections only tell of operations that others name.
_RETOLD = ("5",)


class Named(msgspec.Struct, frozen=True):
    """An operation that the page names, in which section, and whether it has to be there before anything else."""

    section: str
    method: str
    path: str
    core: bool

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


def named() -> list[Named]:
    """Every operation of the page, once, in its order. Names of ids are left open: `/teams/{}`."""
    found: dict[str, Named] = {}
    section, core = "", True
    for line in PAGE.read_text().splitlines():
        heading = _HEADING.match(line)
        if heading:
            section = heading[1]
            core = "EXTENDED" not in heading[2]
        if section.partition(".")[0] in _RETOLD:
            continue
        here = core and "EXTENDED" not in line
        for method, path in _operations(line):
            each = Named(section=section, method=method, path=path, core=here)
            if each.core <= found.setdefault(each.key, each).core:
                found[each.key] = each
    return list(found.values())


def _operations(line: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    before = ""
    for methods, places, method, path in _NAMED.findall(line):
        paths = [path] if path else re.findall(r"`([^`]+)`", places)
        for each in paths:
            whole = before + each[1:] if each.startswith("…") else each
            before = whole
            found += [(name, open_path(whole)) for name in re.findall(_METHOD, methods or method)]
    return found


def open_path(path: str) -> str:
    """A path without the names of its ids."""
    return re.sub(r"\{[^}]*\}", "{}", path)
