"""Schemas on their own, without the catalog (api.md 3.14): whether one is valid, and how two differ."""

import msgspec

from adapters.catalog import Catalog
from adapters.contract_engine import ENGINE
from adapters.http.call import Answer, Call
from adapters.http.schemas import require_valid, within_limits
from adapters.http.service import Question
from domain.schema.change import Change, ChangeKind, Mode
from domain.schema.compare import differences
from domain.schema.judge import Terms, judge
from domain.schema.validity import limit_problems, problems
from domain.values import Object


class Validity(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a schema could be published, and why not."""

    valid: bool
    errors: list[str]


class Schemas(msgspec.Struct, frozen=True, kw_only=True):
    """Two schemas to compare."""

    old: Object
    new: Object
    compatibility_mode: Mode = Mode.backward


class SchemaDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What differs, judged without the policies for contracts of assets."""

    change_type: ChangeKind
    is_compatible: bool
    breaking_changes: tuple[Change, ...]
    all_changes: tuple[Change, ...]


def validate(call: Call) -> Question:
    """`POST /schemas/validate`: the body is the schema itself."""
    schema = call.json(Object)

    def question(_: Catalog) -> Answer:
        errors = limit_problems(schema) or problems(schema)
        return Answer(body=msgspec.json.encode(Validity(valid=not errors, errors=errors)))

    return question


def diff(call: Call) -> Question:
    """`POST /schemas/diff`."""
    body = call.json(Schemas)
    within_limits(body.old, "body.old")
    within_limits(body.new, "body.new")

    def question(_: Catalog) -> Answer:
        require_valid(body.old)
        require_valid(body.new)
        judgement = judge(differences(body.old, body.new, ENGINE), Terms(mode=body.compatibility_mode, policies=False))
        found = SchemaDiff(
            change_type=judgement.change_type,
            is_compatible=judgement.compatible,
            breaking_changes=judgement.breaking,
            all_changes=judgement.changes,
        )
        return Answer(body=msgspec.json.encode(found))

    return question
