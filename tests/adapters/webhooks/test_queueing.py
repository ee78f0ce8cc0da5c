"""From the log to messages: of each event once, from the registration on, whoever works it out (on both stores)."""

import threading

import pytest

from adapters.catalog import Catalog, Outcome
from adapters.clock import SystemClock
from adapters.log.protocol import Log
from adapters.views import prepare
from adapters.webhooks import queueing
from adapters.webhooks.queueing import Queue
from domain import events as e
from domain.schema.change import Mode
from projections import deliveries as q


class Story:
    """A log to which things happen, and what is to be told of them."""

    def __init__(self, log: Log) -> None:
        prepare(log)
        self.log = log
        self.catalog = Catalog(log, SystemClock())
        self._made = 0

    def append(self, events: dict[str, tuple[int, list[e.AnyEvent]]]) -> None:
        self.catalog.commit(lambda: (Outcome(events=events), None), e.Actor(type="system"), None)

    def register(self, id: str, *types: str, team: str | None = None) -> None:
        event = e.WebhookRegistered(webhook_id=id, url="https://hooks.invalid/", events=types, team_id=team)
        self.append({id: (-1, [event])})

    def publish(self, count: int = 1, owner: str = "t1") -> None:
        events: dict[str, tuple[int, list[e.AnyEvent]]] = {}
        for _ in range(count):
            self._made += 1
            name = f"a{self._made}"
            asset = e.AssetCreated(
                fqn=f"db.{name}", environment="production", owner_team_id=owner, resource_type="model"
            )
            contract = e.ContractPublished(
                contract_id=f"c-{name}", version="1.0.0", schema_digest="d", mode=Mode.backward, published_by=owner
            )
            events[name] = (-1, [asset, contract])
        self.append(events)

    def told(self) -> list[tuple[str, int]]:
        """Webhook and position of each message, in the order of the log."""
        with self.log.read() as session:
            rows = session.rows(f"SELECT webhook_id, position FROM {q.DELIVERIES.name} ORDER BY position, webhook_id")
        return [(str(webhook), int(str(position))) for webhook, position in rows]

    def cursor(self) -> list[tuple[object, ...]]:
        with self.log.read() as session:
            return session.rows(f"SELECT position FROM {q.CURSOR.name}")

    def queue(self) -> Queue:
        return Queue(self.log, SystemClock())


@pytest.fixture
def story(log: Log) -> Story:
    return Story(log)


def drain(queue: Queue) -> None:
    while queue.step():
        pass


def test_a_webhook_is_told_of_what_comes_after_its_registration_and_before_its_end(story: Story) -> None:
    story.publish()
    story.register("w1", "contract.published")
    story.publish()
    drain(story.queue())
    story.register("w2", "contract.published")
    story.register("w3", "proposal.created")
    story.publish()
    drain(story.queue())
    story.append({"w1": (0, [e.WebhookDeleted(webhook_id="w1")])})
    story.publish()
    drain(story.queue())
    assert story.told() == [("w1", 5), ("w1", 9), ("w2", 9), ("w2", 12)]


def test_a_team_is_told_of_what_it_owns(story: Story) -> None:
    story.register("w1", "contract.published", team="t1")
    story.publish(owner="t1")
    story.publish(owner="t2")
    drain(story.queue())
    assert story.told() == [("w1", 3)]


def test_an_append_of_many_events_is_told_of_in_steps_each_event_once(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queueing, "EVENTS", 7)
    monkeypatch.setattr(queueing, "POSITIONS", 10)
    story.register("w1", "contract.published")
    story.publish(50)
    queues = [story.queue() for _ in range(4)]
    threads = [threading.Thread(target=drain, args=(queue,)) for queue in queues]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A process that begins now finds nothing that was left out, and nothing to tell again.
    drain(story.queue())
    assert story.told() == [("w1", position) for position in range(3, 102, 2)]


def test_without_a_webhook_nothing_is_looked_at_and_what_tells_nothing_moves_no_cursor(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.publish(30)
    queue = story.queue()
    assert not queue.step() and story.cursor() == []
    monkeypatch.setattr(queueing, "POSITIONS", 40)
    story.register("w1", "proposal.created")
    story.publish(10)
    drain(queue)
    assert story.cursor() == [] and story.told() == []
    story.publish(30)
    drain(queue)
    assert story.cursor() != [], "whoever starts later has less to look through"
