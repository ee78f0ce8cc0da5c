"""Many assets at once to another team (api.md 3.1) or another responsible user (api.md 3.3), in one append each."""

from typing import Annotated

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call
from adapters.http.lists import Uuid, lowered
from adapters.http.service import Asking, Command, now
from adapters.http.teams import require_revision
from adapters.log.protocol import Conflict
from domain import curation
from domain.context import Context
from domain.directory import Team
from domain.errors import Refused
from domain.events import AnyEvent, AssetsReassigned, OwnerAssigned
from domain.ids import DIRECTORY
from domain.people import known_user
from domain.teams import known_team
from projections import team_questions as q


class Reassignment(msgspec.Struct, frozen=True, kw_only=True):
    """`asset_ids` null means all that the team owns."""

    target_team_id: Uuid
    asset_ids: tuple[Uuid, ...] | None = None


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """`owner_user_id` has to be said, since null takes the responsible user away."""

    asset_ids: Annotated[tuple[Uuid, ...], msgspec.Meta(min_length=1)]
    owner_user_id: Uuid | None


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a reassignment, but for the count."""

    source: Team
    target: Team
    asset_ids: list[str]


def reassign(call: Call) -> Command[Handed]:
    id, body = call.id("team_id"), call.json(Reassignment)
    wanted = None if body.asset_ids is None else {asset_id.lower() for asset_id in body.asset_ids}

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, Handed]:
        directory = catalog.directory()
        source, target = known_team(directory, id), known_team(directory, body.target_team_id.lower())
        if source.id == target.id:
            raise Refused("SAME_TEAM", "The target is the same team as the source.")
        require_revision(call, catalog, source)
        ids = now(catalog.log, lambda asking: _owned(asking, id, wanted))
        states = catalog.states(ids)
        events: dict[str, tuple[int, list[AnyEvent]]] = {
            state.id: (state.version, [curation.hand_over(state, target.id, directory)]) for state in states.values()
        }
        if ids:
            bulk_id = context.new_id("bulk")
            told = AssetsReassigned(bulk_id=bulk_id, from_team_id=source.id, to_team_id=target.id, asset_ids=tuple(ids))
            events[bulk_id] = (-1, [told])
        outcome = Outcome(events=events, unchanged={DIRECTORY: directory.version})
        return outcome, Handed(source=source, target=target, asset_ids=ids)

    def render(asking: Asking, handed: Handed) -> Answer:
        if _owned(asking, id, wanted):
            raise Conflict(f"team {id} got more assets meanwhile")
        return Answer(body=msgspec.json.encode(_handed(handed)))

    return Command(decide=decide, render=render)


def _owned(asking: Asking, team_id: str, wanted: set[str] | None) -> list[str]:
    """The assets of the team, of those wanted, by name."""
    return [str(id) for (id,) in asking.rows(q.OWNED_IDS, id=team_id) if wanted is None or id in wanted]


def _handed(handed: Handed) -> dict[str, object]:
    return {
        "reassigned": len(handed.asset_ids),
        "source_team": {"id": handed.source.id, "name": handed.source.name},
        "target_team": {"id": handed.target.id, "name": handed.target.name},
        "asset_ids": handed.asset_ids,
    }


def assign(call: Call) -> Command[tuple[int, list[str]]]:
    """POST `/assets/bulk-assign`: all of the assets, or none where one belongs to another team than the user."""
    body = call.json(Assignment)
    ids = list(dict.fromkeys(asset_id.lower() for asset_id in body.asset_ids))
    user_id = lowered(body.owner_user_id)

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, tuple[int, list[str]]]:
        directory = catalog.directory()
        if user_id is not None:
            known_user(directory, user_id)
        found = {id: state for id, state in catalog.states(ids).items() if state.fqn and not state.deleted}
        events: dict[str, tuple[int, list[AnyEvent]]] = {
            id: (state.version, [*curation.assign(state, user_id, directory)]) for id, state in found.items()
        }
        changed = tuple(id for id, (_, listed) in events.items() if listed)
        if changed:
            bulk_id = context.new_id("bulk")
            events[bulk_id] = (-1, [OwnerAssigned(bulk_id=bulk_id, owner_user_id=user_id, asset_ids=changed)])
        outcome = Outcome(events=events, unchanged={DIRECTORY: directory.version})
        return outcome, (len(found), [id for id in ids if id not in found])

    def render(asking: Asking, done: tuple[int, list[str]]) -> Answer:
        updated, missing = done
        shown = {"updated": updated, "not_found": missing, "owner_user_id": user_id}
        return Answer(body=msgspec.json.encode(shown))

    return Command(decide=decide, render=render)
