"""Semantic versions (api.md 4.3)."""

import pytest

from domain.schema.change import ChangeKind
from domain.schema.versions import objection, parse, suggest

MAJOR, MINOR, PATCH = ChangeKind.major, ChangeKind.minor, ChangeKind.patch


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0",
        "1.0.0",
        "10.20.30",
        "1.0.0-alpha",
        "1.0.0-beta.1",
        "1.0.0-rc.1",
        "1.0.0+build.123",
        "1.0.0-0a+0",
        "1.0.0--",
    ],
)
def test_versions(text: str) -> None:
    assert parse(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.00.0", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "1.0.0+",
        "1.0.0+a..b", " 1.0.0", "1.0.0\n", "1.0.0-ä", "١.0.0", "-1.0.0", "1.0.0+" + "b" * 45,
    ],
)  # fmt: skip
def test_no_versions(text: str) -> None:
    assert parse(text) is None


def test_order_is_that_of_semver() -> None:
    ordered = [
        "0.9.9", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
        "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "2.0.0", "10.0.0",
    ]  # fmt: skip
    keys = [version.precedence() for version in map(parse, ordered) if version]
    assert keys == sorted(keys) and len(set(keys)) == len(ordered)


@pytest.mark.parametrize(
    ("active", "kind", "incompatible", "version"),
    [
        (None, None, False, "1.0.0"),
        ("1.2.3", MAJOR, True, "2.0.0"),
        ("1.2.3", MAJOR, False, "2.0.0"),
        ("1.2.3", MINOR, True, "2.0.0"),
        ("1.2.3", MINOR, False, "1.3.0"),
        ("1.2.3", PATCH, False, "1.2.4"),
        ("1.2.3", None, False, "1.2.4"),
        ("0.1.0", MAJOR, True, "1.0.0"),
        ("2.0.0-rc.1", None, False, "2.0.0"),
        ("2.0.0-rc.1", MINOR, False, "2.0.0"),
        ("2.0.0-rc.1", MAJOR, True, "3.0.0"),
        ("1.2.3+build", PATCH, False, "1.2.4"),
    ],
)
def test_the_version_suggested(active: str | None, kind: ChangeKind | None, incompatible: bool, version: str) -> None:
    assert suggest(active, kind, incompatible) == version
    if active is not None:
        assert objection(active, version, MAJOR if incompatible else kind or PATCH) is None


@pytest.mark.parametrize(
    ("active", "given", "kind", "words"),
    [
        ("1.2.3", "1.2.3", PATCH, "must be greater than"),
        ("1.2.3", "1.2.3+other", PATCH, "must be greater than"),
        ("1.2.3", "1.2.3-rc", PATCH, "must be greater than"),
        ("1.2.3", "1.2.4", PATCH, None),
        ("1.2.3", "1.2.4", MINOR, "must be greater than"),
        ("1.2.3", "1.3.0", MINOR, None),
        ("1.2.3", "2.0.0", MINOR, None),
        ("1.2.3", "1.9.0", MAJOR, "requires major version bump"),
        ("1.2.3", "2.0.0", MAJOR, None),
        ("1.2.3", "4.0.0-alpha", MAJOR, None),
        ("1.3.0-rc.1", "1.3.0", MINOR, None),
        ("1.3.0-rc.1", "1.3.0", MAJOR, "requires major version bump"),
    ],
)
def test_what_enforcing_refuses(active: str, given: str, kind: ChangeKind, words: str | None) -> None:
    why = objection(active, given, kind)
    assert why is None if words is None else why is not None and words in why
