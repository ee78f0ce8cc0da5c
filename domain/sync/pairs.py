"""Two versions of a foreign document, item by item and without a catalog."""

from domain.publishing import OPERATION
from domain.schema.change import Change, Mode
from domain.schema.compare import differences
from domain.schema.judge import Judgement, Terms, judge, removal, undecided
from domain.schema.meaning import Engine
from domain.schema.operations import judge_operation
from domain.sync.spec import AssetSpec, Document


def changes_between(
    old: Document, new: Document, engine: Engine, mode: Mode = Mode.backward
) -> dict[str, tuple[Change, ...]]:
    """What became of each item of the old document that is not as it was, by its id. A gone item is one change."""
    after = {spec.item: spec for spec in new.specs}
    unread = {item: error.message for error in new.errors for item in error.items}
    found: dict[str, tuple[Change, ...]] = {}
    for before in old.specs:
        item = before.item
        if item in after:
            found[item] = _judged(before, after[item], engine, mode).changes
        elif item in unread:
            found[item] = undecided(unread[item], item).changes
        else:
            found[item] = (removal(before.fqn, item),)
    return {item: changes for item, changes in found.items() if changes}


def _judged(old: AssetSpec, new: AssetSpec, engine: Engine, mode: Mode) -> Judgement:
    """As a sync would, of contracts that promise these schemas."""
    if old.schema is None or new.schema is None or old.schema_digest == new.schema_digest:
        return Judgement()
    terms = Terms(mode=mode, direction=new.direction)
    if new.resource_type == OPERATION:
        return judge_operation(old.schema, new.schema, engine, terms, new.item)
    return judge(differences(old.schema, new.schema, engine), terms, new.item)
