"""Planted faults: each is a small textual change of a copy of the tree, and the tests named must fail on that copy.

Run by `scripts/mutants`; words as arguments pick faults by name. The tree is never touched. A fault
whose text is no longer there, or whose tests fail without it, ends the run: neither would prove anything.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "*_cache", "__pycache__")


class Fault(msgspec.Struct, frozen=True):
    """What is broken, where, how, and the tests that have to notice."""

    name: str
    file: str
    old: str
    new: str
    tests: str


VIEWS = "tests/projections/test_views.py"
ROUNDS = "tests/faults/concurrency/test_rounds.py::test_some_order_explains_what_eight_clients_at_once_are_told[sqlite]"
FAULTS = (
    Fault(
        "fold: a deprecated contract stays active in the view",
        "projections/contracts.py",
        'return msgspec.structs.replace(body, status="deprecated")',
        "return body",
        VIEWS,
    ),
    Fault(
        "fold: a restored team stays deleted",
        "projections/teams.py",
        "(row.deleted and not isinstance(event, TeamRestored))",
        "row.deleted",
        VIEWS,
    ),
    Fault(
        "fold: a superseded proposal forgets by which",
        "projections/proposals.py",
        "superseded_by=event.superseded_by)",
        "superseded_by=None)",
        VIEWS,
    ),
    Fault(
        "engine: what several appends of a batch did to one row becomes one row",
        "projections/engine.py",
        "if key in began and began[key] != event.end and",
        "if False and",
        VIEWS,
    ),
    Fault(
        "engine: a replaced row does not end",
        "projections/engine.py",
        "closed = [key for key, row in before.items() if row is not None]",
        "closed: list[str] = []",
        VIEWS,
    ),
    Fault(
        "log: times may run backwards",
        "adapters/log/batches.py",
        "at = batch.at if last is None or last < batch.at else last",
        "at = batch.at",
        VIEWS,
    ),
    Fault(
        "log: versions of streams relied on are not checked",
        "adapters/log/batches.py",
        "if reached.get(stream, -1) != version:",
        "if False:",
        "tests/adapters/log/test_batches.py",
    ),
    Fault(
        "log: a hole in the versions of a stream is accepted",
        "adapters/log/batches.py",
        "if proposed.version != reached.get(proposed.stream, -1) + 1:",
        "if proposed.version <= reached.get(proposed.stream, -1):",
        "tests/adapters/log/test_batches.py",
    ),
    Fault(
        "codec: a member that is missing stops the log from being read",
        "adapters/log/codec.py",
        "except msgspec.ValidationError:",
        "except ZeroDivisionError:",
        "tests/adapters/log/test_stored_events.py",
    ),
    Fault(
        "log: what an event says otherwise than its append is left out",
        "adapters/log/sharing.py",
        "if values(event) == common:",
        "if True:",
        "tests/adapters/log/test_sharing.py",
    ),
    Fault(
        "planner: the same document again writes its edges again",
        "domain/sync/edges.py",
        "if (upstream_id, type) not in standing:",
        "if True:",
        "tests/domain/sync/test_planner.py",
    ),
    Fault(
        "planner: a proposal of the same change is opened again",
        "domain/sync/contracts.py",
        "if same is not None and _settled_by(made, item, draft, same):",
        "if False:",
        "tests/domain/sync/test_planner.py",
    ),
    Fault(
        "planner: what people added to the metadata goes with the next sync",
        "domain/sync/merge.py",
        "if key not in new and key not in base:",
        "if False:",
        "tests/domain/sync/test_merge.py",
    ),
    Fault(
        "proposals: approved although a required consumer has not answered",
        "domain/proposals.py",
        "if agreed and asset.required_consumers <= agreed:",
        "if agreed:",
        "tests/domain/test_proposals.py",
    ),
    Fault(
        "schema: 1 and true are one value",
        "domain/schema/canonical.py",
        "return one == other and (canonical(one) == canonical(other) or value_key(one) == value_key(other))",
        "return one == other",
        "tests/domain/schema/test_compare.py",
    ),
    Fault(
        "rebuild: rows of a view that the log does not have go unreported",
        "adapters/views.py",
        "for id, began in sorted(lost | extra):",
        "for id, began in sorted(lost):",
        "tests/adapters/test_views.py",
    ),
    Fault(
        "rounds: a team registers twice",
        "domain/registrations.py",
        "if any(r.consumer_team_id == team.id for r in state.registrations):",
        "if False:",
        ROUNDS,
    ),
    Fault(
        "rounds: a team answers a proposal twice",
        "domain/answering.py",
        "if any(a.consumer_team_id == team for a in proposal.acknowledgments):",
        "if False:",
        ROUNDS,
    ),
    Fault(
        "rounds: the first who agrees decides",
        "domain/proposals.py",
        "if agreed and asset.required_consumers <= agreed:",
        "if agreed:",
        ROUNDS,
    ),
    Fault(
        "rounds: a deleted asset leaves its proposals open",
        "domain/curation.py",
        "return [*withdraw_open(state), e.AssetDeleted()]",
        "return [e.AssetDeleted()]",
        ROUNDS,
    ),
    Fault(
        "rounds: two proposals of one asset are pending",
        "domain/manual_publishing.py",
        "if case.asset.pending_proposal is not None:",
        "if False:",
        ROUNDS,
    ),
    Fault(
        "rounds: an approved proposal is published over another version",
        "domain/answering.py",
        "if (active.id if active else None) != proposal.base_contract_id:",
        "if False:",
        ROUNDS,
    ),
    Fault(
        "rounds: a state that is kept is not compared with the log",
        "adapters/catalog.py",
        "return kept is not None and kept.version == version",
        "return kept is not None",
        ROUNDS,
    ),
    Fault(
        "rounds: reads show what was so before",
        "adapters/http/app.py",
        "            as_of=head,",
        "            as_of=max(0, head - 1),",
        ROUNDS,
    ),
    Fault(
        "rounds: an answer names another position",
        "adapters/http/service.py",
        "answers.append(msgspec.structs.replace(answer, position=reached))",
        "answers.append(msgspec.structs.replace(answer, position=reached - 1))",
        ROUNDS,
    ),
    Fault(
        "rounds: a conflict is answered as if it had been written",
        "adapters/catalog.py",
        "                continue\n",
        "                recorded = ()\n",
        ROUNDS,
    ),
)


def _passes(tree: Path, tests: str) -> bool:
    """Whether the tests pass on that tree. Anything but a failed test (a broken import, a fixture) ends the run."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"--basetemp={tree}.tmp", tests]
    done = subprocess.run(
        command, cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, capture_output=True, text=True
    )
    if done.returncode not in (0, 1) or (done.returncode == 1 and " failed" not in done.stdout):
        sys.exit(f"{tests} could not be run:\n{done.stdout}{done.stderr}")
    return done.returncode == 0


def _planted(fault: Fault, tree: Path) -> None:
    file = tree / fault.file
    text = file.read_text()
    if text.count(fault.old) != 1:
        sys.exit(f"{fault.name}: {fault.file} has {text.count(fault.old)} places that read {fault.old!r}")
    file.write_text(text.replace(fault.old, fault.new))


def main(names: list[str]) -> int:
    """Print a table of faults and what caught them; 1 if one was not caught."""
    wanted = [fault for fault in FAULTS if not names or any(name in fault.name for name in names)]
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "sound"
        shutil.copytree(ROOT, sound, ignore=LEFT_OUT)
        for tests in sorted({fault.tests for fault in wanted}):
            if not _passes(sound, tests):
                sys.exit(f"{tests} fails without any fault")
        for number, fault in enumerate(wanted, start=1):
            tree = Path(folder) / f"fault{number}"
            shutil.copytree(sound, tree, ignore=LEFT_OUT)
            _planted(fault, tree)
            caught = not _passes(tree, fault.tests)
            missed += not caught
            print(f"{number:2}  {'caught' if caught else 'MISSED'}  {fault.name}  ({fault.tests})", flush=True)
    print(f"{len(wanted) - missed} of {len(wanted)} faults were caught.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
