"""What an append did, read from the log itself: the plain account that answers are held against."""

from collections.abc import Iterable
from pathlib import Path

from adapters.log import open_log
from domain import events as e
from domain.asset import first_edges


class Happening:
    """The events of one append (or of a whole log), as facts by asset."""

    def __init__(self, recorded: Iterable[e.Recorded]) -> None:
        self.count = 0
        self.created: set[str] = set()
        self.restored: set[str] = set()
        self.deleted: set[str] = set()
        self.moved: dict[str, tuple[str, str]] = {}
        self.updated: dict[str, e.AssetUpdated] = {}
        self.published: dict[str, e.ContractPublished] = {}
        self.proposed: dict[str, e.ProposalCreated] = {}
        self.edges_added: dict[str, tuple[str, str, str]] = {}
        self.edges_removed: set[str] = set()
        self.registered: dict[str, tuple[str, e.RegistrationCreated]] = {}
        self.ended: set[str] = set()
        self.syncs = 0
        for each in recorded:
            self.count += 1
            self._take(each.stream, each.event)

    def _take(self, asset: str, event: e.AnyEvent) -> None:
        match event:
            case e.AssetCreated():
                self.created.add(asset)
                for place, (type, upstream) in enumerate(first_edges(event)):
                    self.edges_added[f"{asset[:24]}{place:012x}"] = (asset, upstream, type)
            case e.AssetRestored():
                self.restored.add(asset)
            case e.AssetDeleted():
                self.deleted.add(asset)
            case e.AssetMoved():
                self.moved[asset] = (event.from_fqn, event.to_fqn)
            case e.AssetUpdated():
                self.updated[asset] = event
            case e.ContractPublished():
                self.published[asset] = event
            case e.ProposalCreated():
                self.proposed[asset] = event
            case e.DependencyAdded():
                self.edges_added[event.dependency_id] = (asset, event.upstream_id, event.type)
            case e.DependencyRemoved():
                self.edges_removed.add(event.dependency_id)
            case e.RegistrationCreated():
                self.registered[event.registration_id] = (asset, event)
            case e.RegistrationEnded():
                self.ended.add(event.registration_id)
            case e.SourceSynced():
                self.syncs += 1
            case _:
                pass

    def edges(self) -> set[tuple[str, str, str]]:
        """The edges that stand: dependent, upstream, type."""
        return {edge for id, edge in self.edges_added.items() if id not in self.edges_removed}

    def consumers(self) -> set[tuple[str, str]]:
        """The registrations that stand: asset and team."""
        standing = (each for id, each in self.registered.items() if id not in self.ended)
        return {(asset, event.consumer_team_id) for asset, event in standing}

    def gone(self) -> set[str]:
        return self.deleted - self.restored

    def reached(self, asset: str) -> dict[str, int]:
        """What lies downstream of an asset with the least depth, itself at 0. Deleted assets are not passed."""
        downstream: dict[str, set[str]] = {}
        for dependent, upstream, _ in self.edges():
            if dependent not in self.gone():
                downstream.setdefault(upstream, set()).add(dependent)
        depths, level = {asset: 0}, [asset]
        while level:
            level = [
                next
                for each in level
                for next in sorted(downstream.get(each, ()))
                if depths.get(next) is None and depths.setdefault(next, depths[each] + 1)
            ]
        return depths


def happened(target: Path | str, after: int = 0) -> Happening:
    """What the log of a store says since a position."""
    log = open_log(target)
    try:
        return Happening([*log.all(after)])
    finally:
        log.close()
