"""Does some order explain what the clients of a round were told? The log's own order has to.

Every request bears an id of its own, which its events carry, so that no search is needed: the model takes the appends
in the log's order, and each must do there what the model does, and have been answered so. What appended nothing must be
explained by the model as it was at some moment between question and answer; a read by that of its position.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec

from adapters.catalog import ATTEMPTS
from domain.events import Recorded
from tests.faults.concurrency.model import Asset, Told, World
from tests.faults.concurrency.operations import Operation

LOST = "CONCURRENT_CHANGE"


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """An operation with its answer. Times are of one clock; `position` is the answer's, -1 where it named none."""

    request: str
    operation: Operation
    asked: float
    answered: float
    status: int
    body: Any
    position: int

    @property
    def told(self) -> Told:
        """The answer as the model would give it, the events aside."""
        body = self.body if isinstance(self.body, dict) else {}
        if self.status >= 400:
            return Told(self.status, str(body.get("code")))
        action, version = body.get("action"), body.get("contract", {}).get("version")
        said = self.operation.kind in ("publish", "publish proposal")
        return Told(self.status, " ".join(str(part) for part in (action, version) if part) if said else "")


class Append(msgspec.Struct, frozen=True):
    end: int
    request: str | None
    events: tuple[Recorded, ...]


def anomalies(done: Sequence[Done], log: Sequence[Recorded]) -> list[str]:
    """What no server that takes one request at a time could have answered or written; empty if nothing."""
    return [*_Check(done, log).run()]


class _Check:
    def __init__(self, done: Sequence[Done], log: Sequence[Recorded]) -> None:
        self._done = {one.request: one for one in done}
        grouped = ((end, tuple(events)) for end, events in groupby(log, key=lambda recorded: recorded.end))
        self._appends = [Append(end, events[0].request_id, events) for end, events in grouped]
        self._worlds = [(0, World())]

    def run(self) -> Iterator[str]:
        yield from self._written()
        ends = {append.request: append.end for append in self._appends}
        for one in self._done.values():
            low, high = self._window(one, ends)
            if one.operation.kind.startswith("read"):
                yield from self._read(one, low, high)
            elif one.request in ends:
                yield from self._at_its_time(one, ends[one.request], low, high)
            elif one.told.what == LOST:
                yield from self._lost(one, low, high)
            elif not any(self._explains(world, one) for world in self._between(low, high)):
                yield f"{_named(one)}: no moment of the request explains {one.told}"

    def _written(self) -> Iterator[str]:
        """Each append does what the model does in its place, for a request that was made, once, and answered so."""
        seen: set[str | None] = set()
        for append in self._appends:
            one = self._done.get(append.request or "")
            if one is None or append.request in seen:
                yield f"position {append.end}: an append that nobody asked for, or twice"
                continue
            seen.add(append.request)
            world, told = self._worlds[-1][1].after(one.operation, iter(_ids(append)).__next__)
            tags = tuple(recorded.event.__struct_config__.tag for recorded in append.events)
            if tags != told.tags or (told.status, told.what) != (one.told.status, one.told.what):
                yield f"{_named(one)}: wrote {tags} and answered {one.told}, where {told} was due"
            self._worlds.append((append.end, world))

    def _window(self, one: Done, ends: dict[str | None, int]) -> tuple[int, int]:
        """The positions between which the log stood while a request was under way."""
        low = max((other.position for other in self._done.values() if other.answered < one.asked), default=0)
        asked = (ends.get(other.request, 0) for other in self._done.values() if other.asked < one.answered)
        return low, max(asked, default=0)

    def _between(self, low: int, high: int) -> list[World]:
        """The worlds of these positions: the last one at or before `low`, and all up to `high`."""
        first = max(n for n, (end, _) in enumerate(self._worlds) if end <= max(low, 0))
        return [world for end, world in self._worlds[first:] if end <= max(low, high)]

    def _explains(self, world: World, one: Done) -> bool:
        target = one.operation.target
        if one.operation.kind == "restore" and target not in world.assets:
            return False
        _, told = world.after(one.operation, lambda: "nobody")
        return told == one.told

    def _lost(self, one: Done, low: int, high: int) -> Iterator[str]:
        """Who gives up must have lost each attempt to somebody who wrote to what it was about."""
        op, world = one.operation, self._worlds[-1][1]
        concerned = {op.target, op.other}
        concerned |= {id for id, a in world.assets.items() if op.target in a.proposals or op.target in a.registrations}
        concerned |= {world.names[op.target]} if op.target in world.names else set()
        if op.kind == "publish":
            # A proposal names the assets that depend on this one, and their owners.
            worlds = self._between(low, high)
            concerned |= {id for each in worlds for id, a in each.assets.items() if op.target in a.edges.values()}
        written = (append for append in self._appends if low < append.end <= high)
        lost_to = sum(any(recorded.stream in concerned for recorded in append.events) for append in written)
        if lost_to < ATTEMPTS:
            yield f"{_named(one)}: gave up, having lost to {lost_to} others"

    def _at_its_time(self, one: Done, end: int, low: int, high: int) -> Iterator[str]:
        if not low < end <= high or one.position != end:
            yield f"{_named(one)}: written at {end}, answered as {one.position}, under way from {low} to {high}"

    def _read(self, one: Done, low: int, high: int) -> Iterator[str]:
        # The log goes on in other rounds, whose positions mean nothing here.
        if one.position < low:
            yield f"{_named(one)}: answered as of {one.position}, where {low} had been told before"
        world = self._between(one.position, one.position)[0]
        seen = view(world, one.operation)
        if seen != _shown(one):
            yield f"{_named(one)}: shows {_shown(one)} at {one.position}, where {seen} was due"


def _named(one: Done) -> str:
    return f"{one.request} {one.operation.kind} {one.operation.target}"


def _ids(append: Append) -> list[str]:
    """The ids that an append's events brought into being, in order."""
    made: list[str] = []
    for recorded in append.events:
        tag = recorded.event.__struct_config__.tag
        if tag == "asset-created":
            made.append(recorded.stream)
        named = {"contract-published": "contract_id", "proposal-created": "proposal_id"}
        named |= {"registration-created": "registration_id", "dependency-added": "dependency_id"}
        if tag in named:
            made.append(getattr(recorded.event, named[str(tag)]))
    return [*made, *["superfluous"] * 3]


def view(world: World, op: Operation) -> Any:
    """What a read must show."""
    if op.kind == "read proposal":
        found = world.of_proposal(op.target)
        if found is None:
            return 404
        asset, proposal = found
        required = {r.team for r in asset.registrations.values() if r.status != "inactive" and r.team != asset.owner}
        waiting = required - proposal.answers.keys() if proposal.status == "pending" else None
        return [proposal.status, [*proposal.answers.items()], proposal.objectors, waiting]
    asset = world.assets.get(op.target, Asset(owner="", description="", deleted=True))
    if op.kind == "read registrations":
        return sorted((id, r.team, r.status) for id, r in asset.registrations.items())
    if asset.deleted:
        return 404
    if op.kind == "read asset":
        return [asset.description, ".".join(map(str, asset.active.version)) if asset.active else None]
    names = {True: "active", False: "deprecated"}
    return [(".".join(map(str, v.version)), names[v.active], v.columns) for v in reversed(asset.versions)]


def _shown(one: Done) -> Any:
    """What a read did show, in the same form."""
    body = one.body
    if one.status != 200:
        return one.status
    if one.operation.kind == "read proposal":
        answers = [(a["consumer_team_id"], a["response"]) for a in body["acknowledgments"]]
        waiting = {consumer["team_id"] for consumer in body["pending_consumers"]}
        objectors = [objection["team_id"] for objection in body["objections"]]
        return [body["status"], answers, objectors, waiting if body["status"] == "pending" else None]
    if one.operation.kind == "read registrations":
        return sorted((r["id"], r["consumer_team_id"], r["status"]) for r in body["results"])
    if one.operation.kind == "read asset":
        return [body["description"], body["active_contract_version"]]
    return [(c["version"], c["status"], frozenset(c["schema"]["properties"])) for c in body["results"]]
