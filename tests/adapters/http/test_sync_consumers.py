"""Registrations that syncs make and end (api.md 2.5 "Consumers")."""

from typing import Any

from domain.events import RegistrationEnded
from tests.manifests import depends, manifest, model
from tests.syncs import AUTO, PROPOSE, World

REGISTER: dict[str, Any] = {"auto_register_consumers": True}


def _shop(world: World, *upstream: str, consumers: Any = None) -> dict[str, Any]:
    """a and b of the default owner, and a report of team `finance` that depends on some of them."""
    told = {"meta": {"muniment": {"consumers": consumers}}} if consumers is not None else {}
    return manifest(
        model("a", {"id": "int"}, **told),
        model("b", {"id": "int"}),
        model("report", depends_on=depends(*upstream), **world.owned("finance")),
    )


def test_nothing_is_registered_unless_asked_for(world: World) -> None:
    answer = world.sync(_shop(world, "a", consumers=["nobody"]))
    assert (answer["status"], answer["registrations"]) == ("success", {"created": 0, "ended": 0, "details": []})
    assert world.consumers("db.main.a") == []


def test_owners_of_dependents_are_registered_and_ended_with_the_edge(world: World) -> None:
    answer = world.sync(_shop(world, "a", "b"), **REGISTER, **AUTO)
    named = world.full("finance")
    assert [(d["asset_fqn"], d["consumer_team_name"], d["origin"]) for d in answer["registrations"]["details"]] == [
        ("db.main.a", named, "ref"),
        ("db.main.b", named, "ref"),
    ]
    world.register("db.main.b", "hand")
    fewer = world.sync(_shop(world, "a"), conflict_mode="overwrite")
    assert fewer["registrations"]["ended"] == 0  # not asked for
    fewer = world.sync(_shop(world, "a"), conflict_mode="overwrite", **REGISTER)
    assert (fewer["registrations"]["created"], fewer["registrations"]["ended"]) == (0, 1)
    assert (world.consumers("db.main.a"), world.consumers("db.main.b")) == (["finance"], ["hand"])
    assert world.sync(_shop(world, "a"), conflict_mode="overwrite", **REGISTER)["position"] is None


def test_inference_can_be_left_out_and_ends_nothing_then(world: World) -> None:
    options: dict[str, Any] = {**REGISTER, "infer_consumers_from_refs": False, "conflict_mode": "overwrite"}
    world.team("reader")
    answer = world.sync(_shop(world, "a", consumers=[world.full("reader")]), **options)
    assert [d["origin"] for d in answer["registrations"]["details"]] == ["meta"]
    world.sync(_shop(world, "a"), conflict_mode="overwrite", **REGISTER)
    assert world.consumers("db.main.a") == ["finance"]
    assert world.sync(_shop(world), **options)["registrations"]["ended"] == 0


def test_consumers_in_meta_by_name_id_and_object(world: World) -> None:
    by_id, by_name = world.team("one"), world.full("two")
    world.team("two")
    stated = [by_id, {"team": by_name, "purpose": "reports"}, "nobody"]
    document = _shop(world, consumers=stated)
    answer = world.sync(document, 207, **REGISTER)
    assert world.consumers("db.main.a") == ["one", "two"]
    assert answer["registration_warnings"] == ["db.main.a: consumer team 'nobody' not found"]
    assert world.asset("db.main.a")["metadata"]["consumers"] == [
        {"team": by_id},
        {"team": by_name, "purpose": "reports"},
        {"team": "nobody"},
    ]
    diff = world.diff(document)
    assert diff["meta_errors"] == ["db.main.a: consumer team 'nobody' not found"]
    assert diff["models"][0]["consumers_declared"] == [by_id, by_name, "nobody"]
    assert world.impact(document)["meta_errors"] == diff["meta_errors"]
    # `ignore` leaves an existing asset's own statement alone: nothing asked, nothing ended.
    assert world.sync(_shop(world, consumers=["nobody"]), **REGISTER)["registrations"]["ended"] == 0
    ended = world.sync(_shop(world, consumers=[by_name]), conflict_mode="overwrite", **REGISTER)
    assert (ended["registrations"]["ended"], world.consumers("db.main.a")) == (1, ["two"])


def test_a_meta_reason_that_goes_leaves_the_registration_that_refs_give(world: World) -> None:
    world.team("finance")
    world.sync(_shop(world, "a", consumers=[world.full("finance")]), **REGISTER)
    answer = world.sync(_shop(world, "a"), conflict_mode="overwrite", **REGISTER)
    assert (answer["registrations"]["ended"], world.consumers("db.main.a")) == (0, ["finance"])


def test_what_a_person_ended_is_not_inferred_again_but_meta_may_say_so(world: World) -> None:
    answer = world.sync(_shop(world, "a"), **REGISTER)
    registration = answer["registrations"]["details"][0]["registration_id"]
    world.happen("db.main.a", RegistrationEnded(registration_id=registration, by_person=True))
    again = world.sync(_shop(world, "a"), conflict_mode="overwrite", **REGISTER)
    assert (again["registrations"]["created"], world.consumers("db.main.a")) == (0, [])
    told = world.sync(_shop(world, "a", consumers=[world.full("finance")]), conflict_mode="overwrite", **REGISTER)
    assert [d["origin"] for d in told["registrations"]["details"]] == ["meta"]


def test_the_owner_may_be_registered_and_blocks_nothing(world: World) -> None:
    both = manifest(model("a", {"id": "int", "n": "int"}), model("r", depends_on=depends("a")))
    world.sync(both, **REGISTER, **AUTO)
    assert world.consumers("db.main.a") == ["shop"]
    less = manifest(model("a", {"id": "int"}), model("r", depends_on=depends("a")))
    answer = world.sync(less, publish_unconsumed=True, **REGISTER, **AUTO)
    assert answer["contracts"]["details"][0]["version"] == "2.0.0"


def test_an_item_that_cannot_be_read_ends_nothing(world: World) -> None:
    world.sync(_shop(world, "a"), **REGISTER)
    broken = _shop(world)
    broken["nodes"]["model.shop.report"]["tags"] = 7
    answer = world.sync(broken, 207, conflict_mode="overwrite", **REGISTER)
    assert (answer["registrations"]["ended"], world.consumers("db.main.a")) == (0, ["finance"])


def test_a_consumer_that_comes_with_the_breaking_change_is_required(world: World) -> None:
    world.sync(manifest(model("a", {"id": "int", "n": "int"})), **AUTO)
    document = manifest(model("a", {"id": "int"}), model("report", depends_on=depends("a"), **world.owned("finance")))
    answer = world.sync(document, publish_unconsumed=True, **REGISTER, **PROPOSE)
    assert [d["asset_fqn"] for d in answer["proposals"]["details"]] == ["db.main.a"]
    status = world.get(f"/proposals/{answer['proposals']['details'][0]['proposal_id']}")
    assert [team["team_name"] for team in status["pending_consumers"]] == [world.full("finance")]
    # And one that leaves with it is not.
    alone = manifest(model("a", {"id": "int"}), model("report", **world.owned("finance")))
    done = world.sync(alone, publish_unconsumed=True, **REGISTER, **PROPOSE)
    assert (done["registrations"]["ended"], done["contracts"]["details"][0]["version"]) == (1, "2.0.0")


def test_registrations_outlive_versions_and_moves(world: World) -> None:
    world.sync(_shop(world, "a"), **REGISTER, **AUTO)
    moved = _shop(world, "a")
    moved["nodes"]["model.shop.a"] |= {
        "alias": "z",
        "columns": {n: {"name": n, "data_type": "int"} for n in ("id", "x")},
    }
    world.sync(moved, **REGISTER, **AUTO)
    assert world.contract("db.main.z")["version"] == "1.1.0"
    assert world.consumers("db.main.z") == ["finance"]
    contract = world.asset("db.main.z")["active_contract_id"]
    assert world.get(f"/contracts/{contract}/registrations")["total"] == 1


def test_edges_to_other_projects_register_there_and_end_there(world: World) -> None:
    world.sync(manifest(model("a", {"id": "int"})))

    def mesh(*nodes: str) -> dict[str, Any]:
        return manifest(
            model("m", package_name="mesh", depends_on={"nodes": [*nodes]}), metadata={"project_name": "mesh"}
        )

    options: dict[str, Any] = {"owner_team_id": world.team("mesh"), "conflict_mode": "overwrite", **REGISTER}
    world.sync(mesh("model.shop.a"), **options)
    assert world.consumers("db.main.a") == ["mesh"]
    # Another source's sync ends nothing of this one's.
    world.sync(manifest(model("a", {"id": "int"})), conflict_mode="overwrite", **REGISTER)
    assert world.consumers("db.main.a") == ["mesh"]
    world.sync(mesh(), **options)
    assert world.consumers("db.main.a") == []
    # Also where the edge went earlier, by a sync that was not to touch registrations.
    world.sync(mesh("model.shop.a"), **options)
    world.sync(mesh(), **{**options, "auto_register_consumers": False})
    assert world.consumers("db.main.a") == ["mesh"]
    world.sync(mesh(), **options)
    assert world.consumers("db.main.a") == []
