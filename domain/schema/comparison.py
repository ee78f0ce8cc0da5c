"""The whole answer of a comparison: one verdict, the changes that explain it, and the version that they ask for."""

import msgspec
from msgspec.structs import asdict, replace

from domain.schema.change import Change, ChangeKind, Mode, Verdict
from domain.schema.compare import differences
from domain.schema.difference import Difference, pointer_of
from domain.schema.inclusion.contents import ANNOTATIONS
from domain.schema.inclusion.references import Document
from domain.schema.judge import Terms, judge, witness_of
from domain.schema.meaning import Engine
from domain.schema.opening import speaks
from domain.schema.rules import RULES
from domain.values import JSON

_WEIGHT = (Verdict.breaking, Verdict.unknown, Verdict.risky, Verdict.safe)
_STRUCTURE = frozenset("$id id $anchor $dynamicAnchor $recursiveAnchor $defs definitions".split())


class Finding(Change, frozen=True, kw_only=True):
    """A change with all that is known of it: the verdict in either mode, and where it stands in either document.

    A pointer is null where the document has nothing there. `suggestion` says how to avoid the break, or is empty.
    """

    backward: Verdict
    forward: Verdict
    old_pointer: str | None
    new_pointer: str | None
    suggestion: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A keyword that says nothing in the dialect of its document (`old` or `new`), and so was not judged."""

    keyword: str
    document: str
    pointer: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`verdict` is that of the gravest change, `safe` without any. `step` is null where nothing changed.

    `witnessed` tells a witness that is the value null from none.
    """

    verdict: Verdict
    step: ChangeKind | None
    changes: tuple[Finding, ...]
    witness: JSON = None
    witnessed: bool = False
    notes: tuple[Note, ...] = ()


def compare(old: JSON, new: JSON, engine: Engine, terms: Terms) -> Comparison:
    """Compare two schemas under a mode and a direction."""
    found = differences(old, new, engine, pointers=True)
    judgement = judge(found, terms)
    changes = _findings(judgement.changes, found, terms)
    verdicts = {change.verdict for change in changes}
    step = judgement.change_type if judgement.compatible else ChangeKind.major
    shown = next((each for each in (witness_of(difference, terms) for difference in found) if each is not None), None)
    return Comparison(
        verdict=next((each for each in _WEIGHT if each in verdicts), Verdict.safe),
        step=step if changes else None,
        changes=changes,
        witness=None if shown is None else shown.value,
        witnessed=shown is not None,
        notes=(*_notes(old, "old"), *_notes(new, "new")),
    )


def _findings(changes: tuple[Change, ...], found: tuple[Difference, ...], terms: Terms) -> tuple[Finding, ...]:
    # Every mode sorts the changes in the same way.
    backward, forward = (judge(found, replace(terms, mode=mode)).changes for mode in (Mode.backward, Mode.forward))
    places = {each.pointer: (each.old_pointer, each.new_pointer) for each in found}
    return tuple(
        Finding(
            **asdict(change),
            backward=one.verdict,
            forward=other.verdict,
            old_pointer=places[change.pointer][0],
            new_pointer=places[change.pointer][1],
            suggestion=RULES[change.rule].advice if change.incompatible else "",
        )
        for change, one, other in zip(changes, backward, forward, strict=True)
    )


def _notes(schema: JSON, name: str) -> list[Note]:
    document = Document(schema)
    return sorted(
        (
            Note(keyword=keyword, document=name, pointer=pointer_of((*place.steps, keyword)))
            for value, place in document.schemas()
            for keyword in value
            if not _is_known(keyword) or keyword not in document.known(value)
        ),
        key=lambda note: note.pointer,
    )


def _is_known(keyword: str) -> bool:
    return speaks(keyword) or keyword in ANNOTATIONS or keyword in _STRUCTURE or keyword.startswith("x-")
