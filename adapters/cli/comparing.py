"""`muniment compare` and `muniment rules`: the contract engine by itself, on files and on lines, without a server."""

import argparse
import sys
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from adapters.cli.files import Failed
from adapters.contract_engine import ENGINE
from adapters.duplicates import repeated_key
from adapters.yaml_text import InvalidYaml, json_of
from domain.schema.canonical import DEEPEST, too_deep
from domain.schema.change import Direction, Mode, Verdict
from domain.schema.comparison import Comparison, compare
from domain.schema.judge import Terms
from domain.schema.rules import RULES
from domain.schema.validity import problems
from domain.values import JSON

COMPATIBLE, BREAKING, CANNOT_JUDGE = 0, 1, 4


def run(options: argparse.Namespace) -> int:
    """Compare two files, or pairs of schemas on standard input."""
    if options.lines:
        # The readers of documents take longer to load than most commands to run.
        from adapters.cli.comparing_lines import answered

        return answered(sys.stdin.buffer)
    if options.old is None or options.new is None:
        raise Failed("name two files to compare, or give --lines", code=2)
    old, new = _read(options.old), _read(options.new)
    terms = Terms(mode=Mode(options.mode), direction=options.direction and Direction(options.direction), policies=False)
    found = compare(old, new, ENGINE, terms)
    print(msgspec.json.encode(found).decode()) if options.json else _show(found)
    if any(change.verdict is Verdict.breaking for change in found.changes):
        return BREAKING
    return CANNOT_JUDGE if found.verdict is Verdict.unknown else COMPATIBLE


def _read(name: str) -> JSON:
    """A schema from a JSON or YAML file. Raises `Failed`."""
    try:
        value = _decoded(Path(name).read_bytes())
    except OSError as error:
        raise Failed(f"{name}: {error.strerror}", code=2) from None
    except (msgspec.DecodeError, InvalidYaml, UnicodeDecodeError, RecursionError) as error:
        raise Failed(f"{name}: neither JSON nor YAML: {error}", code=2) from None
    if too_deep(value):
        raise Failed(f"{name}: nested deeper than {DEEPEST} levels", code=2)
    wrong = problems(value)
    if wrong:
        raise Failed(f"{name}: not a JSON Schema: {wrong[0]}", code=2)
    return value


def _decoded(text: bytes) -> JSON:
    """The value of a JSON text, else of a YAML text."""
    value: JSON
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        if text.lstrip()[:1] in (b"{", b"["):
            raise
        return json_of(text.decode())
    repeated = repeated_key(text)
    if repeated:
        raise msgspec.DecodeError(repeated)
    return value


def _show(found: Comparison) -> None:
    console = Console(highlight=False)
    step = f", {found.step.value} version" if found.step else ""
    console.print(f"{found.verdict.value}{step}" if found.changes else "no change")
    for change in found.changes:
        console.print(f"  {change.verdict.value:<9} {change.pointer or '/'}  {change.message}", markup=False)
        if change.suggestion:
            console.print(f"            {change.suggestion}", markup=False)
    if found.witnessed:
        console.print(f"  for example {msgspec.json.encode(found.witness).decode()}", markup=False)
    for note in found.notes:
        console.print(
            f"  not judged: `{note.keyword}` at {note.pointer} of {note.document} is no known keyword", markup=False
        )


def rules(options: argparse.Namespace) -> int:
    """The rule catalogue."""
    if options.markdown:
        print(rules_page(), end="")
        return 0
    if options.json:
        print(msgspec.json.encode(list(RULES.values())).decode())
        return 0
    table = Table("rule", "step", "backward", "forward", "what it says", "how to avoid it", box=None)
    for rule in RULES.values():
        usual = (rule.example.backward, rule.example.forward)
        table.add_row(rule.id, rule.kind.value, *usual, rule.sentence, rule.advice)
    Console(highlight=False).print(table, markup=False)
    return 0


def rules_page() -> str:
    """The rule catalogue as a page of documentation: `docs/rules.md` is this text."""
    lines = [
        "# The rules of comparison",
        "",
        "Made from `domain/schema/rules.py` by `muniment rules --markdown`. The verdicts are the usual ones of schemas",
        "without a direction; [contract-engine.md](contract-engine.md) says what decides, and when otherwise.",
        "",
        "| rule | of | step | backward | forward | says |",
        "|---|---|---|---|---|---|",
    ]
    for rule in RULES.values():
        shown = rule.example
        cells = (f"`{rule.id}`", shown.of.value, rule.kind.value, shown.backward, shown.forward, rule.sentence)
        lines.append(f"| {' | '.join(cells)} |")
    for rule in RULES.values():
        old, new = (msgspec.json.encode(each).decode() for each in (rule.example.old, rule.example.new))
        lines += ["", f"## {rule.id}", "", "```json", old, new, "```"]
        lines += ["", rule.advice] if rule.advice else []
    return "\n".join(lines) + "\n"
