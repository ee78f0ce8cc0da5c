"""What a rule of comparison is."""

from enum import StrEnum

import msgspec

from domain.schema.change import ChangeKind
from domain.values import JSON


class Subject(StrEnum):
    """What an example shows two of."""

    schema = "schema"
    dbt_asset = "schema of a dbt asset"
    operation = "schema of an operation"
    asset = "asset"
    guarantees = "guarantees"


class Example(msgspec.Struct, frozen=True):
    """The smallest pair that shows a rule, with its verdicts under `backward` and `forward`.

    A guarantee that promises less is `risky`, and breaking under `guarantee_mode=strict`.
    """

    old: JSON
    new: JSON
    backward: str
    forward: str
    of: Subject = Subject.schema


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of difference. `sentence` is formatted by `wording` with `name`, `keyword`, `old`, `new` and the like.

    `advice` says how to avoid a break.
    """

    id: str
    kind: ChangeKind
    sentence: str
    advice: str = ""
    example: Example
