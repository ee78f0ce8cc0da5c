"""Semantic versions of contracts (api.md 4.3; the grammar and order are those of semver 2.0.0)."""

import re

import msgspec

from domain.schema.change import ChangeKind

MAX_LENGTH = 50
_NUMBER = r"(?:0|[1-9]\d*)"
_IDENTIFIER = rf"(?:{_NUMBER}|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_GRAMMAR = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?",
    re.ASCII,
)

PATTERN = f"^(?:{_GRAMMAR.pattern})$"


class Version(msgspec.Struct, frozen=True, order=False):
    """A parsed version. `pre` and `build` are empty where there are none."""

    major: int
    minor: int
    patch: int
    pre: str = ""
    build: str = ""

    @property
    def core(self) -> tuple[int, int, int]:
        return (self.major, self.minor, self.patch)

    def precedence(self) -> tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]:
        """A key that orders versions as semver does; build metadata does not count."""
        parts = tuple(
            (not part.isdigit(), int(part) if part.isdigit() else 0, "" if part.isdigit() else part)
            for part in self.pre.split(".")
        )
        return (self.core, not self.pre, parts if self.pre else ())


def parse(text: str) -> Version | None:
    """The version that a text stands for, or None."""
    found = _GRAMMAR.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if found is None:
        return None
    major, minor, patch, pre, build = found.groups()
    return Version(int(major), int(minor), int(patch), pre or "", build or "")


def is_prerelease(text: str) -> bool:
    version = parse(text)
    return version is not None and bool(version.pre)


def suggest(active: str | None, change_type: ChangeKind | None, incompatible: bool) -> str:
    """The version to publish next: `1.0.0` first, then by the size of the change."""
    version = parse(active) if active is not None else None
    if version is None:
        return "1.0.0"
    major, minor, patch = version.core
    if incompatible or change_type is ChangeKind.major:
        return f"{major + 1}.0.0"
    if version.pre:
        return f"{major}.{minor}.{patch}"
    if change_type is ChangeKind.minor:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def objection(active: str, given: str, change_type: ChangeKind) -> str | None:
    """Why `semver_mode=enforce` refuses a given version, or None."""
    before, after = parse(active), parse(given)
    if before is None or after is None or after.precedence() <= before.precedence():
        return f"Version {given} must be greater than the active version {active}."
    if change_type is ChangeKind.major and after.major <= before.major:
        return f"A breaking change requires major version bump: {given} follows {active}."
    # What a pre-release adds belongs to its release, so that the version suggested for it is one that is taken.
    as_before = (after.major, after.minor) <= (before.major, before.minor) and not before.pre
    if change_type is ChangeKind.minor and as_before:
        return f"An addition requires a minor version bump: {given} must be greater than {active} in its minor part."
    return None
