"""A rule of a view that an append breaks: a name that another took is asked about again, a wrong decision is told."""

from uuid import uuid4

import pytest

from adapters.catalog import Catalog, Outcome
from adapters.clock import SystemClock
from adapters.log.protocol import Log, Violated
from adapters.views import prepare
from domain.errors import Refused
from domain.events import Actor, AnyEvent, AssetCreated

ACTOR = Actor(type="bootstrap")
TEAM = str(uuid4())
NAME = "shop.public.orders"


def _created(count: int) -> Outcome:
    created = AssetCreated(fqn=NAME, environment="production", owner_team_id=TEAM, resource_type="model")
    events: dict[str, tuple[int, list[AnyEvent]]] = {str(uuid4()): (-1, [created]) for _ in range(count)}
    return Outcome(events=events)


@pytest.fixture
def catalog(log: Log) -> Catalog:
    prepare(log)
    return Catalog(log, SystemClock())


def test_a_decision_that_breaks_a_rule_by_itself_is_no_lost_race(catalog: Catalog) -> None:
    with pytest.raises(Violated):
        catalog.commit(lambda: (_created(2), None), ACTOR, None)
    assert catalog.log.head() == 0


def test_a_name_that_another_took_is_decided_upon_again(catalog: Catalog, log: Log) -> None:
    other = Catalog(log, SystemClock())
    attempts: list[int] = []

    def decide() -> tuple[Outcome, None]:
        attempts.append(log.head())
        if len(attempts) == 1:
            other.commit(lambda: (_created(1), None), ACTOR, None)
        else:
            raise Refused("DUPLICATE_ASSET", f"{NAME} already exists.")
        return _created(1), None

    with pytest.raises(Refused, match="already exists"):
        catalog.commit(decide, ACTOR, None)
    assert attempts == [0, 1]
