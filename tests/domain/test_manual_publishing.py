"""Publishing by hand (api.md 3.6): one test for each line of its table of situations, in its order."""

import pytest

from domain import events as e
from domain.commands import PublishContract
from domain.schema.change import Direction, Mode
from domain.values import Object
from tests.domain.test_proposals import proposed, table
from tests.spec import ASSET, CONTEXT, FINANCE, SHOP, Refusal, Then, contract, created, given, registered


def publishing(schema: Object, version: str | None = None, **members: object) -> PublishContract:
    return PublishContract(schema=schema, version=version, published_by=SHOP, **members)  # type: ignore[arg-type]


def _kinds(then: Then) -> list[str]:
    return [type(event).__name__ for event in then.events]


def _version(then: Then) -> e.ContractPublished:
    first = then.events[0]
    assert isinstance(first, e.ContractPublished)
    return first


ONE = contract("1.0.0", table("a", "b"))
PUBLISHED = ["ContractPublished", "ContractDeprecated"]


def test_a_version_is_asked_for_where_the_asset_suggests() -> None:
    then = given(created(semver_mode="suggest"), ONE).when(publishing(table("a", "b", "c"))).then()
    assert (then.published.action, then.published.members["version_suggestion"]) == (
        "version.required",
        {
            "suggested_version": "1.1.0",
            "current_version": "1.0.0",
            "change_type": "minor",
            "reason": "Something was added or widened.",
            "is_first_contract": False,
            "breaking_changes": [],
        },
    )
    first = given(created(semver_mode="suggest")).when(publishing({})).then().published
    suggested = first.members["version_suggestion"]
    assert isinstance(suggested, dict) and (suggested["suggested_version"], suggested["is_first_contract"]) == (
        "1.0.0",
        True,
    )


def test_a_version_is_unique_for_ever() -> None:
    history = (created(), ONE, contract("0.9.0", {}), e.ContractDeprecated(contract_id="contract-1.0.0"))
    then = given(*history).when(publishing({}, "1.0.0")).then(Refusal("VERSION_EXISTS", "already exists"))
    assert then.details == {"existing_contract_id": "contract-1.0.0"}
    assert given(*history).when(publishing({}, "1.0.0+build")).published.action == "published"


@pytest.mark.parametrize(
    ("schema", "version", "words"),
    [
        (table("a", "b"), "1.0.0-rc.1", "must be greater than"),
        (table("a", "b"), "0.9.0", "must be greater than"),
        (table("a"), "1.1.0", "requires major version bump"),
        (table("a", "b", "c"), "1.0.1", "must be greater than"),
    ],
)
def test_versions_are_enforced(schema: Object, version: str, words: str) -> None:
    then = given(created(semver_mode="enforce"), ONE).when(publishing(schema, version))
    then.then(Refusal("INVALID_VERSION", words))
    assert then.details["provided_version"] == version
    assert isinstance(then.details["version_suggestion"], dict)


@pytest.mark.parametrize(("schema", "version"), [(table("a", "b"), "1.0.1"), (table("a", "b", "c"), "3.0.0-alpha")])
def test_a_greater_step_than_needed_is_fine(schema: Object, version: str) -> None:
    assert _version(given(created(semver_mode="enforce"), ONE).when(publishing(schema, version))).version == version


def test_a_smaller_unused_version_is_fine_where_nothing_is_enforced() -> None:
    then = given(created(), ONE).when(publishing(table("a", "b"), "0.1.0"))
    assert (_version(then).version, _kinds(then)) == ("0.1.0", PUBLISHED)


def test_the_first_contract() -> None:
    then = given(created()).when(publishing(table("a")))
    assert (_kinds(then), _version(then).version, _version(then).change_type) == (["ContractPublished"], "1.0.0", None)
    assert then.published.members == {"version_auto_generated": True}
    assert _version(given(created()).when(publishing({}, "0.0.7"))).version == "0.0.7"


def test_what_is_compatible_or_no_change_is_published_and_the_old_one_deprecated() -> None:
    then = given(created(), ONE).when(publishing(table("a", "b", "c")))
    assert (_kinds(then), _version(then).version) == (PUBLISHED, "1.1.0")
    assert then.events[1] == e.ContractDeprecated(contract_id="contract-1.0.0")
    assert then.published.members == {"version_auto_generated": True, "change_type": "minor"}
    same = given(created(), ONE).when(publishing(table("a", "b")))
    assert (_version(same).version, same.published.members["change_type"]) == ("1.0.1", "patch")


def test_a_version_made_by_the_service_is_an_unused_one() -> None:
    history = (created(), contract("1.1.0", {}), ONE, e.ContractDeprecated(contract_id="contract-1.1.0"))
    assert _version(given(*history).when(publishing(table("a", "b", "c")))).version == "1.1.1"


def test_what_breaks_becomes_a_proposal_with_or_without_consumers() -> None:
    for history in ((created(), ONE), (created(), ONE, registered(FINANCE))):
        then = given(*history).when(publishing(table("a")))
        assert (_kinds(then), then.published.action) == (["ProposalCreated"], "proposal.created")
        (opened,) = then.events
        assert isinstance(opened, e.ProposalCreated)
        assert (opened.proposal_id, opened.proposed_version) == (CONTEXT.new_id("proposal", ASSET), "2.0.0")
        members = then.published.members
        assert members.keys() == {"change_type", "breaking_changes", "message"}


def test_one_proposal_at_a_time() -> None:
    then = given(created(), ONE, proposed("p")).when(publishing(table("a")))
    then.then(Refusal("DUPLICATE_PROPOSAL", "pending proposal"))
    assert then.details == {"proposal_id": "p"}
    approved = (proposed("p"), e.ProposalApproved(proposal_id="p"))
    assert _kinds(given(created(), ONE, *approved).when(publishing(table("a")))) == ["ProposalCreated"]


def test_force_publishes_and_leaves_open_proposals_stale() -> None:
    then = given(created(), ONE, proposed("p")).when(publishing(table("z"), force_reason="it must be so"))
    assert (_kinds(then), then.published.action) == (PUBLISHED, "force.published")
    assert (_version(then).version, _version(then).force_reason) == ("2.0.0", "it must be so")
    assert then.published.members.keys() == {"version_auto_generated", "change_type", "breaking_changes", "warning"}


def test_a_compatible_publication_takes_open_proposals_along() -> None:
    old = contract("1.0.0", table("a", "b", "c"))
    then = given(created(), old, proposed("p", table("a", "b"))).when(publishing(table("a", "b", "c", "d")))
    assert _kinds(then) == [*PUBLISHED, "ProposalRebased"]
    settled = given(created(), old, proposed("p", table("a", "b"))).when(publishing(table("a", "b"), mode=Mode.none))
    assert _kinds(settled) == [*PUBLISHED, "ProposalWithdrawn"]


def test_pre_releases_may_break_each_other_and_their_release() -> None:
    history = (created(), contract("2.0.0-rc.1", table("a", "b")))
    again = given(*history).when(publishing(table("a"), "2.0.0-rc.2"))
    assert (_kinds(again), again.published.action) == (PUBLISHED, "published")
    assert "Pre-release" in str(again.published.members["message"]) and again.published.members["breaking_changes"]
    released = given(*history).when(publishing(table("a"), "2.0.0"))
    assert "Graduated" in str(released.published.members["message"])
    other = given(*history).when(publishing(table("a"), "2.0.1"))
    assert other.published.action == "proposal.created"
    over_stable = given(created(), ONE).when(publishing(table("a"), "2.0.0-rc.1"))
    assert over_stable.published.action == "proposal.created"


def test_a_pre_release_is_followed_by_its_release_also_where_versions_are_enforced() -> None:
    history = (created(semver_mode="enforce"), contract("2.0.0-rc.1", table("a")))
    for schema in (table("a"), table("a", "b")):
        assert _version(given(*history).when(publishing(schema))).version == "2.0.0"
        assert _version(given(*history).when(publishing(schema, "2.0.0"))).version == "2.0.0"


def test_the_new_mode_judges_and_is_else_the_one_of_before() -> None:
    none = contract("1.0.0", table("a", "b"), mode=Mode.none)
    then = given(created(), none).when(publishing(table("a")))
    assert (then.published.action, _version(then).mode, _version(then).version) == ("published", Mode.none, "2.0.0")
    strict = given(created(), none).when(publishing(table("a"), mode=Mode.backward))
    assert strict.published.action == "proposal.created"
    widened: Object = {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"type": "string"}}}
    full = given(created(), ONE).when(publishing(widened, mode=Mode.full))
    assert (full.published.action, full.published.members["change_type"]) == ("proposal.created", "minor")


def test_the_direction_is_carried_over_and_judges() -> None:
    produced = contract("1.0.0", {"required": ["a"]}, direction=Direction.produced)
    then = given(created(resource_type="other"), produced).when(publishing({}))
    assert then.published.action == "proposal.created"
    more = given(created(), produced).when(publishing({"required": ["a", "b"]}))
    assert (_version(more).direction, more.published.action) == (Direction.produced, "published")
    turned = given(created(resource_type="other"), produced).when(publishing({}, direction=Direction.accepted))
    assert _version(turned).direction is Direction.accepted


PROMISES: Object = {
    "freshness": {"max_staleness_minutes": 60},
    "nullability": {"a": "never", "b": "never"},
    "accepted_values": {"b": [1]},
    "custom": [{"type": "unique", "column": "b"}, {"type": "singular", "name": "n"}],
}


def test_guarantees_are_carried_over_without_fields_that_are_gone() -> None:
    old = contract("1.0.0", table("a", "b"), mode=Mode.none, guarantees=PROMISES)
    assert _version(given(created(), old).when(publishing(table("a", "b")))).guarantees == PROMISES
    assert _version(given(created(), old).when(publishing(table("a")))).guarantees == {
        "freshness": {"max_staleness_minutes": 60},
        "nullability": {"a": "never"},
        "accepted_values": {},
        "custom": [{"type": "singular", "name": "n"}],
    }
    assert _version(given(created(), old).when(publishing(table("a"), guarantees={}))).guarantees == {}


def test_fewer_guarantees_are_told_break_or_say_nothing() -> None:
    old = contract("1.0.0", table("a"), guarantees={"nullability": {"a": "never"}})
    fewer = publishing(table("a"), guarantees={})
    told = given(created(), old).when(fewer).published
    changes = told.members["guarantee_changes"]
    assert isinstance(changes, list) and isinstance(changes[0], dict) and changes[0]["type"] == "not_null_removed"
    assert (told.action, told.members["change_type"]) == ("published", "patch")
    strict = given(created(guarantee_mode="strict"), old).when(fewer).published
    breaking = strict.members["breaking_changes"]
    assert isinstance(breaking, list) and isinstance(breaking[0], dict) and breaking[0]["type"] == "not_null_removed"
    assert strict.action == "proposal.created"
    ignored = given(created(guarantee_mode="ignore"), old).when(fewer).published
    assert (ignored.action, "guarantee_changes" in ignored.members) == ("published", False)


def test_words_and_tags_of_fields_are_carried_over_for_fields_that_still_exist() -> None:
    nested: Object = {"properties": {"lines": {"items": {"properties": {"sku": {}}}}, "address.zip": {}}}
    described = {
        "$.properties.lines.items.properties.sku": "The article.",
        "$.properties.address.zip": "A name with a dot.",
        "$.properties.gone": "Gone.",
        "$.properties.lines": "Old words.",
    }
    first = given(created()).when(
        publishing(nested, field_descriptions=described, field_tags={"$.properties.gone": ("x",)})
    )
    new = publishing(nested, field_descriptions={"$.properties.lines": "New words."})
    then = given(created(), _version(first)).when(new)
    assert _version(then).field_descriptions == {
        "$.properties.lines.items.properties.sku": "The article.",
        "$.properties.address.zip": "A name with a dot.",
        "$.properties.lines": "New words.",
    }
    assert _version(then).field_tags == {}


def _typed(**columns: Object) -> Object:
    return {"type": "object", "properties": {**columns}}


def test_the_last_type_promised_stays_the_base_when_a_version_leaves_it_out() -> None:
    one = contract("1.0.0", _typed(a={"type": "string"}, b={}))
    two = contract("1.1.0", _typed(a={}, b={}, c={}))
    history = (created(), one, two, e.ContractDeprecated(contract_id="contract-1.0.0"))
    other = given(*history).when(publishing(_typed(a={"type": "integer"}, b={}, c={})))
    assert other.published.action == "proposal.created"
    assert given(*history).when(publishing(_typed(a={"type": "string"}, b={}, c={}))).published.action == "published"
    never = given(*history).when(publishing(_typed(a={}, b={"type": "integer"}, c={"type": "integer"})))
    assert never.published.action == "published"
    assert sorted(change.type for change in _version(never).changes) == [
        "type_declared",
        "type_declared",
        "type_undeclared",
    ]
