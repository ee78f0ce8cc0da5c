"""What there is, as tables and as lists of members, for people."""

from collections.abc import Mapping, Sequence

import msgspec

from adapters.cli.printing import Page


def print_table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows in columns as wide as what stands in them. `None` is shown as `-`."""
    texts = [[_text(value) for value in row] for row in rows]
    widths = [max(len(row[n]) for row in ([*titles], *texts)) for n in range(len(titles))]
    page = Page()
    for row, style in (([*titles], "bold"), *((row, "") for row in texts)):
        page.line("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip(), style)


def print_members(entity: Mapping[str, object], names: Sequence[str]) -> None:
    """The members of one thing, each in a line."""
    width = max(map(len, names))
    page = Page()
    for name in names:
        page.line(f"{name.replace('_', ' ').ljust(width)}  {_text(entity[name])}")


def moment(value: object) -> str:
    """A time of the API to the minute, in UTC; `-` for none."""
    return "-" if value is None else str(value)[:16].replace("T", " ")


def _text(value: object) -> str:
    if value is None or value == [] or value == {}:
        return "-"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
