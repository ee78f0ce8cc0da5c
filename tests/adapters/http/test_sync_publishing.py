"""Publishing inside a sync, and what becomes of proposals (api.md 2.3, 4.2, 4.4)."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.events import (
    Acknowledgment,
    ProposalAcknowledged,
    ProposalApproved,
    ProposalExpired,
    ProposalRejected,
    ProposalWithdrawn,
)
from tests.manifests import manifest, model
from tests.syncs import AUTO, PROPOSE, World

Columns = dict[str, str | None]
FIRST: Columns = {"id": "int", "n": "int"}
PUBLISH: dict[str, Any] = {"auto_publish_contracts": True}
CREATE: dict[str, Any] = {"auto_create_proposals": True}
UNCONSUMED: dict[str, Any] = {"publish_unconsumed": True}


def _a(columns: Columns, **members: Any) -> dict[str, Any]:
    return manifest(model("a", columns, **members))


def _step(world: World, columns: Columns, status: int = 200, **options: Any) -> Any:
    return world.sync(_a(columns), status, conflict_mode="overwrite", **options)


def _outcome(answer: Any) -> tuple[str, Any]:
    """What a sync of one asset came to: a version, a proposal, a reason, or nothing."""
    for contract in answer["contracts"]["details"]:
        return "published", contract["version"]
    for _ in answer["proposals"]["details"]:
        return "proposed", answer["proposals"]["details"][0]["suggested_version"]
    for withheld in answer["contracts"]["withheld"]:
        return "withheld", withheld["code"]
    for pending in answer["proposals"]["pending"]:
        return "pending", pending["suggested_version"]
    return "nothing", None


BREAKING: Columns = {"id": "int"}
WIDER: Columns = {**FIRST, "x": "int"}
TABLE = [
    ("first", None, FIRST, PUBLISH, 200, ("published", "1.0.0")),
    ("first, proposals only", None, FIRST, CREATE, 200, ("nothing", None)),
    ("first, no columns", None, {}, PUBLISH, 200, ("nothing", None)),
    ("same", FIRST, FIRST, {**PUBLISH, **CREATE}, 200, ("nothing", None)),
    ("compatible", FIRST, WIDER, PUBLISH, 200, ("published", "1.1.0")),
    ("compatible, not asked", FIRST, WIDER, CREATE, 200, ("nothing", None)),
    ("breaking, neither", FIRST, BREAKING, {}, 200, ("nothing", None)),
    ("breaking, publish", FIRST, BREAKING, PUBLISH, 207, ("withheld", "BREAKING_CHANGE")),
    ("breaking, propose", FIRST, BREAKING, CREATE, 200, ("proposed", "2.0.0")),
    ("breaking, both", FIRST, BREAKING, {**PUBLISH, **CREATE}, 200, ("proposed", "2.0.0")),
    ("unconsumed", FIRST, BREAKING, {**PUBLISH, **UNCONSUMED}, 200, ("published", "2.0.0")),
    ("unconsumed, both", FIRST, BREAKING, {**PUBLISH, **CREATE, **UNCONSUMED}, 200, ("published", "2.0.0")),
    ("unconsumed alone", FIRST, BREAKING, UNCONSUMED, 200, ("nothing", None)),
    ("type changed", FIRST, {"id": "int", "n": "text"}, CREATE, 200, ("proposed", "2.0.0")),
    ("type widened", FIRST, {"id": "int", "n": "numeric"}, CREATE, 200, ("proposed", "2.0.0")),
]


@pytest.mark.parametrize(
    ("before", "after", "flags", "status", "expected"), [r[1:] for r in TABLE], ids=[r[0] for r in TABLE]
)
def test_what_a_change_comes_to(
    world: World, before: Columns | None, after: Columns, flags: dict[str, Any], status: int, expected: Any
) -> None:
    if before is not None:
        _step(world, before, **PUBLISH)
    described = _a(after, description="told")
    answer = world.sync(described, status, conflict_mode="overwrite", **flags)
    assert _outcome(answer) == expected
    assert answer["status"] == ("partial_success" if status == 207 else "success")
    # Whatever becomes of the contract, the asset's other fields are set.
    assert world.asset("db.main.a")["description"] == "told"
    schema = world.asset("db.main.a")["active_contract_id"] and world.contract("db.main.a")["schema"]
    published = expected[0] == "published"
    shown = after if published else before
    assert (list(schema["properties"]) if schema else None) == (sorted(shown) if shown else None)
    if expected[0] == "withheld":
        (entry,) = answer["contracts"]["withheld"]
        assert [c["path"] for c in entry["breaking_changes"]] == ["properties.n"]
    again = world.sync(described, status, conflict_mode="overwrite", **flags)
    assert again["position"] is None
    assert _outcome(again)[0] == {"published": "nothing", "proposed": "pending"}.get(expected[0], expected[0])


def test_consumers_make_the_difference_for_publish_unconsumed(world: World) -> None:
    _step(world, FIRST, **PUBLISH)
    world.register("db.main.a", "reader")
    options: dict[str, Any] = {**PUBLISH, **UNCONSUMED}
    assert _outcome(_step(world, BREAKING, 207, **options)) == ("withheld", "BREAKING_CHANGE")
    assert _outcome(_step(world, BREAKING, **options, **CREATE)) == ("proposed", "2.0.0")


@pytest.mark.parametrize(
    "changed",
    [
        {"description": "words"},
        {"name": "id", "data_type": "bigint"},
        {"name": "id", "data_type": "INT", "tags": ["pii"]},
    ],
    ids=["description", "same type by another name", "tags"],
)
def test_words_publish_nothing(world: World, changed: dict[str, Any]) -> None:
    world.sync(_a(FIRST), **AUTO)
    document = _a(FIRST)
    document["nodes"]["model.shop.a"]["columns"]["id"] |= changed
    answer = world.sync(document, **PROPOSE)
    assert (_outcome(answer), world.contract("db.main.a")["version"]) == (("nothing", None), "1.0.0")
    assert world.diff(document)["models"][0]["schema_change_type"] == "none"
    assert world.sync(document, **PROPOSE)["position"] is None


def test_the_order_of_columns_publishes_nothing(world: World) -> None:
    constraint = {"constraints": [{"type": "not_null", "columns": ["id", "n"]}]}
    world.sync(_a(FIRST, **constraint), **AUTO)
    assert world.contract("db.main.a")["schema"]["required"] == ["id", "n"]
    turned = _a(dict(reversed(FIRST.items())), **constraint)
    assert world.sync(turned, **AUTO)["contracts"]["published"] == 0
    assert world.diff(turned)["models"][0]["schema_change_type"] == "none"


def test_guarantees_alone_are_a_patch(world: World) -> None:
    world.sync(_a(FIRST), **AUTO)
    document = _a(FIRST, meta={"muniment": {"volume": {"min_rows": 1}}})
    answer = world.sync(document, **AUTO)
    assert answer["contracts"]["details"][0]["version"] == "1.0.1"
    assert world.contract("db.main.a")["guarantees"]["volume"] == {"min_rows": 1}
    assert answer["guarantees_extracted"] == 1
    assert world.sync(document, **AUTO)["position"] is None


def test_strict_guarantees_break(world: World) -> None:
    def document(rows: int) -> dict[str, Any]:
        return _a(FIRST, meta={"muniment": {"volume": {"min_rows": rows}, "guarantee_mode": "strict"}})

    world.sync(document(5), **AUTO)
    answer = world.sync(document(1), **PROPOSE)
    assert _outcome(answer) == ("proposed", "2.0.0")
    assert world.diff(document(1))["models"][0]["breaking_changes"][0]["path"].startswith("volume")


# --- column types ---------------------------------------------------------------------------------------------------


def _types(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.contract("db.main.a")["schema"]["properties"]
    return found


def _changes(world: World, document: dict[str, Any]) -> dict[str, str]:
    (entry,) = world.diff(document)["models"]
    return {change["type"]: change["verdict"] for change in entry["changes"]}


def test_a_column_without_a_type_keeps_the_one_of_the_contract(world: World) -> None:
    catalog = {"nodes": {"model.shop.a": {"columns": {"ID": {"type": "BIGINT", "name": "ID"}}}}}
    world.sync(_a({"id": None}), catalog=catalog, **AUTO)
    assert _types(world) == {"id": {"type": "integer"}}
    assert world.sync(_a({"id": None}), **PROPOSE)["position"] is None
    grown = world.sync(_a({"id": None, "x": None}), **PROPOSE)
    assert (_outcome(grown), _types(world)) == (("published", "1.1.0"), {"id": {"type": "integer"}, "x": {}})


def test_a_type_declared_where_there_was_none_is_minor(world: World) -> None:
    world.sync(_a({"id": None}), **AUTO)
    assert _types(world) == {"id": {}}
    assert _changes(world, _a({"id": "int"})) == {"type_declared": "safe"}
    assert _outcome(world.sync(_a({"id": "int"}), **AUTO)) == ("published", "1.1.0")


def test_a_type_no_longer_declared_is_risky_and_stays_promised(world: World) -> None:
    world.sync(_a({"id": "int"}), **AUTO)
    assert _changes(world, _a({"id": None})) == {"type_undeclared": "risky"}
    assert _outcome(world.sync(_a({"id": None}), **PROPOSE)) == ("nothing", None)
    assert _types(world) == {"id": {"type": "integer"}}
    assert _changes(world, _a({"id": None})) == {}
    assert _outcome(world.sync(_a({"id": "text"}), **PROPOSE)) == ("proposed", "2.0.0")


@pytest.mark.parametrize(("mode", "expected"), [("notify", "published"), ("strict", "proposed")])
def test_a_not_null_test_that_goes(world: World, mode: str, expected: str) -> None:
    told = {"meta": {"muniment": {"guarantee_mode": mode}}}
    promised = _a(FIRST, constraints=[{"type": "not_null", "columns": ["id"]}], **told)
    world.sync(promised, **AUTO)
    without = _a(FIRST, **told)
    verdicts = _changes(world, without)
    assert verdicts["not_null_removed"] == ("breaking" if mode == "strict" else "risky")
    answer = world.sync(without, **PROPOSE)
    assert _outcome(answer) == (expected, "1.1.0" if mode == "notify" else "2.0.0")


def test_the_mode_is_the_items_else_the_requests_else_the_contracts(world: World) -> None:
    document = manifest(
        model("a", {"id": "int"}, meta={"muniment": {"compatibility_mode": "FULL"}}), model("b", {"id": "int"})
    )
    world.sync(document, compatibility_mode="none", **AUTO)
    modes = [world.contract(f"db.main.{name}")["compatibility_mode"] for name in "ab"]
    assert modes == ["full", "none"]
    answer = world.sync(manifest(model("b", {"other": "text"})), **AUTO)
    assert answer["contracts"]["details"][0]["version"] == "2.0.0"
    assert world.contract("db.main.b")["compatibility_mode"] == "none"


# --- proposals ------------------------------------------------------------------------------------------------------

DROPS_N: Columns = {"id": "int", "m": "int"}
DROPS_BOTH: Columns = {"id": "int"}
WIDE: Columns = {"id": "int", "n": "int", "m": "int"}


def _answered(team: str, response: str) -> Acknowledgment:
    return Acknowledgment(
        acknowledgment_id=str(uuid.uuid4()),
        consumer_team_id=team,
        response=response,
        responded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


class Discussion:
    """An asset with a consumer and a proposal that a sync opened."""

    def __init__(self, world: World, columns: Columns) -> None:
        self.world = world
        _step(world, WIDE, **PUBLISH)
        world.register("db.main.a", "reader")
        answer = _step(world, columns, **PUBLISH, **CREATE)
        self.id = answer["proposals"]["details"][0]["proposal_id"]

    def settle(self, how: str) -> None:
        happen, reader = self.world.happen, self.world.team("reader")
        said = ProposalAcknowledged(proposal_id=self.id, acknowledgment=_answered(reader, "approved"))
        blocked = ProposalAcknowledged(proposal_id=self.id, acknowledgment=_answered(reader, "blocked"))
        events: dict[str, list[Any]] = {
            "pending": [],
            "approved": [said, ProposalApproved(proposal_id=self.id)],
            "forced": [ProposalApproved(proposal_id=self.id, forced=True)],
            "rejected": [blocked, ProposalRejected(proposal_id=self.id)],
            "expired": [ProposalExpired(proposal_id=self.id)],
            "withdrawn": [ProposalWithdrawn(proposal_id=self.id, by_person=True)],
        }
        if events[how]:
            happen("db.main.a", *events[how])

    def status(self, id: str | None = None) -> str:
        status: str = self.world.get(f"/proposals/{id or self.id}")["status"]
        return status


SAME = [
    ("pending", {}, 200, ("pending", "2.0.0"), "pending"),
    ("pending", PUBLISH, 200, ("pending", "2.0.0"), "pending"),
    ("approved", CREATE, 200, ("pending", "2.0.0"), "approved"),
    ("approved", {**PUBLISH, **CREATE}, 200, ("published", "2.0.0"), "published"),
    ("forced", PUBLISH, 200, ("published", "2.0.0"), "published"),
    ("rejected", {**PUBLISH, **CREATE}, 207, ("withheld", "PROPOSAL_CLOSED"), "rejected"),
    ("expired", CREATE, 207, ("withheld", "PROPOSAL_CLOSED"), "expired"),
    ("withdrawn", PUBLISH, 207, ("withheld", "PROPOSAL_CLOSED"), "withdrawn"),
    ("withdrawn", {}, 200, ("nothing", None), "withdrawn"),
]


@pytest.mark.parametrize(
    ("how", "flags", "status", "expected", "after"), SAME, ids=[f"{row[0]}-{len(row[1])}" for row in SAME]
)
def test_the_same_change_again(
    world: World, how: str, flags: dict[str, Any], status: int, expected: Any, after: str
) -> None:
    talk = Discussion(world, DROPS_N)
    talk.settle(how)
    head = world.head()
    answer = _step(world, DROPS_N, status, **flags)
    assert (_outcome(answer), talk.status()) == (expected, after)
    if expected[0] == "published":
        events = world.events(head)
        assert (events["contract.published"], events["proposal.published"]) == (1, 1)
        assert world.get(f"/contracts/{world.asset('db.main.a')['active_contract_id']}")["version"] == "2.0.0"
    else:
        assert (answer["position"], world.head()) == (None, head)


@pytest.mark.parametrize("how", ["pending", "approved", "rejected"])
def test_another_breaking_schema_supersedes(world: World, how: str) -> None:
    talk = Discussion(world, DROPS_N)
    talk.settle(how)
    answer = _step(world, DROPS_BOTH, **PUBLISH, **CREATE)
    assert (_outcome(answer), answer["status"]) == (("proposed", "2.0.0"), "success")
    new = answer["proposals"]["details"][0]["proposal_id"]
    shown = [world.get(f"/proposals/{id}", include_status="false") for id in (talk.id, new)]
    assert shown[1]["supersedes"] == talk.id
    assert (shown[0]["status"], shown[0]["superseded_by"]) == (
        ("rejected", None) if how == "rejected" else ("withdrawn", new)
    )
    # More breaks than anybody has seen: no answer is carried over.
    assert (shown[1]["status"], world.get(f"/proposals/{new}")["consumers"]["acknowledged"]) == ("pending", 0)


@pytest.mark.parametrize(("how", "carried"), [("approved", 1), ("rejected", 0)])
def test_agreement_to_more_is_agreement_to_less(world: World, how: str, carried: int) -> None:
    talk = Discussion(world, DROPS_BOTH)
    talk.settle(how)
    answer = _step(world, DROPS_N, **CREATE)
    new = answer["proposals"]["details"][0]["proposal_id"]
    status = world.get(f"/proposals/{new}")
    assert status["consumers"]["acknowledged"] == carried
    # The one required consumer has agreed already, so nothing is left to wait for.
    assert status["status"] == ("approved" if carried else "pending")
    if carried:
        assert _outcome(_step(world, DROPS_N, **PUBLISH)) == ("published", "2.0.0")


def test_a_sync_without_the_breaking_change_withdraws(world: World) -> None:
    talk = Discussion(world, DROPS_N)
    assert _outcome(_step(world, WIDE, **PUBLISH)) == ("nothing", None)
    assert talk.status() == "withdrawn"
    # Not a person's word: the same change may be proposed again.
    assert _outcome(_step(world, DROPS_N, **CREATE)) == ("proposed", "2.0.0")


def _propose_by_hand(world: World, schema: dict[str, Any]) -> str:
    asset = world.asset("db.main.a")
    body = {"schema": schema, "version": None}
    answer = world.api.post(f"/assets/{asset['id']}/publish", json=body, params={"published_by": world.owner})
    assert answer.status_code in (200, 201, 202), answer.text
    return str(world.proposals("db.main.a")[0]["id"])


def _table(**columns: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in columns.items()}, "required": []}


def test_a_proposal_of_people_is_in_the_way(world: World) -> None:
    _step(world, WIDE, **PUBLISH)
    by_hand = _propose_by_hand(world, _table(id="integer", n="integer"))
    assert _outcome(_step(world, DROPS_N, 207, **CREATE)) == ("withheld", "DUPLICATE_PROPOSAL")
    assert _outcome(_step(world, DROPS_N, 207, **PUBLISH)) == ("withheld", "BREAKING_CHANGE")
    # The same schema is the same change, whoever proposed it; and a sync withdraws nobody else's.
    assert _outcome(_step(world, {"id": "int", "n": "int"}, **CREATE)) == ("pending", "2.0.0")
    _step(world, WIDE, **PUBLISH)
    assert world.get(f"/proposals/{by_hand}")["status"] == "pending"


def test_a_compatible_publication_rebases_what_people_proposed(world: World) -> None:
    _step(world, WIDE, **PUBLISH)
    by_hand = _propose_by_hand(world, _table(id="integer", n="integer"))
    _step(world, {**WIDE, "x": "int"}, **PUBLISH)
    proposal = world.get(f"/proposals/{by_hand}", include_status="false")
    assert proposal["base_contract_id"] == world.asset("db.main.a")["active_contract_id"]
    assert [c["path"] for c in proposal["breaking_changes"]] == ["properties.m", "properties.x"]
    assert (proposal["status"], proposal["proposed_version"]) == ("pending", "2.0.0")


def test_approval_of_less_is_not_kept_by_a_rebase(world: World) -> None:
    _step(world, WIDE, **PUBLISH)
    world.register("db.main.a", "reader")
    by_hand = _propose_by_hand(world, _table(id="integer", n="integer"))
    said = ProposalAcknowledged(proposal_id=by_hand, acknowledgment=_answered(world.team("reader"), "approved"))
    world.happen("db.main.a", said, ProposalApproved(proposal_id=by_hand))
    _step(world, {**WIDE, "x": "int"}, **PUBLISH)
    status = world.get(f"/proposals/{by_hand}")
    assert (status["status"], status["consumers"]["pending"], status["resolved_at"]) == ("pending", 1, None)


def test_what_no_longer_breaks_is_withdrawn_by_a_rebase(world: World) -> None:
    _step(world, WIDE, **PUBLISH)
    by_hand = _propose_by_hand(world, _table(id="integer", n="integer"))
    _step(world, {"id": "int", "n": "int"}, **PUBLISH, **UNCONSUMED)
    assert world.get(f"/proposals/{by_hand}")["status"] == "withdrawn"
