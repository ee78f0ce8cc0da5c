"""The whole answer of a comparison: one verdict, the changes that explain it, and the version that they ask for."""

import msgspec

from domain.schema.change import Change, ChangeKind, Verdict
from domain.schema.compare import differences
from domain.schema.judge import Terms, judge
from domain.schema.meaning import Engine
from domain.values import JSON

_WEIGHT = (Verdict.breaking, Verdict.unknown, Verdict.risky, Verdict.safe)


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`verdict` is that of the gravest change, `safe` without any. `step` is null where nothing changed."""

    verdict: Verdict
    step: ChangeKind | None
    changes: tuple[Change, ...]
    witness: JSON = None


def compare(old: JSON, new: JSON, engine: Engine, terms: Terms) -> Comparison:
    """Compare two schemas under a mode and a direction."""
    judgement = judge(differences(old, new, engine), terms)
    changes, found = judgement.changes, {change.verdict for change in judgement.changes}
    verdict = next((each for each in _WEIGHT if each in found), Verdict.safe)
    step = judgement.change_type if judgement.compatible else ChangeKind.major
    witness = next((change.witness for change in changes if change.witness is not None), None)
    return Comparison(verdict=verdict, step=step if changes else None, changes=changes, witness=witness)
