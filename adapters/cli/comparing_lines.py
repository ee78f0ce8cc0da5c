"""`muniment compare --lines`: pairs of schemas or of whole documents on standard input, one answer a line."""

import sys
from collections.abc import Iterable

import msgspec

from adapters.contract_engine import ENGINE
from adapters.duplicates import repeated_key
from adapters.patterns import Patterns
from adapters.proofs import Validators
from adapters.sources import graphql, openapi
from adapters.sources.errors import InvalidDocument
from domain.schema.change import Mode, Verdict
from domain.schema.inclusion.question import Holds, Inclusion, Terminology, inclusion
from domain.sync.pairs import changes_between
from domain.sync.spec import Document
from domain.values import JSON, Object

_VERDICTS = {Holds.yes: "compatible", Holds.no: "breaking", Holds.unknown: "unknown"}


def answered(lines: Iterable[bytes]) -> int:
    """One answer a line, both ways. A line that fails answers `unknown`, and the rest goes on. Returns exit code 0."""
    for line in lines:
        if line.strip():
            sys.stdout.write(msgspec.json.encode(_answer(line)).decode() + "\n")
            sys.stdout.flush()
    return 0


def _answer(line: bytes) -> Object:
    """The answer to a line, whatever it is."""
    unknown: Object = {"id": None, "backward": "unknown", "forward": "unknown", "witness": None}
    try:
        asked = msgspec.json.decode(line)
        repeated = repeated_key(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return {**unknown, "reason": f"the line is not JSON: {error}"}
    id = asked.get("id") if isinstance(asked, dict) else None
    if not isinstance(asked, dict) or "old" not in asked or "new" not in asked:
        return {**unknown, "id": id, "reason": "the line must be an object with `id`, `old` and `new`"}
    if repeated:
        return {**unknown, "id": id, "reason": f"the line cannot be understood: {repeated}"}
    try:
        return {"id": id, **(_of_documents(asked) if asked.get("kind") in _READERS else _of_schemas(asked))}
    except InvalidDocument as error:
        return {**unknown, "id": id, "reason": f"a document is unusable: {error}"}
    except Exception as error:  # noqa: BLE001  a fault of ours must not stop the other lines
        return {**unknown, "id": id, "reason": f"failed: {error!r}"}


def _of_schemas(asked: Object) -> Object:
    """Both inclusions of a line. The witness is that of the first that does not hold; the reasons are of both."""
    old, new, stated = asked["old"], asked["new"], asked.get("dialect")
    terminology = Terminology(dialect=stated if isinstance(stated, str) else "")
    backward, forward = _checked(old, new, terminology), _checked(new, old, terminology)
    ways = (("new", "old", backward), ("old", "new", forward))
    reasons = [_reason(*way) for way in ways if way[2].holds is not Holds.yes]
    return {
        "backward": _VERDICTS[backward.holds],
        "forward": _VERDICTS[forward.holds],
        "witness": next((each.witness for _, _, each in ways if each.holds is Holds.no), None),
        "reason": "; ".join(reasons) or None,
    }


def _reason(refusing: str, accepting: str, answer: Inclusion) -> str:
    if answer.holds is Holds.unknown:
        return answer.why
    shown = msgspec.json.encode(answer.witness).decode()
    return f"the {refusing} schema refuses {shown}, which the {accepting} one accepts"


def _checked(inner: JSON, outer: JSON, terminology: Terminology) -> Inclusion:
    """Whether the one includes the other; a witness that a validator refutes proves nothing."""
    answer = inclusion(inner, outer, Patterns(), terminology)
    if answer.holds is Holds.no and Validators(terminology.dialect).proves(inner, outer, answer.witness) is False:
        return Inclusion(holds=Holds.unknown, why="a validator does not bear out the witness that was found")
    return answer


def _openapi(value: JSON) -> Document:
    return openapi.read(msgspec.json.encode(value), openapi.Naming("api", "api"))


def _graphql(value: JSON) -> Document:
    return graphql.read(value if isinstance(value, str) else "{", key="graphql", prefix="graphql")


_READERS = {"openapi": _openapi, "graphql": _graphql}


def _of_documents(asked: Object) -> Object:
    """What becomes of the items of a document, under both modes, as a diff has it. Raises `InvalidDocument`."""
    read = _READERS[str(asked["kind"])]
    old, new = read(asked["old"]), read(asked["new"])
    answer: Object = {"witness": None, "reason": None}
    for mode in (Mode.forward, Mode.backward):
        changes = [each for found in changes_between(old, new, ENGINE, mode).values() for each in found]
        breaks = [change for change in changes if change.incompatible]
        proven = any(change.verdict is Verdict.breaking for change in breaks)
        answer[mode.value] = "breaking" if proven else "unknown" if breaks else "compatible"
        answer["reason"] = breaks[0].message if breaks else answer["reason"]
    return answer
