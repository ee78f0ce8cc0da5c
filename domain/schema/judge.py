"""From differences to verdicts: who must keep working, and what that makes of each difference (api.md 4.4)."""

from collections import Counter

import msgspec
from msgspec.structs import replace

from domain.schema.canonical import digest
from domain.schema.change import Change, ChangeKind, Direction, Mode, Verdict
from domain.schema.difference import Difference
from domain.schema.inclusion.answers import Found
from domain.schema.rules import RULES
from domain.schema.versions import parse
from domain.schema.wording import sentence
from domain.values import JSON, Object

# The direction of what stands below these members, whatever that of the schema is.
_PARTS = {"x-graphql-arguments": Direction.accepted, "x-graphql-directives": Direction.accepted}
# What GraphQL clients may stumble over although nothing that they send is refused.
_RISKY_TO_WRITERS = frozenset({"property_added", "default_added", "default_removed", "default_changed"})
# What neither side refuses, and yet may change what consumers see.
_RISKY = frozenset({"type_undeclared", "directive_use_added", "directive_use_removed"})
_POLICIES = frozenset({"type_declared", "version_stamp_changed"})


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """By what to judge: mode, direction, and the policies for contracts of dbt assets (`dbt`, `strict`)."""

    mode: Mode
    direction: Direction | None = None
    dbt: bool = False
    strict: bool = False
    policies: bool = True


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """All changes with their verdicts, and the step of the version that they ask for.

    `major` has the fingerprints of the changes that break in the `backward` sense, whatever the mode is.
    """

    changes: tuple[Change, ...] = ()
    change_type: ChangeKind = ChangeKind.patch
    major: frozenset[str] = frozenset()

    @property
    def breaking(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.incompatible)

    @property
    def compatible(self) -> bool:
        return not self.breaking

    def without(self, other: "Judgement") -> "Judgement | None":
        """What this judgement has beyond the other; None where nothing remains."""
        known = {change.fingerprint for change in other.changes}
        rest = tuple(change for change in self.changes if change.fingerprint not in known)
        return replace(self, changes=rest, change_type=_kind(rest, self.major)) if rest else None


def judge(differences: tuple[Difference, ...], terms: Terms, subject: str = "") -> Judgement:
    """Judge differences. `subject` names the asset, for fingerprints."""
    constants = any(difference.type == "const_changed" for difference in differences)
    inside = Counter(d.steps[:n] for d in differences if constants for n in range(len(d.steps) + 1))
    named = _as_declared([_by_policy(d, terms, alone=inside[d.steps[:-1]] == 1) for d in differences])
    found = [_change(difference, terms, subject) for difference in named]
    alike, backward = terms.mode is Mode.backward, replace(terms, mode=Mode.backward)
    grave = (Verdict.breaking, Verdict.unknown)
    # What a change is known by does not depend on the mode.
    major = frozenset(
        change.fingerprint
        for difference, change in zip(named, found, strict=True)
        if (change.verdict if alike else _verdict(difference, backward)) in grave
    )
    changes = _sorted(found)
    return Judgement(changes=changes, change_type=_kind(changes, major), major=major)


def _kind(changes: tuple[Change, ...], major: frozenset[str]) -> ChangeKind:
    if any(change.fingerprint in major for change in changes):
        return ChangeKind.major
    small = all(RULES[change.type].kind is ChangeKind.patch for change in changes if change.type in RULES)
    return ChangeKind.patch if small else ChangeKind.minor


def _sorted(changes: list[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: (change.path, change.type, change.pointer, str(change.old_value))))


def _by_policy(difference: Difference, terms: Terms, *, alone: bool) -> Difference:
    """The name that a policy gives to a difference, or the difference as it is.

    `alone` tells that nothing else differs in the schema that states it.
    """
    if not terms.policies:
        return difference
    if difference.type == "const_changed" and alone and _is_version(difference.old) and _is_version(difference.new):
        return replace(difference, type="version_stamp_changed")
    if not terms.dbt:
        return difference
    column = len(difference.steps) == 2 and difference.steps[0] == "properties"
    if difference.type == "type_narrowed" and difference.old is None and column:
        return replace(difference, type="type_declared")
    if difference.type == "required_removed" and difference.steps == ("required",):
        return replace(difference, type="not_null_removed")
    if difference.type == "type_widened" and difference.new is None and column:
        return replace(difference, type="type_undeclared")
    return difference


def _as_declared(differences: list[Difference]) -> list[Difference]:
    """Differences without those that are part of a type just declared: its `format`, and the type of its `items`."""
    declared = {d.steps for d in differences if d.type == "type_declared"}
    return [d for d in differences if not (d.steps[:2] in declared and _is_part_of_type(d))]


def _is_part_of_type(difference: Difference) -> bool:
    *inner, last = difference.steps[2:] or ("",)
    stated = difference.old is None and difference.refuses_old and not difference.refuses_new
    return stated and last in ("format", "items") and all(step == "items" for step in inner)


def _is_version(value: JSON) -> bool:
    return isinstance(value, str) and parse(value) is not None


def _verdict(difference: Difference, terms: Terms) -> Verdict:
    if terms.mode is Mode.none or difference.type in _POLICIES:
        return Verdict.safe
    if difference.type == "not_null_removed":
        return Verdict.breaking if terms.strict or terms.mode is Mode.full else Verdict.risky
    if terms.mode is Mode.full:
        both = {_one_way(difference, terms, Mode.backward), _one_way(difference, terms, Mode.forward)}
        if both == {Verdict.safe}:
            return Verdict.safe
        return Verdict.unknown if Verdict.unknown in both else Verdict.breaking
    return _one_way(difference, terms, terms.mode)


def _one_way(difference: Difference, terms: Terms, mode: Mode) -> Verdict:
    """The verdict under `backward` or `forward`."""
    direction = _PARTS.get(difference.steps[0] if difference.steps else "", terms.direction)
    backward, produced = mode is Mode.backward, direction is Direction.produced
    grown = difference.grows or difference.type == "enum_values_added"
    if difference.type == "directive_use_removed" and difference.old == "@oneOf" and mode is Mode.backward:
        # It asked for one of several; what callers sent under it is taken as before.
        return Verdict.safe
    if (difference.type in _RISKY and not difference.refuses_old) or (grown and produced and backward):
        return Verdict.risky
    if difference.written and difference.type in _RISKY_TO_WRITERS and not difference.refuses_old:
        return Verdict.risky
    if difference.type == "property_removed" and backward:
        by_name = direction is not Direction.accepted or difference.refuses_old
        return Verdict.breaking if by_name else Verdict.risky
    reader_refuses = difference.refuses_new if backward == produced else difference.refuses_old
    if reader_refuses:
        return Verdict.unknown if difference.type == "undecidable" else Verdict.breaking
    widened = difference.refuses_new and direction is None and backward and difference.type != "property_added"
    return Verdict.risky if widened else Verdict.safe


def _change(difference: Difference, terms: Terms, subject: str) -> Change:
    rule, pointer, verdict = RULES[difference.type], difference.pointer, _verdict(difference, terms)
    witness = _shown(difference, terms) if verdict is Verdict.breaking else None
    return Change(
        type=difference.type,
        path=difference.path,
        message=sentence(difference, rule.sentence),
        old_value=difference.old,
        new_value=difference.new,
        pointer=pointer,
        rule=rule.id,
        verdict=verdict,
        witness=None if witness is None else witness.value,
        fingerprint=fingerprint(subject, rule.id, pointer, difference.old, difference.new),
    )


def witness_of(difference: Difference, terms: Terms) -> Found | None:
    """The document that shows the break to those whom the mode protects, if it is one."""
    return _shown(difference, terms) if _verdict(difference, terms) is Verdict.breaking else None


def _shown(difference: Difference, terms: Terms) -> Found | None:
    """The document that a breaking difference shuts out."""
    backward = terms.mode is not Mode.forward
    new_first = backward == (terms.direction is Direction.produced)
    both = (difference.witness_new, difference.witness_old)
    first, second = both if new_first else reversed(both)
    return second if first is None and terms.mode is Mode.full else first


def fingerprint(subject: str, *parts: JSON) -> str:
    """The digest of asset, rule, path (as a pointer, so that no two places share one), before and after."""
    return digest([subject, *parts])


def combine(judgement: Judgement, changes: tuple[Change, ...]) -> Judgement:
    """A judgement with more changes, which weigh as they say."""
    if not changes:
        return judgement
    major = judgement.major.union(change.fingerprint for change in changes if change.incompatible)
    kind = ChangeKind.major if any(change.incompatible for change in changes) else judgement.change_type
    return Judgement(changes=_sorted([*judgement.changes, *changes]), change_type=kind, major=major)


def joined(judgements: list[Judgement]) -> Judgement:
    """What several judgements of one contract say together."""
    kinds = {each.change_type for each in judgements if each.changes}
    weight = (ChangeKind.major, ChangeKind.minor, ChangeKind.patch)
    return Judgement(
        changes=_sorted([change for each in judgements for change in each.changes]),
        change_type=next((kind for kind in weight if kind in kinds), ChangeKind.patch),
        major=frozenset[str]().union(*(each.major for each in judgements)),
    )


def with_types_undeclared(judgement: Judgement, columns: tuple[str, ...], subject: str, mode: Mode) -> Judgement:
    """A judgement with a `type_undeclared` for each column whose declared type went (api.md 2.5)."""
    if not columns:
        return judgement
    terms = Terms(mode=mode, direction=Direction.produced, dbt=True)
    gone = tuple(Difference(type="type_undeclared", steps=("properties", name)) for name in columns)
    extra = judge(gone, terms, subject)
    kind = judgement.change_type if judgement.change_type is ChangeKind.major else ChangeKind.minor
    changes = _sorted([*judgement.changes, *extra.changes])
    return Judgement(changes=changes, change_type=kind, major=judgement.major)


def removal(fqn: str, subject: str, *, announced: bool = False) -> Change:
    """The change that a removed asset is: breaking in every mode, risky after the day that was announced for it."""
    shown: Object = {"fqn": fqn}
    return Change(
        type="asset_removed",
        path="",
        message=RULES["asset_removed"].sentence.format(name=fqn),
        old_value=shown,
        pointer="",
        rule="asset_removed",
        verdict=Verdict.risky if announced else Verdict.breaking,
        fingerprint=fingerprint(subject, "asset_removed", "", shown, None),
    )


def undecided(why: str, subject: str) -> Judgement:
    """The judgement of a schema that could not be read: nothing is known, which counts as breaking."""
    blind = Difference(type="undecidable", steps=(), why=why, refuses_old=True, refuses_new=True)
    return judge((blind,), Terms(mode=Mode.backward), subject)
