"""What a store must hold after any fault: whole appends, each once, all that was acknowledged, nothing refused."""

from collections import Counter
from itertools import groupby

from adapters.log.protocol import Log
from adapters.views import rebuild
from domain.events import AssetCreated, AssetUpdated, Recorded, SourceSynced
from tests.faults.load import MODELS, Told


class Audit:
    """Reads a log on from where it stopped last, and checks each append as it comes."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._versions: Counter[str] = Counter()
        self.head = 0
        self.syncs: dict[str, int] = {}
        self.assets: dict[str, int] = {}

    def check(self, log: Log) -> None:
        """Raise AssertionError unless the log is whole and agrees with what clients were told."""
        with log.write():
            pass  # A commit that was under way when its client died has ended, once this lock is had.
        for end, events in groupby(log.all(self.head), lambda recorded: recorded.end):
            self._append(end, list(events))
        with log.read() as session:
            assert [tuple(row) for row in session.rows("SELECT position FROM muniment_views")] == [(self.head,)]
        landed = {**self.syncs, **self.assets}
        for label, position in self._told.done.items():
            assert landed.get(label) == position, f"acknowledged {label} at {position}, found at {landed.get(label)}"
        assert not landed.keys() & self._told.refused, "refused, and there all the same"
        assert not self._told.odd, self._told.odd

    def _append(self, end: int, events: list[Recorded]) -> None:
        assert [recorded.position for recorded in events] == list(range(self.head + 1, end + 1)), "half an append"
        assert len({(recorded.at, recorded.request_id) for recorded in events}) == 1
        for recorded in events:
            assert recorded.version == self._versions[recorded.stream], "a hole, or an event twice"
            self._versions[recorded.stream] += 1
        self.head = end
        synced = [recorded.event for recorded in events if isinstance(recorded.event, SourceSynced)]
        if synced:
            self._sync(end, synced, events)
        elif isinstance(made := events[0].event, AssetCreated):
            label = made.fqn.removeprefix("made.").replace("_", "-")
            assert label not in self.assets, f"{label} was carried out twice"
            self.assets[label] = end

    def _sync(self, end: int, synced: list[SourceSynced], events: list[Recorded]) -> None:
        (summary,) = synced
        label = str(summary.commit)
        changed = [e.event for e in events if isinstance(e.event, AssetCreated | AssetUpdated)]
        assert [event.description for event in changed] == [label] * MODELS, f"a part of {label}"
        assert label not in self.syncs, f"{label} was carried out twice"
        self.syncs[label] = end

    def views(self, log: Log) -> int:
        """The number of rows in the views, none of which differs from what the log gives."""
        report = rebuild(log)
        assert report.position == self.head
        assert [view.differences for view in report.views if view.differences] == []
        return sum(view.rows for view in report.views)

    def landed(self) -> int:
        """Requests whose answer was lost and which were carried out all the same, as a whole."""
        return len(self._told.lost & (self.syncs.keys() | self.assets.keys()))
