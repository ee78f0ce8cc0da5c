"""The last word on differences: what the two schemas as a whole show."""

from msgspec.structs import replace

from domain.schema.difference import Difference
from domain.schema.inclusion.answers import Found
from domain.schema.meaning import Meaning


def settled(found: list[Difference], meaning: Meaning) -> list[Difference]:
    """The differences, with those that the schemas as a whole show to be harmless marked so, and with witnesses."""
    for side, name in enumerate(("old", "new")):
        flag, spared = f"refuses_{name}", f"spared_{name}"
        if not any(getattr(each, flag) or getattr(each, spared) for each in found):
            continue
        answer = meaning.shut_out(side)
        proven = meaning.proven(side, answer) if isinstance(answer, Found) else None
        if answer is None or proven is False:
            found = [replace(each, **{flag: False}) for each in found]
        elif not any(getattr(each, flag) for each in found):
            # What spared a difference in one place may not do so in another that shares its definition.
            found = [replace(each, **{flag: getattr(each, spared)}) for each in found]
        if proven is False:
            found.append(_doubtful(side))
        elif proven and isinstance(answer, Found):
            found = _with_witness(found, flag, answer)
    return found


def _doubtful(side: int) -> Difference:
    why = "a validator does not bear out the document that was found"
    return Difference(type="undecidable", steps=(), why=why, refuses_old=side == 0, refuses_new=side == 1)


def _with_witness(found: list[Difference], flag: str, witness: Found) -> list[Difference]:
    member = "witness_" + flag.removeprefix("refuses_")
    return [replace(each, **{member: witness}) if getattr(each, flag) else each for each in found]
