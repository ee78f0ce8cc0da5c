"""Lines for people: never cut, safe on any terminal, the same in a log file as on a screen."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from rich.console import Console
from rich.text import Text

SHOWN = 3
_NAMES = re.compile(r"[^\s,]*[^\s.,]\.[^\s.,][^\s,]*|'[^']*'|\d+")


class Page:
    """Standard output, one line at a time. Long lines are left to the terminal, so that logs can be searched."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    def line(self, text: str = "", style: str = "") -> None:
        """Print one line. Control characters, which names in foreign documents may hold, are spelled out."""
        shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
        self._console.print(Text(shown, style=style))

    def some(self, title: str, names: Sequence[str], shown: int = SHOWN, style: str = "") -> None:
        """A title with its count, the first of the names, and how many more there are."""
        if not names:
            return
        self.line(f"{title} ({len(names)}):", style)
        for name in names[:shown]:
            self.line(f"  {name}", style)
        if len(names) > shown:
            self.line(f"  and {len(names) - shown} more (--json has all)", style)

    def notes(self, lines: Iterable[str]) -> None:
        """Notes. Where many differ in names only, they are counted and the first ones named."""
        kinds: dict[str, list[tuple[str, str]]] = {}
        for text in lines:
            name, _, rest = text.partition(": ")
            about = (name, rest) if rest and " " not in name else ("", text)
            kinds.setdefault(_NAMES.sub("…", about[1]), []).append(about)
        for kind, alike in kinds.items():
            if len(alike) > SHOWN:
                self.some(f"note: {kind}", list(dict.fromkeys(name or rest for name, rest in alike)), SHOWN, "yellow")
                continue
            for name, rest in alike:
                self.line(f"note: {name}: {rest}" if name else f"note: {rest}", "yellow")


def print_json(answer: Mapping[str, object]) -> None:
    """The server's answer as it is, for scripts."""
    print(msgspec.json.encode(answer).decode())


def counted(number: int, noun: str) -> str:
    """`counted(1, "asset")` → `1 asset`; `counted(2, "asset")` → `2 assets`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Iterable[str]) -> str:
    """Names in a sentence: `a`, `a and b`, `a, b and c`."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def texts(answer: Mapping[str, object], name: str) -> list[str]:
    """A member of an answer that is a list of strings."""
    found = answer.get(name)
    return [str(text) for text in found] if isinstance(found, list) else []
