"""`muniment compare` and `muniment rules`: the contract engine by itself, on files and on lines, without a server."""

import argparse
import sys
from collections.abc import Iterable
from math import inf
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from adapters.cli.files import Failed
from adapters.contract_engine import ENGINE
from adapters.patterns import Patterns
from adapters.proofs import Validators
from domain.schema.change import Direction, Mode, Verdict
from domain.schema.comparison import Comparison, compare
from domain.schema.inclusion.question import Holds, Inclusion, Terminology, inclusion
from domain.schema.judge import Terms
from domain.schema.rules import RULES
from domain.schema.validity import problems
from domain.values import JSON, Object

COMPATIBLE, BREAKING, CANNOT_JUDGE = 0, 1, 4
_VERDICTS = {Holds.yes: "compatible", Holds.no: "breaking", Holds.unknown: "unknown"}


def run(options: argparse.Namespace) -> int:
    """Compare two files, or pairs of schemas on standard input."""
    if options.lines:
        return _lines(sys.stdin.buffer)
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
    except (msgspec.DecodeError, RecursionError) as error:
        raise Failed(f"{name}: neither JSON nor YAML: {error}", code=2) from None
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
        value = msgspec.yaml.decode(text)
        _check_plain(value, 10 * len(text))
    return value


def _check_plain(value: JSON, most: int) -> None:
    """Raise `DecodeError` unless a YAML value is one of JSON, with aliases no larger than that many parts."""
    pending: list[object] = [value]
    while pending:
        each = pending.pop()
        most -= 1
        if most < 0:
            raise msgspec.DecodeError("aliases that make it many times as large, or endless")
        if isinstance(each, dict):
            pending.extend(each.keys())
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)
        elif not (each is None or isinstance(each, str | int | float)) or each in (inf, -inf) or each != each:
            raise msgspec.DecodeError(f"{each!s} is no JSON value")
        if isinstance(each, dict) and not all(isinstance(name, str) for name in each):
            raise msgspec.DecodeError("names must be texts")


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


def _lines(lines: Iterable[bytes]) -> int:
    """One answer a line: inclusion both ways. A line that fails answers `unknown`, and the rest goes on."""
    for line in lines:
        if line.strip():
            sys.stdout.write(msgspec.json.encode(_answer(line)).decode() + "\n")
            sys.stdout.flush()
    return COMPATIBLE


def _answer(line: bytes) -> dict[str, JSON]:
    """The answer to a line, whatever it is."""
    unknown: dict[str, JSON] = {"id": None, "backward": "unknown", "forward": "unknown", "witness": None}
    try:
        asked = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        return {**unknown, "reason": f"the line is not JSON: {error}"}
    id = asked.get("id") if isinstance(asked, dict) else None
    if not isinstance(asked, dict) or "old" not in asked or "new" not in asked:
        return {**unknown, "id": id, "reason": "the line must be an object with `id`, `old` and `new`"}
    try:
        return {"id": id, **_judged(asked)}
    except Exception as error:  # noqa: BLE001  a fault of ours must not stop the other lines
        return {**unknown, "id": id, "reason": f"failed: {error!r}"}


def _judged(asked: Object) -> Object:
    """Both inclusions of a line. The reason is that of the first that does not hold, as is the witness."""
    old, new, stated = asked["old"], asked["new"], asked.get("dialect")
    terminology = Terminology(dialect=stated if isinstance(stated, str) else "")
    backward, forward = _checked(old, new, terminology), _checked(new, old, terminology)
    broken = next((each for each in (backward, forward) if each.holds is Holds.no), None)
    reason = backward.why or forward.why or None
    if broken:
        reason = _refusal("new" if broken is backward else "old", broken.witness)
    return {
        "backward": _VERDICTS[backward.holds],
        "forward": _VERDICTS[forward.holds],
        "witness": broken.witness if broken else None,
        "reason": reason,
    }


def _refusal(side: str, witness: JSON) -> str:
    other = "old" if side == "new" else "new"
    return f"the {side} schema refuses {msgspec.json.encode(witness).decode()}, which the {other} one accepts"


def _checked(inner: JSON, outer: JSON, terminology: Terminology) -> Inclusion:
    """Whether the one includes the other; a witness that a validator refutes proves nothing."""
    answer = inclusion(inner, outer, Patterns(), terminology)
    if answer.holds is Holds.no and Validators(terminology.dialect).proves(inner, outer, answer.witness) is False:
        return Inclusion(holds=Holds.unknown, why="a validator does not bear out the witness that was found")
    return answer


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
