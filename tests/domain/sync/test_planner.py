"""Plans of syncs: properties that hold for any documents, and the rules on contracts and proposals (api.md 2.3)."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import events as e
from domain.asset import Proposal
from domain.schema.canonical import digest
from domain.sync.options import SyncOptions
from domain.sync.plan import Plan
from domain.sync.reading import status_code, sync_answer
from domain.sync.spec import AssetSpec, ConsumerSpec, EdgeSpec
from domain.values import JSON, Object
from tests.domain.sync.world import Specs, World, options, spec
from tests.domain.test_proposals import answer
from tests.spec import FINANCE, SALES

ITEMS = ("orders", "lines", "report")
TYPES: tuple[Object, ...] = ({"type": "string"}, {"type": "integer"}, {"type": "number"}, {})


@st.composite
def _specs(draw: st.DrawFn) -> Specs:
    names = draw(st.lists(st.sampled_from(ITEMS), unique=True, min_size=1))
    fqns = draw(st.permutations([f"db.{name}" for name in ITEMS]))
    return tuple(_spec(draw, name, fqns[n]) for n, name in enumerate(names))


def _spec(draw: st.DrawFn, name: str, fqn: str) -> AssetSpec:
    columns = draw(st.none() | st.dictionaries(st.sampled_from("abc"), st.sampled_from(TYPES), max_size=3))
    required: list[JSON] = [*sorted(draw(st.sets(st.sampled_from(sorted(columns)))))] if columns else []
    made = spec(name, columns, fqn=draw(st.sampled_from([f"db.{name}", f"db.{name}", fqn])))
    promised: Object = {"nullability": dict.fromkeys(map(str, required), "never")}
    schema: Object | None = None if made.schema is None else {**made.schema, "required": required}
    return msgspec.structs.replace(
        made,
        schema=schema,
        schema_digest=None if schema is None else digest(schema),
        untyped=frozenset(name for name, kind in (columns or {}).items() if kind == {}),
        guarantees=promised if required else None,
        metadata=draw(st.sampled_from([{}, {"a": 1}, {"a": {"b": 1}}, {"guarantees": promised}])),
        tags=draw(st.sampled_from([(), ("t",)])),
        upstream=tuple(
            EdgeSpec(item=i, type="transforms") for i in draw(st.sets(st.sampled_from((*ITEMS, "nowhere"))))
        ),
        owner_team=draw(st.sampled_from([None, None, "finance", "nobody"])),
        consumers=tuple(ConsumerSpec(team=team) for team in draw(st.sets(st.sampled_from(["sales", "nobody"])))),
    )


_OPTIONS = st.builds(
    options,
    conflict_mode=st.sampled_from(["overwrite", "overwrite", "ignore"]),
    auto_publish_contracts=st.booleans(),
    auto_create_proposals=st.booleans(),
    auto_register_consumers=st.booleans(),
    infer_consumers_from_refs=st.booleans(),
    publish_unconsumed=st.booleans(),
    auto_delete=st.booleans(),
    delete_consumed=st.booleans(),
)


def _people(world: World, choice: int) -> None:
    """Somebody does something to each asset."""
    for asset in list(world.assets.values()):
        pending = asset.pending_proposal
        deeds: tuple[list[e.AssetEvent], ...] = (
            [],
            [e.AssetUpdated(metadata={**asset.metadata, "people": {"x": 1}})],
            [e.AssetDeleted()] if not asset.deleted else [e.AssetRestored()],
            [e.RegistrationEnded(registration_id=r.id, by_person=True) for r in asset.registrations],
            [e.ProposalApproved(proposal_id=pending.id, forced=True)] if pending else [],
            [e.ProposalRejected(proposal_id=pending.id)] if pending else [],
            [e.ProposalWithdrawn(proposal_id=pending.id, by_person=True)] if pending else [],
        )
        world.happened(asset.fqn, *deeds[choice % len(deeds)])


def _story(world: World, steps: list[tuple[Specs, SyncOptions, int]]) -> None:
    for specs, given_options, choice in steps:
        world.synced(specs, given_options)
        names = [asset.fqn for asset in world.assets.values()]
        if len(set(names)) == len(names):
            _people(world, choice)


_STEPS = st.lists(st.tuples(_specs(), _OPTIONS, st.integers(0, 6)), max_size=3)


@settings(derandomize=True, max_examples=80, deadline=None)
@given(_STEPS, _specs(), _OPTIONS)
def test_the_same_document_twice_is_an_empty_plan(
    steps: list[tuple[Specs, SyncOptions, int]], specs: Specs, given_options: SyncOptions
) -> None:
    world = World()
    _story(world, steps)
    first = world.synced(specs, given_options)
    again = world.planned(specs, given_options)
    if first.refusal is None:
        assert [(item.fqn, item.events) for item in again.touched()] == []
        assert again.synced is None


@settings(derandomize=True, max_examples=50, deadline=None)
@given(_STEPS, _specs(), _OPTIONS)
def test_a_dry_run_says_what_the_sync_then_says_and_changes_nothing(
    steps: list[tuple[Specs, SyncOptions, int]], specs: Specs, given_options: SyncOptions
) -> None:
    world = World()
    _story(world, steps)
    before = dict(world.assets)
    dry = world.planned(specs, given_options)
    assert world.assets == before
    done = world.synced(specs, given_options)
    assert (dry.refusal is None) == (done.refusal is None)
    assert status_code(dry) == status_code(done)
    assert sync_answer(dry, None, False) == sync_answer(done, None, False)


def _columns(*names: str) -> dict[str, Object]:
    return {name: {"type": "string"} for name in names}


def _world(*columns: str) -> World:
    world = World()
    world.synced((spec("orders", _columns(*columns)),), options())
    return world


def _newest(world: World) -> Proposal:
    return world.asset("db.orders").proposals[-1]


def _kinds(made: Plan) -> list[str]:
    return [type(event).__name__ for item in made.touched() for event in item.events]


@pytest.mark.parametrize(
    "words",
    [
        {"a": {"type": "string", "description": "Words."}, "b": {"type": "string"}},
        {"b": {"type": ["string"]}, "a": {"type": "string"}},
    ],
)
def test_words_and_order_publish_nothing(words: dict[str, Object]) -> None:
    made = _world("a", "b").synced((spec("orders", words),), options())
    assert _kinds(made) == []
    assert (made.items[0].judgement, made.items[0].differs) == (None, False)


def test_true_for_1_among_accepted_values_is_a_change() -> None:
    world = World()
    world.synced((spec("orders", _columns("a"), guarantees={"accepted_values": {"a": [1]}}),), options())
    made = world.synced((spec("orders", _columns("a"), guarantees={"accepted_values": {"a": [True]}}),), options())
    assert _kinds(made) == ["ContractPublished", "ContractDeprecated"]


def test_an_update_says_which_members_a_document_changed_and_no_more() -> None:
    world = World()
    long: Object = {"path": "/x", "summary": "Words.", "api_version": "1.0", "limit": 1}
    world.synced((spec("orders", metadata=long),), options())
    newer: Object = {"path": "/x", "api_version": "1.1", "limit": True}
    made = world.synced((spec("orders", metadata=newer),), options())
    (update,) = made.items[0].events
    assert update == e.AssetUpdated(declares={"api_version": "1.1", "limit": True}, undeclares=("summary",))
    assert world.asset("db.orders").metadata == world.asset("db.orders").declared == newer


def test_a_breaking_change_is_proposed_and_equal_to_it_is_no_news() -> None:
    world = _world("a", "b")
    less = (spec("orders", _columns("a")),)
    assert _kinds(world.synced(less, options())) == ["ProposalCreated"]
    again = world.synced(less, options())
    assert (_kinds(again), again.items[0].pending) == ([], _newest(world))
    back = world.synced((spec("orders", _columns("a", "b")),), options())
    assert _kinds(back) == ["ProposalWithdrawn"]


def test_an_approved_one_is_published_by_the_next_sync_of_the_same() -> None:
    world = _world("a", "b")
    less = (spec("orders", _columns("a")),)
    world.synced(less, options())
    world.happened("db.orders", e.ProposalApproved(proposal_id=_newest(world).id))
    waiting = world.planned(less, options(auto_publish_contracts=False))
    assert (_kinds(waiting), waiting.items[0].pending) == ([], _newest(world))
    made = world.synced(less, options())
    assert _kinds(made) == ["ContractPublished", "ContractDeprecated", "ProposalPublished"]
    assert world.asset("db.orders").contracts[-1].version == "2.0.0"


@pytest.mark.parametrize(
    "closing",
    [
        lambda id: e.ProposalRejected(proposal_id=id),
        lambda id: e.ProposalExpired(proposal_id=id),
        lambda id: e.ProposalWithdrawn(proposal_id=id, by_person=True),
    ],
)
def test_what_people_closed_is_not_opened_again_by_the_same_change(closing: Callable[[str], e.AssetEvent]) -> None:
    world = _world("a", "b")
    less = (spec("orders", _columns("a")),)
    world.synced(less, options())
    world.happened("db.orders", closing(_newest(world).id))
    made = world.synced(less, options())
    assert (_kinds(made), status_code(made)) == ([], 207)
    withheld = made.items[0].withheld
    assert withheld is not None and withheld.code == "PROPOSAL_CLOSED"


def test_another_change_supersedes_and_answers_that_settle_it_do() -> None:
    world = _world("a", "b", "c")
    world.happened("db.orders", e.RegistrationCreated(registration_id="r", consumer_team_id=FINANCE))
    world.synced((spec("orders", _columns("a")),), options())
    first = _newest(world).id
    # An answer given while another team was still missing.
    world.happened("db.orders", e.RegistrationCreated(registration_id="s", consumer_team_id=SALES))
    world.happened("db.orders", answer(FINANCE, "approved", first))
    lesser = (spec("orders", _columns("a", "b")),)
    assert _kinds(world.planned(lesser, options())) == ["ProposalWithdrawn", "ProposalCreated"]
    world.happened("db.orders", e.RegistrationEnded(registration_id="s"))
    made = world.synced(lesser, options())
    assert _kinds(made) == [
        "ProposalWithdrawn",
        "ProposalCreated",
        "ProposalApproved",
        "ContractPublished",
        "ContractDeprecated",
        "ProposalPublished",
    ]
    assert _kinds(world.planned(lesser, options())) == []


def test_a_proposal_of_people_in_the_way_withholds() -> None:
    world = _world("a", "b")
    world.synced((spec("orders", _columns("a")),), options())
    created = _newest(world).created
    world.happened("db.orders", e.ProposalWithdrawn(proposal_id=created.proposal_id))
    by_hand = msgspec.structs.replace(created, proposal_id="by-hand", source=None)
    world.happened("db.orders", by_hand)
    made = world.planned((spec("orders", _columns("b")),), options())
    withheld = made.items[0].withheld
    assert (_kinds(made), status_code(made)) == ([], 207)
    assert withheld is not None and withheld.code == "DUPLICATE_PROPOSAL"
    # The same change as that of people is listed, and an approved one of ours is found behind theirs.
    assert world.planned((spec("orders", _columns("a")),), options()).items[0].pending is not None


@pytest.mark.parametrize(
    ("flags", "kinds", "code"),
    [
        ({"auto_create_proposals": False}, [], 207),
        ({"auto_create_proposals": False, "auto_publish_contracts": False}, [], 200),
        ({"publish_unconsumed": True}, ["ContractPublished", "ContractDeprecated"], 200),
    ],
)
def test_what_the_flags_make_of_a_breaking_change(flags: dict[str, bool], kinds: list[str], code: int) -> None:
    made = _world("a", "b").synced((spec("orders", _columns("a")),), options(**flags))
    assert (_kinds(made), status_code(made)) == (kinds, code)


def test_what_keeps_an_asset_from_being_deleted_does_not_end_with_its_item() -> None:
    world = World()
    lines = spec("lines", _columns("a"), consumers=(ConsumerSpec(team="sales"),))
    world.synced((spec("orders", _columns("a")), lines), options())
    for flags in ({}, {"auto_delete": True}, {"auto_delete": True}):
        made = world.synced((spec("orders", _columns("a")),), options(**flags))
        assert _kinds(made) == []
    (withheld,) = [item.withheld for item in made.deletions]
    assert withheld is not None and withheld.code == "HAS_CONSUMERS"
    meant = world.synced((spec("orders", _columns("a")),), options(auto_delete=True, delete_consumed=True))
    assert _kinds(meant) == ["AssetDeleted"]
