"""How many of the breaking verdicts on the shared vectors have a reason, and a witness that a validator bears out.

`python -m tests.hunting.shares VECTORS -- COMMAND…` asks the command as `score.py` does, each direction by itself.
`explained` counts those for which the list of changes, too, has one that breaks: all but where a new optional property
is safe by name (api.md 4.4).
"""

import json
import logging
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapters.contract_engine import ENGINE
from adapters.proofs import Validators
from domain.schema.change import Direction, Mode
from domain.schema.comparison import compare
from domain.schema.judge import Terms
from tests.hunting.pools import document_at

COLUMNS = ("breaking", "reason", "witness", "explained")
# Pure inclusion: what old documents may hold, and no rule that goes by name.
_INCLUSION = Terms(mode=Mode.backward, direction=Direction.accepted, policies=False)


def questions(cases: list[Any]) -> Iterator[dict[str, Any]]:
    """One line for each direction that has a label: is all that `old` accepts accepted by `new`?"""
    for case in cases:
        if case["kind"] != "jsonschema":
            continue
        sides = {"backward": (case["old"], case["new"]), "forward": (case["new"], case["old"])}
        for direction, (old, new) in sides.items():
            if case["expect"].get(direction) is not None:
                id, dialect = f"{case['id']}:{direction}", case["origin"].get("draft")
                yield {"id": id, "old": old, "new": new, **({"dialect": dialect} if dialect else {})}


def counted(asked: list[dict[str, Any]], answers: list[dict[str, Any]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for question, answer in zip(asked, answers, strict=True):
        assert answer["id"] == question["id"]
        if answer["backward"] != "breaking":
            continue
        found["breaking"] += 1
        found["reason"] += bool(answer["reason"])
        proofs = Validators(question.get("dialect", ""))
        found["witness"] += proofs.proves(question["old"], question["new"], answer["witness"]) is True
        found["explained"] += _is_explained(question)
    return found


def _in_dialect(schema: Any, dialect: str | None) -> Any:
    return {"$schema": dialect, **schema} if dialect and isinstance(schema, dict) else schema


def _is_explained(question: dict[str, Any]) -> bool:
    old, new = (_in_dialect(question[side], question.get("dialect")) for side in ("old", "new"))
    found = compare(old, new, ENGINE, _INCLUSION)
    return any(change.incompatible and change.message for change in found.changes)


def main() -> int:
    """Print the table, and 1 if a breaking verdict has no reason or too few have a witness that holds."""
    vectors, command = Path(sys.argv[1]), sys.argv[3:]
    logging.disable(logging.WARNING)
    table: dict[str, Counter[str]] = {}
    for path in sorted(vectors.glob("*/dev.json*")):
        asked = list(questions(document_at(path)["cases"]))
        if asked:
            lines = "\n".join(map(json.dumps, asked)).encode()
            done = subprocess.run(command, input=lines, capture_output=True, check=True)
            table[path.parent.name] = counted(asked, [json.loads(line) for line in done.stdout.splitlines()])
    table["total"] = sum(table.values(), Counter())
    print(f"\n{'source':26}" + "".join(f"{name:>12}" for name in COLUMNS))
    for source, row in table.items():
        print(f"{source:26}" + "".join(f"{row[name]:12}" for name in COLUMNS))
    total = table["total"]
    share = {name: total[name] / total["breaking"] for name in COLUMNS}
    print(f"of the breaking ones {share['reason']:.1%} have a reason and {share['witness']:.1%} a checked witness")
    return int(total["reason"] < total["breaking"] or total["witness"] < 0.9 * total["breaking"])


if __name__ == "__main__":
    sys.exit(main())
